package template

import (
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

const notBoolean = formatError + "Conditions can only be boolean operations on parameters and other conditions"

// checkConditions checks the Conditions block, and that no condition needs itself.
func (t *Template) checkConditions() error {
	c := t.checker("Conditions")
	needs := map[string][]string{}
	for _, cond := range t.Conditions {
		c.conditions = nil
		if err := c.condition(cond.Expression); err != nil {
			return err
		}
		slices.Sort(c.conditions)
		needs[cond.Name] = slices.Compact(c.conditions)
	}
	if err := c.missing(); err != nil {
		return err
	}
	if left := circles(needs); len(left) > 0 {
		return refuse(t.conditions[left[0]], functionError+"Found circular condition dependency between %s and %s", left[0], left[len(left)-1])
	}
	return nil
}

// operation is the function of conditions that a node is, if it is one.
func operation(n *tree.Node) (*tree.Field, bool) {
	if !n.Is(tree.Map) || len(n.Fields) != 1 {
		return nil, false
	}
	switch f := &n.Fields[0]; f.Key {
	case fnAnd, fnOr, fnNot, fnEquals, fnCondition:
		return f, true
	}
	return nil, false
}

// condition checks a condition.
func (c *checker) condition(n *tree.Node) error {
	f, ok := operation(n)
	if !ok {
		return refuse(n, notBoolean)
	}
	if f.Key == fnCondition {
		if !f.Value.Scalar() {
			return refuse(f.Value, notBoolean)
		}
		if c.t.conditions[f.Value.Text] == nil {
			return refuse(f.Value, formatError+"Unresolved condition dependency %s in the Conditions block of the template", f.Value.Text)
		}
		c.conditions = append(c.conditions, f.Value.Text)
		return nil
	}
	if err := operands(f); err != nil {
		return err
	}
	for _, item := range f.Value.Items {
		var err error
		if f.Key == fnEquals {
			err = c.value(item)
		} else {
			err = c.condition(item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// operands checks how many there are, and that those of Fn::Equals can be text.
func operands(f *tree.Field) error {
	n := len(f.Value.Items)
	list := f.Value.Is(tree.List)
	switch {
	case (f.Key == fnAnd || f.Key == fnOr) && (!list || n < 2 || n > maxConditionIn):
		return refuse(f.Value, wrongAnd, f.Key)
	case f.Key == fnNot && (!list || n != 1):
		return refuse(f.Value, wrongNot)
	case f.Key == fnEquals && (!list || n != 2 || slices.ContainsFunc(f.Value.Items, isNoText)):
		return refuse(f.Value, wrongEquals)
	}
	return nil
}

// evaluateConditions says of every condition whether it holds.
func (b *Bound) evaluateConditions() error {
	b.conditions = make(map[string]bool, len(b.t.Conditions))
	e := &evaluation{b: b}
	for _, c := range b.t.Conditions {
		if _, err := e.named(c.Name); err != nil {
			return err
		}
	}
	return nil
}

// named is a named condition, evaluated once. Parse has seen to it that they end.
func (e *evaluation) named(name string) (bool, error) {
	if holds, done := e.b.conditions[name]; done {
		return holds, nil
	}
	holds, err := e.condition(e.b.t.conditions[name])
	if err == nil {
		e.b.conditions[name] = holds
	}
	return holds, err
}

// condition evaluates the functions of conditions, and those that only rules have.
func (e *evaluation) condition(n *tree.Node) (bool, error) {
	f, ok := operation(n)
	if !ok {
		return e.ruleCondition(n)
	}
	switch f.Key {
	case fnCondition:
		return e.named(f.Value.Text)
	case fnEquals:
		return e.equals(f.Value)
	case fnNot:
		holds, err := e.condition(f.Value.Items[0])
		return !holds, err
	}
	for _, item := range f.Value.Items {
		holds, err := e.condition(item)
		if err != nil {
			return false, err
		}
		if holds == (f.Key == fnOr) {
			return holds, nil
		}
	}
	return f.Key == fnAnd, nil
}

func (e *evaluation) equals(arg *tree.Node) (bool, error) {
	var both [2]*tree.Node
	for i, item := range arg.Items {
		v, err := e.value(item)
		if err != nil {
			return false, err
		}
		if !v.Scalar() {
			return false, refuse(item, wrongEquals)
		}
		both[i] = v
	}
	return both[0].Text == both[1].Text, nil
}
