package shapes

import (
	"strconv"
	"sync"
)

// Checkable is a request, or a structure within one. Check reports to c what v
// violates; the generated types implement it.
type Checkable interface {
	Check(c *Checker)
}

// maxViolations bounds what one request can make us say about it.
const maxViolations = 100

// Check returns what in violates of its model, in the order of its members, and
// nil when it is fine. The decoder of a wire format gives in absent the paths of
// required members that it did not find, spelled as in Violation.Path, because
// the zero value of a required string, number, boolean or time cannot say that.
// With absent nil, those are checked as the values they are. Check allocates
// nothing for a valid request.
func Check(in Checkable, absent []string) []Violation {
	c := checkers.Get().(*Checker)
	for _, path := range absent {
		if c.absent == nil {
			c.absent = make(map[string]bool, len(absent))
		}
		c.absent[path] = true
	}
	in.Check(c)
	found := c.found
	*c = Checker{steps: c.steps[:0]}
	checkers.Put(c)
	return found
}

var checkers = sync.Pool{New: func() any { return new(Checker) }}

// Checker walks one request. Its methods are for generated code: each looks at
// one member, named as in a Violation's path.
type Checker struct {
	absent map[string]bool
	steps  []step // from the request to the structure being checked
	found  []Violation
	rules  map[string]string // what Rules collects, instead of checking
}

// step is a structure's place in the one around it.
type step struct {
	name  string
	index int // 1-based place in the list called name; 0 for a plain member
}

// Required reports the member if the decoder did not find it. It is for members
// whose values have no constraints.
func (c *Checker) Required(name string) {
	if c.isAbsent(name) {
		c.null(name, false)
	}
}

// Null reports a required structure, list, map or blob that is nil.
func (c *Checker) Null(name string) { c.null(name, false) }

// String checks a string.
func (c *Checker) String(name, s string, r *StringRule) {
	if c.rules != nil {
		c.note(name, r.describe())
		return
	}
	if c.isAbsent(name) {
		c.null(name, r.Sensitive)
		return
	}
	if r.allows(s) {
		return
	}
	value := ""
	if !r.Sensitive {
		value = quote(s)
	}
	for _, constraint := range r.violated(s) {
		c.report(name, value, constraint)
	}
}

// Number checks a whole number.
func (c *Checker) Number(name string, n int64, r *NumberRule) {
	if c.rules != nil {
		c.note(name, r.describe())
		return
	}
	switch {
	case c.isAbsent(name):
		c.null(name, false)
	case n < r.Min:
		c.report(name, quote(strconv.FormatInt(n, 10)), atLeast("value", r.Min))
	case n > r.Max:
		c.report(name, quote(strconv.FormatInt(n, 10)), atMost("value", r.Max))
	}
}

// Length checks the length of a blob or of a list of structures. Their values
// are never printed: they may hold sensitive members.
func (c *Checker) Length(name string, n int, r *LengthRule) {
	if c.rules != nil {
		c.note(name, r.describe("long"))
		return
	}
	c.length(name, "", n, r)
}

// Strings checks a list of strings.
func (c *Checker) Strings(name string, list []string, r *StringsRule) {
	if c.rules != nil {
		c.note(name, r.describe())
		return
	}
	if r.allows(list) {
		return
	}
	value := r.quote(list)
	c.length(name, value, len(list), &r.LengthRule)
	if !r.allowsElements(list) {
		c.report(name, value, r.elements())
	}
}

// Map checks a map of strings.
func (c *Checker) Map(name string, m map[string]string, r *MapRule) {
	if c.rules != nil {
		c.note(name, r.describe())
		return
	}
	if r.allows(m) {
		return
	}
	value := r.quote(m)
	c.length(name, value, len(m), &r.LengthRule)
	if !r.allowsKeys(m) {
		c.report(name, value, "Map keys must satisfy constraint: "+r.Key.all(false))
	}
	if !r.allowsValues(m) {
		c.report(name, value, "Map value must satisfy constraint: "+r.Value.all(false))
	}
}

// Struct checks the structure that is the member called name.
func (c *Checker) Struct(name string, v Checkable) {
	c.steps = append(c.steps, step{name: name})
	v.Check(c)
	c.steps = c.steps[:len(c.steps)-1]
}

// Structs checks the elements of the list called name.
func Structs[T any, P interface {
	*T
	Checkable
}](c *Checker, name string, list []T) {
	for i := range list {
		c.steps = append(c.steps, step{name: name, index: i + 1})
		P(&list[i]).Check(c)
		c.steps = c.steps[:len(c.steps)-1]
	}
}

func (c *Checker) isAbsent(name string) bool {
	return c.absent != nil && c.absent[c.path(name)]
}

func (c *Checker) null(name string, sensitive bool) {
	value := "null"
	if sensitive {
		value = ""
	}
	c.report(name, value, "Member must not be null")
}

func (c *Checker) length(name, value string, n int, r *LengthRule) {
	switch {
	case n < r.Min:
		c.report(name, value, atLeast("length", int64(r.Min)))
	case r.Max > 0 && n > r.Max:
		c.report(name, value, atMost("length", int64(r.Max)))
	}
}

func (c *Checker) report(name, value, constraint string) {
	if len(c.found) < maxViolations {
		c.found = append(c.found, Violation{Path: c.path(name), Value: value, Constraint: constraint})
	}
}

func (c *Checker) path(name string) string {
	var b []byte
	for _, s := range c.steps {
		b = append(append(b, s.name...), '.')
		if s.index > 0 {
			b = append(strconv.AppendInt(b, int64(s.index), 10), ".member."...)
		}
	}
	return string(append(b, name...))
}
