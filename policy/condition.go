package policy

import (
	"slices"
	"strings"
)

// A condition is one key of one operator, with the values it is compared to. All
// conditions of a statement must hold.
type condition struct {
	operator operator
	// key is in lower case, as a Context is asked.
	key  string
	test test
	// as is the operator and the key as the policy has them.
	as Unmet
}

// An Unmet names a condition that did not hold.
type Unmet struct{ Operator, Key string }

// An operator is an operator's name taken apart.
type operator struct {
	set      set
	ifExists bool
	// negated: true if no value matches.
	negated bool
	// isNull: about the key, not its values.
	isNull bool
	// compile reads the policy's values. It returns an error for one that is not of
	// the operator's type.
	compile func(values []string, variables bool) (test, error)
}

// A set says how many of a key's values must match.
type set uint8

const (
	plain set = iota
	forAllValues
	forAnyValue
)

// A test compares a value of the request with the policy's; yes if any matches.
type test interface {
	match(value string, c Context) truth
}

// operatorNamed takes a name such as ForAllValues:StringNotLikeIfExists apart.
// Case matters in it.
func operatorNamed(name string) (operator, bool) {
	base, op := name, operator{}
	if rest, ok := strings.CutPrefix(base, "ForAllValues:"); ok {
		base, op.set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(base, "ForAnyValue:"); ok {
		base, op.set = rest, forAnyValue
	}
	if base == "Null" && op.set == plain {
		return operator{isNull: true, compile: compileNull}, true
	}
	base, op.ifExists = strings.CutSuffix(base, "IfExists")
	found, ok := operators[base]
	op.negated, op.compile = found.negated, found.compile
	return op, ok
}

// Comparable reports whether a value that a request carries is of the type that the
// operator, one for equality, compares: a number for NumericEquals, a date for DateEquals.
func Comparable(operator, value string) bool {
	op, ok := operatorNamed(operator)
	if !ok || op.isNull {
		return false
	}
	t, err := op.compile([]string{value}, false)
	return err == nil && t.match(value, nil) == yes
}

func isOperator(name string) bool {
	_, ok := operatorNamed(name)
	return ok
}

// operators are all that compare values.
var operators = map[string]struct {
	negated bool
	compile func([]string, bool) (test, error)
}{
	"StringEquals":              {false, compileStringEquals},
	"StringNotEquals":           {true, compileStringEquals},
	"StringEqualsIgnoreCase":    {false, compileStringEqualsIgnoreCase},
	"StringNotEqualsIgnoreCase": {true, compileStringEqualsIgnoreCase},
	"StringLike":                {false, compileStringLike},
	"StringNotLike":             {true, compileStringLike},
	"NumericEquals":             {false, compileNumeric(equal)},
	"NumericNotEquals":          {true, compileNumeric(equal)},
	"NumericLessThan":           {false, compileNumeric(less)},
	"NumericLessThanEquals":     {false, compileNumeric(less | equal)},
	"NumericGreaterThan":        {false, compileNumeric(greater)},
	"NumericGreaterThanEquals":  {false, compileNumeric(greater | equal)},
	"DateEquals":                {false, compileDate(equal)},
	"DateNotEquals":             {true, compileDate(equal)},
	"DateLessThan":              {false, compileDate(less)},
	"DateLessThanEquals":        {false, compileDate(less | equal)},
	"DateGreaterThan":           {false, compileDate(greater)},
	"DateGreaterThanEquals":     {false, compileDate(greater | equal)},
	"Bool":                      {false, compileBool},
	"BinaryEquals":              {false, compileBinary},
	"IpAddress":                 {false, compileIP},
	"NotIpAddress":              {true, compileIP},
	"ArnEquals":                 {false, compileArn},
	"ArnLike":                   {false, compileArn},
	"ArnNotEquals":              {true, compileArn},
	"ArnNotLike":                {true, compileArn},
}

func compileCondition(c sourceCondition, variables bool) condition {
	op, _ := operatorNamed(c.operator)
	t, _ := op.compile(c.values, variables) // checked when it was parsed
	return condition{operator: op, key: strings.ToLower(c.key), as: Unmet{c.operator, c.key}, test: t}
}

// holds evaluates the condition as
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// says, and set operators as
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
// does.
func (c *condition) holds(ctx Context) bool {
	values := lookup(ctx, c.key)
	if c.operator.isNull {
		return c.test.match(presence(values), ctx) == yes
	}
	if len(values) == 0 {
		return c.operator.holdsForAbsent()
	}
	switch c.operator.set {
	case forAllValues:
		return empty(values) || c.all(values, ctx)
	case forAnyValue:
		return !empty(values) && c.any(values, ctx)
	}
	if c.operator.negated {
		return c.all(values, ctx) // none of them may match
	}
	return c.any(values, ctx)
}

// holdsForAbsent is the answer for a key that the request does not have.
func (o *operator) holdsForAbsent() bool {
	switch {
	case o.ifExists || o.set == forAllValues:
		return true
	case o.set == forAnyValue:
		return false
	}
	return o.negated
}

// empty: to a set operator, a key whose values are empty is an empty set.
func empty(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != "" })
}

func (c *condition) all(values []string, ctx Context) bool {
	for _, v := range values {
		if !c.value(v, ctx) {
			return false
		}
	}
	return true
}

func (c *condition) any(values []string, ctx Context) bool {
	for _, v := range values {
		if c.value(v, ctx) {
			return true
		}
	}
	return false
}

// value reports whether one value is as the operator wants it. If a variable has
// no value, it is neither equal nor unequal: a statement that needs it does not
// apply (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
func (c *condition) value(v string, ctx Context) bool {
	if c.operator.negated {
		return c.test.match(v, ctx) == no
	}
	return c.test.match(v, ctx) == yes
}
