package federation

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// ErrIssuer reports a URL that no issuer can have.
var ErrIssuer = errors.New("not the URL of an OpenID Connect issuer")

// ParseIssuer returns the name that AWS gives to the provider of an issuer's URL:
// the URL without https://. HTTP is for issuers on this machine, whose name is
// without http://.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func ParseIssuer(issuer string) (name string, err error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", ErrIssuer
	}
	if strings.ContainsAny(issuer, "#*,") || strings.ContainsFunc(issuer, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", ErrIssuer
	}
	if !allowedURL(u, isLocal(u)) {
		return "", ErrIssuer
	}
	if !strings.HasPrefix(issuer, u.Scheme+"://") {
		return "", ErrIssuer // another case than the name's only URL has
	}
	return providerName(issuer), nil
}

// providerName is what ARNs and condition keys call an issuer.
func providerName(issuer string) string {
	_, name, _ := strings.Cut(issuer, "://")
	return name
}

// allowedURL reports whether an issuer may have things at u: over HTTPS, or over
// HTTP on this machine if the issuer is here, too.
func allowedURL(u *url.URL, local bool) bool {
	return u.Scheme == "https" || u.Scheme == "http" && local && isLocal(u)
}

// isLocal reports whether u is plain HTTP to this machine.
func isLocal(u *url.URL) bool {
	if u.Scheme != "http" {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
