package organizations

import (
	"errors"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func need(action, resource string) op.Need {
	return op.Need{Action: "organizations:" + action, Resource: resource}
}

// needAll is the needs of an operation that is about no resource in particular.
func needAll[In any](action string) func(*op.Call, *In) ([]op.Need, error) {
	return func(*op.Call, *In) ([]op.Need, error) { return []op.Need{need(action, "*")}, nil }
}

// needTarget is a permission on what has that ID, be it there or not. In an account
// without an organization nothing has a name: there it is asked on all, and Run says
// what is missing.
func needTarget(c *op.Call, action, id string) ([]op.Need, error) {
	o, err := organizationOf(c)
	if errors.Is(err, errNotInUse) {
		return []op.Need{need(action, "*")}, nil
	}
	if err != nil {
		return nil, err
	}
	n := need(action, targetARN(o, id))
	if id == o.Root {
		n.Tags = o.RootTags
		return []op.Need{n}, nil
	}
	a, err := findMember(c, o, id)
	if a != nil {
		n.Tags = a.Tags
	}
	return []op.Need{n}, err
}

// targetARN names what has that ID: a root, a unit, a policy or an account.
func targetARN(o *directory.Organization, id string) string {
	kind, _, _ := strings.Cut(id, "-")
	switch kind {
	case "r":
		return name(o, "root/"+string(o.ID)+"/"+id)
	case "ou":
		return name(o, "ou/"+string(o.ID)+"/"+id)
	case "p":
		return name(o, "policy/"+string(o.ID)+"/*/"+id)
	case "rp":
		return name(o, "resourcepolicy/"+string(o.ID)+"/"+id)
	case "rt":
		return name(o, "transfer/"+string(o.ID)+"/*/*/"+id)
	}
	return accountARN(o, id)
}

// tagsOf is the tags in a request, as records have them.
func tagsOf(in []shape.Tag) []directory.Tag {
	tags := make([]directory.Tag, len(in))
	for i, t := range in {
		tags[i] = directory.Tag{Key: t.Key, Value: t.Value}
	}
	return tags
}
