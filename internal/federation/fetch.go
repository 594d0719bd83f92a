package federation

import (
	"context"
	"crypto/sha1" // what AWS makes thumbprints with
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

const (
	fetchTime = 5 * time.Second // for all that one look at an issuer takes
	maxBody   = 512 << 10
	maxHops   = 3
)

// errUnreachable marks failures of the way to an issuer, and of its server, which
// may be over the next time.
var errUnreachable = errors.New("the issuer cannot be reached")

// caller fetches from one issuer.
type caller struct {
	local       bool // the issuer is on this machine and speaks HTTP
	thumbprints []string
	roots       *x509.CertPool // nil for the system's
}

func newCaller(p Provider, roots *x509.CertPool) *caller {
	u, err := url.Parse(p.Issuer)
	return &caller{local: err == nil && isLocal(u), thumbprints: p.Thumbprints, roots: roots}
}

// get fetches what is at address, which is at most maxBody long.
func (c *caller) get(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || !allowedURL(u, c.local) {
		return nil, errors.New("an address that is neither HTTPS nor the issuer's own machine")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	transport := c.transport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: c.redirect}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return nil, fmt.Errorf("%w: status %d", errUnreachable, resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	if len(body) > maxBody {
		return nil, errors.New("the answer is too long")
	}
	return body, nil
}

func (c *caller) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxHops || !allowedURL(req.URL, c.local) {
		return errors.New("a redirect that is not followed")
	}
	return nil
}

func (c *caller) transport() *http.Transport {
	dialer := &net.Dialer{Control: c.control}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			InsecureSkipVerify: true, // VerifyConnection does it, with the thumbprints
			VerifyConnection:   c.verify,
		},
	}
}

// control refuses addresses at which no issuer is: those of a cloud's metadata
// service among them, which a link-local address of IPv4 is. What a name that stands
// for this machine leads to must be this machine.
func (c *caller) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || c.local && !ip.IsLoopback() {
		return fmt.Errorf("no issuer is at %s", ip)
	}
	return nil
}

// verify takes a certificate that one of the roots vouches for, or else one that the
// provider's thumbprints do: they name it or one that signed it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
func (c *caller) verify(s tls.ConnectionState) error {
	opts := x509.VerifyOptions{DNSName: s.ServerName, Roots: c.roots, Intermediates: x509.NewCertPool()}
	pinned := x509.NewCertPool()
	any := false
	for _, cert := range s.PeerCertificates {
		opts.Intermediates.AddCert(cert)
		if slices.Contains(c.thumbprints, thumbprint(cert)) {
			pinned.AddCert(cert)
			any = true
		}
	}
	_, err := s.PeerCertificates[0].Verify(opts)
	if err == nil || !any {
		return err
	}
	opts.Roots = pinned
	_, err = s.PeerCertificates[0].Verify(opts)
	return err
}

func thumbprint(cert *x509.Certificate) string {
	sum := sha1.Sum(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// Thumbprint connects to an issuer and returns the thumbprint of the last
// certificate of its chain, as AWS does when it is given none; "" for an issuer that
// speaks HTTP. The certificate need not be trusted yet.
func Thumbprint(ctx context.Context, issuer string) (string, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return "", err
	}
	if u.Scheme != "https" {
		return "", nil
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	dialer := &tls.Dialer{
		NetDialer: &net.Dialer{Control: (&caller{}).control},
		Config:    &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, // nothing is asked there
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	return thumbprint(chain[len(chain)-1]), nil
}
