package template

import (
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

const wrongLoop = "Fn::ForEach layout is incorrect"

// extend runs AWS::LanguageExtensions as far as it changes the template: loops, functions
// as what Ref and Fn::GetAtt name, and functions as retention policies. The functions that
// it adds are evaluated like any other. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html.
func (x *expander) extend(root *tree.Node) (*tree.Node, error) {
	scope := x.e.b.t
	scope.root = root
	if err := scope.parseMappings(); err != nil {
		return nil, err
	}
	root, err := x.sections(root, x.loops)
	if err != nil {
		return nil, err
	}
	scope.root = root
	if err := scope.parseConditions(); err != nil {
		return nil, err
	}
	if err := scope.checkConditions(); err != nil {
		return nil, err
	}
	if root, err = x.sections(root, x.names); err != nil {
		return nil, err
	}
	return x.retention(root)
}

// sections is root with change's work in place of the sections that the macro looks into.
func (x *expander) sections(root *tree.Node, change func(*tree.Node) (*tree.Node, error)) (*tree.Node, error) {
	out := with(root, nil)
	for _, f := range root.Fields {
		switch f.Key {
		case "Conditions", "Resources", "Outputs":
			var err error
			if f.Value, err = change(f.Value); err != nil {
				return nil, err
			}
		}
		out.Fields = append(out.Fields, f)
	}
	return out, nil
}

// loops is n with what its loops make in place of them.
func (x *expander) loops(n *tree.Node) (*tree.Node, error) {
	if n.Kind != tree.Map {
		return mapChildren(n, x.loops)
	}
	out := with(n, nil)
	seen := map[string]bool{}
	for i := range n.Fields {
		f := n.Fields[i]
		fields := []tree.Field{f}
		var err error
		if isLoop(f.Key) {
			fields, err = x.loop(&f)
		} else {
			fields[0].Value, err = x.loops(f.Value)
		}
		if err != nil {
			return nil, err
		}
		for _, made := range fields {
			if seen[made.Key] {
				return nil, failed(languageExtensions, f.Value, "the template has %s more than once", made.Key)
			}
			seen[made.Key] = true
			out.Fields = append(out.Fields, made)
		}
	}
	return out, nil
}

// loop is the members that a loop makes: [identifier, collection, fragment].
func (x *expander) loop(f *tree.Field) ([]tree.Field, error) {
	arg := f.Value
	if !alphanumeric(strings.TrimPrefix(f.Key, forEach)) ||
		!arg.Is(tree.List) || len(arg.Items) != 3 ||
		!arg.Items[0].Is(tree.String) || !alphanumeric(arg.Items[0].Text) || !arg.Items[2].Is(tree.Map) {
		return nil, failed(languageExtensions, arg, wrongLoop)
	}
	collection, err := x.e.value(arg.Items[1])
	if err != nil {
		return nil, err
	}
	if !isListOfScalars(collection) {
		return nil, failed(languageExtensions, arg.Items[1], wrongLoop)
	}
	var out []tree.Field
	for _, item := range collection.Items {
		r := &round{x: x, identifier: arg.Items[0].Text, value: item.Text}
		body, err := r.fragment(arg.Items[2])
		if err != nil {
			return nil, err
		}
		if body, err = x.loops(body); err != nil {
			return nil, err
		}
		out = append(out, body.Fields...)
	}
	return out, nil
}

// A round of a loop, in which the identifier stands for a value.
type round struct {
	x                 *expander
	identifier, value string
}

// fragment is n with the value in place of the identifier, in keys as well.
func (r *round) fragment(n *tree.Node) (*tree.Node, error) {
	if arg := is(n, fnRef); arg.Is(tree.String) && arg.Text == r.identifier {
		n = &tree.Node{Kind: tree.String, Text: r.value, Line: n.Line, Column: n.Column}
	}
	out, err := mapChildren(n, r.fragment)
	if err != nil {
		return nil, err
	}
	if n.Kind == tree.String {
		s := *n
		if s.Text, err = r.text(n.Text, n); err != nil {
			return nil, err
		}
		out = &s
	}
	for i := range out.Fields {
		if out.Fields[i].Key, err = r.text(out.Fields[i].Key, n); err != nil {
			return nil, err
		}
	}
	return out, r.x.spend(languageExtensions, n, 0)
}

// text puts the value in the place of ${Identifier}, and what it has of letters and digits
// in the place of &{Identifier}.
func (r *round) text(s string, at *tree.Node) (string, error) {
	places := strings.Count(s, "{"+r.identifier+"}")
	if err := r.x.spend(languageExtensions, at, len(s)+places*len(r.value)); err != nil || places == 0 {
		return s, err
	}
	letters := strings.Map(func(c rune) rune {
		if c < 128 && alphanumeric(string(c)) {
			return c
		}
		return -1
	}, r.value)
	return strings.NewReplacer("${"+r.identifier+"}", r.value, "&{"+r.identifier+"}", letters).Replace(s), nil
}

// names is n with names in place of the functions that Ref and Fn::GetAtt name things by.
func (x *expander) names(n *tree.Node) (*tree.Node, error) {
	out, err := mapChildren(n, x.names)
	if err != nil {
		return nil, err
	}
	f, ok := function(out)
	if !ok {
		return out, nil
	}
	arg := f.Value
	switch {
	case f.Key == fnRef && arg.Is(tree.Map):
		name, err := x.name(arg)
		if err != nil {
			return nil, err
		}
		return call(fnRef, name, n.Line, n.Column), nil
	case f.Key == fnGetAtt && pair(arg) && arg.Items[0].Is(tree.Map):
		name, err := x.name(arg.Items[0])
		if err != nil {
			return nil, err
		}
		return call(fnGetAtt, tree.ListOf(name, arg.Items[1]), n.Line, n.Column), nil
	}
	return out, nil
}

// name is the text that a function gives, without any resource.
func (x *expander) name(n *tree.Node) (*tree.Node, error) {
	v, err := x.e.value(n)
	if err != nil {
		return nil, err
	}
	if !v.Scalar() {
		return nil, failed(languageExtensions, n, "a function that names something must give a string")
	}
	return &tree.Node{Kind: tree.String, Text: v.Text, Line: n.Line, Column: n.Column}, nil
}

// retention is root with words in place of the functions that say what becomes of
// resources. One that is AWS::NoValue goes away.
func (x *expander) retention(root *tree.Node) (*tree.Node, error) {
	return x.sections(root, func(section *tree.Node) (*tree.Node, error) {
		return mapChildren(section, func(r *tree.Node) (*tree.Node, error) {
			if !r.Is(tree.Map) || r.Get("Type") == nil {
				return r, nil
			}
			out := with(r, nil)
			for _, f := range r.Fields {
				if _, called := function(f.Value); called && retentions[f.Key] != nil {
					v, err := x.e.value(f.Value)
					if err != nil {
						return nil, err
					}
					if v == nil {
						continue
					}
					f.Value = v
				}
				out.Fields = append(out.Fields, f)
			}
			return out, nil
		})
	})
}
