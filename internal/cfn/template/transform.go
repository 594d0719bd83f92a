package template

import (
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// AWS's own macros that templates can use here, and how the rest of them is written.
const (
	languageExtensions = "AWS::LanguageExtensions"
	include            = "AWS::Include"
	fnTransform        = "Fn::Transform"
	forEach            = "Fn::ForEach::"
)

// parseTransforms reads the macros that the template asks for: those inside it, which run
// first, and those at its top.
func (t *Template) parseTransforms() error {
	if err := t.findTransforms(t.root); err != nil {
		return err
	}
	n := t.root.Get("Transform")
	if n == nil {
		return nil
	}
	list := []*tree.Node{n}
	if n.Is(tree.List) {
		list = n.Items
	}
	for _, item := range list {
		m, err := parseTransform(item)
		if err != nil {
			return err
		}
		t.Transforms = append(t.Transforms, m)
	}
	return nil
}

func parseTransform(n *tree.Node) (Transform, error) {
	if n.Is(tree.List) && len(n.Items) == 1 { // a form that AWS takes inside
		n = n.Items[0]
	}
	if n.Scalar() {
		return Transform{Name: n.Text}, nil
	}
	name := n.Get("Name")
	if name == nil || !name.Scalar() {
		return Transform{}, refuse(n, "Key Name of transform definition must be a string.")
	}
	m := Transform{Name: name.Text, Parameters: n.Get("Parameters")}
	if m.Parameters != nil && !m.Parameters.Is(tree.Map) {
		return Transform{}, refuse(m.Parameters, formatError+"Key Parameters of transform definition must be an object.")
	}
	return m, nil
}

func (t *Template) findTransforms(n *tree.Node) error {
	for _, item := range n.Items {
		if err := t.findTransforms(item); err != nil {
			return err
		}
	}
	for i := range n.Fields {
		f := &n.Fields[i]
		if f.Key == fnTransform {
			m, err := parseTransform(f.Value)
			if err != nil {
				return err
			}
			t.Transforms = append(t.Transforms, m)
			continue
		}
		if err := t.findTransforms(f.Value); err != nil {
			return err
		}
	}
	return nil
}

// isLoop reports whether a member's key is a loop's.
func isLoop(key string) bool { return strings.HasPrefix(key, forEach) }
