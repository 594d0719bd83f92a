package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
)

// retries is how often what is left over is tried to be removed before it is let go.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacks-during-update-rollback-failed.html
const retries = 3

// cleanup removes what an update has left over: what is not in the template any more, and
// what was replaced.
func (w *work) cleanup(ctx context.Context) error {
	if w.s.Operation.Held {
		return w.hold(ctx)
	}
	if err := w.release(ctx); err != nil {
		return err
	}
	left, err := w.clear(ctx, w.former, func(r *resource) *leftover {
		switch {
		case r.Operation == w.s.Operation.Mark() && r.Before != nil && !same(r.Before, r.Now):
			return &leftover{what: r.Before, state: r.before, keep: w.replacedKept(r)}
		case w.target.live[r.Logical] == nil && r.Now != nil:
			return &leftover{what: r.Now, state: r.now, keep: w.former != nil && retained(w.former.live[r.Logical], false), whole: true}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if w.former != nil {
		w.unimport(w.former, w.target)
	}
	w.newPolicy = w.s.Operation.NewPolicy
	return w.over(ctx, "UPDATE_COMPLETE", left)
}

// same reports whether two incarnations are the same physical resource; nil is none.
func same(a, b *directory.Incarnation) bool {
	return a != nil && b != nil && a.Physical == b.Physical && a.Type == b.Type
}

// replacedKept reports whether what the resource was is kept when it is replaced.
func (w *work) replacedKept(r *resource) bool {
	res := w.target.live[r.Logical]
	return res != nil && policyText(res.UpdateReplacePolicy) == "Retain"
}

func policyText(n *tree.Node) string {
	if n.Scalar() {
		return n.Text
	}
	return ""
}

// retained reports whether a resource is kept when its stack has no use for it any more.
// made: it is its making that is being taken back.
func retained(res *template.Resource, made bool) bool {
	if res == nil {
		return false
	}
	policy := policyText(res.DeletionPolicy)
	return policy == "Retain" || policy == "RetainExceptOnCreate" && !made
}

// leftover is an incarnation to be removed.
type leftover struct {
	what  *directory.Incarnation
	state *state
	keep  bool // it is only let go
	whole bool // the resource goes with it
}

// clear removes leftovers, dependents first. What can't be removed after some tries is let
// go, and the text says so.
func (w *work) clear(ctx context.Context, order *side, of func(*resource) *leftover) (string, error) {
	needs := map[string][]string{}
	if order != nil {
		needs = reversed(order.needs)
	}
	reason := ""
	for try := 1; ; try++ {
		var list []*step
		for _, r := range w.sorted() {
			if l := of(r); l != nil {
				list = append(list, &step{of: r, needs: needs[r.Logical], begin: w.beginRemove(l), done: w.doneClear(l, try)})
			}
		}
		ran, err := w.perform(ctx, list, true, nil)
		if err != nil || len(ran.failed) == 0 {
			return reason, err
		}
		if try == retries {
			return "One or more resources could not be deleted.", nil
		}
	}
}

// beginRemove removes an incarnation, unless it is to be kept.
func (w *work) beginRemove(l *leftover) func(*step) (action, error) {
	return func(st *step) (action, error) {
		r := st.of
		again := r.Begun
		w.beginStep(r)
		if l.keep {
			w.told(l, r, "DELETE_SKIPPED", "")
			r.Begun = false
			w.gone(l, r)
			return nil, nil
		}
		if !again {
			w.told(l, r, "DELETE_IN_PROGRESS", "")
		}
		w.keep(r)
		gone := append([]action{w.removing(r, l.what, l.state)}, w.others(l, r)...)
		if same(l.what, r.Now) && same(r.Tried, r.Now) {
			gone = slices.Insert(gone, 0, leniently(w.takingBack(r)))
		}
		return func(ctx context.Context, api kind.API) (result kind.Result, err error) {
			for _, remove := range gone {
				if result, err = remove(ctx, api); err != nil {
					break
				}
			}
			return result, err
		}, nil
	}
}

// others remove what else the resource was, or was to be, that is another one: steps that
// failed have left it.
func (w *work) others(l *leftover, r *resource) []action {
	var list []action
	if r.Before != nil && !same(r.Before, l.what) && !same(r.Before, r.Now) {
		list = append(list, w.removing(r, r.Before, r.before))
	}
	if r.Tried != nil && !same(r.Tried, l.what) && !same(r.Tried, r.Now) {
		list = append(list, w.removing(r, r.Tried, r.tried))
	}
	return list
}

// removing removes an incarnation of a resource.
func (w *work) removing(r *resource, what *directory.Incarnation, is *state) action {
	k := kind.Find(what.Type)
	res := w.resourceOf(r, k, is)
	res.Physical = what.Physical
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		return kind.Result{}, k.Delete(ctx, api, res, is.properties)
	}
}

// told tells of the removal of an incarnation: of the resource's status only if it goes
// with it.
func (w *work) told(l *leftover, r *resource, status, reason string) {
	if l.whole {
		w.tell(r, status, reason, l.what.Physical, text(l.state.masked))
	} else {
		w.note(r, status, reason, l.what.Physical, "")
	}
}

// gone forgets an incarnation.
func (w *work) gone(l *leftover, r *resource) {
	switch {
	case !l.whole:
		w.forget(r)
	case w.s.Operation.Phase == Remove:
		w.bury(r)
	default:
		w.drop(r)
	}
}

func (w *work) doneClear(l *leftover, try int) func(*step, *outcome) {
	return func(st *step, o *outcome) {
		r := st.of
		r.Begun = false
		if o.err == nil {
			w.told(l, r, "DELETE_COMPLETE", "")
			w.gone(l, r)
			return
		}
		w.told(l, r, "DELETE_FAILED", w.reason(st, o.err, false))
		if try == retries {
			w.gone(l, r)
			return
		}
		w.keep(r)
	}
}

// wentBack is what a resource's Done is when it is what it was before.
const wentBack = string(Back)

// back gives the resources that an update has touched their former properties, and those
// that were replaced their former selves.
func (w *work) back(ctx context.Context) error {
	var list []*step
	for _, r := range w.touched() {
		if r.Before == nil || r.Done == wentBack {
			continue
		}
		list = append(list, &step{of: r, needs: w.former.needs[r.Logical], begin: w.beginBack, done: w.doneBack})
	}
	ran, err := w.perform(ctx, list, true, nil)
	if err != nil {
		return err
	}
	if len(ran.failed) > 0 {
		w.s.Operation.Failed = ran.failed
		return w.stuck(ctx, "UPDATE_ROLLBACK_FAILED", fmt.Sprintf("The following resource(s) failed to update: %s. ", listed(ran.failed)))
	}
	if err := w.revert(ctx); err != nil {
		return err
	}
	return w.next(ctx, BackCleanup, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
}

func (w *work) beginBack(st *step) (action, error) {
	r := st.of
	if slices.Contains(w.s.Operation.Retain, r.Logical) { // ResourcesToSkip
		w.tell(r, "UPDATE_COMPLETE", "Resource update skipped", r.Now.Physical, "")
		w.backAgain(r)
		return nil, nil
	}
	again := r.Begun && r.Status == "UPDATE_IN_PROGRESS"
	if !again {
		r.Begun, r.Step = true, w.e.IDs.UUID()
		w.tell(r, "UPDATE_IN_PROGRESS", "", r.Before.Physical, text(r.before.masked))
	}
	w.keep(r)
	then := nothing
	if same(r.Before, r.Now) && r.Before.State != r.Now.State {
		then = w.changing(r, r.now, r.before)
	}
	if !same(r.Tried, r.Now) { // another one is left for the cleanup
		return then, nil
	}
	return w.settling(st, then), nil
}

func nothing(context.Context, kind.API) (kind.Result, error) { return kind.Result{}, nil }

func (w *work) doneBack(st *step, o *outcome) {
	r := st.of
	r.Begun = false
	if o.err != nil {
		w.tell(r, "UPDATE_FAILED", w.reason(st, o.err, false), r.Now.Physical, text(r.before.masked))
		w.keep(r)
		return
	}
	w.tell(r, "UPDATE_COMPLETE", "", r.Before.Physical, text(r.before.masked))
	w.backAgain(r)
}

// backAgain makes a resource what it was; what it was meanwhile, if that is another, is
// left for the cleanup.
func (w *work) backAgain(r *resource) {
	if same(r.Now, r.Tried) {
		w.untry(r)
	}
	r.Now, r.Before, r.now, r.before = r.Before, r.Now, r.before, r.now
	r.Done = wentBack
	w.keep(r)
}

// backCleanup removes what was made and is not to be.
func (w *work) backCleanup(ctx context.Context) error {
	left, err := w.clear(ctx, w.target, func(r *resource) *leftover {
		if r.Operation != w.s.Operation.Mark() {
			return nil
		}
		switch res := w.target.live[r.Logical]; {
		case r.Done == wentBack && r.Before != nil && !same(r.Before, r.Now):
			return &leftover{what: r.Before, state: r.before, keep: false}
		case r.Done != wentBack && r.Before == nil && r.Now != nil:
			return &leftover{what: r.Now, state: r.now, keep: retained(res, true) || w.imports(r), whole: true}
		case r.Tried != nil:
			return &leftover{what: r.Tried, state: r.tried, whole: r.Now == nil}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range w.touched() {
		if r.Now == nil {
			w.neverMade(r)
			w.drop(r)
		}
	}
	w.unimport(w.target, w.former)
	target := w.s.Inputs
	w.s.Inputs, w.s.Operation.Former = w.s.Operation.Former, target
	return w.over(ctx, "UPDATE_ROLLBACK_COMPLETE", left)
}

// remove removes all that a stack has: it is deleted, or could not be made.
func (w *work) remove(ctx context.Context) error {
	op := w.s.Operation
	making := op.Kind != Delete
	if !making {
		if err := w.dropChangeSets(ctx); err != nil {
			return err
		}
		if reason, err := w.inUse(ctx); reason != "" || err != nil {
			return w.blocked(ctx, reason, err)
		}
	}
	needs := reversed(w.target.needs)
	var list []*step
	for _, r := range w.sorted() {
		l := &leftover{what: r.Now, state: r.now, whole: true}
		if l.what == nil {
			l.what, l.state = r.Tried, r.tried
		}
		if l.what == nil { // or it is gone already
			w.neverMade(r)
			continue
		}
		res := w.target.live[r.Logical]
		l.keep = slices.Contains(op.Retain, r.Logical) || retained(res, making) && !(making && w.s.RetainOnCreate) || making && w.imports(r)
		list = append(list, &step{of: r, needs: needs[r.Logical], begin: w.beginRemove(l), done: w.doneRemove(l)})
	}
	ran, err := w.perform(ctx, list, true, nil)
	if err != nil {
		return err
	}
	if len(ran.failed) > 0 {
		return w.blocked(ctx, fmt.Sprintf("The following resource(s) failed to delete: %s. ", listed(ran.failed)), nil)
	}
	return w.removed(ctx)
}

// neverMade ends a resource whose making failed and left nothing.
func (w *work) neverMade(r *resource) {
	if r.Status == "CREATE_FAILED" {
		w.tell(r, "DELETE_COMPLETE", "", "", "")
		w.keep(r)
	}
}

func (w *work) doneRemove(l *leftover) func(*step, *outcome) {
	return func(st *step, o *outcome) {
		r := st.of
		r.Begun = false
		switch {
		case o.err == nil:
			w.told(l, r, "DELETE_COMPLETE", "")
			w.gone(l, r)
		case w.s.Operation.Force:
			w.told(l, r, "DELETE_FAILED", w.reason(st, o.err, false))
			w.told(l, r, "DELETE_SKIPPED", "")
			w.gone(l, r)
			o.err = nil
		default:
			w.told(l, r, "DELETE_FAILED", w.reason(st, o.err, false))
			w.keep(r)
		}
	}
}

// blocked is the end of a removal that did not go all the way.
func (w *work) blocked(ctx context.Context, reason string, err error) error {
	if err != nil {
		return err
	}
	status := "DELETE_FAILED"
	if w.s.Operation.Kind != Delete {
		status = "ROLLBACK_FAILED"
	}
	return w.stuck(ctx, status, reason)
}
