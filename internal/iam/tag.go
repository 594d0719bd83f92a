package iam

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// tagEntity adds tags to an entity.
func tagEntity[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], was P, add []shape.Tag) (*op.None, error) {
	tags, err := addTags(c, slices.Clone(was.Common().Tags), add)
	if err != nil {
		return nil, err
	}
	return putTags(c, k, was, tags)
}

// untagEntity removes the tags of these keys, whatever their case; absent ones
// are no error.
func untagEntity[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], was P, keys []string) (*op.None, error) {
	return putTags(c, k, was, withoutTags(was.Common().Tags, keys))
}

// withoutTags is a copy of tags without those of these keys.
func withoutTags(tags []directory.Tag, keys []string) []directory.Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t directory.Tag) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, t.Key) })
	})
}

func putTags[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], was P, tags []directory.Tag) (*op.None, error) {
	changed := *was
	P(&changed).Common().Tags = tags
	return &op.None{}, k.Put(c.Tx, was, &changed)
}

// needTagged is the needs of an operation that makes an entity: with tags, it
// takes the permission to tag that entity, too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func needTagged(needs []op.Need, action string, tags []shape.Tag) []op.Need {
	if len(tags) == 0 {
		return needs
	}
	return withNewTags(append(needs, need(action, needs[0].Resource)...), tags)
}

// withNewTags adds the tags that a request gives.
func withNewTags(needs []op.Need, tags []shape.Tag) []op.Need {
	list := make([]directory.Tag, len(tags))
	for i, t := range tags {
		list[i] = directory.Tag{Key: t.Key, Value: t.Value}
	}
	for i := range needs {
		needs[i].NewTags = list
	}
	return needs
}

// withTagKeys adds the keys of the tags that a request takes away.
func withTagKeys(needs []op.Need, keys []string) []op.Need {
	for i := range needs {
		needs[i].TagKeys = keys
	}
	return needs
}

// pageOfTags lists tags by key.
func pageOfTags(tags []directory.Tag, marker *string, maxItems *int32) (page[shape.Tag], error) {
	cursor, err := cursorOf(marker)
	if err != nil {
		return page[shape.Tag]{}, err
	}
	key := func(t shape.Tag) string { return strings.ToLower(t.Key) }
	sorted := slices.SortedFunc(slices.Values(describeTags(tags)), func(a, b shape.Tag) int { return strings.Compare(key(a), key(b)) })
	return paged(op.After(sorted, cursor, key), maxItems, key)
}

// addTags is tags with those of add put in, as many as anything may have.
func addTags(c *op.Call, tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
	tags, err := mergeTags(tags, add)
	if err != nil {
		return nil, err
	}
	return tags, checkMost(c, tagsPerUser, len(tags))
}

// mergeTags is tags with those of add put in. A key that is there already, in
// whatever case, is replaced: tag keys keep their case but are compared without.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func mergeTags(tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
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
