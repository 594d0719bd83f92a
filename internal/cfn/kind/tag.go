package kind

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

// sameKey says whether two keys mean the same tag, as a service sees it.
type sameKey func(a, b string) bool

func exactKey(a, b string) bool { return a == b }

// foldedKey is how IAM compares.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func foldedKey(a, b string) bool { return strings.EqualFold(a, b) }

// tags are those that the resource is to have: its own, and the stack's where it has
// none of the same key.
func (r *Resource) tags(own []Tag, same sameKey) []Tag { return stacked(own, r.Tags, same) }

func stacked(own, stack []Tag, same sameKey) []Tag {
	all := slices.Clone(own)
	for _, t := range stack {
		if !hasKey(own, t.Key, same) {
			all = append(all, t)
		}
	}
	return all
}

func isSystem(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

func hasKey(tags []Tag, key string, same sameKey) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool { return same(t.Key, key) })
}

// retagging are the requests that change tags.
type retagging struct {
	same  sameKey
	untag func(keys []string) any
	tag   func([]Tag) any
}

// retag takes the tags away that the resource had and is not to have any more, and puts
// in the others. Tags that somebody else has put there stay.
func (r *Resource) retag(ctx context.Context, api API, was, want []Tag, by retagging) error {
	before, after := stacked(was, r.WasTags, by.same), r.tags(want, by.same)
	var keys []string
	for _, t := range before {
		if !hasKey(after, t.Key, exactKey) {
			keys = append(keys, t.Key)
		}
	}
	if len(keys) > 0 { // first: where case does not count, this would take the new one along
		if _, err := api.Call(ctx, by.untag(keys)); err != nil {
			return err
		}
	}
	if put := missing(after, before); len(put) > 0 {
		if _, err := api.Call(ctx, by.tag(put)); err != nil {
			return err
		}
	}
	return nil
}

// shown are the tags that a template would have of those that there are: without the
// stack's, unless the template gave them itself.
func (r *Resource) shown(is, was []Tag, same sameKey) []Tag {
	is = slices.DeleteFunc(is, func(t Tag) bool {
		return isSystem(t.Key) || slices.Contains(r.Tags, t) && !hasKey(was, t.Key, same)
	})
	return ordered(is, was, func(a, b Tag) bool { return same(a.Key, b.Key) })
}

func iamTags(tags []Tag) []iam.Tag {
	var out []iam.Tag
	for _, t := range tags {
		out = append(out, iam.Tag(t))
	}
	return out
}

func fromIAM(tags []iam.Tag) []Tag {
	var out []Tag
	for _, t := range tags {
		out = append(out, Tag(t))
	}
	return out
}
