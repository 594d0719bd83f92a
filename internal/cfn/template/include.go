package template

import (
	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// includes runs the AWS::Include macros inside a template. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html.
func (x *expander) includes(n *tree.Node) (*tree.Node, error) {
	out, err := mapChildren(n, x.includes)
	if err != nil {
		return nil, err
	}
	call := out.Get(fnTransform)
	if call == nil {
		return out, nil
	}
	m, err := parseTransform(call)
	if err != nil {
		return nil, err
	}
	if m.Name != include {
		return nil, x.noTransform(m.Name)
	}
	snippet, err := x.included(m, call)
	if err != nil {
		return nil, err
	}
	return merged(without(out, fnTransform), snippet, n == x.root), nil
}

// includeTop adds what a macro at the top names to the template.
func (x *expander) includeTop(root *tree.Node, m Transform) (*tree.Node, error) {
	snippet, err := x.included(m, root.Get("Transform"))
	if err != nil {
		return nil, err
	}
	return merged(root, snippet, true), nil
}

// merged is n with the members of snippet, which count where both have one. With sections,
// the members of sections that both have come together.
func merged(n, snippet *tree.Node, sections bool) *tree.Node {
	out := with(n, nil)
	seen := map[string]int{}
	for _, f := range n.Fields {
		put(out, seen, f)
	}
	for _, f := range snippet.Fields {
		if own := n.Get(f.Key); sections && own.Is(tree.Map) && f.Value.Is(tree.Map) {
			f.Value = merged(own, f.Value, false)
		}
		put(out, seen, f)
	}
	return out
}

// nested is the error for a macro in what a macro made.
func nested(m Transform, at *tree.Node) error {
	return failed(m.Name, at, "what a macro made may not ask for a macro")
}

// included is the map that a macro's Location has.
func (x *expander) included(m Transform, at *tree.Node) (*tree.Node, error) {
	where := m.Parameters.Get("Location")
	if where == nil {
		return nil, failed(include, at, "Location parameter is required")
	}
	location, err := x.e.value(where)
	if err != nil {
		return nil, err
	}
	if !location.Scalar() {
		return nil, refuse(where, "The value of parameter Location under transform Include must resolve to a string, number, boolean or a list of any of these.")
	}
	if x.in.Include == nil {
		return nil, failed(include, where, "nothing can be included here")
	}
	text, err := x.in.Include(location.Text)
	if err != nil {
		return nil, err
	}
	if err := x.spend(include, where, len(text)); err != nil {
		return nil, err
	}
	snippet, err := read(text)
	if err != nil || !snippet.Is(tree.Map) {
		return nil, failed(include, where, "The specified S3 object's content should be valid Yaml/JSON")
	}
	found := &Template{root: snippet}
	if err := found.parseTransforms(); err != nil {
		return nil, err
	}
	if len(found.Transforms) > 0 {
		return nil, nested(found.Transforms[0], where)
	}
	return snippet, nil
}
