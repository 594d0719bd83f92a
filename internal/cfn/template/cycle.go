package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// checkCycles finds the circles that no condition can open.
func (t *Template) checkCycles() error {
	always := func(id string) bool { return t.resources[id].Condition == "" }
	needs := map[string][]string{}
	for _, r := range t.Resources {
		if always(r.LogicalID) {
			needs[r.LogicalID] = t.dependencies(r, neither, always)
		}
	}
	return t.circular(needs)
}

// circular is the error that names the resources that wait for each other, in a map of all
// to what they need.
func (t *Template) circular(needs map[string][]string) error {
	left := circles(needs)
	if len(left) == 0 {
		return nil
	}
	r := t.resources[left[0]]
	return refuse(&tree.Node{Line: r.Line, Column: r.Column},
		"Circular dependency between resources: [%s]", strings.Join(left, ", "))
}

// circles are the names, sorted, that are on a circle, or between two: what is left when
// again and again those go that need nothing, and then those that nothing needs.
func circles(needs map[string][]string) []string {
	left := strip(strip(needs))
	out := make([]string, 0, len(left))
	for id := range left {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// strip takes away what needs nothing that is left, and turns the arrows around.
func strip(needs map[string][]string) map[string][]string {
	neededBy := make(map[string][]string, len(needs))
	open := make(map[string]int, len(needs))
	var free []string
	for id, list := range needs {
		if open[id] = len(list); len(list) == 0 {
			free = append(free, id)
		}
		for _, n := range list {
			neededBy[n] = append(neededBy[n], id)
		}
	}
	for len(free) > 0 {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		delete(open, id)
		for _, n := range neededBy[id] {
			if open[n]--; open[n] == 0 {
				free = append(free, n)
			}
		}
	}
	left := make(map[string][]string, len(open))
	for id := range open {
		left[id] = slices.DeleteFunc(neededBy[id], func(n string) bool { _, ok := open[n]; return !ok })
	}
	return left
}
