package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// The phases of an operation. Making or updating a stack is Forward, then Cleanup; what
// goes wrong there is taken back in Back, then BackCleanup, or in Remove if the stack was
// being made.
const (
	Forward     directory.StackPhase = "forward"
	Cleanup     directory.StackPhase = "cleanup"
	Back        directory.StackPhase = "back"
	BackCleanup directory.StackPhase = "back-cleanup"
	Remove      directory.StackPhase = "remove"
	// LetGo takes back an operation that only imports.
	LetGo directory.StackPhase = "let-go"
	// Stuck waits for somebody to continue the operation, or to give it up.
	Stuck directory.StackPhase = directory.StackStuck
)

// What an operation was asked to do.
const (
	Create           = "CREATE_STACK"
	Update           = "UPDATE_STACK"
	Delete           = "DELETE_STACK"
	Rollback         = "ROLLBACK"
	ContinueRollback = "CONTINUE_ROLLBACK"
)

// advance does one phase, and says what is next.
func (w *work) advance(ctx context.Context) error {
	switch w.s.Operation.Phase {
	case Forward:
		return w.forward(ctx)
	case Cleanup:
		return w.cleanup(ctx)
	case Back:
		return w.back(ctx)
	case BackCleanup:
		return w.backCleanup(ctx)
	case LetGo:
		return w.letGo(ctx)
	}
	return w.remove(ctx)
}

// next goes on with another phase.
func (w *work) next(ctx context.Context, phase directory.StackPhase, status, reason string) error {
	w.s.Operation.Phase, w.s.Operation.Failed = phase, nil
	w.status(status, reason)
	return w.flush(ctx)
}

// over ends the operation: nothing is remembered of what was before.
func (w *work) over(ctx context.Context, status, reason string) error {
	op := w.s.Operation
	for _, r := range w.touched() {
		w.forget(r)
	}
	w.whole(func() {
		if op.Former != "" && op.Former != w.s.Inputs {
			w.write(func(tx store.Tx) error { return w.s.DeleteInputs(tx, op.Former) })
		}
		if w.s.Deleted != 0 {
			w.write(func(tx store.Tx) error { return w.s.Retire(tx) })
		}
		w.status(status, reason)
		w.s.Operation = nil
		w.write(w.s.DeleteReplies)
	})
	return w.flush(ctx)
}

// stuck ends the operation where it is: somebody may go on with it.
func (w *work) stuck(ctx context.Context, status, reason string) error {
	w.s.Operation.Phase = Stuck
	w.status(status, reason)
	w.write(w.s.DeleteReplies)
	return w.flush(ctx)
}

// listed are the failed resources of a phase, as status reasons list them.
func listed(failed []string) string { return "[" + strings.Join(failed, ", ") + "]" }

// reversed are needs the other way round: what is needed waits for who needs it.
func reversed(needs map[string][]string) map[string][]string {
	back := map[string][]string{}
	for logical, list := range needs {
		for _, need := range list {
			back[need] = append(back[need], logical)
		}
	}
	for _, list := range back {
		slices.Sort(list)
	}
	return back
}
