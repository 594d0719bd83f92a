package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// change is what a step does to its resource.
type change int

const (
	creates change = iota
	updates
	replaces
	imports
)

const replacementReason = "Requested update requires the creation of a new physical resource; hence creating one."

// forward makes the stack what it is to be, all but removing what it is not to have any
// more.
func (w *work) forward(ctx context.Context) error {
	if w.s.Operation.Executes {
		if err := w.dropChangeSets(ctx); err != nil {
			return err
		}
	}
	if refused := w.refused(); refused != nil {
		return w.fail(ctx, refused)
	}
	var list []*step
	var failed []string
	for _, res := range w.target.bound.Resources() {
		r := w.resources[res.LogicalID]
		if r == nil {
			r = &resource{StackResource: directory.StackResource{Logical: res.LogicalID, Type: res.Type}}
			w.resources[res.LogicalID] = r
		}
		switch {
		case r.Operation != w.s.Operation.Mark():
		case r.Done == w.wentForward():
			continue
		case r.Done == w.failedForward(): // just before a restart
			failed = append(failed, res.LogicalID)
			continue
		}
		list = append(list, &step{of: r, needs: w.target.needs[res.LogicalID], begin: w.beginForward, done: w.doneForward})
	}
	ran, err := w.perform(ctx, list, false, func() bool { return failed != nil || w.cancelled() })
	if err != nil {
		return err
	}
	switch {
	case len(failed)+len(ran.failed) > 0:
		return w.fail(ctx, append(failed, ran.failed...))
	case ran.stopped:
		return w.fail(ctx, nil)
	}
	return w.arrived(ctx)
}

// cancelled reports whether somebody asked for the update to be taken back, or the time
// for making the stack is over.
func (w *work) cancelled() bool {
	op := w.s.Operation
	return op.Cancelled || op.Former == "" && w.s.Timeout > 0 && directory.At(w.e.Now()) > op.Began+directory.Millis(w.s.Timeout)*60_000
}

// refused tells of the resources whose change can be refused before anything is made. Once
// something is, each step asks for itself; but removing has no step before it is too late.
func (w *work) refused() []string {
	beginning := len(w.touched()) == 0
	var failed []string
	changes := w.forecast()
	for _, logical := range slices.Sorted(maps.Keys(changes)) {
		c, r := changes[logical], w.resources[logical]
		var err error
		if beginning {
			err = c.Refused
		}
		if err == nil && (beginning || c.Action == plan.Remove) {
			err = w.foreseen(r, c)
		}
		if err == nil {
			continue
		}
		w.touch(r)
		w.tell(r, "UPDATE_IN_PROGRESS", "", r.Now.Physical, text(r.now.masked))
		w.tell(r, "UPDATE_FAILED", w.reason(&step{of: r}, err, false), r.Now.Physical, text(r.now.masked))
		w.keep(r)
		failed = append(failed, logical)
	}
	return failed
}

// wentForward is what a resource's Done is when this operation has made it what it is to
// be: one that it goes on with may have made it something else.
func (w *work) wentForward() string { return string(Forward) + "/" + w.s.Operation.ID }

// failedForward is what its Done is when this operation has failed to.
func (w *work) failedForward() string { return string(Forward) + "-failed/" + w.s.Operation.ID }

// touch remembers what a resource was before the operation.
func (w *work) touch(r *resource) {
	if r.Operation != w.s.Operation.Mark() {
		r.Operation, r.Before, r.before, r.Done, r.Begun = w.s.Operation.Mark(), r.Now, r.now, "", false
	}
}

// beginStep gives the step its token, unless it has one from before a restart.
func (w *work) beginStep(r *resource) {
	w.touch(r)
	if !r.Begun {
		r.Begun, r.Step = true, w.e.IDs.UUID()
	}
}

func (w *work) beginForward(st *step) (action, error) {
	r := st.of
	res := w.target.live[r.Logical]
	k := kind.Find(res.Type)
	again := r.Begun && r.Operation == w.s.Operation.Mark()
	want, err := w.wanted(w.target, res, k)
	if err != nil {
		st.kind = updates
		if r.Now == nil {
			st.kind = creates
		}
		w.beginStep(r)
		return nil, err
	}
	st.state = want
	if r.Now == nil && w.imports(r) {
		return w.beginImport(st, k, again), nil
	}
	if r.Now == nil {
		return w.settling(st, w.beginCreate(st, k, again)), nil
	}
	changes := k.Schema.Diff(r.now.literal, want.literal)
	if len(changes) == 0 && !w.otherwise(r.now, want) && r.Tried == nil && !k.Schema.Automatic {
		return nil, nil
	}
	replacement, err := k.Replacement(changes, r.now.literal, want.literal)
	if err == nil {
		err = k.Refuses(r.now.literal, want.literal)
	}
	if err == nil {
		err = w.allowed(r, replacement)
	}
	w.beginStep(r)
	if err != nil {
		st.kind = updates
		return nil, err
	}
	if replacement != kind.Never {
		return w.settling(st, w.beginReplace(st, k, again)), nil
	}
	return w.settling(st, w.beginUpdate(st, k, again)), nil
}

