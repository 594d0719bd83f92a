package plan

import (
	"maps"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// Render is changes as DescribeChangeSet shows them, with all values, by logical ID.
func Render(changes map[string]*Change, _ *template.Bound) []shape.ResourceChange {
	all := []shape.ResourceChange{}
	for _, logical := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[logical]; c.Action != None {
			all = append(all, c.render(logical))
		}
	}
	return all
}

func (c *Change) render(logical string) shape.ResourceChange {
	r := shape.ResourceChange{Action: new(string(c.Action)), LogicalResourceId: &logical, Scope: []string{}, Details: []shape.ResourceChangeDetail{}}
	if c.Resource != nil {
		r.ResourceType = &c.Resource.Type
	}
	if c.Current != nil {
		r.ResourceType, r.PhysicalResourceId = &c.Current.Type, &c.Current.Physical
	}
	if c.Action == Modify {
		r.Replacement = new(map[kind.Replacement]string{kind.Never: "False", kind.Perhaps: "Conditional", kind.Always: "True"}[c.Replacement])
	}
	return r
}

// Strip leaves of a change what is shown without IncludePropertyValues.
func Strip(r *shape.ResourceChange) {
	r.BeforeContext, r.AfterContext = nil, nil
}
