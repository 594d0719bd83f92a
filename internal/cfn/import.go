package cfn

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// candidate is a resource that may be imported.
type candidate struct {
	Logical    string
	Type       *kind.Type
	Identifier map[string]string
}

func (c *candidate) physical() string { return engine.Physical(c.Type, c.Identifier) }

// importable reports whether AWS, or iamd, imports resources of a type. An access key is
// shown once, and what is put into others by a policy or a membership has no identity of
// its own.
func importable(k *kind.Type) bool {
	switch k.Name {
	case "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition":
		return false
	}
	return k.Readable() && len(k.Schema.Identifier) > 0
}

// candidates are the resources that a request lists for import, checked against the
// template and what it would change.
func candidates(listed []shape.ResourceToImport, t *template.Template, changes *plan.Plan) ([]candidate, error) {
	if len(listed) == 0 {
		return nil, invalid("Must Provide at least one resource to import")
	}
	all, err := identified(listed, t, changes)
	if err != nil {
		return nil, err
	}
	var added, unlisted, others, already, bare []string
	for _, logical := range slices.Sorted(maps.Keys(changes.Changes)) {
		listed := slices.ContainsFunc(all, func(c candidate) bool { return c.Logical == logical })
		switch c := changes.Changes[logical]; {
		case c.Action == plan.Add && listed:
			added = append(added, logical)
			if c.Resource.DeletionPolicy == nil {
				bare = append(bare, logical)
			}
		case c.Action == plan.Add:
			added, unlisted = append(added, logical), append(unlisted, logical)
		case listed:
			already = append(already, logical)
		case c.Action != plan.None:
			others = append(others, logical)
		}
	}
	list := func(logical []string) string { return strings.Join(logical, ", ") }
	switch {
	case len(added) == 0:
		return nil, invalid("The template should contain at least one new resource to import.")
	case len(already) > 0:
		return nil, invalid("Resources [%s] passed in ResourceToImport are already in a stack and cannot be imported.", list(already))
	case len(unlisted) > 0:
		return nil, invalid("Resources [%s] is missing from ResourceToImport list", list(unlisted))
	case len(others) > 0:
		return nil, invalid("You have modified resources [%s] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations.", list(others))
	case len(bare) > 0:
		return nil, invalid("The following resources to import [%s] must have DeletionPolicy attribute specified in the template.", list(bare))
	}
	return all, nil
}

// identified checks the entries of a list of resources to import, each by itself.
func identified(listed []shape.ResourceToImport, t *template.Template, changes *plan.Plan) ([]candidate, error) {
	var all []candidate
	var missing, unsupported []string
	for i := range listed {
		in := &listed[i]
		if slices.ContainsFunc(all, func(c candidate) bool { return c.Logical == in.LogicalResourceId }) {
			return nil, invalid("Every resource to import must have unique LogicalResourceId")
		}
		if c := changes.Changes[in.LogicalResourceId]; c == nil || c.Resource == nil {
			missing = append(missing, in.LogicalResourceId)
		}
		k := kind.Find(in.ResourceType)
		if k == nil || !importable(k) {
			unsupported = append(unsupported, in.ResourceType)
		}
		all = append(all, candidate{in.LogicalResourceId, k, in.ResourceIdentifier})
	}
	switch {
	case len(missing) > 0:
		return nil, invalid("The logical resource ids [%s] provided in ResourceToImport do not exist in the template.", strings.Join(missing, ", "))
	case len(unsupported) > 0:
		return nil, invalid("The following resource types are not supported for resource import: %s", strings.Join(unsupported, ","))
	}
	for _, c := range all {
		want := slices.Sorted(slices.Values(c.Type.Schema.Identifier))
		if !slices.Equal(want, slices.Sorted(maps.Keys(c.Identifier))) {
			return nil, invalid("Invalid resource identifier for resource type %s. Expected [%s]", c.Type.Name, strings.Join(c.Type.Schema.Identifier, ", "))
		}
	}
	for _, c := range all {
		if is := t.Resource(c.Logical).Type; is != c.Type.Name {
			return nil, invalid("Resource type of [%s] passed in ResourceToImport does not match with resource type defined in the template. Resource type in ResourceToImport: %s; Resource type in Template: %s.", c.Logical, c.Type.Name, is)
		}
	}
	return all, nil
}

