package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// A checker checks the functions of a part of a template: their arguments, and that what
// they name is there.
type checker struct {
	t          *Template
	section    string // Conditions, Resources or Outputs
	unresolved map[string]bool
	first      *tree.Node // that has something unresolved
	conditions []string   // that the condition being checked names
}

// check checks everything that refers to something.
func (t *Template) check() error {
	for _, step := range []func() error{
		t.checkConditions, t.checkRules, t.checkResources, t.checkOutputs, t.checkDynamic, t.checkCycles,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) checker(section string) *checker {
	return &checker{t: t, section: section, unresolved: map[string]bool{}}
}

func (t *Template) checkResources() error {
	c := t.checker("Resources")
	for _, r := range t.Resources {
		if r.Condition != "" && t.conditions[r.Condition] == nil {
			return &Error{
				Message: formatError + "Unresolved condition dependencies [" + r.Condition + "] in the Resources block of the template",
				Line:    r.Line, Column: r.Column,
			}
		}
		for _, id := range r.DependsOn {
			if t.resources[id] == nil {
				c.miss(id, &tree.Node{Line: r.Line, Column: r.Column})
			}
		}
		for _, n := range r.parts() {
			if err := c.value(n); err != nil {
				return err
			}
		}
	}
	return c.missing()
}

// parts are what of a resource can have functions.
func (r *Resource) parts() []*tree.Node {
	return []*tree.Node{r.Properties, r.Metadata, r.CreationPolicy, r.UpdatePolicy}
}

func (t *Template) checkOutputs() error {
	c := t.checker("Outputs")
	for _, o := range t.Outputs {
		if o.Condition != "" && t.conditions[o.Condition] == nil {
			return refuse(o.Value, formatError+"Unresolved condition dependencies [%s] in the Outputs block of the template", o.Condition)
		}
		for _, n := range []*tree.Node{o.Value, o.Export} {
			if err := c.value(n); err != nil {
				return err
			}
		}
		if _, called := function(o.Value); !called && !o.Value.Scalar() {
			return refuse(o.Value, formatError+"The Value field of every Outputs member must evaluate to a String.")
		}
	}
	return c.missing()
}

func (c *checker) miss(name string, at *tree.Node) {
	c.unresolved[name] = true
	if c.first == nil {
		c.first = at
	}
}

// missing is the error that names all that was not there.
func (c *checker) missing() error {
	if len(c.unresolved) == 0 {
		return nil
	}
	names := make([]string, 0, len(c.unresolved))
	for name := range c.unresolved {
		names = append(names, name)
	}
	slices.Sort(names)
	return unresolved(c.first, c.section, names)
}

// unresolved is AWS's error for names that are not there. It has other words in each block.
func unresolved(at *tree.Node, section string, names []string) *Error {
	list := strings.Join(names, ", ")
	switch section {
	case "Conditions":
		return refuse(at, formatError+"Unresolved dependencies [%s]. Cannot reference resources in the Conditions block of the template", list)
	case "Outputs":
		return refuse(at, "Unresolved resource dependencies [%s] in the Outputs block of the template", list)
	}
	return refuse(at, formatError+"Unresolved resource dependencies [%s] in the %s block of the template", list, section)
}

func (c *checker) value(n *tree.Node) error {
	if n == nil {
		return nil
	}
	if f, ok := function(n); ok {
		return c.call(f)
	}
	return c.children(n)
}

func (c *checker) children(n *tree.Node) error {
	if err := c.all(n.Items); err != nil {
		return err
	}
	for i := range n.Fields {
		if err := c.value(n.Fields[i].Value); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) all(items []*tree.Node) error {
	for _, item := range items {
		if err := c.value(item); err != nil {
			return err
		}
	}
	return nil
}

// call checks a function and what is in it.
func (c *checker) call(f *tree.Field) error {
	arg := f.Value
	switch f.Key {
	case fnRef:
		return c.ref(arg)
	case fnGetAtt:
		return c.getAtt(arg)
	case fnSub:
		return c.sub(arg)
	case fnIf:
		return c.branches(arg)
	case fnFindInMap:
		return c.findInMap(arg)
	case fnImportValue:
		return c.importValue(arg)
	case fnAnd, fnOr, fnNot, fnEquals:
		return refuse(arg, notUnlessIf, f.Key)
	case fnLength, fnToJSONString:
		if !c.t.extended {
			return refuseKey(f, notThere, f.Key)
		}
	}
	wrong, known := shapes[f.Key]
	if !known {
		return refuseKey(f, notThere, f.Key)
	}
	if !wrong.ok(arg) {
		return refuse(arg, "%s", wrong.text)
	}
	return c.children(&tree.Node{Kind: tree.List, Items: []*tree.Node{arg}})
}

// shapes is what the arguments of functions must look like that name nothing.
var shapes = map[string]struct {
	ok   func(arg *tree.Node) bool
	text string
}{
	fnBase64: {canBeText, wrongBase64},
	fnGetAZs: {canBeText, wrongGetAZs},
	fnJoin: {func(a *tree.Node) bool {
		return pair(a) && a.Items[0].Scalar() && canBeList(a.Items[1])
	}, wrongJoin},
	fnSplit: {func(a *tree.Node) bool {
		return pair(a) && a.Items[0].Scalar() && canBeText(a.Items[1])
	}, wrongSplit},
	fnSelect: {func(a *tree.Node) bool {
		return pair(a) && canBeText(a.Items[0]) && canBeList(a.Items[1])
	}, wrongSelect},
	fnCidr: {func(a *tree.Node) bool {
		return a.Is(tree.List) && (len(a.Items) == 2 || len(a.Items) == 3) && !slices.ContainsFunc(a.Items, isNoText)
	}, wrongCidr},
	fnLength: {canBeList, wrongLength},
	fnToJSONString: {func(a *tree.Node) bool {
		return a.Is(tree.Map) || a.Is(tree.List)
	}, wrongToJSON},
}

func pair(n *tree.Node) bool { return n.Is(tree.List) && len(n.Items) == 2 }

// canBeText reports whether a node is text or a function that may give one.
func canBeText(n *tree.Node) bool {
	_, called := function(n)
	return called || n.Scalar()
}

func isNoText(n *tree.Node) bool { return !canBeText(n) }

// canBeList reports whether a node is a list or a function that may give one.
func canBeList(n *tree.Node) bool {
	_, called := function(n)
	return called || n.Is(tree.List)
}

func (c *checker) ref(arg *tree.Node) error {
	if !arg.Scalar() {
		return refuse(arg, wrongRef)
	}
	if !c.there(arg.Text) {
		c.miss(arg.Text, arg)
	}
	return nil
}

// there reports whether a Ref can name it.
func (c *checker) there(name string) bool {
	return pseudos[name] || c.t.parameters[name] != nil || c.section != "Conditions" && c.t.resources[name] != nil
}

func (c *checker) getAtt(arg *tree.Node) error {
	id, attribute, ok := attr(arg)
	switch {
	case !ok:
		return refuse(arg, wrongGetAtt)
	case c.section == "Conditions":
		c.miss(id, arg)
		return nil
	case c.t.resources[id] == nil:
		return refuse(arg, functionError+"instance of Fn::GetAtt references undefined resource %s", id)
	}
	return c.value(attribute)
}

func (c *checker) sub(arg *tree.Node) error {
	text, own, ok := sub(arg)
	if !ok {
		return refuse(arg, wrongSub)
	}
	parts, err := pieces(text.Text, text)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if !p.variable || own[p.text] != nil || c.there(p.text) {
			continue
		}
		id, attribute, dotted := strings.Cut(p.text, ".")
		switch {
		case !dotted || c.section == "Conditions":
			c.miss(id, text)
		case c.t.resources[id] == nil || attribute == "":
			return refuse(text, functionError+"instance of Fn::Sub references invalid resource attribute %s", p.text)
		}
	}
	if own == nil {
		return nil
	}
	for _, f := range arg.Items[1].Fields {
		if !canBeText(f.Value) {
			return refuse(f.Value, wrongSubMap)
		}
	}
	return c.children(arg.Items[1])
}

func (c *checker) branches(arg *tree.Node) error {
	if !arg.Is(tree.List) || len(arg.Items) != 3 || !arg.Items[0].Scalar() {
		return refuse(arg, wrongIf)
	}
	if name := arg.Items[0].Text; c.t.conditions[name] == nil {
		return refuse(arg.Items[0], noCondition, name)
	}
	c.conditions = append(c.conditions, arg.Items[0].Text)
	return c.all(arg.Items[1:])
}

func (c *checker) findInMap(arg *tree.Node) error {
	most := 3
	if c.t.extended {
		most = 4
	}
	if !arg.Is(tree.List) || len(arg.Items) < 3 || len(arg.Items) > most || slices.ContainsFunc(arg.Items[:3], isNoText) {
		return refuse(arg, wrongFind)
	}
	for _, item := range arg.Items[:3] {
		if f, called := function(item); called && !c.t.extended && f.Key != fnRef && f.Key != fnFindInMap {
			return refuse(arg, wrongFind)
		}
	}
	byDefault := len(arg.Items) == 4
	if byDefault && (arg.Items[3].Get(defaultValue) == nil || len(arg.Items[3].Fields) != 1) {
		return refuse(arg, wrongFind)
	}
	if name := arg.Items[0]; name.Scalar() && !byDefault && c.t.mappings[name.Text] == nil {
		return refuse(name, noMapping, name.Text)
	}
	return c.all(arg.Items)
}

// importValue checks that what is imported can be told before any resource exists.
func (c *checker) importValue(arg *tree.Node) error {
	switch {
	case c.section == "Conditions":
		return refuse(arg, functionError+"Cannot use Fn::ImportValue in Conditions.")
	case !canBeText(arg):
		return refuse(arg, wrongImport)
	}
	if err := c.value(arg); err != nil {
		return err
	}
	if c.late(arg) {
		return refuse(arg, importNeeds)
	}
	return nil
}

// late reports whether a value depends on resources, imports or zones.
func (c *checker) late(n *tree.Node) bool {
	found := false
	walk(n, both, func(f *tree.Field) { found = found || f.Key == fnImportValue || f.Key == fnGetAZs })
	refer(n, both, func(name, attribute string) { found = found || c.t.resources[name] != nil })
	return found
}
