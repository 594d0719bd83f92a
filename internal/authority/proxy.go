package authority

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/sigv4"
)

// Proxies ask about the request they have, and cannot say what it takes. Their
// configuration says in which of two ways they ask:
//
//   - identify asks only whose request it is; what is allowed is for the server behind
//     the proxy to say.
//   - invoke asks for execute-api:Invoke, too, as Amazon API Gateway does of who calls an
//     HTTP API: on arn:aws:execute-api:REGION:ACCOUNT:HOST/$default/METHOD/PATH, with the
//     host in place of an API's ID.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
//
// Nothing of it is in a header that a client could send.
const (
	identify = "identify"
	invoke   = "invoke"
)

// proxied is a request that a proxy has.
type proxied struct {
	mode     string
	request  authority.Request
	clientIP string
	secure   bool
	// permission is what the proxy was configured to ask for, in place of mode's.
	permission *authority.Permission
}

// The bodies that a proxy's clients may send unsigned, as S3's do. An upload whose
// chunks are signed is for a server that can check them.
var proxiedPayloads = []sigv4.PayloadHash{sigv4.UnsignedPayload, sigv4.StreamingUnsignedTrailer}

// askFor answers a proxy. What its client sent and cannot be is the client's mistake.
func (s *Server) askFor(ctx context.Context, p *proxied) (*authority.Answer, error) {
	q := &authority.Question{Request: &p.request, ClientIP: p.clientIP, Secure: p.secure}
	r, err := received(&p.request)
	if err == nil {
		if sigv4Scope(r).Service == s3Service { // elsewhere the signature covers the body
			q.Payloads = proxiedPayloads
		}
		q.Permissions, err = s.permissionsOf(p, r)
	}
	var a *authority.Answer
	if err == nil {
		a, err = s.Ask(ctx, q)
	}
	if bad, ok := errors.AsType[*BadQuestion](err); ok {
		return &authority.Answer{Refusal: &authority.Refusal{Code: "BadRequestException", Status: http.StatusBadRequest, Message: bad.Problem}}, nil
	}
	if refused, ok := errors.AsType[*awserr.Error](err); ok {
		return &authority.Answer{Refusal: &authority.Refusal{Code: refused.Code, Status: refused.Status, Message: refused.Message}}, nil
	}
	return a, err
}

func sigv4Scope(r *http.Request) sigv4.Scope {
	claim, _ := sigv4.Parse(r) // Ask refuses one that cannot be read
	return claim.Scope
}

func (s *Server) permissionsOf(p *proxied, r *http.Request) ([]authority.Permission, error) {
	if p.permission != nil {
		return []authority.Permission{*p.permission}, nil
	}
	if p.mode == identify {
		return nil, nil
	}
	plain, ok := plainPath(r.URL)
	if !ok {
		return nil, awserr.New(http.StatusBadRequest, "BadRequestException", "The path of the request can be read in more than one way.")
	}
	region := sigv4Scope(r).Region
	if region == "" {
		region = globalRegion
	}
	name := arn.ARN{
		Partition: "aws", Service: "execute-api", Region: region, Account: string(s.Account),
		Resource: hostName(r.Host) + "/$default/" + r.Method + plain,
	}
	return []authority.Permission{{Action: "execute-api:Invoke", Resource: name.String(), Account: string(s.Account)}}, nil
}

// plainPath is the path of a URL, if whoever serves it reads the same: a policy about
// /public/* must not let /public/../admin through, or one of its spellings.
func plainPath(u *url.URL) (string, bool) {
	escaped := strings.ToLower(u.EscapedPath())
	if strings.Contains(escaped, "%2f") || strings.ContainsAny(u.Path, "\\%;\x00") {
		return "", false
	}
	clean := path.Clean(u.Path)
	return u.Path, u.Path == clean || u.Path == clean+"/"
}

func hostName(host string) string {
	return strings.ToLower((&url.URL{Host: host}).Hostname())
}

// declaredPayload is what a request says of its body, in a header or in its query.
func declaredPayload(header http.Header, target string) string {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return "" // refused later
	}
	claim, err := sigv4.Parse(&http.Request{URL: u, Header: header})
	switch {
	case err != nil:
		return ""
	case claim.Payload == "" && claim.Presigned && claim.Scope.Service == s3Service:
		return string(sigv4.UnsignedPayload)
	}
	return string(claim.Payload)
}

// shownBody is the body of a request as a proxy shows it: without one, what the request
// declares is all that can be checked.
func shownBody(body []byte, partial bool, declared string) sigv4.PayloadHash {
	if partial || len(body) == 0 && declared != "" {
		return ""
	}
	return sigv4.HashPayload(body)
}

// said are the headers in which the server behind a proxy is told who calls. A proxy
// puts them in the place of any that its client sent.
func said(a *authority.Answer) map[string]string {
	headers := map[string]string{
		"x-iamd-request-id":    a.RequestID,
		"x-iamd-principal":     a.Principal.ARN,
		"x-iamd-principal-id":  a.Principal.ID,
		"x-iamd-account":       a.Principal.Account,
		"x-iamd-access-key-id": a.Principal.AccessKeyID,
	}
	if a.Signature != nil {
		headers["x-iamd-payload"] = string(a.Signature.Payload)
	}
	return headers
}
