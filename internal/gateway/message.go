package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

// maxBody is the most bytes that a request's body may have.
const maxBody = 1 << 20

// message is a request that has been read and matched to an operation, and
// nothing more: it is not yet trusted.
type message struct {
	http    *http.Request
	id      string
	now     time.Time
	body    []byte
	signed  authn.Signature
	asked   wire.Request
	service *service   // the unknown one when there is none to be found
	op      *operation // nil when refused is not
	unread  error      // why the body could not be read
	refused error      // why the request cannot be understood

	record  audit.Record
	staged  bool // the record is committed with the change
	buffers *buffers
}

// buffers are what a message uses and the next may use again.
type buffers struct {
	body, reply []byte
}

// keepBuffer is the largest buffer worth keeping for the next message.
const keepBuffer = 64 << 10

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

func (m *message) release() {
	m.asked.Close()
	if cap(m.buffers.body) <= keepBuffer && cap(m.buffers.reply) <= keepBuffer {
		bufferPool.Put(m.buffers)
	}
}

// receive reads a request and finds out what it asks for.
func (g *Gateway) receive(r *http.Request) *message {
	m := &message{
		http:    r,
		id:      g.IDs.UUID(),
		now:     g.Now(),
		signed:  authn.Read(r),
		buffers: bufferPool.Get().(*buffers),
	}
	m.body, m.unread = readBody(m.buffers, r)
	m.asked, m.refused = wire.Open(r, m.body)
	m.service = g.Registry.service(m.signed.Scope().Service, m.asked, r.Host)
	if m.refused == nil {
		m.op, m.refused = m.service.operation(m.asked)
	}
	g.beginRecord(m)
	return m
}

// readBody reads the whole body. What is left of one that is too long stays
// unread, and net/http closes the connection.
func readBody(b *buffers, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, &awserr.Refusal{Kind: awserr.TooLarge}
	}
	body := b.body[:0]
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		b.body = body
		if len(body) > maxBody {
			return nil, &awserr.Refusal{Kind: awserr.TooLarge}
		}
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, awserr.Refuse(awserr.Malformed, "The body of the request could not be read.")
		}
	}
}

// decode is the operation's request, checked against the model.
func (m *message) decode() (any, error) {
	if m.refused != nil {
		return nil, m.refused
	}
	in := m.op.shape.Input()
	absent, err := m.asked.Decode(in)
	if err != nil {
		return nil, err
	}
	if violations := shapes.Check(in.(shapes.Checkable), absent); len(violations) > 0 {
		return nil, awserr.Refuse(awserr.Validation, "%s", m.service.shape.Message(violations))
	}
	return in, nil
}

func (g *Gateway) beginRecord(m *message) {
	region := m.signed.Scope().Region
	if m.service.shape.Global || region == "" {
		region = "us-east-1"
	}
	m.record = audit.Record{
		EventID:   g.IDs.UUID(),
		RequestID: m.id,
		Time:      m.now,
		Source:    m.service.shape.ID + ".amazonaws.com",
		Name:      m.asked.Operation,
		Region:    region,
		SourceIP:  g.sourceIP(m.http),
		UserAgent: m.http.UserAgent(),
		Caller:    audit.Identity{Type: audit.Unknown, KeyID: string(m.signed.KeyID())},
		Account:   string(g.Account),
		ReadOnly:  m.op == nil || !m.op.Writes,
		TLS:       m.http.TLS,
		Host:      m.http.Host,
	}
}

// identify puts the caller into the record.
func (m *message) identify(p op.Principal) {
	m.record.Account = string(p.Account)
	m.record.Caller = audit.Identity{
		Type:        identityTypes[p.Kind],
		PrincipalID: p.ID,
		ARN:         p.ARN,
		Account:     string(p.Account),
		KeyID:       string(p.KeyID),
		UserName:    p.Name,
	}
}

var identityTypes = map[op.PrincipalKind]audit.IdentityType{
	op.Root:        audit.Root,
	op.User:        audit.IAMUser,
	op.RoleSession: audit.AssumedRole,
}

// fail puts the answer into the record of a call that changed nothing; refused
// is nil for one that was served.
func (m *message) fail(refused *awserr.Error) {
	m.record.Response = nil
	if refused != nil {
		m.record.ErrorCode, m.record.ErrorMessage = refused.Code, refused.Message
	}
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
