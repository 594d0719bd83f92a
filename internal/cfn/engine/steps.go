package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// step is something to be done to one resource in one phase.
type step struct {
	of    *resource
	needs []string // logical IDs whose steps must be over first
	// begin decides what there is to do, and tells of it; a nil action is nothing. It is called
	// when all that the step needs is over; after a restart, once more.
	begin func(st *step) (action, error)
	// done writes down how it ended.
	done func(st *step, o *outcome)

	kind  change
	state *state // that the resource is to have
	run   action
	last  kind.Result // of an action that is to be asked again
	// settled: what the resource's Tried had left is taken back.
	settled bool
}

// action makes the calls of a step. It runs beside others, and so changes nothing of work.
type action func(ctx context.Context, api kind.API) (kind.Result, error)

// outcome is how an action ended.
type outcome struct {
	step   *step
	result kind.Result
	err    error
	tokens []string // of calls that are remembered until the outcome is written down
}

// errCancelled is how a step ends that was waiting for something when another failed.
var errCancelled = errors.New("cancelled")

// atOnce is how many actions of one operation run at the same time.
const atOnce = 16

// runner runs the steps of a phase.
type runner struct {
	w       *work
	waiting []*step         // not begun
	pending []*step         // to be asked again
	ahead   map[string]bool // those that are not over, by logical ID
	over    map[string]bool // and those that are: whether it went well
	fresh   []*step         // begun, not started
	running int
	ended   chan *outcome
	failed  []string
	// goOn: a failure keeps only those from beginning that need the one that failed.
	goOn bool
	// halt asks, between steps, whether to stop; nil never does.
	halt    func() bool
	stopped bool
}

// perform runs steps until all are over, or one has failed, or it is told to halt. What
// has begun is always finished.
func (w *work) perform(ctx context.Context, list []*step, goOn bool, halt func() bool) (*runner, error) {
	r := &runner{
		w: w, waiting: list, ahead: map[string]bool{}, over: map[string]bool{},
		ended: make(chan *outcome, atOnce), goOn: goOn, halt: halt,
	}
	for _, st := range list {
		r.ahead[st.of.Logical] = true
	}
	for {
		r.beginReady()
		err := w.flush(ctx)
		if err == nil {
			r.start(ctx)
			if r.running == 0 && len(r.pending) == 0 {
				return r, nil
			}
			err = r.collect(ctx)
		}
		if err != nil {
			for ; r.running > 0; r.running-- {
				<-r.ended
			}
			return r, err
		}
	}
}

// beginReady begins what can begin.
func (r *runner) beginReady() {
	r.stopped = r.stopped || len(r.failed) > 0 && !r.goOn || r.halt != nil && r.halt()
	if r.stopped {
		// What had begun before a restart may have made something that only its end tells of.
		r.waiting = slices.DeleteFunc(r.waiting, func(st *step) bool { return !st.of.Begun })
		for _, st := range r.pending {
			r.finish(&outcome{step: st, result: st.last, err: errCancelled})
		}
		r.pending = nil
	}
	for again := true; again; {
		again = false
		r.waiting = slices.DeleteFunc(r.waiting, func(st *step) bool {
			if r.stopped && !st.of.Begun || r.running+len(r.fresh) >= atOnce || !r.ready(st) {
				return false
			}
			again = true
			r.begin(st)
			return true
		})
	}
}

// ready reports whether all that a step needs is over. What needs something that failed
// never is. What had begun before a restart was ready then.
func (r *runner) ready(st *step) bool {
	if st.of.Begun {
		return true
	}
	for _, need := range st.needs {
		if ok, over := r.over[need]; over && !ok || !over && r.ahead[need] {
			return false
		}
	}
	return true
}

func (r *runner) begin(st *step) {
	var run action
	var err error
	r.w.whole(func() { run, err = st.begin(st) })
	switch {
	case err != nil:
		r.finish(&outcome{step: st, err: err})
		r.stopped = !r.goOn
	case run == nil:
		delete(r.ahead, st.of.Logical)
		r.over[st.of.Logical] = true
	default:
		st.run = run
		r.fresh = append(r.fresh, st)
	}
}

// finish writes down how a step ended.
func (r *runner) finish(o *outcome) {
	logical := o.step.of.Logical
	delete(r.ahead, logical)
	r.over[logical] = o.err == nil
	if o.err != nil {
		r.failed = append(r.failed, logical)
	}
	r.w.whole(func() { o.step.done(o.step, o) })
	for _, token := range o.tokens {
		r.w.write(func(tx store.Tx) error { return directory.Reply{Token: token}.Delete(tx) })
	}
}

// start starts the actions of what has begun.
func (r *runner) start(ctx context.Context) {
	for _, st := range r.fresh {
		api := &client{e: r.w.e, stack: r.w.s.ID, step: st.of.Step, made: map[string]int{}, as: r.w.s.Operation.As, region: r.w.s.Region, parent: r.w.asParent()}
		r.running++
		go func() {
			result, err := safely(context.WithoutCancel(ctx), st.run, api)
			r.ended <- &outcome{step: st, result: result, err: err, tokens: api.tokens}
		}()
	}
	r.fresh = r.fresh[:0]
}

// collect waits for actions to end, and takes all that have. Where all that is left waits
// for something outside, so does it, and says so.
func (r *runner) collect(ctx context.Context) error {
	if r.running == 0 {
		return r.sleep(ctx)
	}
	r.take(<-r.ended)
	for {
		select {
		case o := <-r.ended:
			r.take(o)
		default:
			return ctx.Err()
		}
	}
}

func (r *runner) take(o *outcome) {
	r.running--
	if errors.Is(o.err, kind.ErrPending) {
		o.step.last = o.result
		r.pending = append(r.pending, o.step)
		return
	}
	r.finish(o)
}

// sleep waits until what is pending may have happened, and asks again.
func (r *runner) sleep(ctx context.Context) error {
	r.w.run.rest()
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.w.run.wake:
	case <-ctx.Done():
		return ctx.Err()
	}
	r.fresh, r.pending = append(r.fresh, r.pending...), nil
	return nil
}
