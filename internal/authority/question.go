package authority

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
	"github.com/iamd-project/iamd/sigv4"
)

// BadQuestion is a question that cannot be: the asker's mistake, not its client's.
type BadQuestion struct{ Problem string }

func (e *BadQuestion) Error() string { return e.Problem }

func badQuestion(format string, args ...any) error {
	return &BadQuestion{fmt.Sprintf(format, args...)}
}

// The limits of what a question holds besides those in package authority.
const (
	maxName  = 256 // of an action, a service, a condition key
	maxURL   = 64 << 10
	maxValue = 2 << 10 // of a condition key
)

// decode reads a question. A member that nobody knows is refused: it is something that
// the asker believes to count.
func decode(text []byte) (*authority.Question, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var q authority.Question
	if err := d.Decode(&q); err != nil {
		return nil, badQuestion("The question is not what JSON has for one: %v.", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, badQuestion("Something follows the question.")
	}
	return &q, nil
}

// received puts together the request that the asker received.
func received(r *authority.Request) (*http.Request, error) {
	if r.Method == "" || len(r.Method) > maxName || r.Host == "" {
		return nil, badQuestion("A request has a method and a host.")
	}
	if len(r.URL) > maxURL || !strings.HasPrefix(r.URL, "/") {
		return nil, badQuestion("The URL of a request is its target, beginning with a slash, of at most %d bytes.", maxURL)
	}
	u, err := url.ParseRequestURI(r.URL)
	if err != nil {
		return nil, badQuestion("The URL of the request cannot be read.")
	}
	if r.BodyHash != "" && !r.BodyHash.IsHash() {
		return nil, badQuestion("A bodyHash is the SHA-256 of the body in 64 lower-case hexadecimal digits.")
	}
	header := make(http.Header, len(r.Header))
	for name, values := range r.Header {
		canonical := http.CanonicalHeaderKey(name)
		if _, twice := header[canonical]; twice {
			return nil, badQuestion("The header %.64q is there twice.", name)
		}
		header[canonical] = values
	}
	header.Del("Host") // it is r.Host
	return &http.Request{Method: r.Method, URL: u, Host: r.Host, Header: header}, nil
}

// rules are those by which a signature is verified.
func rules(q *authority.Question, s3 bool) (*sigv4.Verifier, error) {
	if len(q.Service) > maxName {
		return nil, badQuestion("The name of the service is too long.")
	}
	v := &sigv4.Verifier{Service: q.Service, S3: s3}
	for _, p := range q.Payloads {
		marker, ok := markers[p]
		if !ok {
			return nil, badQuestion("%.64q is not a marker that can stand for a payload hash.", p)
		}
		v.Payloads |= marker
	}
	return v, nil
}

var markers = map[sigv4.PayloadHash]sigv4.Payloads{
	sigv4.UnsignedPayload:          sigv4.AllowUnsigned,
	sigv4.StreamingPayload:         sigv4.AllowStreaming,
	sigv4.StreamingPayloadTrailer:  sigv4.AllowStreamingTrailer,
	sigv4.StreamingUnsignedTrailer: sigv4.AllowStreamingUnsignedTrailer,
}

func checkClient(q *authority.Question) error {
	if q.ClientIP == "" {
		return nil
	}
	if _, err := netip.ParseAddr(q.ClientIP); err != nil {
		return badQuestion("The clientIp is not an address.")
	}
	return nil
}

// needs are the permissions that are asked for.
func (s *Server) needs(list []authority.Permission) ([]op.Need, error) {
	if len(list) > authority.MaxPermissions {
		return nil, badQuestion("A question asks for at most %d permissions.", authority.MaxPermissions)
	}
	needs := make([]op.Need, len(list))
	for i := range list {
		if err := s.need(&list[i], &needs[i]); err != nil {
			return nil, fmt.Errorf("permission %d: %w", i, err)
		}
	}
	return needs, nil
}

func (s *Server) need(p *authority.Permission, n *op.Need) (err error) {
	if !isAction(p.Action) {
		return badQuestion("The action %.64q is not one: service:Name.", p.Action)
	}
	if _, err := arn.Parse(p.Resource); err != nil && p.Resource != "*" {
		return badQuestion("The resource is neither an ARN nor *: %v.", err)
	}
	n.Action, n.Resource = p.Action, p.Resource
	if p.Account != "" {
		if n.Owner, err = ids.ParseAccount(p.Account); err != nil {
			return badQuestion("The account is not one of 12 digits.")
		}
	}
	if n.Context, err = conditions(p.Context); err != nil {
		return err
	}
	if n.Tags, err = tags(p.ResourceTags); err != nil {
		return err
	}
	if n.NewTags, err = tags(p.RequestTags); err != nil {
		return err
	}
	return s.resourcePolicy(p.Policy, n)
}

// isAction: one service and one name, and no wildcards, which policies have.
func isAction(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	return ok && len(s) <= maxName && isWord(service) && isWord(name)
}

func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

// askersKeys are the condition keys with AWS's prefix whose values only the asker can
// know.
var askersKeys = []string{
	"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths",
}

func conditions(given map[string][]string) (map[string][]string, error) {
	if len(given) > authority.MaxContext {
		return nil, badQuestion("The context has at most %d keys.", authority.MaxContext)
	}
	context := make(map[string][]string, len(given))
	for name, values := range given {
		key := strings.ToLower(name)
		_, twice := context[key]
		switch {
		case len(key) > maxName || !strings.Contains(key, ":") || twice:
			return nil, badQuestion("The condition key %.64q is not one, or is there twice.", name)
		case strings.HasPrefix(key, "aws:") && !slices.Contains(askersKeys, key):
			return nil, badQuestion("The condition key %.64q is not the asker's to set.", name)
		case authz.Known(key):
			return nil, badQuestion("iamd finds the value of %.64q itself.", name)
		case len(values) > authority.MaxContext || slices.ContainsFunc(values, func(v string) bool { return len(v) > maxValue }):
			return nil, badQuestion("The condition key %.64q has too many values, or one that is too long.", name)
		}
		context[key] = values
	}
	return context, nil
}

func tags(given map[string]string) ([]directory.Tag, error) {
	if len(given) > authority.MaxTags {
		return nil, badQuestion("There are at most %d tags.", authority.MaxTags)
	}
	list := make([]directory.Tag, 0, len(given))
	for key, value := range given {
		if len(key) > maxValue || len(value) > maxValue {
			return nil, badQuestion("A tag is too long.")
		}
		list = append(list, directory.Tag{Key: key, Value: value})
	}
	return list, nil
}

// resourcePolicy checks a policy before anything is decided with it.
func (s *Server) resourcePolicy(text string, n *op.Need) error {
	if text == "" {
		return nil
	}
	if len(text) > authority.MaxResourcePolicy {
		return badQuestion("The resource's policy is longer than %d bytes.", authority.MaxResourcePolicy)
	}
	if _, err := s.Authz.Documents.Parse(text, policy.Resource); err != nil {
		return badQuestion("The resource's policy is not one: %v.", err)
	}
	n.Policy, n.PolicyKind = directory.Document(text), policy.Resource
	return nil
}
