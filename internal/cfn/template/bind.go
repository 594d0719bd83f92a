package template

import (
	"maps"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Inputs is what a template's functions can ask for before any resource exists.
type Inputs struct {
	Parameters map[string]string // as given, or as they were before; the defaults fill the rest
	SSM        map[string]string // by a parameter's name, the value of the SSM parameter that it names
	Pseudo     Pseudo
	// Import is the value of an export, for Fn::ImportValue; false when there is none.
	Import func(name string) (string, bool)
}

// Pseudo is the values of the pseudo parameters.
type Pseudo struct {
	AccountID, Region, Partition, URLSuffix string
	StackID, StackName                      string
	NotificationARNs                        []string
}

// Bound is a template with the values of its parameters. It does not change.
type Bound struct {
	t          *Template
	in         Inputs
	given      map[string]string     // by parameter: given, or the default
	values     map[string]*tree.Node // by parameter: a String or a List of them
	conditions map[string]bool
	live       map[string]bool // the resources whose conditions hold
}

// Bind checks the values of the parameters and what depends on nothing else: conditions,
// rules, and that all that is referred to will exist. An error is an *[Error]. The template
// has no macros, or Expand has run them.
func (t *Template) Bind(in Inputs) (*Bound, error) {
	if t.resources == nil {
		return nil, refuse(nil, formatError+"the macros of the template have not run.")
	}
	b := &Bound{t: t, in: in}
	for _, step := range []func() error{
		b.bindParameters, b.checkAssertions, b.evaluateConditions, b.checkLive,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Template is what was bound.
func (b *Bound) Template() *Template { return b.t }

// Resources are those whose condition holds, in the template's order.
func (b *Bound) Resources() []*Resource {
	var out []*Resource
	for _, r := range b.t.Resources {
		if b.holds(r.Condition) {
			out = append(out, r)
		}
	}
	return out
}

// Outputs are those whose condition holds, in the template's order.
func (b *Bound) Outputs() []*Output {
	var out []*Output
	for _, o := range b.t.Outputs {
		if b.holds(o.Condition) {
			out = append(out, o)
		}
	}
	return out
}

// Holds reports whether a condition of the template holds; false for one it doesn't have.
func (b *Bound) Holds(condition string) bool { return b.conditions[condition] }

func (b *Bound) holds(condition string) bool { return condition == "" || b.conditions[condition] }

// checkLive refuses what refers to a resource whose condition does not hold, and circles.
func (b *Bound) checkLive() error {
	b.live = map[string]bool{}
	live := b.Resources()
	for _, r := range live {
		b.live[r.LogicalID] = true
	}
	c := b.t.checker("Resources")
	needs := make(map[string][]string, len(live))
	for _, r := range live {
		for _, n := range r.parts() {
			b.missDead(c, n)
		}
		needs[r.LogicalID] = b.Dependencies(r)
	}
	if err := c.missing(); err != nil {
		return err
	}
	c = b.t.checker("Outputs")
	for _, o := range b.Outputs() {
		b.missDead(c, o.Value)
		b.missDead(c, o.Export)
	}
	if err := c.missing(); err != nil {
		return err
	}
	return b.t.circular(needs)
}

func (b *Bound) missDead(c *checker, n *tree.Node) {
	refer(n, b.choose, func(name, _ string) {
		if b.t.resources[name] != nil && !b.live[name] {
			c.miss(name, n)
		}
	})
}

// masked is what stands for the values of parameters with NoEcho.
const masked = "****"

// Masked is b with "****" for the values of parameters with NoEcho, for all that people
// see. Conditions stay as the true values have them.
func (b *Bound) Masked() *Bound {
	m := *b
	m.given, m.values = maps.Clone(b.given), maps.Clone(b.values)
	for _, p := range b.t.Parameters {
		if !p.NoEcho {
			continue
		}
		m.given[p.Name], m.values[p.Name] = masked, tree.Text(masked)
		if p.list() {
			m.values[p.Name] = tree.ListOf(tree.Text(masked))
		}
	}
	return &m
}

// Value is a parameter's value as DescribeStacks shows it, but not masked.
type Value struct {
	Name, Given string
	Resolved    string // of an SSM parameter that Given names; "" for other types
	NoEcho      bool
}

// Values are the values of all parameters, in the template's order.
func (b *Bound) Values() []Value {
	out := make([]Value, 0, len(b.t.Parameters))
	for _, p := range b.t.Parameters {
		v := Value{Name: p.Name, Given: b.given[p.Name], NoEcho: p.NoEcho}
		if p.SSM() {
			if v.Resolved = b.in.SSM[p.Name]; v.NoEcho && v.Given == masked {
				v.Resolved = masked
			}
		}
		out = append(out, v)
	}
	return out
}
