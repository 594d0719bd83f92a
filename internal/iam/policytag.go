package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagPolicy(c *op.Call, in *shape.TagPolicyRequest) ([]op.Need, error) {
	needs, err := needPolicy(c, "TagPolicy", in.PolicyArn)
	return withNewTags(needs, in.Tags), err
}

func tagPolicy(_ context.Context, c *op.Call, in *shape.TagPolicyRequest) (*op.None, error) {
	p, err := mustOwnPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	return tagEntity(c, directory.Policies, p, in.Tags)
}

func needUntagPolicy(c *op.Call, in *shape.UntagPolicyRequest) ([]op.Need, error) {
	needs, err := needPolicy(c, "UntagPolicy", in.PolicyArn)
	return withTagKeys(needs, in.TagKeys), err
}

func untagPolicy(_ context.Context, c *op.Call, in *shape.UntagPolicyRequest) (*op.None, error) {
	p, err := mustOwnPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.Policies, p, in.TagKeys)
}

func needListPolicyTags(c *op.Call, in *shape.ListPolicyTagsRequest) ([]op.Need, error) {
	return needPolicy(c, "ListPolicyTags", in.PolicyArn)
}

func listPolicyTags(_ context.Context, c *op.Call, in *shape.ListPolicyTagsRequest) (*shape.ListPolicyTagsResponse, error) {
	policy, err := mustPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	p, err := pageOfTags(policy.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListPolicyTagsResponse{Tags: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}