// otherwise reports whether something other than properties is to change.
func (w *work) otherwise(was, want *state) bool {
	return !slices.Equal(was.tags, want.tags) || !tree.Equal(was.metadata, want.metadata)
}

func (w *work) beginCreate(st *step, k *kind.Type, again bool) action {
	r := st.of
	st.kind = creates
	r.Type = k.Name
	w.beginStep(r)
	if !again {
		w.tell(r, "CREATE_IN_PROGRESS", "", "", text(st.state.masked))
	}
	w.keep(r)
	return w.creating(st, k)
}

// instead makes another resource in the place of one that a failed operation has made in
// the place of a third, and removes that one: only the third is to come back.
func (w *work) instead(r *resource, creating action) action {
	gone := w.removing(r, r.Now, r.now)
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		result, err := creating(ctx, api)
		if err != nil {
			return result, err
		}
		_, err = gone(ctx, api)
		return result, err
	}
}

// settling first takes back what a step that failed has left.
func (w *work) settling(st *step, then action) action {
	back := w.takingBack(st.of)
	if back == nil {
		st.settled = true
		return then
	}
	if st.kind == replaces && same(st.of.Tried, st.of.Now) {
		back = leniently(back)
	}
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		if result, err := back(ctx, api); err != nil {
			return result, err
		}
		st.settled = true
		return then(ctx, api)
	}
}

// takingBack makes a resource again what it is said to be, after a step that failed; nil
// if none has.
func (w *work) takingBack(r *resource) action {
	switch {
	case r.Tried == nil:
		return nil
	case !same(r.Tried, r.Now):
		return w.removing(r, r.Tried, r.tried)
	}
	return w.changing(r, r.tried, r.now)
}

// leniently does what can be done to a resource that is to go: it may be gone already.
func leniently(do action) action {
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		_, _ = do(ctx, api)
		return kind.Result{}, nil
	}
}

// changing changes what a resource is from one state to another that it had before.
func (w *work) changing(r *resource, from, to *state) action {
	k := kind.Find(r.Now.Type)
	res := w.resourceOf(r, k, to)
	res.WasTags, res.Back = kindTags(from.tags), true
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		return k.Update(ctx, api, res, from.properties, to.properties)
	}
}

// creating makes the resource, in the state that the step has.
func (w *work) creating(st *step, k *kind.Type) action {
	res, want := w.resourceOf(st.of, k, st.state), st.state
	res.Physical, res.Await = "", await(w.target.live[st.of.Logical])
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		if err := want.complete(ctx, api, k); err != nil {
			return kind.Result{}, err
		}
		if err := k.Refuses(nil, want.properties); err != nil {
			return kind.Result{}, err
		}
		return k.Create(ctx, api, res, want.properties)
	}
}

func (w *work) beginReplace(st *step, k *kind.Type, again bool) action {
	r := st.of
	st.kind = replaces
	if !again {
		w.tell(r, "UPDATE_IN_PROGRESS", replacementReason, r.Now.Physical, text(st.state.masked))
	}
	w.keep(r)
	if !same(r.Before, r.Now) {
		return w.instead(r, w.creating(st, k))
	}
	return w.creating(st, k)
}

func (w *work) beginUpdate(st *step, k *kind.Type, again bool) action {
	r := st.of
	st.kind = updates
	if !again {
		w.tell(r, "UPDATE_IN_PROGRESS", "", r.Now.Physical, text(st.state.masked))
	}
	w.keep(r)
	return w.updating(st, k)
}

// updating changes a resource in place.
func (w *work) updating(st *step, k *kind.Type) action {
	res, was, want := w.resourceOf(st.of, k, st.state), st.of.now, st.state
	res.WasTags = kindTags(was.tags)
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		if err := want.complete(ctx, api, k); err != nil {
			return kind.Result{}, err
		}
		if tree.Equal(was.properties, want.properties) && slices.Equal(was.tags, want.tags) && !k.Schema.Automatic {
			return kind.Result{Physical: res.Physical}, nil // its metadata changes
		}
		return k.Update(ctx, api, res, was.properties, want.properties)
	}
}

