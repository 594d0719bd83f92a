// Package gateway serves every API call along one path. It knows no service.
package gateway

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/sigv4"
)

// Gateway is the path of a call. All fields but TrustedProxies are needed.
type Gateway struct {
	Registry *Registry
	Store    store.Store
	Keyring  func() *seal.Keyring
	Authn    *authn.Authenticator
	Authz    *authz.Authorizer
	Usage    *authn.Usage    // remembers when keys were last used
	Trail    *audit.Trail    // takes the records of calls that change nothing
	REST     *sigv4.Verifier // what signatures of requests to REST services must be
	Drain    *audit.Drain    // is woken when a change has left its record
	Account  ids.Account     // whose trail a call by nobody known is in
	IDs      ids.Source
	Now      func() time.Time
	Log      *slog.Logger

	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
}

// ServeHTTP answers one request. There is no answer without an audit record.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A caller who hangs up must not leave a change half made, or no record.
	ctx := context.WithoutCancel(r.Context())
	m := g.receive(w, r)
	defer m.release()
	out, refused := g.answer(ctx, m)
	g.reply(w, m, out, refused)
}

// answer serves a call, and records it.
func (g *Gateway) answer(ctx context.Context, m *message) (any, *awserr.Error) {
	out, err := g.serve(ctx, m)
	refused := g.public(m, err)
	if !m.staged {
		m.fail(refused, err)
		if err := g.Trail.Append(ctx, &m.record); err != nil {
			m.discard(out, refused)
			refused = g.public(m, err)
		}
	}
	return out, refused
}

// serve is the life of a call, in order.
func (g *Gateway) serve(ctx context.Context, m *message) (out any, err error) {
	defer recovered(&err)
	if m.unread != nil { // the signature covers the body
		return nil, m.unread
	}
	claim, err := g.verify(ctx, m)
	if err != nil {
		return nil, err
	}
	in, bad := m.decode()
	writes := bad == nil && m.op.Changes(in)

	var call *op.Call
	err = g.transact(ctx, m, writes, func(snap store.Reader, tx store.Tx) error {
		call = g.call(m, snap, tx)
		if call.Caller, err = g.Authn.Confirm(snap, claim); err != nil {
			return err
		}
		m.identify(call.Caller)
		if bad != nil { // not before it is known who asked: the record says so
			return bad
		}
		m.record.Request = in
		needs, err := m.op.Needs(call, in)
		if m.op.Unsigned { // it has found out who calls
			m.identify(call.Caller)
		}
		if err != nil {
			return err
		}
		if m.record.Decision, err = g.Authz.Authorize(call, needs); err != nil {
			return err
		}
		g.Usage.NoteAccess(&call.Caller, m.service.shape.ID, m.op.Name, call.Region, m.now)
		if out, err = g.run(ctx, m, call, in); err != nil || tx == nil {
			return err
		}
		m.record.Response = out
		return audit.Stage(tx, &m.record)
	})
	if m.identified() && claim.LongTerm() {
		g.Usage.Note(claim.KeyID(), m.service.shape.ID, m.signed.Scope().Region, m.client.IP, m.now)
	}
	if err != nil {
		return nil, err
	}
	if writes {
		m.staged = true
		g.Drain.Wake()
	}
	if call.After != nil {
		call.After(ctx)
	}
	return out, nil
}

// recovered makes an error of a panic, which is a fault of ours: the caller gets
// an answer, the record is kept, and the log has the stack.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// transact runs fn in a transaction, and in another one each time that it stopped
// for work which has to be done outside: see op.Outside.
func (g *Gateway) transact(ctx context.Context, m *message, writes bool, fn func(store.Reader, store.Tx) error) (err error) {
	for again := true; again; {
		if writes {
			err = g.Store.Update(ctx, func(tx store.Tx) error { return fn(tx, tx) })
		} else {
			err = g.Store.View(ctx, func(r store.Reader) error { return fn(r, nil) })
		}
		again, err = m.work.Do(ctx, err)
	}
	return err
}

// verify finds out who signed; nobody had to, if the operation takes no signature.
func (g *Gateway) verify(ctx context.Context, m *message) (authn.Claim, error) {
	if m.inside != nil {
		return authn.Standing(&m.inside.As), nil
	}
	if m.op != nil && m.op.Unsigned {
		return authn.Claim{}, nil
	}
	if m.service.router != nil {
		return g.verifyREST(ctx, m)
	}
	return g.Authn.Verify(ctx, &m.signed, m.body, m.now)
}

func (g *Gateway) call(m *message, snap store.Reader, tx store.Tx) *op.Call {
	call := &op.Call{
		Tx:        tx,
		Snap:      snap,
		Now:       m.now,
		RequestID: m.id,
		Region:    m.region(),
		Client:    m.client,
		IDs:       g.IDs,
		Keyring:   g.Keyring(),
		Work:      &m.work,
		Quotas:    m.service.quotas,
		Usage:     g.Usage,
	}
	call.May = func(n op.Need) error {
		decision, err := g.Authz.Authorize(call, []op.Need{n})
		m.record.Decision.Statements = append(m.record.Decision.Statements, decision.Statements...)
		return err
	}
	return call
}

// public is the only place where an error becomes what a caller sees; nil for none.
func (g *Gateway) public(m *message, err error) *awserr.Error {
	if err == nil {
		return nil
	}
	e, meant := awserr.Public(err, m.service.spelling)
	if !meant {
		g.Log.Error("request failed", "request", m.id, "operation", m.record.Name, "err", err)
	}
	return e
}

func (g *Gateway) reply(w http.ResponseWriter, m *message, out any, refused *awserr.Error) {
	status, body := http.StatusOK, m.replyBuffer[:0]
	var stream io.ReadCloser
	if refused != nil {
		status, body = refused.Status, m.service.wire.Error(body, m.id, refused)
	} else {
		out = output(m.op.shape, out)
		status, stream = m.service.wire.Head(w.Header(), m.op.shape, out)
		body = m.service.wire.Reply(body, m.op.shape, m.id, out)
	}
	m.replyBuffer = body
	m.service.wire.Header(w.Header(), m.id, refused)
	if len(body) > 2<<10 { // below, net/http counts for itself
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	if stream != nil {
		g.replyStream(w, status, stream)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone gets no answer
}

// output is what the protocol encodes: nothing for an operation without a reply.
func output(shape *shapes.Operation, out any) any {
	if shape.Output == nil {
		return nil
	}
	return out
}
