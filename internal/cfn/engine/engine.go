// Package engine does the work on stacks. What an operation has done, and is about to do,
// is stored before anything else happens; each step is a transaction of its own, or
// several, made under a token that is the same when the step is run again. So whatever
// ends the process, the operation goes on at the next start where it was.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Service is who calls for a stack's principal.
const Service = "cloudformation.amazonaws.com"

// Calls makes calls of the API as somebody. A call with a token that changed something is
// remembered until its directory.Reply is deleted. A refusal is an *op.Refused.
type Calls interface {
	Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error)
}

// Engine does the work on stacks. All fields but Log are needed before Run.
type Engine struct {
	Store   store.Store
	Keyring func() *seal.Keyring
	Calls   Calls
	IDs     ids.Source
	Base    func() string // the URL that others reach this server at
	Now     func() time.Time
	Log     *slog.Logger

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before it
	running map[string]*run // by stack ID
	group   sync.WaitGroup
}

// run is the work on one stack.
type run struct {
	wake chan struct{} // something that it waits for may have happened
	idle chan struct{} // closed when it is over, or waits
	mu   sync.Mutex
	open bool // idle is not closed
}

// How long the engine waits: for work to be over before a call's reply goes out, and
// between two looks at what may have happened.
const (
	patience  = 5 * time.Second
	lookAgain = 500 * time.Millisecond
	lookAtAll = 10 * time.Second
)

// Run takes up the work that was left, and finds what nobody told it of, until ctx ends;
// then it waits for the steps under way.
func (e *Engine) Run(ctx context.Context) {
	e.mu.Lock()
	e.ctx, e.running = ctx, map[string]*run{}
	e.mu.Unlock()
	tick := time.NewTicker(lookAtAll)
	defer tick.Stop()
	for {
		err := e.takeUp(ctx)
		if err == nil {
			err = e.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			e.log().Error("looking for work on stacks", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			e.mu.Lock()
			e.ctx = nil // no more begin
			e.mu.Unlock()
			e.group.Wait()
			return
		}
	}
}

func (e *Engine) log() *slog.Logger {
	if e.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return e.Log
}

// takeUp begins all work that is not being done.
func (e *Engine) takeUp(ctx context.Context) error {
	var at []*directory.Stack
	err := e.Store.View(ctx, func(r store.Reader) (err error) {
		at, err = directory.StacksAtWork(r)
		return err
	})
	for _, s := range at {
		e.begin(s)
	}
	return err
}

// sweep removes what is left of stacks that were deleted long ago.
func (e *Engine) sweep(ctx context.Context) error {
	for more := true; more; {
		now := directory.At(e.Now())
		idle := false
		err := e.Store.View(ctx, func(r store.Reader) error {
			due, err := directory.StacksToSweep(r, now)
			idle = !due
			return err
		})
		if err != nil || idle {
			return err
		}
		err = e.Store.Update(ctx, func(tx store.Tx) (err error) {
			more, err = directory.SweepStacks(tx, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Finish has the work on a stack done, and waits for its end, or until all that it could
// do is done, but not long.
func (e *Engine) Finish(ctx context.Context, s *directory.Stack) {
	r := e.begin(s)
	if r == nil {
		return
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-r.rested():
	case <-timeout.C:
	case <-ctx.Done():
	}
}

// Wake tells the engine that what a stack waits for may have happened.
func (e *Engine) Wake(stackID string) {
	e.mu.Lock()
	r := e.running[stackID]
	e.mu.Unlock()
	if r != nil {
		r.rouse()
		select {
		case r.wake <- struct{}{}:
		default: // it knows
		}
	}
}

// begin is the run of a stack, which it begins unless it is there; nil when the engine
// stops.
func (e *Engine) begin(s *directory.Stack) *run {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx == nil {
		return nil
	}
	if r := e.running[s.ID]; r != nil {
		return r
	}
	r := &run{wake: make(chan struct{}, 1), idle: make(chan struct{}), open: true}
	e.running[s.ID] = r
	ctx, account, region, id := e.ctx, s.Account, s.Region, s.ID
	e.group.Go(func() {
		defer e.end(id, r)
		w, err := e.load(ctx, account, region, id, r)
		for err == nil && w.active() {
			err = w.advance(ctx)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
			e.log().Error("work on a stack stopped", "stack", id, "err", err)
		}
	})
	return r
}

// end takes the run from those that are running.
func (e *Engine) end(id string, r *run) {
	e.mu.Lock()
	delete(e.running, id)
	e.mu.Unlock()
	r.rest()
}

// rest says that there is nothing to do now.
func (r *run) rest() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open {
		r.open = false
		close(r.idle)
	}
}

// rouse ends a rest: Finish waits for the next one.
func (r *run) rouse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		r.open, r.idle = true, make(chan struct{})
	}
}

// rested is closed when the run rests, or is over.
func (r *run) rested() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.idle
}
