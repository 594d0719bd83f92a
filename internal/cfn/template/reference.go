package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// ReferenceKind says what a Reference refers to.
type ReferenceKind int

// The kinds of Reference.
const (
	ParameterRef ReferenceKind = iota
	ResourceRef
	ResourceAttr
)

// Reference is what a value depends on: a parameter, a resource or a resource's attribute.
type Reference struct {
	Kind ReferenceKind
	Name string // of the parameter, or the resource's logical id
	Attr string // of a ResourceAttr; "" where only a function can say
}

// A chooser says which branches of an Fn::If count.
type chooser func(condition string) (then, otherwise bool)

func both(string) (then, otherwise bool)    { return true, true }
func neither(string) (then, otherwise bool) { return false, false }

// walk calls visit with each function in n, outer ones first, in the branches that count.
func walk(n *tree.Node, choose chooser, visit func(f *tree.Field)) {
	if n == nil {
		return
	}
	if f, ok := function(n); ok {
		visit(f)
		if f.Key == fnIf && f.Value.Is(tree.List) && len(f.Value.Items) == 3 {
			then, otherwise := choose(f.Value.Items[0].Text)
			if then {
				walk(f.Value.Items[1], choose, visit)
			}
			if otherwise {
				walk(f.Value.Items[2], choose, visit)
			}
			return
		}
	}
	for _, item := range n.Items {
		walk(item, choose, visit)
	}
	for i := range n.Fields {
		walk(n.Fields[i].Value, choose, visit)
	}
}

// refer calls visit with the name, and the attribute or "", of everything that n's
// functions refer to. An attribute that a function says is "*".
func refer(n *tree.Node, choose chooser, visit func(name, attribute string)) {
	walk(n, choose, func(f *tree.Field) {
		switch f.Key {
		case fnRef:
			if f.Value.Scalar() {
				visit(f.Value.Text, "")
			}
		case fnGetAtt:
			if id, attribute, ok := attr(f.Value); ok {
				visit(id, attributeName(attribute))
			}
		case fnSub:
			text, own, ok := sub(f.Value)
			if !ok {
				return
			}
			parts, _ := pieces(text.Text, text) // checked by Parse
			for _, p := range parts {
				if p.variable && own[p.text] == nil {
					name, attribute, _ := strings.Cut(p.text, ".")
					visit(name, attribute)
				}
			}
		}
	})
}

func attributeName(n *tree.Node) string {
	if n.Scalar() {
		return n.Text
	}
	return "*"
}

func (b *Bound) choose(condition string) (then, otherwise bool) {
	return b.conditions[condition], !b.conditions[condition]
}

// References are what n depends on, in the branches that conditions take, each once and in
// the order of the text. Pseudo parameters are none.
func (b *Bound) References(n *tree.Node) []Reference {
	var out []Reference
	seen := map[Reference]bool{}
	refer(n, b.choose, func(name, attribute string) {
		r := Reference{Name: name, Attr: attribute, Kind: ResourceRef}
		switch {
		case b.t.parameters[name] != nil:
			r.Kind = ParameterRef
		case attribute == "*":
			r.Kind, r.Attr = ResourceAttr, ""
		case attribute != "":
			r.Kind = ResourceAttr
		}
		if (r.Kind == ParameterRef || b.t.resources[name] != nil) && !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	})
	return out
}

// Dependencies are the logical ids that r must wait for, sorted: those it refers to and
// those it says, as far as their conditions hold.
func (b *Bound) Dependencies(r *Resource) []string {
	return b.t.dependencies(r, b.choose, func(id string) bool { return b.live[id] })
}

func (t *Template) dependencies(r *Resource, choose chooser, counts func(id string) bool) []string {
	var out []string
	add := func(id, _ string) {
		if t.resources[id] != nil && counts(id) {
			out = append(out, id)
		}
	}
	for _, id := range r.DependsOn {
		add(id, "")
	}
	for _, n := range r.parts() {
		refer(n, choose, add)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
