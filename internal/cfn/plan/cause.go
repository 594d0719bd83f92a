package plan

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// The sources of changes, and how surely they are one.
const (
	direct      = "DirectModification"
	byParameter = "ParameterReference"
	byResource  = "ResourceReference"
	byAttribute = "ResourceAttribute"
	automatic   = "Automatic"

	static  = "Static"
	dynamic = "Dynamic"
)

// cause is why a value changes.
type cause struct {
	evaluation, source string
	entity             string // the parameter, resource or attribute; "" for the template itself
}

// causes are why the value of an expression changes that was another one before, or the
// same; was is nil where there was none.
func (r *renderer) causes(was, is *tree.Node) []cause {
	var all []cause
	if is != nil {
		for _, ref := range r.want.References(is) {
			if c, ok := r.cause(ref); ok {
				all = append(all, c)
			}
		}
	}
	evaluation := static
	if len(all) > 0 && tree.Equal(was, is) {
		evaluation = dynamic
	}
	return append(all, cause{evaluation: evaluation, source: direct})
}

// cause is the change of what a reference refers to, if it changes.
func (r *renderer) cause(ref template.Reference) (cause, bool) {
	if ref.Kind == template.ParameterRef {
		return cause{static, byParameter, ref.Name}, r.parameterChanges(ref.Name)
	}
	c := cause{dynamic, byResource, ref.Name}
	if ref.Kind == template.ResourceAttr {
		c.source, c.entity = byAttribute, ref.Name+"."+ref.Attr
	}
	to := r.Changes[ref.Name]
	if to == nil || to.Action != Modify || !to.Replaced() {
		return c, false
	}
	if r.replacement(ref.Name) == replaced {
		c.evaluation = static
	}
	return c, true
}

// modified are the causes in an expression that are attributes of resources which change
// in place: the attributes may change with them.
func (r *renderer) modified(is *tree.Node) []cause {
	var all []cause
	for _, ref := range r.want.References(is) {
		to := r.Changes[ref.Name]
		if ref.Kind == template.ResourceAttr && to != nil && to.Action == Modify && !to.Replaced() {
			all = append(all, cause{dynamic, byAttribute, ref.Name + "." + ref.Attr})
		}
	}
	return all
}

// parameterChanges reports whether a parameter has another value than before.
func (r *renderer) parameterChanges(name string) bool {
	return r.former != nil && r.before[name] != r.after[name]
}

// values are the values of the parameters.
func values(b *template.Bound) map[string]template.Value {
	all := map[string]template.Value{}
	if b != nil {
		for _, v := range b.Values() {
			all[v.Name] = v
		}
	}
	return all
}

// within is what an expression has at a path: as far down as no function has to be
// evaluated to get there.
func within(n *tree.Node, path []string) *tree.Node {
	for _, step := range path {
		var next *tree.Node
		switch {
		case isFunction(n):
			return n
		case n.Is(tree.Map):
			next = n.Get(step)
		case n.Is(tree.List):
			for _, item := range n.Items {
				if isFunction(item) {
					return n // it may be no item, or become one of another index
				}
			}
			i, err := strconv.Atoi(step)
			if err == nil && i < len(n.Items) {
				next = n.Items[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func isFunction(n *tree.Node) bool {
	return n.Is(tree.Map) && len(n.Fields) == 1 && (n.Fields[0].Key == "Ref" || strings.HasPrefix(n.Fields[0].Key, "Fn::"))
}

// recreations say what a change of a property does.
var recreations = map[kind.Update]string{kind.Replace: always, kind.Conditionally: conditionally}

const (
	never         = "Never"
	always        = "Always"
	conditionally = "Conditionally"
)

func recreation(u kind.Update) string {
	if word := recreations[u]; word != "" {
		return word
	}
	return never
}