// named are the resources that a plan adds and whose template gives all that identifies
// them: they may be there already.
func named(changes *plan.Plan) []candidate {
	var all []candidate
	for _, logical := range slices.Sorted(maps.Keys(changes.Changes)) {
		c := changes.Changes[logical]
		if c.Action != plan.Add {
			continue
		}
		if k := kind.Find(c.Resource.Type); importable(k) {
			if identifier := identifierOf(k, c.Want); identifier != nil {
				all = append(all, candidate{logical, k, identifier})
			}
		}
	}
	return all
}

// identifierOf is what identifies a resource in its properties; nil if they do not say.
func identifierOf(k *kind.Type, properties *tree.Node) map[string]string {
	identifier := map[string]string{}
	for _, name := range k.Schema.Identifier {
		n := properties.Get(name)
		if !n.Scalar() {
			return nil
		}
		identifier[name] = n.Text
	}
	return identifier
}

// sought is the key of a look whether resources are there.
type sought struct{ candidates string }

// look says of each candidate whether it is there, as somebody sees it; "" for yes, or
// else why not.
func (s *service) look(c *op.Call, as *directory.Standing, all []candidate) ([]string, error) {
	key, err := json.Marshal(slices.Collect(func(yield func([2]string) bool) {
		for i := range all {
			if !yield([2]string{all[i].Type.Name, all[i].physical()}) {
				return
			}
		}
	}))
	if err != nil {
		return nil, err
	}
	region := c.Region
	return op.Outside(c, sought{string(key)}, func(ctx context.Context) ([]string, error) {
		reasons := make([]string, len(all))
		for i := range all {
			there, err := s.Engine.There(ctx, as, region, all[i].Type, all[i].physical())
			if reasons[i] = engine.Refusal(err); err != nil && reasons[i] == "" {
				return nil, err
			}
			if err == nil && !there {
				reasons[i] = engine.NotFound(all[i].Type.Name, all[i].physical())
			}
		}
		return reasons, nil
	})
}

// importing adds to a change set, and to its plan, the resources that it imports. What is
// wrong with those that are only found by looking makes a change set that has failed, for
// the reason that is returned; "" for none.
func (s *service) importing(c *op.Call, set *directory.ChangeSet, in *shape.CreateChangeSetInput, p *prepared, changes *plan.Plan) (reason string, err error) {
	var all []candidate
	switch {
	case set.Kind == typeImport:
		if all, err = candidates(in.ResourcesToImport, p.bound.Template(), changes); err != nil {
			return "", err
		}
	case set.ImportExisting:
		all = named(changes)
	}
	if len(all) == 0 {
		return "", nil
	}
	as, err := actor(c, set.RoleARN)
	if err != nil {
		return "", err
	}
	reasons, err := s.look(c, &as, all)
	if err != nil {
		return "", err
	}
	if set.Kind != typeImport {
		all = slices.Collect(func(yield func(candidate) bool) {
			for i := range all {
				if reasons[i] == "" && !yield(all[i]) {
					return
				}
			}
		})
		if reason := unretained(all, changes); reason != "" {
			return reason, nil
		}
	} else if i := slices.IndexFunc(reasons, func(r string) bool { return r != "" }); i >= 0 {
		return reasons[i], nil
	}
	return take(c, set, all, changes)
}

// take makes candidates imports, unless one belongs to a stack.
func take(c *op.Call, set *directory.ChangeSet, all []candidate, changes *plan.Plan) (reason string, err error) {
	set.Imports = map[string]map[string]string{}
	for i := range all {
		of := &all[i]
		owner, err := directory.StackWith(c.Snap, c.Caller.Account, c.Region, of.Type.Name, of.physical())
		if err != nil {
			return "", err
		}
		if owner != nil {
			return fmt.Sprintf("%s already exists in stack %s", of.physical(), owner.ARN()), nil
		}
		set.Imports[of.Logical] = of.Identifier
		changes.Imports(of.Logical, of.physical())
	}
	return "", nil
}

// unretained says which resources could not be imported by themselves: they would go with
// the stack. "" for none.
func unretained(all []candidate, changes *plan.Plan) string {
	var bare []string
	for _, c := range all {
		n := changes.Changes[c.Logical].Resource.DeletionPolicy
		if n.Scalar() && (n.Text == "Retain" || n.Text == "RetainExceptOnCreate") {
			continue
		}
		var parts []string
		for _, name := range c.Type.Schema.Identifier {
			parts = append(parts, name+"="+c.Identifier[name])
		}
		bare = append(bare, fmt.Sprintf("%s ({%s})", c.Logical, strings.Join(parts, ", ")))
	}
	if len(bare) == 0 {
		return ""
	}
	return "CloudFormation is attempting to import some resources because they already exist in your account. The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. The affected resources are " + strings.Join(bare, ", ")
}
