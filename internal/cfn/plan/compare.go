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
	Metadata *tree.Node
	Attrs    map[string]string
	Tags     []directory.Tag // of the stack, that it has
	// Policies are the attributes that say what becomes of it.
	DeletionPolicy, UpdateReplacePolicy string
}

// Action is what happens to a resource.
type Action string

// The Actions, as change sets have them; None is no change.
const (
	None   Action = ""
	Add    Action = "Add"
	Modify Action = "Modify"
	Remove Action = "Remove"
)

// Change is what an update would do to one resource.
type Change struct {
	Action      Action
	Resource    *template.Resource // nil for one that is removed
	Current     *Current           // nil for one that is added
	Want        *tree.Node         // its properties, Unknown where they can't be told yet
	Properties  []kind.Change
	Replacement kind.Replacement
	Tags        bool  // the stack's tags, that are passed on, change
	Metadata    bool  // its Metadata changes
	Refused     error // why its handler would not do it; nil if nothing is known against it
}

// Replaced reports whether there may be another physical resource afterwards.
func (c *Change) Replaced() bool { return c.Replacement != kind.Never }

// Compare is what becomes of each resource when a stack that has the current ones is to be
// what want says, and has the tags.
func Compare(current map[string]*Current, want *template.Bound, tags []directory.Tag) (map[string]*Change, error) {
	c := &comparison{current: current, want: want, tags: tags, changes: map[string]*Change{}, live: map[string]*template.Resource{}}
	for _, res := range want.Resources() {
		c.live[res.LogicalID] = res
	}
	for _, res := range want.Resources() {
		if _, err := c.change(res.LogicalID); err != nil {
			return nil, err
		}
	}
	for logical, is := range current {
		if c.live[logical] == nil {
			c.changes[logical] = &Change{Action: Remove, Current: is}
		}
	}
	return c.changes, nil
}

// Any reports whether anything changes.
func Any(changes map[string]*Change) bool {
	for _, c := range changes {
		if c.Action != None {
			return true
		}
	}
	return false
}

type comparison struct {
	current map[string]*Current
	want    *template.Bound
	tags    []directory.Tag
	live    map[string]*template.Resource
	changes map[string]*Change
}

// change is what becomes of one resource of the template. What it refers to comes first:
// nothing refers to itself, which templates are checked for.
func (c *comparison) change(logical string) (*Change, error) {
	if known := c.changes[logical]; known != nil {
		return known, nil
	}
	res := c.live[logical]
	if res == nil {
		return nil, fmt.Errorf("plan: %s is not in the template", logical)
	}
	k := kind.Find(res.Type)
	if k == nil {
		return nil, fmt.Errorf("plan: no type %s", res.Type)
	}
	made := &Change{Resource: res, Current: c.current[logical]}
	literal, err := c.want.Resolve(res.Properties, c)
	if err != nil {
		return nil, err
	}
	made.Want, _ = k.Schema.Check(literal)
	if made.Current == nil {
		made.Action = Add
		c.changes[logical] = made
		return made, nil
	}
	return made, c.modify(made, k)
}

func (c *comparison) modify(made *Change, k *kind.Type) error {
	is, res := made.Current, made.Resource
	made.Properties = k.Schema.Diff(is.Literal, made.Want)
	metadata, err := c.want.Resolve(res.Metadata, c)
	if err != nil {
		return err
	}
	made.Metadata = !tree.Equal(is.Metadata, metadata)
	made.Tags = k.Schema.Taggable && !slices.Equal(is.Tags, c.tags)
	if len(made.Properties) > 0 || made.Metadata || made.Tags {
		made.Action = Modify
	}
	made.Replacement, err = k.Replacement(made.Properties, is.Literal, made.Want)
	if err != nil {
		return err
	}
	made.Refused = k.Refuses(is.Literal, made.Want)
	c.changes[res.LogicalID] = made
	return nil
}

// Ref is a resource's physical ID, where it is known.
func (c *comparison) Ref(logical string) (*tree.Node, error) {
	made, err := c.change(logical)
	if err != nil {
		return nil, err
	}
	if made.Current == nil || made.Replaced() {
		return &tree.Node{Kind: tree.Unknown}, nil
	}
	return tree.Text(made.Current.Physical), nil
}

// Attr is a resource's attribute, where it is known.
func (c *comparison) Attr(logical, name string) (*tree.Node, error) {
	made, err := c.change(logical)
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
