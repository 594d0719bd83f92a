// Package rotation rotates access keys that secrets hold, as a function of AWS would do it
// for Secrets Manager. What a rotation has done is stored before anything else happens;
// its calls are made under tokens that are the same when a step is run again. So whatever
// ends the process, a rotation goes on at the next start where it was.
package rotation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Service is who calls for the principal that a rotation acts as.
const Service = "secretsmanager.amazonaws.com"

// Calls makes calls of the API as somebody. A call with a token that changed something is
// remembered until its directory.Reply is deleted. A refusal is an *op.Refused.
type Calls interface {
	Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error)
}

// Event is something that happened to a rotation, as AWS records it in the trail of the
// secret's account.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
type Event struct {
	Name    string // "RotationStarted"
	Account ids.Account
	Region  string
	Time    time.Time
	Details [][2]string // names and values
}

// Engine rotates. All fields but Log are needed before Run.
type Engine struct {
	Store   store.Store
	Keyring func() *seal.Keyring
	Calls   Calls
	Door    http.Handler                      // where signed requests go
	Events  func(tx store.Tx, e *Event) error // records an event with the change that it is about
	Flush   func(ctx context.Context) error   // writes down when keys were last used
	IDs     ids.Source
	Now     func() time.Time
	Log     *slog.Logger

	mu      sync.Mutex
	ctx     context.Context          // of Run; nil before and after
	running map[string]chan struct{} // by place; closed when there is nothing to do now
	seen    seen
	wake    chan struct{}
	group   sync.WaitGroup
}

// seen is what the last look found: until another commit, nothing is due before next.
type seen struct {
	seq  uint64
	next directory.Millis // zero for never
}

// The bounds of the engine.
const (
	atOnce   = 4                // rotations that are worked on at the same time, also after a long time without a server
	lookAt   = 15 * time.Minute // between two looks at the clock, at most: a machine that was asleep learns of it so
	patience = 5 * time.Second  // how long a call waits for a rotation before its reply goes out
	again    = 30 * time.Second // until a failure of ours is tried again
)

// Run rotates what is due until ctx ends; then it waits for the steps under way.
func (e *Engine) Run(ctx context.Context) {
	e.mu.Lock()
	e.ctx, e.running, e.wake = ctx, map[string]chan struct{}{}, make(chan struct{}, 1)
	e.mu.Unlock()
	for {
		wait, err := e.look(ctx)
		if err != nil && ctx.Err() == nil {
			e.log().Error("looking for rotations", "err", err)
			wait = again
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-e.wake:
		case <-ctx.Done():
			timer.Stop()
			e.mu.Lock()
			e.ctx = nil // no more begin
			e.mu.Unlock()
			e.group.Wait()
			return
		}
		timer.Stop()
	}
}

func (e *Engine) log() *slog.Logger {
	if e.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return e.Log
}

// look begins what is due, and says how long nothing else will be. A rotation that ends
// wakes Run.
func (e *Engine) look(ctx context.Context) (time.Duration, error) {
	now := e.Now()
	var due []*directory.Secret
	err := e.Store.View(ctx, func(r store.Reader) (err error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		due, err = e.due(r, directory.At(now))
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, s := range due {
		e.begin(s)
	}
	wait := lookAt
	if next := e.seen.next; next > directory.At(now) {
		wait = min(wait, next.Time().Sub(now))
	}
	return max(wait, time.Millisecond), nil
}

// due finds what is due and not being worked on, as far as there is room for more work.
// It looks only if something has changed since the last time, or the time has come.
func (e *Engine) due(r store.Reader, now directory.Millis) ([]*directory.Secret, error) {
	if was := e.seen; was.seq == r.Seq() && (was.next == 0 || was.next > now) {
		return nil, nil
	}
	skip := func(s *directory.Secret) bool { return e.running[place(s)] != nil }
	due, next, err := directory.RotationsDue(r, now, max(0, atOnce-len(e.running)), skip)
	if err != nil {
		return nil, err
	}
	e.seen = seen{r.Seq(), next}
	if len(due) > 0 || len(e.running) > 0 { // what stops without a change is still due
		e.seen.seq = 0
	}
	return due, nil
}

// place is where a secret is.
func place(s *directory.Secret) string { return string(s.Account) + "/" + s.Region + "/" + s.Name }

// Finish has what is to be done for a secret done, and waits for it, but not long.
func (e *Engine) Finish(ctx context.Context, s *directory.Secret) {
	idle := e.begin(s)
	if idle == nil {
		return
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-idle:
	case <-timeout.C:
	case <-ctx.Done():
	}
}

// Wake tells the engine that another time may be the next that matters.
func (e *Engine) Wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default: // it knows, or is not running
	}
}

