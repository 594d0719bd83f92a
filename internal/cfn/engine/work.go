package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// work is an operation on a stack in memory: a copy of what is stored, which the run
// alone changes, and what is to be written.
type work struct {
	e   *Engine
	run *run
	s   *directory.Stack
	was *directory.Stack // as it was last stored
	// target is what the stack is to be, former what it was; former is nil for a stack
	// that is being made.
	target, former *side
	resources      map[string]*resource

	writes []write
	// newPolicy is the stack's from now on; "" for the one that it has.
	newPolicy string
	now       time.Time // of the last look at the clock
}

// side is one of the two states that an operation is between.
type side struct {
	inputs *directory.StackInputs
	bound  *template.Bound
	masked *template.Bound
	live   map[string]*template.Resource
	needs  map[string][]string // dependencies by logical ID
	// imports are the names of the exports that it imports.
	imports []string
}

// resource is a directory.StackResource with the states of its incarnations.
type resource struct {
	directory.StackResource
	now, before, tried *state
}

func (w *work) active() bool { return w.s.Operation != nil && w.s.Operation.Phase != Stuck }

// load reads all that there is of an operation.
func (e *Engine) load(ctx context.Context, a ids.Account, region, id string, r *run) (*work, error) {
	w := &work{e: e, run: r, resources: map[string]*resource{}}
	err := e.Store.View(ctx, func(r store.Reader) error {
		s, err := directory.GetStack(r, a, region, id)
		if err != nil || s == nil {
			return fmt.Errorf("stack %s: %w", id, err)
		}
		w.s, w.was = s.Clone(), s.Clone()
		if !w.active() {
			return nil
		}
		if w.target, err = w.side(r, s.Inputs); err != nil {
			return err
		}
		if former := s.Operation.Former; former != "" {
			if w.former, err = w.side(r, former); err != nil {
				return err
			}
		}
		return w.loadResources(r)
	})
	return w, err
}

func (w *work) loadResources(r store.Reader) error {
	all, err := w.s.Resources(r)
	if err != nil {
		return err
	}
	for _, rec := range all {
		res := &resource{StackResource: *rec}
		if res.now, err = w.state(r, rec.Now); err != nil {
			return err
		}
		if res.before, err = w.state(r, rec.Before); err != nil {
			return err
		}
		if res.tried, err = w.state(r, rec.Tried); err != nil {
			return err
		}
		w.resources[rec.Logical] = res
	}
	return nil
}

// side reads the inputs of that ID and binds their template. A stack that was only
// reviewed has none, and so nothing in it.
func (w *work) side(r store.Reader, inputs string) (*side, error) {
	if inputs == "" {
		return &side{inputs: &directory.StackInputs{}}, nil
	}
	in, err := w.s.GetInputs(r, w.e.Keyring(), inputs)
	if err != nil {
		return nil, err
	}
	d := &side{inputs: in, live: map[string]*template.Resource{}, needs: map[string][]string{}}
	if d.bound, d.imports, err = Bind(r, w.e.Keyring(), w.s, in); err != nil {
		return nil, err
	}
	d.masked = d.bound.Masked()
	for _, res := range d.bound.Resources() {
		d.live[res.LogicalID] = res
		d.needs[res.LogicalID] = d.bound.Dependencies(res)
	}
	return d, nil
}

// Now is the time, and later than the time before.
func (w *work) clock() directory.Millis {
	w.now = w.e.Now()
	return directory.At(w.now)
}

// write is something to be stored.
type write struct {
	do   func(tx store.Tx) error // only puts and deletes
	with bool                    // in the same transaction as the one before
}

// write has fn called in the transaction of the next flush. fn only puts and deletes.
func (w *work) write(fn func(tx store.Tx) error) { w.writes = append(w.writes, write{do: fn}) }

// whole has all that fn writes stored in one transaction.
func (w *work) whole(fn func()) {
	from := len(w.writes)
	fn()
	for i := from + 1; i < len(w.writes); i++ {
		w.writes[i].with = true
	}
}

// mostWrites is about how many writes of ours, each of up to three keys, go into one
// transaction.
const mostWrites = 30

// batch is how many writes the next transaction takes.
func (w *work) batch() int {
	n := min(len(w.writes), mostWrites)
	for n < len(w.writes) && n > 0 && w.writes[n].with {
		n--
	}
	for n == 0 && len(w.writes) > 0 || n < len(w.writes) && w.writes[n].with {
		n++
	}
	return n
}

