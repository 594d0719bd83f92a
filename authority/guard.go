package authority

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/sigv4"
)

// DefaultMaxBody is how much of a body a Guard reads before it asks.
const DefaultMaxBody = 1 << 20

// Guard lets a handler see only requests that iamd allows. Its fields must not change
// while it serves.
type Guard struct {
	Client *Client
	// Service is as in Question: what signatures must be scoped to.
	Service string
	// Payloads and Anonymous are as in Question.
	Payloads  []sigv4.PayloadHash
	Anonymous bool
	// Permissions says what a request takes. It is called before anything is known of
	// the caller, may read the body, and refuses a request with an error, a *Refusal for
	// one that is to be seen. Nil asks only who it is.
	Permissions func(*http.Request) ([]Permission, error)
	// MaxBody is how long a body may be whose hash is not in a header; 0 means
	// DefaultMaxBody. Such a body is in memory when the handler runs. A body of declared
	// hash may have any length if it is over MaxBody; its reader ends in ErrBody, and not
	// in io.EOF, when it was another one.
	MaxBody int64
	// Refuse writes a refusal; nil is WriteXML for the service "s3" and WriteJSON for
	// others.
	Refuse func(http.ResponseWriter, *http.Request, *Refusal)
	// Failed is told why a request could not be answered for: iamd is not reached, or
	// refuses the question. Its client sees 503 only, or 400 if the question was made of
	// what cannot be asked. Nil is silent.
	Failed func(*http.Request, error)
}

// ErrBody is the end of a body that is not the one that was signed.
var ErrBody = errors.New("authority: the body is not the one that was signed")

var (
	errTooLarge = &Refusal{Code: "EntityTooLarge", Status: http.StatusRequestEntityTooLarge, Message: "Your proposed upload exceeds the maximum allowed size"}
	errCutShort = &Refusal{Code: "IncompleteBody", Status: http.StatusBadRequest, Message: "The request body terminated unexpectedly"}
	errInvalid  = &Refusal{Code: "InvalidRequest", Status: http.StatusBadRequest, Message: "The request cannot be decided on."}
	errFailed   = &Refusal{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "Service is unable to handle request."}
)

type answerKey struct{}

// From is the answer that let a request in; nil outside a Guard.
func From(ctx context.Context) *Answer {
	a, _ := ctx.Value(answerKey{}).(*Answer)
	return a
}

// Wrap is next behind the guard.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := g.ask(w, r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), answerKey{}, answer)))
	})
}

func (g *Guard) ask(w http.ResponseWriter, r *http.Request) (*Answer, error) {
	hash, err := g.body(w, r)
	if err != nil {
		return nil, err
	}
	q := &Question{
		Request:   Received(r, hash),
		Service:   g.Service,
		Payloads:  g.Payloads,
		Anonymous: g.Anonymous,
		ClientIP:  clientIP(r),
		Secure:    r.TLS != nil,
	}
	if g.Permissions != nil {
		if q.Permissions, err = g.Permissions(r); err != nil {
			return nil, err
		}
	}
	a, err := g.Client.Ask(r.Context(), q)
	if err != nil {
		return nil, err
	}
	if !a.Allowed {
		return nil, a.Refusal
	}
	return a, nil
}

// body makes sure that the handler reads the body that is asked about, and returns its
// hash; "" if it is checked as it is read, or not signed at all.
func (g *Guard) body(w http.ResponseWriter, r *http.Request) (sigv4.PayloadHash, error) {
	most := g.MaxBody
	if most == 0 {
		most = DefaultMaxBody
	}
	claim, err := sigv4.Parse(r)
	switch declared := claim.Payload; {
	case err != nil:
		return "", nil // refused by iamd, unless it may be anonymous
	case declared.IsHash() && (r.ContentLength > most || r.ContentLength < 0):
		r.Body = newChecked(r.Body, declared)
		return "", nil
	case declared != "" && !declared.IsHash() || declared == "" && claim.Presigned && g.Service == s3:
		return "", nil // a marker, which Payloads has or not
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return "", errTooLarge
	}
	if err != nil {
		return "", errCutShort
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return sigv4.HashPayload(body), nil
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		refusal = errFailed
		if e, ok := errors.AsType[*Unanswered](err); ok && e.Status == http.StatusBadRequest {
			refusal = errInvalid
		}
		if g.Failed != nil {
			g.Failed(r, err)
		}
	}
	switch {
	case g.Refuse != nil:
		g.Refuse(w, r, refusal)
	case g.Service == s3:
		WriteXML(w, r, refusal)
	default:
		WriteJSON(w, r, refusal)
	}
}

const s3 = "s3"

// Received is r as a question has it: with the headers that a signature or a condition
// may need, and no others.
func Received(r *http.Request, bodyHash sigv4.PayloadHash) *Request {
	var signed []string
	if claim, err := sigv4.Parse(r); err == nil {
		signed = strings.Split(claim.SignedHeaders, ";")
	}
	header := http.Header{}
	for name, values := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") || slices.Contains(alwaysSent, lower) || slices.Contains(signed, lower) {
			header[name] = values
		}
	}
	target := r.RequestURI
	if target == "" { // a request that was made, not received
		target = r.URL.RequestURI()
	}
	return &Request{Method: r.Method, URL: target, Host: r.Host, Header: header, BodyHash: bodyHash}
}

var alwaysSent = []string{"authorization", "date", "user-agent", "referer"}

func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}