func (w *work) doneForward(st *step, o *outcome) {
	if st.kind == imports {
		w.doneImport(st, o)
		return
	}
	r, creating := st.of, st.kind == creates
	in, complete, failed := "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"
	if creating {
		in, complete, failed = "CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"
	}
	physical := o.result.Physical
	if st.kind == updates && physical == "" && r.Now != nil {
		physical = r.Now.Physical
	}
	if st.state != nil && physical != "" {
		if o.err == nil {
			w.become(st, physical, o.result.Attrs)
		} else if st.settled {
			w.tried(st, physical)
		}
	}
	masked := ""
	if st.state != nil {
		masked = text(st.state.masked)
	}
	r.Begun = false
	if o.err != nil {
		if physical == "" && r.Now != nil {
			physical = r.Now.Physical
		}
		if !r.began(st.kind) {
			w.tell(r, in, "", physical, masked)
		}
		w.tell(r, failed, w.reason(st, o.err, creating), physical, masked)
		r.Done = w.failedForward()
		w.keep(r)
		return
	}
	if st.kind != updates {
		w.tell(r, in, "Resource creation Initiated", physical, masked)
	}
	w.tell(r, complete, "", physical, masked)
	r.Done = w.wentForward()
	w.keep(r)
}

// began reports whether it was told of a step that it has begun.
func (r *resource) began(kind change) bool {
	if kind == creates {
		return r.Status == "CREATE_IN_PROGRESS"
	}
	return r.Status == "UPDATE_IN_PROGRESS"
}

// become makes the resource what the step has made of it.
func (w *work) become(st *step, physical string, attrs map[string]string) {
	r := st.of
	st.state.attrs = attrs
	if attrs == nil && st.kind == updates {
		st.state.attrs = r.now.attrs
	}
	w.untry(r)
	if was := r.Now; was != nil && (r.Before == nil || r.Before.State != was.State) { // a failed operation made it so
		w.write(func(tx store.Tx) error { return w.s.DeleteState(tx, was.State) })
	}
	r.Now, r.now = w.incarnate(r.Type, physical, st.state), st.state
}

// tried remembers what a step that failed was to make of the resource.
func (w *work) tried(st *step, physical string) {
	r := st.of
	if st.state.properties == nil {
		st.state.properties = st.state.literal
	}
	w.untry(r)
	r.Tried, r.tried = w.incarnate(r.Type, physical, st.state), st.state
}

// untry forgets what a step has tried.
func (w *work) untry(r *resource) {
	if was := r.Tried; was != nil {
		w.write(func(tx store.Tx) error { return w.s.DeleteState(tx, was.State) })
	}
	r.Tried, r.tried = nil, nil
}

// fail takes back what was done, or leaves it as it is, as the operation wants it. failed
// are the resources that failed; none when somebody asked for it.
func (w *work) fail(ctx context.Context, failed []string) error {
	op := w.s.Operation
	reason := "User Initiated"
	if failed != nil {
		reason = w.failures(failed)
	} else if op.Former == "" {
		reason = "Stack creation time exceeded the specified timeout. "
	}
	return w.failed(ctx, reason)
}

// failures says which resources could not be made, and which not be changed.
func (w *work) failures(failed []string) string {
	by := map[string][]string{}
	for _, logical := range failed {
		verb, _, _ := strings.Cut(w.resources[logical].Status, "_")
		by[verb] = append(by[verb], logical)
	}
	reason := ""
	for _, verb := range []string{"CREATE", "UPDATE", "IMPORT"} {
		if list := by[verb]; list != nil {
			reason += fmt.Sprintf("The following resource(s) failed to %s: %s. ", strings.ToLower(verb), listed(list))
		}
	}
	return reason
}

// failed goes back, for a reason.
func (w *work) failed(ctx context.Context, reason string) error {
	op := w.s.Operation
	op.Why = reason
	switch making := op.Former == ""; {
	case op.Importing:
		return w.next(ctx, LetGo, "IMPORT_ROLLBACK_IN_PROGRESS", reason)
	case op.KeepOnFailure && making:
		return w.stuck(ctx, "CREATE_FAILED", reason)
	case op.KeepOnFailure:
		return w.stuck(ctx, "UPDATE_FAILED", reason)
	case making && op.DeleteOnFailure:
		op.Kind = Delete
		return w.next(ctx, Remove, "DELETE_IN_PROGRESS", reason+"Delete requested by user.")
	case making:
		return w.next(ctx, Remove, "ROLLBACK_IN_PROGRESS", reason+"Rollback requested by user.")
	}
	return w.next(ctx, Back, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
}

// arrived is the end of a forward phase that went well.
func (w *work) arrived(ctx context.Context) error {
	outputs, err := w.outputs(w.target)
	if err == nil {
		err = w.publish(ctx, outputs)
	}
	if e, ok := asTemplateError(err); ok {
		return w.failed(ctx, e.Message+". ")
	}
	if err != nil {
		return err
	}
	op := w.s.Operation
	if op.Importing {
		return w.imported(ctx)
	}
	if op.Former == "" && op.Continues == "" {
		return w.over(ctx, "CREATE_COMPLETE", "")
	}
	return w.next(ctx, Cleanup, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
}
