package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// Inside is a call that a part of this server makes for somebody, along the same path as
// a request.
type Inside struct {
	As     directory.Standing
	By     string // the service that calls for them: "cloudformation.amazonaws.com"
	Region string
	In     any // a pointer to the request
	// Token names a call that must not be made twice: one that was, and changed something,
	// answers as it did then, until its directory.Reply is deleted. "" for any other call.
	Token string
}

// Call makes a call from inside the server and returns a pointer to the reply. An error
// is an *op.Refused.
func (g *Gateway) Call(ctx context.Context, c *Inside) (any, error) {
	f, ok := g.Registry.byInput[reflect.TypeOf(c.In)]
	if !ok || f.op.Unsigned {
		return nil, fmt.Errorf("gateway: no operation takes a %T", c.In)
	}
	m := &message{
		inside:  c,
		id:      g.IDs.UUID(),
		now:     g.Now(),
		service: f.service,
		op:      f.op,
		client:  op.Client{IP: c.By, UserAgent: c.By, Secure: true, Via: []string{c.By}},
	}
	m.record = audit.Record{
		EventID:   g.IDs.UUID(),
		RequestID: m.id,
		Time:      m.now,
		Source:    m.service.shape.ID + ".amazonaws.com",
		Name:      m.op.Name,
		Region:    globalRegion,
		SourceIP:  c.By,
		UserAgent: c.By,
		Caller:    audit.Identity{Type: audit.Unknown, KeyID: string(c.As.KeyID)},
		Account:   string(c.As.Account),
		ReadOnly:  !m.op.Writes,
	}
	out, refused := g.answer(context.WithoutCancel(ctx), m)
	if refused != nil {
		return nil, &op.Refused{Err: refused, Service: m.service.shape.Title, RequestID: m.id}
	}
	return out, nil
}

// run does the operation's work, but for a call that has been made already.
func (g *Gateway) run(ctx context.Context, m *message, c *op.Call, in any) (any, error) {
	if m.inside == nil || m.inside.Token == "" || c.Tx == nil {
		return m.op.Run(ctx, c, in)
	}
	place := directory.Reply{Token: m.inside.Token}
	text, err := place.Get(c.Tx, c.Keyring)
	if err != nil {
		return nil, err
	}
	if text != nil {
		out := reflect.New(m.op.Output.Elem()).Interface()
		return out, json.Unmarshal(text, out)
	}
	out, err := m.op.Run(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if text, err = json.Marshal(out); err != nil {
		return nil, err
	}
	return out, place.Put(c.Tx, c.Keyring, text)
}
