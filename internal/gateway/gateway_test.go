package gateway_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/policy"
	"github.com/iamd-project/iamd/sigv4"
)

const account ids.Account = "123456789012"

// world is a gateway with one service, whose GetCallerIdentity is run.
type world struct {
	*gateway.Gateway
	key    sigv4.Credentials // root's
	log    bytes.Buffer
	trail  bytes.Buffer
	reject bool // the audit sink takes nothing
}

func newWorld(t *testing.T, run func(*op.Call) error) *world {
	t.Helper()
	w := &world{}
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	must(t, err)
	ring, err := seal.NewKeyring()
	must(t, err)
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		root := &directory.Account{ID: account}
		if err := directory.PutAccount(tx, root); err != nil {
			return err
		}
		key, secret, err := directory.NewAccessKey(tx, ids.Source{}, ring, root, time.Now())
		w.key = sigv4.Credentials{AccessKeyID: string(key.ID), SecretAccessKey: string(secret)}
		return err
	}))
	registry, err := gateway.NewRegistry([]op.Service{{
		Shape:    &shape.Service,
		Spelling: awserr.Query,
		Operations: []op.Operation{op.Read("GetCallerIdentity", op.Free,
			func(_ context.Context, c *op.Call, _ *shape.GetCallerIdentityRequest) (*shape.GetCallerIdentityResponse, error) {
				return &shape.GetCallerIdentityResponse{Arn: &c.Caller.ARN}, run(c)
			})},
	}})
	must(t, err)
	sink := &sink{w}
	drain := audit.StartDrain(audit.DrainConfig{Store: db, Sink: sink})
	t.Cleanup(func() {
		must(t, drain.Close(context.Background()))
		must(t, db.Close())
	})
	keyring := func() *seal.Keyring { return ring }
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	w.Gateway = &gateway.Gateway{
		Registry: registry,
		Store:    db,
		Keyring:  keyring,
		Authn:    &authn.Authenticator{Store: db, Keyring: keyring, Rules: &sigv4.Verifier{}, Keys: sigv4.NewKeyCache(16)},
		Authz:    &authz.Authorizer{Documents: policy.NewCache(1 << 20)},
		Usage:    authn.NewUsage(db, log),
		Trail:    audit.NewTrail(sink),
		Drain:    drain,
		Account:  account,
		Now:      time.Now,
		Log:      log,
	}
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type sink struct{ w *world }

func (s *sink) Write(_ context.Context, lines []byte, _ int, _ bool) error {
	if s.w.reject {
		return context.DeadlineExceeded
	}
	s.w.trail.Write(lines)
	return nil
}

func (s *sink) Close() error { return nil }

func (w *world) getCallerIdentity(t *testing.T) (status int, body string) {
	t.Helper()
	const form = "Action=GetCallerIdentity&Version=2011-06-15"
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	signer := sigv4.Signer{Credentials: w.key, Region: "us-east-1", Service: "sts"}
	must(t, signer.Sign(r, sigv4.HashPayload([]byte(form)), time.Now()))
	reply := httptest.NewRecorder()
	w.ServeHTTP(reply, r)
	return reply.Code, reply.Body.String()
}

func TestCall(t *testing.T) {
	w := newWorld(t, func(*op.Call) error { return nil })
	status, body := w.getCallerIdentity(t)
	if status != 200 || !strings.Contains(body, "<Arn>arn:aws:iam::123456789012:root</Arn>") {
		t.Errorf("answered %d: %s", status, body)
	}
	if !strings.Contains(w.trail.String(), `"eventName":"GetCallerIdentity"`) {
		t.Errorf("trail: %s", &w.trail)
	}
}

// A fault of ours is an answer, a record and a line in the log, and tells the
// caller nothing.
func TestPanic(t *testing.T) {
	w := newWorld(t, func(*op.Call) error { panic("mystery") })
	status, body := w.getCallerIdentity(t)
	if status != 500 || !strings.Contains(body, "<Code>ServiceFailure</Code>") || strings.Contains(body, "mystery") {
		t.Errorf("answered %d: %s", status, body)
	}
	if !strings.Contains(w.log.String(), "panic: mystery") {
		t.Errorf("log: %s", &w.log)
	}
	if !strings.Contains(w.trail.String(), `"errorCode":"ServiceFailure"`) || strings.Contains(w.trail.String(), "mystery") {
		t.Errorf("trail: %s", &w.trail)
	}
}

func TestNoRecordNoAnswer(t *testing.T) {
	w := newWorld(t, func(*op.Call) error { return nil })
	w.reject = true
	status, body := w.getCallerIdentity(t)
	if status != 500 || strings.Contains(body, "Arn") {
		t.Errorf("answered %d: %s", status, body)
	}
}

// A key that is deactivated between the check of its signature and the call's own
// transaction is refused there.
func TestKeyDeactivatedMeanwhile(t *testing.T) {
	w := newWorld(t, func(*op.Call) error { return nil })
	w.Store = &race{Store: w.Store, between: func() { w.deactivateKey(t) }}
	status, body := w.getCallerIdentity(t)
	if status != 403 || !strings.Contains(body, "<Code>InvalidClientTokenId</Code>") {
		t.Errorf("answered %d: %s", status, body)
	}
}

// Slow work is done between two transactions, by the second of which the caller
// may have lost its key; either way there is one record.
func TestWorkOutside(t *testing.T) {
	var during func()
	w := newWorld(t, func(c *op.Call) error {
		_, err := op.Outside(c, "key", func(context.Context) (int, error) { during(); return 0, nil })
		return err
	})
	worked := 0
	during = func() { worked++ }
	if status, body := w.getCallerIdentity(t); status != 200 || worked != 1 {
		t.Errorf("answered %d after %d pieces of work: %s", status, worked, body)
	}
	during = func() { w.deactivateKey(t) }
	if status, body := w.getCallerIdentity(t); status != 403 || !strings.Contains(body, "<Code>InvalidClientTokenId</Code>") {
		t.Errorf("without the key, answered %d: %s", status, body)
	}
	if n := strings.Count(w.trail.String(), `"eventName":"GetCallerIdentity"`); n != 2 {
		t.Errorf("%d records of 2 calls: %s", n, &w.trail)
	}
}

func (w *world) deactivateKey(t *testing.T) {
	t.Helper()
	must(t, w.Authn.Store.Update(t.Context(), func(tx store.Tx) error {
		key, err := directory.GetAccessKey(tx, ids.KeyID(w.key.AccessKeyID))
		if err != nil {
			return err
		}
		root, err := directory.GetAccount(tx, account)
		if err != nil {
			return err
		}
		changed := *key
		changed.Active = false
		return directory.PutAccessKey(tx, root, &changed)
	}))
}

// race does something before the first transaction of a call.
type race struct {
	store.Store
	between func()
}

func (r *race) View(ctx context.Context, fn func(store.Reader) error) error {
	r.between()
	return r.Store.View(ctx, fn)
}
