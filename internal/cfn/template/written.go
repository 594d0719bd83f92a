package template

import "github.com/iamd-project/iamd/internal/cfn/tree"

// Version is the template's AWSTemplateFormatVersion; "" for none.
func (t *Template) Version() string {
	if v := t.root.Get("AWSTemplateFormatVersion"); v != nil {
		return v.Text
	}
	return ""
}

// Written are the resources as the template has them, when its macros have not been run:
// their ids, types and properties, of those that can be read.
func (t *Template) Written() []*Resource {
	if len(t.Resources) > 0 || !t.root.Get("Resources").Is(tree.Map) {
		return t.Resources
	}
	var all []*Resource
	for _, f := range t.root.Get("Resources").Fields {
		typ := f.Value.Get("Type")
		if typ == nil || !typ.Scalar() {
			continue
		}
		all = append(all, &Resource{LogicalID: f.Key, Type: typ.Text, Properties: f.Value.Get("Properties"), Line: f.Line, Column: f.Column})
	}
	return all
}
