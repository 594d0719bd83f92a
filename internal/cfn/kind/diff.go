package kind

import (
	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Change is a property that is to have another value.
type Change struct {
	Name          string     // of the property, without the parts inside it
	Update        Update     // what AWS says of the property
	Before, After *tree.Node // nil where it is added or removed
}

// Diff is what differs between two sets of properties that Check has passed, in the
// order of names. What is Unknown differs from everything.
func (s *Schema) Diff(was, want *tree.Node) []Change {
	var changes []Change
	for _, f := range merged(was, want) {
		before, after := was.Get(f), want.Get(f)
		if tree.Equal(before, after) {
			continue
		}
		c := Change{Name: f, Before: before, After: after, Update: InPlace}
		if p := s.Properties[f]; p != nil {
			c.Update = p.Update
			if p.is(before) && p.is(after) {
				continue // said, and left to its default
			}
		}
		changes = append(changes, c)
	}
	return changes
}

// is reports whether a value is p's default, said or not.
func (p *Property) is(n *tree.Node) bool {
	if p.Default == nil {
		return false
	}
	d, err := tree.FromJSON(p.Default)
	return err == nil && (n == nil || tree.Equal(n, d))
}

// merged are the names that one of the two has, sorted.
func merged(a, b *tree.Node) []string {
	var names []string
	x, y := a.Sorted(), b.Sorted()
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(y) == 0 || len(x) > 0 && x[0].Key < y[0].Key:
			names, x = append(names, x[0].Key), x[1:]
		case len(x) == 0 || y[0].Key < x[0].Key:
			names, y = append(names, y[0].Key), y[1:]
		default:
			names, x, y = append(names, x[0].Key), x[1:], y[1:]
		}
	}
	return names
}

// Replacement says whether changes take another physical resource.
type Replacement int

// The Replacements. Perhaps is only for what has something Unknown in it.
const (
	Never Replacement = iota
	Perhaps
	Always
)

// Replacement is what the changes from was to want take.
func (t *Type) Replacement(changes []Change, was, want *tree.Node) (Replacement, error) {
	most := Never
	for i := range changes {
		c := &changes[i]
		switch {
		case c.Update == Replace && c.After.Known():
			return Always, nil
		case c.Update == Replace:
			most = Perhaps
		case c.Update == Conditionally && !want.Known():
			most = Perhaps
		case c.Update == Conditionally:
			replaces, err := t.replaces(was, want)
			if err != nil || replaces {
				return Always, err
			}
		}
	}
	return most, nil
}
