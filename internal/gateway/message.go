package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
	"github.com/iamd-project/iamd/sigv4"
)

// maxBody is the most bytes that a request's body may have.
const maxBody = 1 << 20

// message is a request that has been read and matched to an operation, and
// nothing more: it is not yet trusted.
type message struct {
	http    *http.Request // nil for a call from inside
	inside  *Inside       // nil for a request
	client  op.Client
	id      string
	now     time.Time
	body    []byte
	signed  authn.Signature
	sent    *sigv4.Body // of a REST service's request, as it comes
	asked   wire.Request
	service *service   // the unknown one when there is none to be found
	op      *operation // nil when refused is not
	unread  error      // why the body could not be read
	refused error      // why the request cannot be understood

	record audit.Record
	staged bool    // the record is committed with the change
	work   op.Work // what the operation has had done outside its transaction

	bodyBuffer, replyBuffer []byte // kept for the next message
}

// keepBuffer is the largest buffer worth keeping for the next message.
const keepBuffer = 64 << 10

var messages = sync.Pool{New: func() any { return new(message) }}

// release ends a message: nothing may refer to it any more.
func (m *message) release() {
	m.asked.Close()
	if cap(m.bodyBuffer) <= keepBuffer && cap(m.replyBuffer) <= keepBuffer {
		*m = message{bodyBuffer: m.bodyBuffer, replyBuffer: m.replyBuffer}
		messages.Put(m)
	}
}

// receive reads a request and finds out what it asks for.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request) *message {
	m := messages.Get().(*message)
	m.http, m.id, m.now, m.signed = r, g.IDs.UUID(), g.Now(), authn.Read(r)
	if s, label := g.Registry.restService(m.signed.Scope().Service, r); s != nil {
		m.openREST(w, s, label)
	} else {
		m.readBody()
		m.asked, m.refused = wire.Open(r, m.body)
		m.service = g.Registry.service(m.signed.Scope().Service, m.asked, r.Host)
	}
	if m.refused == nil {
		m.op, m.refused = m.service.operation(m.asked)
	}
	g.beginRecord(m)
	m.client = op.Client{IP: m.record.SourceIP, UserAgent: m.record.UserAgent, Referer: r.Referer(), Secure: r.TLS != nil, Local: local(r)}
	return m
}

// readBody reads the whole body. What is left of one that is too long stays
// where it is, and net/http closes the connection.
func (m *message) readBody() {
	if m.http.ContentLength > maxBody {
		m.unread = &awserr.Refusal{Kind: awserr.TooLarge}
		return
	}
	body, err := appendAll(m.bodyBuffer[:0], io.LimitReader(m.http.Body, maxBody+1))
	m.bodyBuffer = body
	switch {
	case err != nil:
		m.unread = awserr.Refuse(awserr.Malformed, "The body of the request could not be read.")
	case len(body) > maxBody:
		m.unread = &awserr.Refusal{Kind: awserr.TooLarge}
	default:
		m.body = body
	}
}

// appendAll reads r to its end.
func appendAll(buf []byte, r io.Reader) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 512)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// decode is the operation's request, checked against the model.
func (m *message) decode() (any, error) {
	if m.refused != nil {
		return nil, m.refused
	}
	if m.inside != nil {
		return m.checked(m.inside.In, nil)
	}
	in := m.op.shape.Input()
	if m.service.router != nil && m.op.Input == nil {
		return in, nil // it is not built, whatever the request holds
	}
	absent, err := m.asked.Decode(in)
	if err != nil {
		return nil, err
	}
	return m.checked(in, absent)
}

// checked is in, if it is as the model wants it.
func (m *message) checked(in any, absent []string) (any, error) {
	if violations := shapes.Check(in.(shapes.Checkable), absent); len(violations) > 0 {
		return nil, awserr.Refuse(awserr.Validation, "%s", m.service.shape.Message(violations))
	}
	return in, nil
}

func (g *Gateway) beginRecord(m *message) {
	m.record = audit.Record{
		EventID:   g.IDs.UUID(),
		RequestID: m.id,
		Time:      m.now,
		Source:    m.service.shape.ID + ".amazonaws.com",
		Name:      m.asked.Operation,
		Region:    globalRegion,
		SourceIP:  g.sourceIP(m.http),
		UserAgent: m.http.UserAgent(),
		Caller:    audit.Identity{Type: audit.Unknown, KeyID: string(m.signed.KeyID())},
		Account:   string(g.Account),
		ReadOnly:  m.op == nil || !m.op.Writes,
		TLS:       m.http.TLS,
		Host:      m.http.Host,
	}
}

// globalRegion is where the records of global services are, and those of callers
// whose word for a region is not to be taken.
const globalRegion = "us-east-1"

// region is where a request is for, by its signature.
func (m *message) region() string {
	region := m.signed.Scope().Region
	if m.inside != nil {
		region = m.inside.Region
	}
	if region != "" && !m.service.shape.Global {
		return region
	}
	return globalRegion
}

// identify puts the caller, if it is known, into the record.
func (m *message) identify(p op.Principal) {
	if p.Kind == op.Nobody {
		return
	}
	m.record.Region = m.region()
	m.record.Account = string(p.Account)
	m.record.Caller = Identity(&p)
	if m.inside != nil {
		m.record.Caller.InvokedBy = m.inside.By
	}
}

func (m *message) identified() bool { return m.record.Caller.Type != audit.Unknown }

// fail puts the answer into the record of a call that changed nothing; both
// errors are nil for one that was served. Of a caller that nobody knows the
// record quotes nothing: a secret may be in the wrong place.
func (m *message) fail(refused *awserr.Error, err error) {
	m.record.Response = nil
	if refused == nil {
		return
	}
	if !m.identified() {
		refused = awserr.Default(err, m.service.spelling)
	}
	m.record.ErrorCode, m.record.ErrorMessage = refused.Code, refused.Message
}

// local reports whether a request came over the loopback interface, and no proxy says that
// it has passed it on.
func local(r *http.Request) bool {
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if at == nil || len(r.Header["X-Forwarded-For"]) > 0 || len(r.Header["Forwarded"]) > 0 {
		return false
	}
	for _, end := range []string{r.RemoteAddr, at.String()} {
		if ends, err := netip.ParseAddrPort(end); err != nil || !ends.Addr().Unmap().IsLoopback() {
			return false
		}
	}
	return true
}

// sourceIP is the client's address: the last one in X-Forwarded-For that is not
// a trusted proxy's, when a trusted proxy sent the request.
func (g *Gateway) sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if len(g.TrustedProxies) == 0 || !g.trusts(host) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
		if !g.trusts(hop) {
			break
		}
	}
	return host
}

func (g *Gateway) trusts(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, block := range g.TrustedProxies {
		if block.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