// begin begins the work on a secret, unless it is going on; nil when the engine stops.
func (e *Engine) begin(s *directory.Secret) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx == nil {
		return nil
	}
	at := place(s)
	if idle := e.running[at]; idle != nil {
		return idle
	}
	idle := make(chan struct{})
	e.running[at] = idle
	ctx := e.ctx
	e.group.Go(func() {
		err := e.work(ctx, s)
		e.mu.Lock()
		delete(e.running, at)
		e.mu.Unlock()
		close(idle)
		switch {
		case err == nil:
			e.Wake()
		case ctx.Err() == nil && !errors.Is(err, store.ErrClosed): // at the next look it is tried again
			e.log().Error("a rotation stopped", "secret", at, "err", err)
		}
	})
	return idle
}

// work does what there is to do for a secret now.
func (e *Engine) work(ctx context.Context, s *directory.Secret) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for ctx.Err() == nil {
		was := s
		err := e.Store.View(ctx, func(r store.Reader) (err error) {
			s, err = directory.GetSecret(r, was.Account, was.Region, was.Name)
			return err
		})
		if err == nil && (s == nil || s.Suffix != was.Suffix) {
			return e.leave(ctx, was)
		}
		now := directory.At(e.Now())
		if err != nil || s.RotationDue() == 0 || s.RotationDue() > now {
			return err
		}
		// What has begun is finished, whoever stops the server meanwhile.
		if err := e.next(context.WithoutCancel(ctx), s, now); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// next does one thing. An old key comes first: it may be in the way of a new one.
func (e *Engine) next(ctx context.Context, s *directory.Secret, now directory.Millis) error {
	r := s.Rotation
	switch {
	case r.Retiring != nil && r.Retiring.Due <= now:
		return e.retire(ctx, s)
	case r.Work == nil:
		return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
			to.Rotation.Work = &directory.RotationWork{Version: e.IDs.UUID(), Try: now}
			return nil
		})
	}
	return e.step(ctx, s)
}

// leave forgets the work on a secret that was deleted meanwhile, and what has come of it
// since.
func (e *Engine) leave(ctx context.Context, s *directory.Secret) error {
	return e.Store.Update(ctx, func(tx store.Tx) error { return directory.ForgetRotationCalls(tx, s) })
}

// change changes a secret, unless it or the work on it is another by now.
func (e *Engine) change(ctx context.Context, s *directory.Secret, how func(tx store.Tx, to *directory.Secret) error) error {
	return e.Store.Update(ctx, func(tx store.Tx) error {
		was, err := directory.GetSecret(tx, s.Account, s.Region, s.Name)
		if err != nil || was == nil || was.Suffix != s.Suffix || was.Due != 0 || !sameWork(was.Rotation, s.Rotation) {
			return err
		}
		changed, r := *was, *was.Rotation
		if r.Work != nil {
			r.Work = new(*r.Work)
		}
		if r.Retiring != nil {
			r.Retiring = new(*r.Retiring)
		}
		changed.Rotation = &r
		if err := how(tx, &changed); err != nil {
			return err
		}
		return directory.PutSecret(tx, was, &changed)
	})
}

// sameWork reports whether both have got as far in the same work.
func sameWork(a, b *directory.SecretRotation) bool {
	switch {
	case a == nil || b == nil:
		return false
	case a.Work == nil || b.Work == nil:
		return a.Work == b.Work
	}
	return a.Work.Version == b.Work.Version && a.Work.Step == b.Work.Step
}

// tell records an event of a secret.
func (e *Engine) tell(tx store.Tx, s *directory.Secret, name string, details ...[2]string) error {
	return e.Events(tx, &Event{
		Name: name, Account: s.Account, Region: s.Region, Time: e.Now(),
		Details: append([][2]string{{"SecretId", s.ARN()}}, details...),
	})
}
