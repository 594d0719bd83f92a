package engine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/stackpolicy"
)

// permits refuses what the stack policy does not let an update do to a resource.
func (w *work) permits(r *resource, a stackpolicy.Action) error {
	text := cmp.Or(w.s.Operation.Policy, w.s.Policy)
	if text == "" || w.s.Operation.Kind != Update {
		return nil
	}
	p, err := stackpolicy.Parse(text)
	if err != nil {
		return fmt.Errorf("policy of stack %s: %w", w.s.ID, err)
	}
	if why := p.Refuses(a, r.Logical, r.Type); why != "" {
		return kind.Failed(why)
	}
	return nil
}

// allowed refuses a change that the stack policy denies.
func (w *work) allowed(r *resource, replacement kind.Replacement) error {
	if replacement != kind.Never {
		return w.permits(r, stackpolicy.Replace)
	}
	return w.permits(r, stackpolicy.Modify)
}

// foreseen refuses a change that the stack policy denies, before anything is done. Of one
// that depends on what others become, the resource's step decides; but nothing is asked
// any more when resources are removed.
func (w *work) foreseen(r *resource, c *plan.Change) error {
	switch {
	case c.Action == plan.Remove:
		return w.permits(r, stackpolicy.Delete)
	case c.Action == plan.Modify && c.Replacement != kind.Perhaps && certain(c):
		return w.allowed(r, c.Replacement)
	}
	return nil
}

// certain reports whether a resource changes whatever others become.
func certain(c *plan.Change) bool {
	return c.Tags || len(c.Attributes) > 0 || slices.ContainsFunc(c.Properties, func(p kind.Change) bool { return p.After.Known() })
}
