package plan

import (
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// detail is one reason for a change of one place in a resource.
type detail struct {
	cause
	target
	path          string
	before, after *tree.Node // as people may see them
}

// target is what is changed, as far as the short form tells.
type target struct {
	attribute  string // an Attribute, Properties or Tags
	name       string // of the property; "" for another attribute
	recreation string
}

// The attributes of resources that details and scopes name.
const (
	properties = "Properties"
	tags       = "Tags"
)

// scopes are the attributes in the order in which a change lists them.
var scopes = []string{properties, "Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy", tags}

// scope are the attributes that details name.
func scope(details []detail) []string {
	named := []string{}
	for _, attribute := range scopes {
		if slices.ContainsFunc(details, func(d detail) bool { return d.attribute == attribute }) {
			named = append(named, attribute)
		}
	}
	return named
}

// replacementOf says whether details take another resource: they surely do if one that is
// sure always does.
func replacementOf(details []detail) string {
	word := kept
	for i := range details {
		switch d := &details[i]; {
		case d.recreation == always && d.evaluation == static:
			return replaced
		case d.recreation != never:
			word = perhaps
		}
	}
	return word
}

// details are why and how a resource that is there changes.
func (r *renderer) details(logical string) ([]detail, error) {
	if known, ok := r.known[logical]; ok {
		return known, nil
	}
	c := r.Changes[logical]
	var all []detail
	if c.Action == Modify {
		found, err := r.propertyDetails(c)
		if err != nil {
			return nil, err
		}
		attributes, err := r.attributeDetails(c)
		if err != nil {
			return nil, err
		}
		all = append(found, attributes...)
	}
	if c.Automatic {
		all = append(all, detail{cause: cause{evaluation: dynamic, source: automatic}, target: target{attribute: properties, recreation: never}})
	}
	if c.Tags {
		all = append(all, detail{cause: cause{evaluation: static, source: direct}, target: target{attribute: tags, recreation: never}})
	}
	r.known[logical] = all
	return all, nil
}

func (r *renderer) propertyDetails(c *Change) ([]detail, error) {
	seen, err := r.seen(c)
	if err != nil {
		return nil, err
	}
	seenBefore := check(c.Current.Type, c.Current.Masked)
	was := r.was[c.Resource.LogicalID]
	var all []detail
	for i := range c.Properties {
		p := &c.Properties[i]
		is, before := c.Resource.Properties.Get(p.Name), (*tree.Node)(nil)
		if was != nil {
			before = was.Properties.Get(p.Name)
		}
		for _, d := range Differences(p.Before, p.After, seenBefore.Get(p.Name), seen.Get(p.Name)) {
			for _, why := range r.causes(within(before, d.Path), within(is, d.Path)) {
				all = append(all, detail{
					cause: why, target: propertyTarget(p.Name, recreation(p.Update)),
					path: Pointer(append([]string{properties, p.Name}, d.Path...)...), before: d.Before, after: d.After,
				})
			}
		}
	}
	return all, nil
}

// propertyTarget names a property: tags are an attribute of their own.
func propertyTarget(name, recreation string) target {
	if name == tags {
		return target{attribute: tags, recreation: recreation}
	}
	return target{properties, name, recreation}
}

func (r *renderer) attributeDetails(c *Change) ([]detail, error) {
	logical := c.Resource.LogicalID
	before, err := r.context(r.formerMasked, past{r.current}, r.was[logical], c.Current.Type, nil)
	if err != nil {
		return nil, err
	}
	after, err := r.context(r.masked, discreet{r.Plan}, c.Resource, c.Resource.Type, nil)
	if err != nil {
		return nil, err
	}
	var all []detail
	for _, a := range c.Attributes {
		for _, d := range Differences(a.Before, a.After, before.Get(a.Name), after.Get(a.Name)) {
			all = append(all, detail{
				cause: cause{evaluation: static, source: direct}, target: target{attribute: a.Name, recreation: never},
				path: Pointer(append([]string{a.Name}, d.Path...)...), before: d.Before, after: d.After,
			})
		}
	}
	return all, nil
}

// mayChange are the details of a resource whose properties stay as they are, as far as
// anybody knows, but use attributes of resources that change in place.
func (r *renderer) mayChange(c *Change) []detail {
	if c.Resource == nil || c.Current == nil || c.Resource.Properties == nil {
		return nil
	}
	var all []detail
	for _, f := range c.Resource.Properties.Sorted() {
		for _, why := range r.modified(f.Value) {
			update := recreation("")
			if p := kind.Find(c.Resource.Type).Schema.Properties[f.Key]; p != nil {
				update = recreation(p.Update)
			}
			all = append(all, detail{cause: why, target: propertyTarget(f.Key, update)})
		}
	}
	return all
}

// shown are details as a reply has them; without values, those alike are one.
func shown(details []detail, values bool) []shape.ResourceChangeDetail {
	type key struct {
		cause
		target
	}
	seen := map[key]bool{}
	list := []shape.ResourceChangeDetail{}
	for i := range details {
		d := &details[i]
		if !values && seen[key{d.cause, d.target}] {
			continue
		}
		seen[key{d.cause, d.target}] = true
		list = append(list, d.shape(values))
	}
	return list
}

func (d *detail) shape(values bool) shape.ResourceChangeDetail {
	t := &shape.ResourceTargetDefinition{Attribute: &d.attribute, Name: optional(d.name), RequiresRecreation: &d.recreation}
	if values && d.path != "" {
		t.Path = &d.path
		switch {
		case d.before == nil:
			t.AttributeChangeType = new("Add")
		case d.after == nil:
			t.AttributeChangeType = new("Remove")
		default:
			t.AttributeChangeType = new("Modify")
		}
		if d.before != nil {
			t.BeforeValue = new(Text(d.before))
		}
		if d.after != nil {
			t.AfterValue = new(Text(d.after))
		}
	}
	return shape.ResourceChangeDetail{Target: t, Evaluation: &d.evaluation, ChangeSource: &d.source, CausingEntity: optional(d.entity)}
}

// optional is nil for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
