package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagUser(c *op.Call, in *shape.TagUserRequest) ([]op.Need, error) {
	return needUser(c, "TagUser", in.UserName)
}

func tagUser(_ context.Context, c *op.Call, in *shape.TagUserRequest) (*op.None, error) {
	return changeTags(c, in.UserName, func(tags []directory.Tag) ([]directory.Tag, error) {
		return addTags(tags, in.Tags)
	})
}

func needUntagUser(c *op.Call, in *shape.UntagUserRequest) ([]op.Need, error) {
	return needUser(c, "UntagUser", in.UserName)
}

func untagUser(_ context.Context, c *op.Call, in *shape.UntagUserRequest) (*op.None, error) {
	return changeTags(c, in.UserName, func(tags []directory.Tag) ([]directory.Tag, error) {
		return slices.DeleteFunc(tags, func(t directory.Tag) bool {
			return slices.ContainsFunc(in.TagKeys, func(key string) bool { return strings.EqualFold(key, t.Key) })
		}), nil
	})
}

func needListUserTags(c *op.Call, in *shape.ListUserTagsRequest) ([]op.Need, error) {
	return needUser(c, "ListUserTags", in.UserName)
}

func listUserTags(_ context.Context, c *op.Call, in *shape.ListUserTagsRequest) (*shape.ListUserTagsResponse, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	key := func(t directory.Tag) string { return strings.ToLower(t.Key) }
	tags := slices.SortedFunc(slices.Values(u.Tags), func(a, b directory.Tag) int { return strings.Compare(key(a), key(b)) })
	p, err := paged(afterCursor(tags, cursor, key), in.MaxItems, key)
	if err != nil {
		return nil, err
	}
	out := &shape.ListUserTagsResponse{Tags: describeTags(p.items), IsTruncated: &p.more, Marker: p.marker}
	if out.Tags == nil {
		out.Tags = []shape.Tag{}
	}
	return out, nil
}

func changeTags(c *op.Call, userName string, change func([]directory.Tag) ([]directory.Tag, error)) (*op.None, error) {
	was, err := mustUser(c, userName)
	if err != nil {
		return nil, err
	}
	u := *was
	if u.Tags, err = change(slices.Clone(was.Tags)); err != nil {
		return nil, err
	}
	return &op.None{}, directory.Users.Put(c.Tx, was, &u)
}

// addTags is tags with those of add put in. A key that is there already, in
// whatever case, is replaced: tag keys keep their case but are compared without.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func addTags(tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
	if err := checkTags(add); err != nil {
		return nil, err
	}
	for _, a := range add {
		tag := directory.Tag{Key: a.Key, Value: a.Value}
		at := slices.IndexFunc(tags, func(t directory.Tag) bool { return strings.EqualFold(t.Key, a.Key) })
		if at >= 0 {
			tags[at] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	if len(tags) > tagsPerUser {
		return nil, limitExceeded("TagsPerUser", tagsPerUser)
	}
	return tags, nil
}

func checkTags(tags []shape.Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		key := strings.ToLower(t.Key)
		if strings.HasPrefix(key, "aws:") {
			return invalidInput("Tag keys that begin with aws: are reserved for system use.")
		}
		if seen[key] {
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
	}
	return nil
}

// describeTags is nil for no tags: most replies leave them out then.
func describeTags(tags []directory.Tag) []shape.Tag {
	if len(tags) == 0 {
		return nil
	}
	out := make([]shape.Tag, len(tags))
	for i, t := range tags {
		out[i] = shape.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}
