package template

import (
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

func (t *Template) parseResources() error {
	fields, err := t.section("Resources", "resources", maxResources)
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return refuse(t.root.Get("Resources"), formatError+"At least one Resources member must be defined.")
	}
	t.resources = make(map[string]*Resource, len(fields))
	for i := range fields {
		r, err := t.parseResource(&fields[i])
		if err != nil {
			return err
		}
		t.Resources = append(t.Resources, r)
		t.resources[r.LogicalID] = r
	}
	return nil
}

func (t *Template) parseResource(f *tree.Field) (*Resource, error) {
	r := &Resource{LogicalID: f.Key, Line: f.Line, Column: f.Column}
	switch {
	case !alphanumeric(f.Key):
		return nil, refuseKey(f, formatError+"Resource name %s is non alphanumeric.", f.Key)
	case t.parameters[f.Key] != nil:
		return nil, refuseKey(f, formatError+"Duplicate name [%s] in the Parameters and Resources blocks of the template", f.Key)
	case !f.Value.Is(tree.Map):
		return nil, refuse(f.Value, formatError+"Any Resources member must be an object.")
	case f.Value.Get("Type") == nil:
		return nil, refuseKey(f, formatError+"[/Resources/%s] Every Resources object must contain a Type member.", f.Key)
	}
	for i := range f.Value.Fields {
		if err := t.parseAttribute(r, &f.Value.Fields[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// parseAttribute reads one attribute of a resource.
func (t *Template) parseAttribute(r *Resource, m *tree.Field) (err error) {
	switch m.Key {
	case "Type":
		r.Type, err = stringMember(m)
	case "Condition":
		r.Condition, err = stringMember(m)
	case "DependsOn":
		err = r.parseDependsOn(m.Value)
	case "DeletionPolicy":
		r.DeletionPolicy, err = m.Value, t.checkRetention(r, m)
	case "UpdateReplacePolicy":
		r.UpdateReplacePolicy, err = m.Value, t.checkRetention(r, m)
	case "Properties":
		r.Properties, err = object(r, m)
	case "Metadata":
		r.Metadata, err = object(r, m)
	case "CreationPolicy":
		r.CreationPolicy, err = object(r, m)
	case "UpdatePolicy":
		r.UpdatePolicy, err = object(r, m)
	default:
		err = refuseKey(m, "Invalid template resource property '%s'", m.Key)
	}
	return err
}

func object(r *Resource, m *tree.Field) (*tree.Node, error) {
	if !m.Value.Is(tree.Map) {
		return nil, refuse(m.Value, formatError+"[/Resources/%s/%s] must be an object.", r.LogicalID, m.Key)
	}
	return m.Value, nil
}

func (r *Resource) parseDependsOn(n *tree.Node) error {
	switch {
	case n.Scalar():
		r.DependsOn = []string{n.Text}
	case isListOfScalars(n):
		for _, item := range n.Items {
			r.DependsOn = append(r.DependsOn, item.Text)
		}
	default:
		return refuse(n, formatError+"[/Resources/%s] Every DependsOn value must be a string.", r.LogicalID)
	}
	return nil
}

var retentions = map[string][]string{
	"DeletionPolicy":      {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"},
	"UpdateReplacePolicy": {"Delete", "Retain", "Snapshot"},
}

// checkRetention checks DeletionPolicy or UpdateReplacePolicy. Expand has put a word where
// AWS::LanguageExtensions let a function be.
func (t *Template) checkRetention(r *Resource, m *tree.Field) error {
	word, err := stringMember(m)
	if err != nil {
		return err
	}
	if !slices.Contains(retentions[m.Key], word) {
		return refuse(m.Value, formatError+"Unrecognized %s %s for resource %s", m.Key, word, r.LogicalID)
	}
	return nil
}
