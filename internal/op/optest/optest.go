// Package optest calls operations as the gateway does, over a real store, for
// the tests of services. Each update runs twice: see storetest.Twice.
package optest

import (
	"context"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/internal/store/storetest"
)

// Account is the account of a World.
const Account ids.Account = "123456789012"

// World is one account with a service to call.
type World struct {
	Store   store.Store
	Keyring *seal.Keyring
	Now     time.Time           // the time of the next call
	Region  string              // where it is
	Client  op.Client           // who calls
	May     func(op.Need) error // what Call.May answers; all is allowed at first
	t       testing.TB
	ops     map[string]op.Operation
	quotas  op.Quotas
	spelled awserr.Spelling
}

// New makes a World around a service. At the end of the test, doctor must find
// nothing wrong with it.
func New(t testing.TB, s op.Service) *World {
	t.Helper()
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	ring, err := seal.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	w := &World{
		Store:   directory.Cached(storetest.Twice(db), 64),
		Keyring: ring,
		Now:     time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC),
		Region:  "us-east-1",
		May:     func(op.Need) error { return nil },
		t:       t,
		ops:     map[string]op.Operation{},
		quotas:  s.Quotas,
		spelled: awserr.Query,
	}
	t.Cleanup(w.doctor)
	if s.Spelling.Kinds != nil {
		w.spelled = s.Spelling
	}
	for _, o := range s.Operations {
		w.ops[o.Name] = o
	}
	err = db.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: Account, Created: directory.At(w.Now)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// doctor makes sure, at the end of a test, that records and indexes agree.
func (w *World) doctor() {
	ctx := context.WithoutCancel(w.t.Context())
	err := w.Store.View(ctx, func(r store.Reader) error {
		report, err := directory.Check(ctx, r, w.Keyring)
		if err == nil && report.Found > 0 {
			w.t.Errorf("doctor finds %d problems: %q", report.Found, report.Problems)
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

// Root is the account's root user.
func (w *World) Root() op.Principal {
	return op.Principal{Kind: op.Root, Account: Account, ARN: directory.RootARN(Account), ID: string(Account)}
}

// User is an existing user as a caller.
func (w *World) User(name string) op.Principal {
	w.t.Helper()
	var p op.Principal
	err := w.Store.View(w.t.Context(), func(r store.Reader) error {
		u, err := directory.Users.ByName(r, Account, name)
		if err == nil {
			p = op.Principal{Kind: op.User, Account: Account, ARN: u.ARN(), ID: string(u.ID), Name: u.Name}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// Do runs an operation and returns its reply and the needs it had.
func (w *World) Do(caller op.Principal, name string, in any) (out any, needs []op.Need, err error) {
	o, ok := w.ops[name]
	if !ok {
		w.t.Fatalf("no operation %s", name)
	}
	var work op.Work
	var used uses
	var after func(context.Context)
	run := func(snap store.Reader, tx store.Tx) (err error) {
		c := &op.Call{Tx: tx, Snap: snap, Caller: caller, Now: w.Now, Region: w.Region, Client: w.Client, Keyring: w.Keyring, Work: &work, Quotas: w.quotas,
			May: w.May, Usage: &used}
		if needs, err = o.Needs(c, in); err != nil {
			return err
		}
		out, err = o.Run(context.WithoutCancel(w.t.Context()), c, in)
		after = c.After
		return err
	}
	for again := true; again; {
		if o.Changes(in) {
			err = w.Store.Update(w.t.Context(), func(tx store.Tx) error { return run(tx, tx) })
		} else {
			err = w.Store.View(w.t.Context(), func(r store.Reader) error { return run(r, nil) })
		}
		again, err = work.Do(w.t.Context(), err)
	}
	w.keep(used)
	if err == nil && after != nil {
		after(context.WithoutCancel(w.t.Context()))
	}
	return out, needs, err
}

// uses are what a call used.
type uses []directory.Use

// NoteUse implements op.Usage.
func (u *uses) NoteUse(use directory.Use, _ time.Time) { *u = append(*u, use) }

// keep writes down what an operation noted, as package authn does.
func (w *World) keep(used uses) {
	day := directory.At(w.Now.Truncate(24 * time.Hour))
	for _, u := range used {
		if err := w.Store.Update(w.t.Context(), func(tx store.Tx) error { return u.Keep(tx, day) }); err != nil {
			w.t.Fatal(err)
		}
	}
}

// Must runs an operation that has to succeed and returns its reply.
func Must[Out any](w *World, caller op.Principal, name string, in any) *Out {
	w.t.Helper()
	out, _, err := w.Do(caller, name, in)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return out.(*Out)
}

// Refused runs an operation that has to fail with this status, code and text.
func (w *World) Refused(caller op.Principal, name string, in any, status int, code, message string) {
	w.t.Helper()
	_, _, err := w.Do(caller, name, in)
	e, meant := awserr.Public(err, w.spelled)
	if err == nil || !meant {
		w.t.Errorf("%s: got %v, want %s", name, err, code)
		return
	}
	if e.Status != status || e.Code != code || e.Message != message {
		w.t.Errorf("%s:\n got %d %s: %s\nwant %d %s: %s", name, e.Status, e.Code, e.Message, status, code, message)
	}
}
