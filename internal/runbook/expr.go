package runbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// An Expr is an expression in the language of https://expr-lang.org. It can look at its
// scope and nothing else, and its work is bounded by what it looks at and maxText.
type Expr struct {
	text    string
	program *vm.Program
	steps   []string // those it refers to
	names   []string // the variables it refers to
	all     []Expr   // what it joins by "and", if it does
}

// given reports whether there is an expression.
func (e *Expr) given() bool { return e.text != "" }

// A scope is what expressions see.
type scope map[string]any

// variables are the names in a scope. Item, index and result are there where they mean something.
var variables = []string{"inputs", "steps", "run", "now", "failed", "item", "index", "result"}

// unknown stands for what a dry run cannot know: the reply of a step it did not do.
type unknown struct{ step string }

func (u unknown) String() string { return "(known after " + u.step + ")" }

// MarshalText writes it into the plan.
func (u unknown) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// compile reads an expression.
func compile(text string) (Expr, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Expr{}, errors.New("an expression is empty")
	}
	refs := references{}
	env := types.Map{}
	for _, name := range variables {
		env[name] = types.Any
	}
	options := []expr.Option{expr.Env(env), expr.DisableBuiltin("now"), expr.MaxNodes(2000), expr.Patch(&refs), expr.Timezone("UTC")}
	program, err := expr.Compile(text, options...)
	if err != nil {
		return Expr{}, fmt.Errorf("%s: %s", text, firstLine(err))
	}
	if refs.whole > len(refs.steps) {
		refs.wrong = "steps must be followed by the id of one"
	}
	if refs.wrong != "" {
		return Expr{}, fmt.Errorf("%s: %s", text, refs.wrong)
	}
	e := Expr{text: text, program: program, steps: refs.steps, names: refs.names}
	if and, ok := program.Node().(*ast.BinaryNode); ok && (and.Operator == "&&" || and.Operator == "and") {
		for _, side := range []ast.Node{and.Left, and.Right} {
			part, err := compile(side.String())
			if err != nil {
				return Expr{}, err
			}
			e.all = append(e.all, part)
		}
	}
	return e, nil
}

// firstLine leaves out the picture that expr draws of a mistake.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// references collects what an expression refers to.
type references struct {
	steps, names []string
	whole        int // times that "steps" stands there
	wrong        string
}

// Visit looks at one node.
func (r *references) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if r.names = append(r.names, n.Value); n.Value == "steps" {
			r.whole++
		}
	case *ast.MemberNode:
		root, ok := n.Node.(*ast.IdentifierNode)
		if !ok || root.Value != "steps" && root.Value != "inputs" {
			return
		}
		name, ok := n.Property.(*ast.StringNode)
		switch {
		case !ok:
			r.wrong = root.Value + " must be followed by a name"
		case root.Value == "steps":
			r.steps = append(r.steps, name.Value)
		default:
			r.names = append(r.names, "inputs."+name.Value)
		}
	}
}

// eval returns what the expression comes to: one of JSON's values, a time, or unknown.
func (e *Expr) eval(s scope) (any, error) {
	steps, _ := s["steps"].(map[string]any)
	for _, id := range e.steps {
		if u, ok := steps[id].(unknown); ok {
			return u, nil
		}
	}
	for _, name := range e.names {
		if u, ok := s[name].(unknown); ok {
			return u, nil
		}
	}
	machine := vm.VM{MemoryBudget: 1e6}
	out, err := machine.Run(e.program, map[string]any(s))
	if err != nil {
		return nil, fmt.Errorf("%s: %s", e.text, firstLine(err))
	}
	return out, nil
}

// truth is eval of an expression that is to be true or false.
// Where a part of an "and" is false it does not matter that another is unknown.
func (e *Expr) truth(s scope) (yes bool, u *unknown, err error) {
	out, err := e.eval(s)
	if err != nil {
		return false, nil, err
	}
	switch out := out.(type) {
	case bool:
		return out, nil, nil
	case unknown:
		for i := range e.all {
			if yes, u, err := e.all[i].truth(s); err == nil && u == nil && !yes {
				return false, nil, nil
			}
		}
		return false, &out, nil
	}
	return false, nil, fmt.Errorf("%s: is neither true nor false", e.text)
}

