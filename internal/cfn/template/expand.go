package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Expansion is what macros can ask for.
type Expansion struct {
	Inputs Inputs
	// Include is the text at a location that AWS::Include names, such as s3://bucket/key. Its
	// errors are Expand's. nil where nothing can be included.
	Include func(location string) (string, error)
}

// An expander runs macros over one template.
type expander struct {
	in    Expansion
	root  *tree.Node  // of the template as it was
	e     *evaluation // of what parameters, mappings and conditions can say
	nodes int         // made so far
	bytes int
}

// Expand runs the template's macros: AWS::Include first where they are inside, and then
// those at the top in their order. The template that comes out has none left. One without
// macros is its own result. An error is an *[Error], or Include's.
func (t *Template) Expand(in Expansion) (*Template, error) {
	if len(t.Transforms) == 0 {
		return t, nil
	}
	scope := &Template{extended: true, Parameters: t.Parameters, parameters: t.parameters}
	b := &Bound{t: scope, in: in.Inputs, conditions: map[string]bool{}}
	if err := b.bindParameters(); err != nil {
		return nil, err
	}
	x := &expander{in: in, root: t.root, e: &evaluation{b: b}}
	root, err := x.includes(t.root)
	if err != nil {
		return nil, err
	}
	extended := false
	for _, m := range t.top() {
		switch m.Name {
		case include:
			root, err = x.includeTop(root, m)
		case languageExtensions:
			extended = true
			root, err = x.extend(root)
		default:
			err = x.noTransform(m.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	root = without(root, "Transform")
	if err := measure(root); err != nil {
		return nil, err
	}
	out, err := parse(root, extended)
	if err == nil && len(out.Transforms) > 0 {
		return nil, nested(out.Transforms[0], root)
	}
	return out, err
}

// top are the macros that the template asks for at its top.
func (t *Template) top() []Transform {
	n := t.root.Get("Transform")
	switch {
	case n == nil:
		return nil
	case n.Is(tree.List):
		return t.Transforms[len(t.Transforms)-len(n.Items):]
	}
	return t.Transforms[len(t.Transforms)-1:]
}

// noTransform is AWS's error for a macro that is not there. Those that are not AWS's are
// the account's.
func (x *expander) noTransform(name string) error {
	if !strings.Contains(name, "::") {
		name = x.in.Inputs.Pseudo.AccountID + "::" + name
	}
	return refuse(nil, "No transform named %s found.", name)
}

// failed is the error of a macro that could not do its work.
func failed(macro string, at *tree.Node, format string, args ...any) *Error {
	return refuse(at, "Transform "+macro+" failed with: "+format, args...)
}

// spend counts what is made, which has a bound.
func (x *expander) spend(macro string, at *tree.Node, bytes int) error {
	x.nodes++
	if x.bytes += bytes; x.nodes > maxNodes || x.bytes > maxBytes {
		return failed(macro, at, "the template grows over %d values or %d bytes", maxNodes, maxBytes)
	}
	return nil
}

// measure holds what macros made against the bounds of what Parse reads.
func measure(root *tree.Node) error {
	if tooDeep(root, maxDepth) {
		return refuse(root, tooNested, maxDepth)
	}
	if n := len(root.JSON()); n > MaxLen {
		return refuse(root, formatError+"a template may not be longer than %d bytes.", MaxLen)
	}
	return nil
}

func tooDeep(n *tree.Node, most int) bool {
	if most < 0 {
		return true
	}
	return slices.ContainsFunc(n.Items, func(i *tree.Node) bool { return tooDeep(i, most-1) }) ||
		slices.ContainsFunc(n.Fields, func(f tree.Field) bool { return tooDeep(f.Value, most-1) })
}

// with is a copy of a Map with other members.
func with(n *tree.Node, fields []tree.Field) *tree.Node {
	return &tree.Node{Kind: tree.Map, Fields: fields, Line: n.Line, Column: n.Column}
}

func without(n *tree.Node, key string) *tree.Node {
	return with(n, slices.DeleteFunc(slices.Clone(n.Fields), func(f tree.Field) bool { return f.Key == key }))
}

// mapChildren is n with change's work in place of each of its items and members' values.
func mapChildren(n *tree.Node, change func(*tree.Node) (*tree.Node, error)) (*tree.Node, error) {
	if n.Kind != tree.List && n.Kind != tree.Map {
		return n, nil
	}
	out := *n
	out.Items, out.Fields = slices.Clone(n.Items), slices.Clone(n.Fields)
	var err error
	for i := range out.Items {
		if out.Items[i], err = change(out.Items[i]); err != nil {
			return nil, err
		}
	}
	for i := range out.Fields {
		if out.Fields[i].Value, err = change(out.Fields[i].Value); err != nil {
			return nil, err
		}
	}
	return &out, nil
}
