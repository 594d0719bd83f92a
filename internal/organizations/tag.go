package organizations

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func tagOperations() []op.Operation {
	return []op.Operation{
		op.Write("TagResource", needTagResource, tagResource),
		op.Write("UntagResource", needUntagResource, untagResource),
		op.Read("ListTagsForResource", needListTagsForResource, listTagsForResource),
	}
}

// mostTags is how many tags one resource may have.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html
const mostTags = 50

func needTagResource(c *op.Call, in *shape.TagResourceRequest) ([]op.Need, error) {
	needs, err := needTarget(c, "TagResource", in.ResourceId)
	if err != nil {
		return nil, err
	}
	needs[0].NewTags = tagsOf(in.Tags)
	return needs, nil
}

func tagResource(_ context.Context, c *op.Call, in *shape.TagResourceRequest) (*op.None, error) {
	return changeTags(c, in.ResourceId, func(tags []directory.Tag) ([]directory.Tag, error) { return addTags(tags, in.Tags) })
}

func needUntagResource(c *op.Call, in *shape.UntagResourceRequest) ([]op.Need, error) {
	needs, err := needTarget(c, "UntagResource", in.ResourceId)
	if err != nil {
		return nil, err
	}
	needs[0].TagKeys = in.TagKeys
	return needs, nil
}

// untagResource does not mind tags that are not there.
func untagResource(_ context.Context, c *op.Call, in *shape.UntagResourceRequest) (*op.None, error) {
	return changeTags(c, in.ResourceId, func(tags []directory.Tag) ([]directory.Tag, error) {
		return slices.DeleteFunc(tags, func(t directory.Tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

func needListTagsForResource(c *op.Call, in *shape.ListTagsForResourceRequest) ([]op.Need, error) {
	return needTarget(c, "ListTagsForResource", in.ResourceId)
}

func listTagsForResource(_ context.Context, c *op.Call, in *shape.ListTagsForResourceRequest) (*shape.ListTagsForResourceResponse, error) {
	t, err := targetOf(c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	if err := noToken(in.NextToken); err != nil {
		return nil, err
	}
	tags := slices.SortedFunc(slices.Values(t.tags()), func(a, b directory.Tag) int { return strings.Compare(a.Key, b.Key) })
	out := &shape.ListTagsForResourceResponse{Tags: make([]shape.Tag, len(tags))}
	for i, tag := range tags {
		out.Tags[i] = shape.Tag{Key: tag.Key, Value: tag.Value}
	}
	return out, nil
}

// target is what can have tags: an account or, when that is nil, the root.
type target struct {
	organization *directory.Organization
	account      *directory.Account
}

func targetOf(c *op.Call, id string) (target, error) {
	o, err := managed(c)
	if err != nil || id == o.Root {
		return target{organization: o}, err
	}
	a, err := findMember(c, o, id)
	if err == nil && a == nil {
		err = awserr.New(400, "TargetNotFoundException", "You specified a target that doesn't exist.")
	}
	return target{o, a}, err
}

func (t target) tags() []directory.Tag {
	if t.account != nil {
		return t.account.Tags
	}
	return t.organization.RootTags
}

// changeTags stores what change makes of a copy of the tags.
func changeTags(c *op.Call, id string, change func([]directory.Tag) ([]directory.Tag, error)) (*op.None, error) {
	t, err := targetOf(c, id)
	if err != nil {
		return nil, err
	}
	tags, err := change(slices.Clone(t.tags()))
	if err != nil {
		return nil, err
	}
	if t.account != nil {
		changed := *t.account
		changed.Tags = tags
		return &op.None{}, directory.PutAccount(c.Tx, &changed)
	}
	changed := *t.organization
	changed.RootTags = tags
	return &op.None{}, directory.PutOrganization(c.Tx, &changed)
}

// addTags is tags with those of add put in. Case counts, unlike in IAM.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html
func addTags(tags []directory.Tag, add []shape.Tag) ([]directory.Tag, error) {
	seen := make(map[string]bool, len(add))
	for _, a := range add {
		if strings.HasPrefix(strings.ToLower(a.Key), "aws:") {
			return nil, invalidInput("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.")
		}
		if seen[a.Key] {
			return nil, invalidInput("DUPLICATE_TAG_KEY", "Your request includes duplicate tag keys")
		}
		seen[a.Key] = true
		tag := directory.Tag{Key: a.Key, Value: a.Value}
		if at := slices.IndexFunc(tags, func(t directory.Tag) bool { return t.Key == a.Key }); at >= 0 {
			tags[at] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	if len(tags) > mostTags {
		return nil, constraintViolation("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
	}
	return tags, nil
}