// A Value is text, a list or an object, in whose texts ${{ }} holds expressions. A text that
// is one expression alone becomes what that is, of whatever kind.
type Value struct {
	tree  any // string, bool, int, float64, nil, []any, map[string]any; *template for text with expressions
	given bool
}

// Given reports whether there is a value, be it nil.
func (v *Value) Given() bool { return v.given }

// A template is text with expressions in it.
type template struct {
	parts []Expr   // between the texts
	texts []string // one more than parts
}

// newTemplate reads text with expressions; a text without any is itself.
func newTemplate(text string) (any, error) {
	t := &template{}
	for {
		before, rest, found := strings.Cut(text, "${{")
		t.texts = append(t.texts, before)
		if !found {
			break
		}
		e, after, err := enclosed(rest)
		if err != nil {
			return nil, err
		}
		t.parts, text = append(t.parts, e), after
	}
	if len(t.parts) == 0 {
		return text, nil
	}
	return t, nil
}

// maxEnds is how often }} may stand inside one expression.
const maxEnds = 16

// enclosed reads the expression that text begins with and that ends at }}. An object in it
// may end so, too: it is the first }} that makes an expression of what is before it.
func enclosed(text string) (e Expr, rest string, err error) {
	err = errors.New("a ${{ is not closed by }}")
	for n, end := 0, 0; n < maxEnds; n++ {
		i := strings.Index(text[end:], "}}")
		if i < 0 {
			break
		}
		end += i
		var wrong error
		if e, wrong = compile(text[:end]); wrong == nil {
			return e, text[end+2:], nil
		}
		if n == 0 {
			err = wrong
		}
		end++
	}
	return Expr{}, "", err
}

func (t *template) eval(s scope) (any, error) {
	if len(t.parts) == 1 && t.texts[0] == "" && t.texts[1] == "" {
		return t.parts[0].eval(s)
	}
	var b strings.Builder
	for i := range t.texts {
		b.WriteString(t.texts[i])
		if i == len(t.parts) {
			break
		}
		out, err := t.parts[i].eval(s)
		if err != nil {
			return nil, err
		}
		if u, ok := out.(unknown); ok {
			return u, nil
		}
		text, err := textOf(out)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.parts[i].text, err)
		}
		if b.WriteString(text); b.Len() > maxText {
			return nil, errors.New("a text is too large")
		}
	}
	return b.String(), nil
}

// textOf is a value inside a text.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", errors.New("there is no value to put into a text")
	}
	b, err := json.Marshal(v)
	return strings.Trim(string(b), `"`), err
}

// eval returns the value with all expressions carried out.
func (v *Value) eval(s scope) (any, error) { return evalTree(v.tree, s) }

func evalTree(tree any, s scope) (any, error) {
	switch tree := tree.(type) {
	case *template:
		return tree.eval(s)
	case []any:
		list := make([]any, len(tree))
		for i := range tree {
			var err error
			if list[i], err = evalTree(tree[i], s); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(tree))
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			value, err := evalTree(tree[key], s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			if value != nil { // a parameter that is nil is left out
				m[key] = value
			}
		}
		return m, nil
	}
	return tree, nil
}

// exprs calls f for every expression in the value.
func (v *Value) exprs(f func(*Expr)) { exprsIn(v.tree, f) }

func exprsIn(tree any, f func(*Expr)) {
	switch tree := tree.(type) {
	case *template:
		for i := range tree.parts {
			f(&tree.parts[i])
		}
	case []any:
		for _, t := range tree {
			exprsIn(t, f)
		}
	case map[string]any:
		for _, t := range tree {
			exprsIn(t, f)
		}
	}
}