// flush stores what has been written, in order, and the stack with the last of it: until
// then the stack is where it was. What others may have asked of the operation meanwhile is
// taken over.
func (w *work) flush(ctx context.Context) error {
	for {
		n := w.batch()
		stack := w.s.Clone()
		if n < len(w.writes) {
			stack = w.was.Clone()
			stack.Events, stack.LastEvent, stack.States = w.s.Events, w.s.LastEvent, w.s.States
		}
		err := w.e.Store.Update(ctx, func(tx store.Tx) error {
			is, err := directory.GetStack(tx, stack.Account, stack.Region, stack.ID)
			if err != nil || is == nil {
				return fmt.Errorf("stack %s: %w", stack.ID, err)
			}
			stack.Protected, stack.Policy = is.Protected, cmp.Or(w.newPolicy, is.Policy)
			if stack.Operation != nil && is.Operation != nil {
				stack.Operation.Cancelled = is.Operation.Cancelled
				stack.Operation.Held = stack.Operation.Held && is.Operation.Held
			}
			for _, write := range w.writes[:n] {
				if err := write.do(tx); err != nil {
					return err
				}
			}
			return directory.PutStack(tx, stack)
		})
		if err != nil {
			return err
		}
		w.was = stack.Clone()
		w.writes = slices.Delete(w.writes, 0, n)
		if len(w.writes) == 0 {
			w.s = stack
			return nil
		}
	}
}

// event tells of something.
func (w *work) event(e directory.StackEvent) {
	w.s.Number(&e, w.clock())
	if w.s.Operation != nil {
		e.Operation = w.s.Operation.ID
	}
	e.Token = w.s.Token
	w.write(func(tx store.Tx) error { return w.s.PutEvent(tx, &e) })
}

// status gives the whole stack a status.
func (w *work) status(status, reason string) {
	w.s.Status, w.s.Reason = status, reason
	w.event(directory.StackEvent{
		ID: w.e.IDs.UUID(), Logical: w.s.Name, Physical: w.s.ARN(), Type: StackType, Status: status, Reason: reason,
	})
}

// StackType is the type of a stack as a resource.
const StackType = "AWS::CloudFormation::Stack"

// tell gives a resource a status.
func (w *work) tell(r *resource, status, reason, physical, properties string) {
	r.Status, r.Reason, r.Updated = status, reason, w.clock()
	w.note(r, status, reason, physical, properties)
}

// note tells of something about a resource that is not its status.
func (w *work) note(r *resource, status, reason, physical, properties string) {
	e := directory.StackEvent{
		Logical: r.Logical, Physical: physical, Type: r.Type, Status: status, Reason: reason, Properties: properties,
	}
	w.s.Number(&e, w.clock())
	e.ID = r.Logical + "-" + status + "-" + e.Time.Time().Format("2006-01-02T15:04:05.000Z")
	e.Operation, e.Token = w.s.Operation.ID, w.s.Token
	w.write(func(tx store.Tx) error { return w.s.PutEvent(tx, &e) })
}

// keep writes a resource down.
func (w *work) keep(r *resource) {
	rec := r.StackResource
	w.write(func(tx store.Tx) error { return w.s.PutResource(tx, &rec) })
}

// drop removes a resource that is no part of the stack any more.
func (w *work) drop(r *resource) {
	delete(w.resources, r.Logical)
	logical, states := r.Logical, r.states()
	w.write(func(tx store.Tx) error {
		for _, n := range states {
			if err := w.s.DeleteState(tx, n); err != nil {
				return err
			}
		}
		return w.s.DeleteResource(tx, logical)
	})
}

// bury forgets all of a resource but that it was there.
func (w *work) bury(r *resource) {
	states := r.states()
	r.Gone = r.Physical()
	r.Now, r.now, r.Before, r.before, r.Tried, r.tried, r.Operation, r.Done, r.Step = nil, nil, nil, nil, nil, nil, "", "", ""
	w.write(func(tx store.Tx) error {
		for _, n := range states {
			if err := w.s.DeleteState(tx, n); err != nil {
				return err
			}
		}
		rec := r.StackResource
		return w.s.PutResource(tx, &rec)
	})
}

// states are the numbers of the states that the resource has.
func (r *resource) states() []int {
	var numbers []int
	for _, i := range r.Incarnations() {
		if !slices.Contains(numbers, i.State) {
			numbers = append(numbers, i.State)
		}
	}
	return numbers
}

// forget ends a resource's memory of all but what it is.
func (w *work) forget(r *resource) {
	w.whole(func() {
		for _, n := range r.states() {
			if r.Now == nil || n != r.Now.State {
				w.write(func(tx store.Tx) error { return w.s.DeleteState(tx, n) })
			}
		}
		r.Before, r.before, r.Tried, r.tried, r.Operation, r.Done, r.Begun, r.Step = nil, nil, nil, nil, "", "", false, ""
		w.keep(r)
	})
}

// sorted are the resources by logical ID.
func (w *work) sorted() []*resource {
	list := slices.Collect(maps.Values(w.resources))
	slices.SortFunc(list, func(a, b *resource) int { return strings.Compare(a.Logical, b.Logical) })
	return list
}

// touched are the resources that this operation has done something to.
func (w *work) touched() []*resource {
	return slices.DeleteFunc(w.sorted(), func(r *resource) bool { return r.Operation != w.s.Operation.Mark() })
}
