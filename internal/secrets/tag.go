package secrets

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/rotation"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func tagOperations() []op.Operation {
	return []op.Operation{
		op.Write("TagResource", needTagResource, tagResource),
		op.Write("UntagResource", needUntagResource, untagResource),
	}
}

func needTagResource(c *op.Call, in *shape.TagResourceRequest) ([]op.Need, error) {
	needs, err := needOnly(c, "TagResource", in.SecretId)
	if err != nil {
		return nil, err
	}
	needs[0].NewTags = tagsOf(in.Tags)
	return needs, nil
}

func tagResource(_ context.Context, c *op.Call, in *shape.TagResourceRequest) (*op.None, error) {
	needs, err := needTagResource(c, in)
	if err != nil {
		return nil, err
	}
	return changeTags(c, needs[0], func(tags []directory.Tag) ([]directory.Tag, error) { return addTags(c, tags, in.Tags) })
}

func needUntagResource(c *op.Call, in *shape.UntagResourceRequest) ([]op.Need, error) {
	needs, err := needOnly(c, "UntagResource", in.SecretId)
	if err != nil {
		return nil, err
	}
	needs[0].TagKeys = in.TagKeys
	return needs, nil
}

// untagResource does not mind tags that are not there.
func untagResource(_ context.Context, c *op.Call, in *shape.UntagResourceRequest) (*op.None, error) {
	needs, err := needUntagResource(c, in)
	if err != nil {
		return nil, err
	}
	return changeTags(c, needs[0], func(tags []directory.Tag) ([]directory.Tag, error) {
		return slices.DeleteFunc(tags, func(t directory.Tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

// changeTags stores what change makes of a copy of the tags, unless the caller could
// not do the same with a secret that has these.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
func changeTags(c *op.Call, asked op.Need, change func([]directory.Tag) ([]directory.Tag, error)) (*op.None, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	if changed.Tags, err = change(slices.Clone(was.Tags)); err != nil {
		return nil, err
	}
	asked.Tags = changed.Tags
	if err := c.May(asked); err != nil {
		return nil, err
	}
	return &op.None{}, put(c, was, &changed)
}

// addTags is tags with those of add put in. Case counts in their keys.
func addTags(c *op.Call, tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
	seen := make(map[string]bool, len(add))
	for _, tag := range tagsOf(add) {
		if err := rotation.CheckTag(tag.Key, tag.Value); err != nil {
			return nil, invalidParameter("%s", err)
		}
		switch {
		case tag.Key == "":
			return nil, invalidParameter("A tag must have a Key.")
		case strings.HasPrefix(strings.ToLower(tag.Key), "aws:") && !c.BySystem():
			return nil, invalidParameter("Tag keys that begin with aws: are reserved for system use.")
		case seen[tag.Key]:
			return nil, invalidParameter("Duplicate tag keys found: %s", tag.Key)
		}
		seen[tag.Key] = true
		if at := slices.IndexFunc(tags, func(t directory.Tag) bool { return t.Key == tag.Key }); at >= 0 {
			tags[at] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	if limit := c.Quota(tagsPerSecret); len(tags) > limit {
		return nil, limitExceeded(tagsPerSecret, limit)
	}
	return tags, nil
}

// describeTags is nil for no tags, which replies leave out.
func describeTags(tags []directory.Tag) []shape.Tag {
	if len(tags) == 0 {
		return nil
	}
	out := make([]shape.Tag, len(tags))
	for i := range tags {
		out[i] = shape.Tag{Key: &tags[i].Key, Value: &tags[i].Value}
	}
	return out
}
