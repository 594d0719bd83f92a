package plain

import (
	"slices"
	"strings"
)

// must is the entity that a parameter names.
func (r *run) must(kind Kind, parameter string) *Entity {
	name := r.text(parameter)
	e := r.Find(kind, name)
	switch {
	case e != nil:
	case kind == Profile:
		noSuchEntity("Instance Profile %s cannot be found.", name)
	default:
		noSuchEntity("The %s with name %s cannot be found.", kind, name)
	}
	return e
}

// free refuses a name that is taken, whatever its case.
func (r *run) free(kind Kind, name string) {
	if r.Find(kind, name) == nil {
		return
	}
	switch kind {
	case Profile:
		exists("Instance Profile %s already exists.", name)
	case Policy:
		exists("A policy called %s already exists. Duplicate names are not allowed.", name)
	default:
		exists("%s with name %s already exists.", strings.ToUpper(string(kind[:1]))+string(kind[1:]), name)
	}
}

// add makes an entity with what all of them have.
func (r *run) add(kind Kind, name string) *Entity {
	e := &Entity{
		Kind: kind, ID: r.chosen.ID, Account: r.Account, Name: name,
		Path: r.textOr("Path", "/"), Created: r.chosen.Date, Inline: map[string]string{},
	}
	r.Entities[e.ID] = e
	return e
}

func (r *run) remove(e *Entity) Object {
	delete(r.Entities, e.ID)
	return Object{}
}

// rename gives an entity a new name, a new path, or both.
func rename(kind Kind, parameter, newParameter string) func(*run) Object {
	return func(r *run) Object {
		e := r.must(kind, parameter)
		name := r.textOr(newParameter, e.Name)
		if !strings.EqualFold(name, e.Name) {
			r.free(kind, name)
		}
		e.Name, e.Path = name, r.textOr("NewPath", e.Path)
		return Object{}
	}
}

// listing is a page of the account's entities below a path. Below "/" they are in
// the order of names, below another path in that of paths and names.
func listing(kind Kind, member string, describe func(*run, *Entity) Object) func(*run) Object {
	return func(r *run) Object {
		prefix := r.textOr("PathPrefix", "/")
		l := list{}
		for _, e := range r.Of(kind) {
			if strings.HasPrefix(e.Path, prefix) {
				l.add(placeOf(prefix, e), describe(r, e))
			}
		}
		return r.page(member, l)
	}
}

func placeOf(prefix string, e *Entity) string {
	if prefix == "/" {
		return strings.ToLower(e.Name)
	}
	return e.Path + " " + strings.ToLower(e.Name) // which no path has, and comes before all that one can have
}

// newTags is tags and those of the request, which replace the ones whose keys
// differ in nothing but case.
func (r *run) newTags(tags []Tag) []Tag {
	tags = slices.Clone(tags)
	add, _ := r.In["Tags"].([]Tag)
	for i, t := range add {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			refuse(400, "InvalidInput", "Tag keys that begin with aws: are reserved for system use.")
		}
		if slices.ContainsFunc(add[:i], t.sameKey) {
			refuse(400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
	}
	for _, t := range add {
		if at := slices.IndexFunc(tags, t.sameKey); at >= 0 {
			tags[at] = t
		} else {
			tags = append(tags, t)
		}
	}
	quota("TagsPerUser", len(tags)-1, 50)
	return tags
}

func (t Tag) sameKey(other Tag) bool { return strings.EqualFold(t.Key, other.Key) }

func tag(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		e.Tags = r.newTags(e.Tags)
		return Object{}
	}
}

func untag(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		keys, _ := r.In["TagKeys"].([]string)
		for _, key := range keys {
			e.Tags = slices.DeleteFunc(e.Tags, Tag{Key: key}.sameKey)
		}
		return Object{}
	}
}

func listTags(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		l := list{}
		for _, t := range find(r).Tags {
			l.add(strings.ToLower(t.Key), t)
		}
		return r.page("Tags", l)
	}
}

// named finds the entity that a request is about by one of its parameters.
func named(kind Kind, parameter string) func(*run) *Entity {
	return func(r *run) *Entity { return r.must(kind, parameter) }
}

// showTags leaves out the tags of an entity that has none.
func (o Object) showTags(e *Entity) Object {
	if len(e.Tags) > 0 {
		o["Tags"] = e.Tags
	}
	return o
}

// showAllTags shows an empty list, too.
func (o Object) showAllTags(e *Entity) Object {
	o["Tags"] = append([]Tag{}, e.Tags...)
	return o
}

func (o Object) showBoundary(e *Entity) Object {
	if e.Boundary != "" {
		o["PermissionsBoundary"] = Object{"PermissionsBoundaryArn": e.Boundary, "PermissionsBoundaryType": "Policy"}
	}
	return o
}
