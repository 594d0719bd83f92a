// Package plan says what an update would do to a stack, before anything is done.
package plan

import (
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
)

// Current is a resource as a stack has it.
type Current struct {
	Type     string
	Physical string
	Literal  *tree.Node // its properties, dynamic references as they are written
	Masked   *tree.Node // the same as people may see them
	Metadata *tree.Node
	Attrs    map[string]string
	Tags     []directory.Tag // of the stack, that it has
}

// Action is what happens to a resource.
type Action string

// The Actions, as change sets have them; None is no change.
const (
	None   Action = ""
	Add    Action = "Add"
	Modify Action = "Modify"
	Remove Action = "Remove"
	// Import takes a resource in that is there already.
	Import Action = "Import"
)

// Change is what an update would do to one resource.
type Change struct {
	Action      Action
	Resource    *template.Resource // nil for one that is removed
	Current     *Current           // nil for one that is added
	Want        *tree.Node         // its properties, Unknown where they can't be told yet
	Properties  []kind.Change
	Replacement kind.Replacement
	Tags        bool        // the stack's tags, that are passed on, change
	Automatic   bool        // nothing is known to change, but something may
	Attributes  []Attribute // that change, in the order of attributes
	Refused     error       // why its handler would not do it; nil if nothing is known against it
	// Physical is the one that is imported; "" for none.
	Physical string
}

// Attribute is a change of what a template says of a resource besides its properties.
type Attribute struct {
	Name          string
	Before, After *tree.Node // nil for none
}

// attributes are the Attributes there are, by name.
var attributes = []struct {
	name string
	of   func(*template.Resource) *tree.Node
}{
	{"Metadata", func(r *template.Resource) *tree.Node { return r.Metadata }},
	{"CreationPolicy", func(r *template.Resource) *tree.Node { return r.CreationPolicy }},
	{"UpdatePolicy", func(r *template.Resource) *tree.Node { return r.UpdatePolicy }},
	{"DeletionPolicy", func(r *template.Resource) *tree.Node { return r.DeletionPolicy }},
	{"UpdateReplacePolicy", func(r *template.Resource) *tree.Node { return r.UpdateReplacePolicy }},
}

// Replaced reports whether there may be another physical resource afterwards.
func (c *Change) Replaced() bool { return c.Replacement != kind.Never }

// Plan is what becomes of the resources of a stack.
type Plan struct {
	Changes map[string]*Change // by logical ID; of all resources, those that stay as they are, too

	current      map[string]*Current
	former, want *template.Bound
	tags         []directory.Tag
	live         map[string]*template.Resource
	was          map[string]*template.Resource
}

// Compare is what becomes of each resource when a stack that has the current ones, of the
// template former, is to be what want says, and has the tags. former is nil for a stack
// that has no template yet, or if only properties matter.
func Compare(current map[string]*Current, former, want *template.Bound, tags []directory.Tag) (*Plan, error) {
	p := &Plan{
		Changes: map[string]*Change{}, current: current, former: former, want: want, tags: tags,
		live: byID(want), was: byID(former),
	}
	for _, res := range want.Resources() {
		if _, err := p.change(res.LogicalID); err != nil {
			return nil, err
		}
	}
	for logical, is := range current {
		if p.live[logical] == nil {
			p.Changes[logical] = &Change{Action: Remove, Current: is}
		}
	}
	return p, nil
}

// byID are the resources of a template, which may be nil, by logical ID.
func byID(b *template.Bound) map[string]*template.Resource {
	all := map[string]*template.Resource{}
	if b != nil {
		for _, res := range b.Resources() {
			all[res.LogicalID] = res
		}
	}
	return all
}

// Any reports whether anything changes.
func (p *Plan) Any() bool {
	for _, c := range p.Changes {
		if c.Action != None {
			return true
		}
	}
	return false
}

// Imports makes an addition the import of a physical resource.
func (p *Plan) Imports(logical, physical string) {
	c := p.Changes[logical]
	c.Action, c.Physical = Import, physical
}

