package ssm

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func tagOperations() []op.Operation {
	return []op.Operation{
		op.Write("AddTagsToResource", needAddTagsToResource, addTagsToResource),
		op.Write("RemoveTagsFromResource", needRemoveTagsFromResource, removeTagsFromResource),
		op.Read("ListTagsForResource", needListTagsForResource, listTagsForResource),
	}
}

// mostTags is how many tags a parameter may have.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
const mostTags = 50

var errResourceID = awserr.New(400, "InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again.")

// tagged is the parameter that a request is about. There are no other resources here.
func tagged(c *op.Call, kind, id string) (reference, error) {
	if kind != shape.ResourceTypeForTaggingParameter {
		return reference{}, errResourceID
	}
	ref, err := referWhole(c, id)
	if err != nil {
		return reference{}, errResourceID
	}
	return ref, nil
}

func needTagged(c *op.Call, action, kind, id string) ([]op.Need, error) {
	ref, err := tagged(c, kind, id)
	if err != nil {
		return nil, err
	}
	n, err := ref.need(c, action)
	return []op.Need{n}, err
}

func needAddTagsToResource(c *op.Call, in *shape.AddTagsToResourceRequest) ([]op.Need, error) {
	needs, err := needTagged(c, "AddTagsToResource", in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	needs[0].NewTags = tagsOf(in.Tags)
	return needs, nil
}

func addTagsToResource(_ context.Context, c *op.Call, in *shape.AddTagsToResourceRequest) (*shape.AddTagsToResourceResult, error) {
	return &shape.AddTagsToResourceResult{}, changeTags(c, in.ResourceType, in.ResourceId, func(tags []directory.Tag) ([]directory.Tag, error) {
		return addTags(c, tags, in.Tags)
	})
}

func needRemoveTagsFromResource(c *op.Call, in *shape.RemoveTagsFromResourceRequest) ([]op.Need, error) {
	needs, err := needTagged(c, "RemoveTagsFromResource", in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	needs[0].TagKeys = in.TagKeys
	return needs, nil
}

// removeTagsFromResource does not mind tags that are not there.
func removeTagsFromResource(_ context.Context, c *op.Call, in *shape.RemoveTagsFromResourceRequest) (*shape.RemoveTagsFromResourceResult, error) {
	return &shape.RemoveTagsFromResourceResult{}, changeTags(c, in.ResourceType, in.ResourceId, func(tags []directory.Tag) ([]directory.Tag, error) {
		return slices.DeleteFunc(tags, func(t directory.Tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

func needListTagsForResource(c *op.Call, in *shape.ListTagsForResourceRequest) ([]op.Need, error) {
	return needTagged(c, "ListTagsForResource", in.ResourceType, in.ResourceId)
}

func listTagsForResource(_ context.Context, c *op.Call, in *shape.ListTagsForResourceRequest) (*shape.ListTagsForResourceResult, error) {
	p, err := taggedParameter(c, in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags := slices.SortedFunc(slices.Values(p.Tags), func(a, b directory.Tag) int { return strings.Compare(a.Key, b.Key) })
	out := &shape.ListTagsForResourceResult{TagList: make([]shape.Tag, len(tags))}
	for i, t := range tags {
		out.TagList[i] = shape.Tag{Key: t.Key, Value: t.Value}
	}
	return out, nil
}

func taggedParameter(c *op.Call, kind, id string) (*directory.Parameter, error) {
	ref, err := tagged(c, kind, id)
	if err != nil {
		return nil, err
	}
	p, err := ref.find(c)
	if err == nil && p == nil {
		err = errResourceID
	}
	return p, err
}

// changeTags stores what change makes of a copy of the tags.
func changeTags(c *op.Call, kind, id string, change func([]directory.Tag) ([]directory.Tag, error)) error {
	was, err := taggedParameter(c, kind, id)
	if err != nil {
		return err
	}
	p := *was
	if p.Tags, err = change(slices.Clone(was.Tags)); err != nil {
		return err
	}
	return directory.PutParameter(c.Tx, was, &p)
}

// addTags is tags with those of add put in. Case counts in keys.
func addTags(c *op.Call, tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
	for i, a := range add {
		if strings.HasPrefix(strings.ToLower(a.Key), "aws:") && !c.BySystem() {
			return nil, invalid("Tag keys that begin with aws: are reserved for system use.")
		}
		if slices.ContainsFunc(add[:i], func(t shape.Tag) bool { return t.Key == a.Key }) {
			return nil, invalid("Duplicate tag keys found. Tag keys must be unique.")
		}
		tag := directory.Tag{Key: a.Key, Value: a.Value}
		if at := slices.IndexFunc(tags, func(t directory.Tag) bool { return t.Key == a.Key }); at >= 0 {
			tags[at] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	if len(tags) > mostTags {
		return nil, awserr.New(400, "TooManyTagsError", "The parameter has too many tags: %d is the most.", mostTags)
	}
	return tags, nil
}
