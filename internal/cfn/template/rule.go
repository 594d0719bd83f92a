package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

func (t *Template) parseRules() error {
	fields, err := t.section("Rules", "rules", maxNodes)
	if err != nil {
		return err
	}
	for i := range fields {
		r, err := parseRule(&fields[i])
		if err != nil {
			return err
		}
		t.Rules = append(t.Rules, r)
	}
	return nil
}

func parseRule(f *tree.Field) (Rule, error) {
	r := Rule{Name: f.Key}
	if !alphanumeric(f.Key) {
		return r, refuseKey(f, formatError+"Rules name '%s' is non alphanumeric.", f.Key)
	}
	if !f.Value.Is(tree.Map) {
		return r, refuse(f.Value, formatError+"Any Rules member must be an object.")
	}
	for i := range f.Value.Fields {
		switch m := &f.Value.Fields[i]; m.Key {
		case "RuleCondition":
			r.Condition = m.Value
		case "Assertions":
			for _, item := range m.Value.Items {
				a, err := parseAssertion(f, item)
				if err != nil {
					return r, err
				}
				r.Assertions = append(r.Assertions, a)
			}
		default:
			return r, refuseKey(m, "Invalid template rule property '%s'", m.Key)
		}
	}
	if len(r.Assertions) == 0 {
		return r, refuseKey(f, formatError+"[/Rules/%s] Every Rules object must contain an Assertions member with at least one assertion.", f.Key)
	}
	return r, nil
}

func parseAssertion(rule *tree.Field, n *tree.Node) (Assertion, error) {
	var a Assertion
	for i := range n.Fields {
		switch m := &n.Fields[i]; m.Key {
		case "Assert":
			a.Assert = m.Value
		case "AssertDescription":
			var err error
			if a.Description, err = stringMember(m); err != nil {
				return a, err
			}
		default:
			return a, refuseKey(m, "Invalid template rule property '%s'", m.Key)
		}
	}
	if a.Assert == nil {
		return a, refuse(n, formatError+"[/Rules/%s] Every Assertions member must contain an Assert member.", rule.Key)
	}
	return a, nil
}

// checkRules checks the functions of rules and that they name parameters.
func (t *Template) checkRules() error {
	c := t.checker("Rules")
	for _, r := range t.Rules {
		if r.Condition != nil {
			if err := c.rule(r.Condition); err != nil {
				return err
			}
		}
		for _, a := range r.Assertions {
			if err := c.rule(a.Assert); err != nil {
				return err
			}
		}
	}
	return c.missing()
}

// rule checks a condition of a rule.
func (c *checker) rule(n *tree.Node) error {
	f, ok := operation(n)
	if ok && f.Key == fnCondition {
		ok = false // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1183
	}
	if !ok {
		return c.ruleFunction(n)
	}
	if err := operands(f); err != nil {
		return err
	}
	for _, item := range f.Value.Items {
		var err error
		if f.Key == fnEquals {
			err = c.ruleValue(item)
		} else {
			err = c.rule(item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) ruleFunction(n *tree.Node) error {
	f, called := function(n)
	if !called {
		return refuse(n, formatError+"Every condition and assertion of a rule must be a function that is true or false.")
	}
	switch f.Key {
	case fnContains, fnEachMemberEquals, fnEachMemberIn:
	default:
		return refuseKey(f, formatError+"%s can't be the condition or an assertion of a rule.", f.Key)
	}
	if !pair(f.Value) {
		return refuse(f.Value, functionError+"every %s object requires two parameters.", f.Key)
	}
	for _, item := range f.Value.Items {
		if err := c.ruleValue(item); err != nil {
			return err
		}
	}
	return nil
}

// ruleValue checks what the functions of rules compare: literals and parameters. The
// attributes of resources of other services, which ValueOf looks up, iamd does not have.
func (c *checker) ruleValue(n *tree.Node) error {
	f, called := function(n)
	switch {
	case !called && isListOfScalars(n) || n.Scalar():
		return nil
	case !called && n.Is(tree.List):
		for _, item := range n.Items {
			if err := c.ruleValue(item); err != nil {
				return err
			}
		}
		return nil
	case !called:
		return refuse(n, formatError+"A rule compares strings and lists of strings.")
	}
	switch f.Key {
	case fnRef:
		if f.Value.Scalar() && c.t.resources[f.Value.Text] != nil {
			c.miss(f.Value.Text, f.Value)
			return nil
		}
		return c.ref(f.Value)
	case fnRefAll:
		if !f.Value.Scalar() {
			return refuse(f.Value, functionError+"every Fn::RefAll object must have a String-typed value.")
		}
		return nil
	case fnValueOf, fnValueOfAll:
		return refuseKey(f, functionError+"iamd does not support %s, which looks into resources that it does not have.", f.Key)
	}
	return refuseKey(f, formatError+"%s can't be used in the Rules block of the template.", f.Key)
}

// checkAssertions is the error of the rules that the parameters' values break.
func (b *Bound) checkAssertions() error {
	e := &evaluation{b: b}
	var broken []string
	var first *tree.Node
	for _, r := range b.t.Rules {
		if r.Condition != nil {
			if holds, err := e.condition(r.Condition); err != nil || !holds {
				if err != nil {
					return err
				}
				continue
			}
		}
		for _, a := range r.Assertions {
			holds, err := e.condition(a.Assert)
			if err != nil {
				return err
			}
			if holds {
				continue
			}
			if first == nil {
				first = a.Assert
			}
			broken = append(broken, strings.TrimSuffix("Rule "+r.Name+" failed: "+a.Description, ": "))
		}
	}
	if first == nil {
		return nil
	}
	return refuse(first, "Template validation error: %s", strings.Join(broken, "; "))
}

// ruleCondition evaluates the conditions that only rules have.
func (e *evaluation) ruleCondition(n *tree.Node) (bool, error) {
	f, called := function(n)
	if !called || !pair(f.Value) {
		return false, refuse(n, notBoolean)
	}
	left, err := e.ruleTexts(f.Value.Items[0])
	if err != nil {
		return false, err
	}
	right, err := e.ruleTexts(f.Value.Items[1])
	if err != nil {
		return false, err
	}
	switch f.Key {
	case fnContains:
		return len(right) == 1 && slices.Contains(left, right[0]), nil
	case fnEachMemberEquals:
		return len(right) == 1 && every(left, right), nil
	case fnEachMemberIn:
		return every(left, right), nil
	}
	return false, refuse(n, notBoolean)
}

// every reports whether each of list is in of.
func every(list, of []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(of, s) })
}

// ruleTexts is a value as the list of its strings; a string is the list of itself.
func (e *evaluation) ruleTexts(n *tree.Node) ([]string, error) {
	if of := is(n, fnRefAll); of != nil {
		return e.b.valuesOf(of.Text), nil
	}
	v, err := e.value(n)
	if err != nil {
		return nil, err
	}
	if v.Scalar() {
		return []string{v.Text}, nil
	}
	if !isListOfScalars(v) {
		return nil, refuse(n, formatError+"A rule compares strings and lists of strings.")
	}
	return texts(v.Items), nil
}

// valuesOf are the values of all parameters of a type.
func (b *Bound) valuesOf(kind string) []string {
	var out []string
	for _, p := range b.t.Parameters {
		if p.Type != kind {
			continue
		}
		if v := b.values[p.Name]; v.Is(tree.List) {
			out = append(out, texts(v.Items)...)
		} else {
			out = append(out, v.Text)
		}
	}
	return out
}