// change is what becomes of one resource of the template. What it refers to comes first:
// nothing refers to itself, which templates are checked for.
func (p *Plan) change(logical string) (*Change, error) {
	if known := p.Changes[logical]; known != nil {
		return known, nil
	}
	res := p.live[logical]
	if res == nil {
		return nil, fmt.Errorf("plan: %s is not in the template", logical)
	}
	k := kind.Find(res.Type)
	if k == nil {
		return nil, fmt.Errorf("plan: no type %s", res.Type)
	}
	made := &Change{Resource: res, Current: p.current[logical]}
	literal, err := p.want.Resolve(res.Properties, p)
	if err != nil {
		return nil, err
	}
	made.Want, _ = k.Schema.Check(literal)
	if made.Current == nil {
		made.Action = Add
		p.Changes[logical] = made
		return made, nil
	}
	return made, p.modify(made, k)
}

func (p *Plan) modify(made *Change, k *kind.Type) error {
	is, res := made.Current, made.Resource
	made.Properties = k.Schema.Diff(is.Literal, made.Want)
	var err error
	if made.Attributes, err = p.attributes(is, res); err != nil {
		return err
	}
	made.Tags = k.Schema.Taggable && !slices.Equal(is.Tags, p.tags)
	if len(made.Properties) > 0 || len(made.Attributes) > 0 || made.Tags {
		made.Action = Modify
	} else if k.Schema.Automatic {
		made.Action, made.Automatic = Modify, true
	}
	made.Replacement, err = k.Replacement(made.Properties, is.Literal, made.Want)
	if err != nil {
		return err
	}
	made.Refused = k.Refuses(is.Literal, made.Want)
	p.Changes[res.LogicalID] = made
	return nil
}

// attributes are the changes of what the template says of a resource besides properties.
func (p *Plan) attributes(is *Current, res *template.Resource) ([]Attribute, error) {
	var changed []Attribute
	for _, a := range attributes {
		after, err := p.want.Resolve(a.of(res), p)
		if err != nil {
			return nil, err
		}
		before := is.Metadata
		if a.name != "Metadata" {
			was := p.was[res.LogicalID]
			if was == nil {
				continue
			}
			if before, err = p.former.Resolve(a.of(was), past{p.current}); err != nil {
				return nil, err
			}
		}
		if !tree.Equal(before, after) {
			changed = append(changed, Attribute{a.name, before, after})
		}
	}
	return changed, nil
}

// past answers references with what the resources are.
type past struct{ current map[string]*Current }

func (l past) Ref(logical string) (*tree.Node, error) {
	if is := l.current[logical]; is != nil {
		return tree.Text(is.Physical), nil
	}
	return &tree.Node{Kind: tree.Unknown}, nil
}

func (l past) Attr(logical, name string) (*tree.Node, error) {
	if is := l.current[logical]; is != nil {
		if value, ok := is.Attrs[name]; ok {
			return tree.Text(value), nil
		}
	}
	return &tree.Node{Kind: tree.Unknown}, nil
}

// Ref is a resource's physical ID, where it is known.
func (p *Plan) Ref(logical string) (*tree.Node, error) {
	made, err := p.change(logical)
	if err != nil {
		return nil, err
	}
	if made.Current == nil || made.Replaced() {
		return &tree.Node{Kind: tree.Unknown}, nil
	}
	return tree.Text(made.Current.Physical), nil
}

// Attr is a resource's attribute, where it is known.
func (p *Plan) Attr(logical, name string) (*tree.Node, error) {
	made, err := p.change(logical)
	if err != nil {
		return nil, err
	}
	if made.Current == nil || made.Replaced() {
		return &tree.Node{Kind: tree.Unknown}, nil
	}
	value, ok := made.Current.Attrs[name]
	if !ok {
		return nil, &template.Error{Message: fmt.Sprintf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", logical, name)}
	}
	return tree.Text(value), nil
}
