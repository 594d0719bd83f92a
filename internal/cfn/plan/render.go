package plan

import (
	"maps"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// Rendering is a plan as DescribeChangeSet shows it, by logical ID. Values is what it
// shows with IncludePropertyValues, and Plain what without: that also tells of resources
// that may change because an attribute that they use belongs to one that does.
type Rendering struct {
	Values, Plain []shape.ResourceChange
}

// Whether a resource is replaced.
const (
	kept     = "False"
	replaced = "True"
	perhaps  = "Conditional"
)

// renderer makes a Rendering.
type renderer struct {
	*Plan
	masked, formerMasked *template.Bound
	before, after        map[string]template.Value // of the parameters
	known                map[string][]detail       // by logical ID
}

// Render shows the plan. NoEcho parameters and secret attributes are masked.
func (p *Plan) Render() (*Rendering, error) {
	r := &renderer{Plan: p, masked: p.want.Masked(), before: values(p.former), after: values(p.want), known: map[string][]detail{}}
	if p.former != nil {
		r.formerMasked = p.former.Masked()
	}
	made := &Rendering{}
	for _, logical := range slices.Sorted(maps.Keys(p.Changes)) {
		if err := r.resource(logical, made); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// resource adds what becomes of one resource.
func (r *renderer) resource(logical string, made *Rendering) error {
	c := r.Changes[logical]
	full := shape.ResourceChange{
		Action: new(string(c.Action)), LogicalResourceId: &logical, Scope: []string{}, Details: []shape.ResourceChangeDetail{},
	}
	if c.Resource != nil {
		full.ResourceType = &c.Resource.Type
	}
	if c.Current != nil {
		full.ResourceType, full.PhysicalResourceId = &c.Current.Type, &c.Current.Physical
	}
	plain := full
	switch c.Action {
	case Remove:
		full.PolicyAction = new(removal(r.was[logical]))
		plain.PolicyAction = full.PolicyAction
	case Import:
		full.PhysicalResourceId, plain.PhysicalResourceId = &c.Physical, &c.Physical
	case Modify, None:
		if err := r.modify(logical, &full, &plain); err != nil {
			return err
		}
	}
	if c.Action != None {
		var err error
		if full.BeforeContext, full.AfterContext, err = r.contexts(logical); err != nil {
			return err
		}
		made.Values = append(made.Values, full)
	}
	if c.Action != None || len(plain.Details) > 0 {
		made.Plain = append(made.Plain, plain)
	}
	return nil
}

// modify fills in the change of a resource that is there.
func (r *renderer) modify(logical string, full, plain *shape.ResourceChange) error {
	c := r.Changes[logical]
	details, err := r.details(logical)
	if err != nil {
		return err
	}
	full.Scope, full.Details = scope(details), shown(details, true)
	full.Replacement, full.PolicyAction = r.replacing(c, details)
	details = append(slices.Clone(details), r.mayChange(c)...)
	plain.Action = new(string(Modify))
	plain.Scope, plain.Details = scope(details), shown(details, false)
	plain.Replacement, plain.PolicyAction = r.replacing(c, details)
	return nil
}

// replacing says whether details take another resource, and what becomes of this one.
func (r *renderer) replacing(c *Change, details []detail) (replacement, policyAction *string) {
	word := replacementOf(details)
	if word == replaced {
		action := "ReplaceAndDelete"
		switch policy(c.Resource.UpdateReplacePolicy) {
		case "Retain":
			action = "ReplaceAndRetain"
		case "Snapshot":
			action = "ReplaceAndSnapshot"
		}
		policyAction = &action
	}
	return &word, policyAction
}

// replacement says whether a resource is replaced.
func (r *renderer) replacement(logical string) string {
	details, err := r.details(logical)
	if err != nil {
		return perhaps // its own rendering says why
	}
	return replacementOf(details)
}

// removal says what becomes of a resource that is removed.
func removal(res *template.Resource) string {
	if res != nil {
		switch word := policy(res.DeletionPolicy); word {
		case "Retain", "RetainExceptOnCreate":
			return "Retain"
		case "Snapshot":
			return word
		}
	}
	return "Delete"
}

func policy(n *tree.Node) string {
	if n.Scalar() {
		return n.Text
	}
	return ""
}

// contexts are the resource before and after, as JSON.
func (r *renderer) contexts(logical string) (before, after *string, err error) {
	c := r.Changes[logical]
	if c.Current != nil {
		n, err := r.context(r.formerMasked, past{r.current}, r.was[logical], c.Current.Type, c.Current.Masked)
		if err != nil {
			return nil, nil, err
		}
		before = new(n.JSON())
	}
	if c.Resource != nil {
		seen, err := r.seen(c)
		if err != nil {
			return nil, nil, err
		}
		n, err := r.context(r.masked, discreet{r.Plan}, c.Resource, c.Resource.Type, seen)
		if err != nil {
			return nil, nil, err
		}
		after = new(n.JSON())
	}
	return before, after, nil
}

// context is what a side says of a resource; res is nil if it says nothing.
func (r *renderer) context(of *template.Bound, l template.Lookup, res *template.Resource, typ string, seen *tree.Node) (*tree.Node, error) {
	whole := &tree.Node{Kind: tree.Map}
	if checked := check(typ, seen); len(checked.Fields) > 0 {
		whole.Fields = append(whole.Fields, tree.Field{Key: "Properties", Value: Texts(checked)})
	}
	if of == nil || res == nil {
		return whole, nil
	}
	for _, a := range attributes {
		value, err := of.Resolve(a.of(res), l)
		if err != nil {
			return nil, err
		}
		if value != nil {
			whole.Fields = append(whole.Fields, tree.Field{Key: a.name, Value: Texts(value)})
		}
	}
	return whole, nil
}

// seen is what people may see of what a resource is to be.
func (r *renderer) seen(c *Change) (*tree.Node, error) {
	n, err := r.masked.Resolve(c.Resource.Properties, discreet{r.Plan})
	return check(c.Resource.Type, n), err
}

// check is properties as their type wants them.
func check(typ string, n *tree.Node) *tree.Node {
	if k := kind.Find(typ); k != nil {
		n, _ = k.Schema.Check(n)
	}
	return n
}

// discreet answers references as a plan does, but with secrets masked.
type discreet struct{ *Plan }

// Attr is a resource's attribute, where it is known and may be seen.
func (l discreet) Attr(logical, name string) (*tree.Node, error) {
	n, err := l.Plan.Attr(logical, name)
	if res := l.live[logical]; err == nil && n.Scalar() && res != nil && slices.Contains(kind.Find(res.Type).Schema.Secret, name) {
		n = tree.Text(Masked)
	}
	return n, err
}
