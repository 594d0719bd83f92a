package runbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/client"
)

var (
	validName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
	validID   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
)

// check finds what is wrong with a runbook before it is run.
func (r *Runbook) check() error {
	if !validName.MatchString(r.Name) {
		return fmt.Errorf("name: %q is no name: small letters, digits and hyphens", r.Name)
	}
	if len(r.Steps) == 0 {
		return fmt.Errorf("steps: there are none")
	}
	if len(r.Inputs.Names) > maxInputs || len(r.Outputs.Names) > maxInputs {
		return fmt.Errorf("there are over %d inputs or outputs", maxInputs)
	}
	for _, name := range r.Inputs.Names {
		if err := r.Inputs.Values[name].check(name); err != nil {
			return fmt.Errorf("input %s: %w", name, err)
		}
	}
	c := checker{runbook: r, known: map[string]bool{}}
	for _, s := range r.Steps {
		c.step(s, false)
	}
	for _, s := range r.Always {
		c.step(s, false)
	}
	for _, name := range r.Outputs.Names {
		out := r.Outputs.Values[name]
		if !out.Value.given {
			c.fail("output %s has no value", name)
		}
		out.Value.exprs(func(e *Expr) { c.expr(e, "output "+name) })
	}
	return c.err
}

// checker goes through the steps in their order and keeps the first mistake.
type checker struct {
	runbook *Runbook
	known   map[string]bool // steps so far
	count   int
	err     error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// step checks one step; first are those before an interrupted one is repeated.
func (c *checker) step(s *Step, first bool) {
	if s == nil {
		c.fail("an empty step")
		return
	}
	where := fmt.Sprintf("line %d: step %s", s.line, s.ID)
	if c.count++; c.count > maxSteps {
		c.fail("there are over %d steps", maxSteps)
	}
	if !validID.MatchString(s.ID) {
		c.fail("line %d: id: %q is no name: small letters, digits and underscores", s.line, s.ID)
	}
	if c.known[s.ID] {
		c.fail("%s: another step has this id", where)
	}
	c.kind(s, where, first)
	exprs := c.expressions(s)
	for _, e := range exprs {
		c.expr(e, where)
	}
	if s.IfInterrupted != nil {
		for _, f := range s.IfInterrupted.First {
			c.step(f, true)
		}
	}
	c.known[s.ID] = true
}

// expressions are all those of a step.
func (c *checker) expressions(s *Step) []*Expr {
	var list []*Expr
	add := func(e *Expr) { list = append(list, e) }
	for _, v := range []*Value{&s.With, &s.Set, &s.Fail, &s.Region, &s.Regions} {
		v.exprs(add)
	}
	for _, e := range []*Expr{&s.When, &s.ForEach} {
		if e.given() {
			add(e)
		}
	}
	if s.WaitUntil != nil && s.WaitUntil.Condition.given() {
		add(&s.WaitUntil.Condition)
	}
	return list
}

func (c *checker) expr(e *Expr, where string) {
	for _, id := range e.steps {
		if !c.known[id] {
			c.fail("%s: %s: there is no step %q before this one", where, e.text, id)
		}
	}
	for _, name := range e.names {
		if input, ok := strings.CutPrefix(name, "inputs."); ok && c.runbook.Inputs.Values[input] == nil {
			c.fail("%s: %s: there is no input %q", where, e.text, input)
		}
	}
}

// kind checks that a step does one thing, and that its parts go together.
func (c *checker) kind(s *Step, where string, first bool) {
	kinds := 0
	for _, given := range []bool{s.Call != "", s.Set.given, s.Fail.given} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		c.fail("%s: a step has one of call, set and fail", where)
	}
	if s.Call != "" {
		c.call(s, where)
	} else if s.With.given || s.Region.given || s.Regions.given || s.AllPages || s.Accept != nil || s.Retry != nil || s.WaitUntil != nil || s.IfInterrupted != nil {
		c.fail("%s: only a call has with, region, regions, all-pages, accept, retry, wait-until and if-interrupted", where)
	}
	if first && s.IfInterrupted != nil {
		c.fail("%s: what is done before a repetition has no if-interrupted of its own", where)
	}
}

// call checks a call against the model of its operation.
func (c *checker) call(s *Step, where string) {
	service, name, _ := strings.Cut(s.Call, ".")
	s.operation.Service = client.Service(service)
	if s.operation.Service != nil {
		s.operation.Operation = client.Operation(s.operation.Service, name)
	}
	op := s.operation.Operation
	if op == nil {
		c.fail("%s: there is no operation %q; it is written as iam.CreateUser", where, s.Call)
		return
	}
	tree, ok := s.With.tree.(map[string]any)
	if s.With.given && !ok && s.With.tree != nil {
		c.fail("%s: with is an object", where)
	}
	if err := client.Known(op, tree); err != nil {
		c.fail("%s: %w", where, err)
	}
	if s.Region.given && s.Regions.given {
		c.fail("%s: it has either region or regions", where)
	}
	if s.AllPages && op.Pages == nil {
		c.fail("%s: %s has no pages", where, op.Name)
	}
	if r := s.Retry; r != nil && (r.Attempts < 1 || r.Attempts > maxAttempts) {
		c.fail("%s: retry: attempts is 1 to %d", where, maxAttempts)
	}
	if w := s.WaitUntil; w != nil && (!w.Condition.given() || !client.Reads(op)) {
		c.fail("%s: wait-until takes a condition, and an operation that changes nothing", where)
	}
}

// kinds are the types of inputs.
var kinds = []string{"string", "integer", "boolean", "list", "secret"}

func (i *Input) check(name string) error {
	if i.Type == "" {
		i.Type = "string"
	}
	switch {
	case !validID.MatchString(name):
		return fmt.Errorf("this is no name: small letters, digits and underscores")
	case !slices.Contains(kinds, i.Type):
		return fmt.Errorf("type is one of %s", strings.Join(kinds, ", "))
	case (i.Min != nil || i.Max != nil) && i.Type != "integer":
		return fmt.Errorf("only an integer has min and max")
	case i.Type == "secret" && i.Default != nil:
		return fmt.Errorf("a secret has no default: a file is no place for it")
	}
	if _, err := regexp.Compile(i.Pattern); err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	if i.Default != nil {
		value, err := i.value(i.Default)
		if err != nil {
			return fmt.Errorf("default: %w", err)
		}
		i.Default = value
	}
	return nil
}
