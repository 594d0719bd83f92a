package engine

import (
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// Parent is the stack whose step makes a call: a stack that the call makes is nested in it.
type Parent struct{ Stack, Root string } // ARNs

type parentKey struct{}

// ParentOf is the stack whose step makes the call that ctx is of, if one does.
func ParentOf(ctx context.Context) (Parent, bool) {
	p, ok := ctx.Value(parentKey{}).(Parent)
	return p, ok
}

func (w *work) asParent() Parent {
	p := Parent{Stack: w.s.ARN(), Root: w.s.Root}
	if p.Root == "" {
		p.Root = p.Stack
	}
	return p
}

// hold waits, between an update that went well and its cleanup, for the stack that this
// one is nested in: it lets go, or takes the update back.
func (w *work) hold(ctx context.Context) error {
	w.run.rest()
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.run.wake:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	if w.s.Operation.Cancelled {
		w.s.Operation.Held = false
		return w.next(ctx, Back, "UPDATE_ROLLBACK_IN_PROGRESS", "")
	}
	return nil
}

// release lets the nested stacks clean up that an update has changed.
func (w *work) release(ctx context.Context) error {
	for _, r := range w.touched() {
		if r.Type != StackType || r.Now == nil {
			continue
		}
		var nested *directory.Stack
		err := w.e.Store.Update(ctx, func(tx store.Tx) error {
			s, err := directory.GetStack(tx, w.s.Account, w.s.Region, idOf(r.Now.Physical))
			if err != nil || s == nil || s.Operation == nil || !s.Operation.Held {
				return err
			}
			nested = s.Clone()
			nested.Operation.Held = false
			return directory.PutStack(tx, nested)
		})
		if err != nil {
			return err
		}
		if nested != nil {
			w.e.Wake(nested.ID)
		}
	}
	return nil
}

// idOf is the UUID in a stack's ARN.
func idOf(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return arn[i+1:]
		}
	}
	return arn
}
