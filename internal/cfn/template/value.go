package template

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// SSMNames are the SSM parameters that values name: by the parameter's name, that of the
// SSM parameter whose value Inputs.SSM must have.
func (t *Template) SSMNames(given map[string]string) map[string]string {
	out := map[string]string{}
	for _, p := range t.Parameters {
		if name, ok := p.value(given); ok && p.SSM() {
			out[p.Name] = name
		}
	}
	return out
}

// value is what was given for p, or else its default.
func (p *Parameter) value(given map[string]string) (string, bool) {
	if v, ok := given[p.Name]; ok {
		return v, true
	}
	if p.Default == nil {
		return "", false
	}
	return *p.Default, true
}

// bindParameters checks the values that are given and makes nodes of them.
func (b *Bound) bindParameters() error {
	if err := b.t.checkNames(b.in.Parameters); err != nil {
		return err
	}
	b.given = make(map[string]string, len(b.t.Parameters))
	b.values = make(map[string]*tree.Node, len(b.t.Parameters))
	var unfetched []string
	for _, p := range b.t.Parameters {
		v, _ := p.value(b.in.Parameters)
		if err := p.check(v); err != nil {
			return err
		}
		b.given[p.Name] = v
		if p.SSM() {
			name, ok := v, false
			if v, ok = b.in.SSM[p.Name]; !ok {
				unfetched = append(unfetched, name)
			}
		}
		b.values[p.Name] = p.node(v)
	}
	if len(unfetched) > 0 {
		return refuse(nil, "Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(unfetched, ","))
	}
	return nil
}

// checkNames refuses values of parameters that are not there, and parameters without one.
func (t *Template) checkNames(given map[string]string) error {
	var unknown, missing []string
	for name := range given {
		if t.parameters[name] == nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return refuse(nil, "Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	for _, p := range t.Parameters {
		if _, ok := p.value(given); !ok {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 {
		return refuse(nil, "Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	return nil
}

// node is a value as functions see it: a String, or a List of what stands between commas,
// without the space around it. An empty value is a list of one empty string.
func (p *Parameter) node(value string) *tree.Node {
	if !p.list() {
		return tree.Text(value)
	}
	list := &tree.Node{Kind: tree.List}
	for item := range strings.SplitSeq(value, ",") {
		list.Items = append(list.Items, tree.Text(strings.TrimSpace(item)))
	}
	return list
}

// check holds a value against the parameter's type and constraints.
func (p *Parameter) check(value string) error {
	if len(value) > maxValue {
		return p.refuse("must contain at most %d bytes", maxValue)
	}
	items := []string{value}
	if p.list() && !p.SSM() {
		items = texts(p.node(value).Items)
	}
	for _, item := range items {
		if err := p.checkItem(item); err != nil {
			return err
		}
	}
	return nil
}

func (p *Parameter) checkItem(s string) error {
	n, isNumber := number(s)
	length := utf8.RuneCountInString(s)
	switch {
	case p.numeric() && !isNumber:
		return p.refuse("must be a number.")
	case p.AllowedValues != nil && !slices.Contains(p.AllowedValues, s):
		return p.broken("must be one of AllowedValues")
	case p.pattern != nil && !p.pattern.match(s):
		return p.broken("must match pattern %s", p.AllowedPattern)
	case p.MinLength != nil && length < *p.MinLength:
		return p.broken("must contain at least %d characters", *p.MinLength)
	case p.MaxLength != nil && length > *p.MaxLength:
		return p.broken("must contain at most %d characters", *p.MaxLength)
	case p.MinValue != nil && isNumber && n < *p.MinValue:
		return p.broken("must be a number not less than %s", short(*p.MinValue))
	case p.MaxValue != nil && isNumber && n > *p.MaxValue:
		return p.broken("must be a number not greater than %s", short(*p.MaxValue))
	}
	return nil
}

func short(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (p *Parameter) refuse(format string, args ...any) error {
	return refuseKey(&tree.Field{Line: p.line, Column: p.column}, "Parameter '"+p.Name+"' "+format, args...)
}

// broken is the error of a constraint: the template's words for it, or else AWS's.
func (p *Parameter) broken(format string, args ...any) error {
	if p.ConstraintDescription == "" {
		return p.refuse(format, args...)
	}
	return refuseKey(&tree.Field{Line: p.line, Column: p.column},
		"Parameter %s failed to satisfy constraint: %s", p.Name, p.ConstraintDescription)
}
