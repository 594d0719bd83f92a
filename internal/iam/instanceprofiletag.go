package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagInstanceProfile(c *op.Call, in *shape.TagInstanceProfileRequest) ([]op.Need, error) {
	needs, err := needInstanceProfile(c, "TagInstanceProfile", in.InstanceProfileName)
	return withNewTags(needs, in.Tags), err
}

func tagInstanceProfile(_ context.Context, c *op.Call, in *shape.TagInstanceProfileRequest) (*op.None, error) {
	p, err := mustInstanceProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return tagEntity(c, directory.InstanceProfiles, p, in.Tags)
}

func needUntagInstanceProfile(c *op.Call, in *shape.UntagInstanceProfileRequest) ([]op.Need, error) {
	needs, err := needInstanceProfile(c, "UntagInstanceProfile", in.InstanceProfileName)
	return withTagKeys(needs, in.TagKeys), err
}

func untagInstanceProfile(_ context.Context, c *op.Call, in *shape.UntagInstanceProfileRequest) (*op.None, error) {
	p, err := mustInstanceProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.InstanceProfiles, p, in.TagKeys)
}

func needListInstanceProfileTags(c *op.Call, in *shape.ListInstanceProfileTagsRequest) ([]op.Need, error) {
	return needInstanceProfile(c, "ListInstanceProfileTags", in.InstanceProfileName)
}

func listInstanceProfileTags(_ context.Context, c *op.Call, in *shape.ListInstanceProfileTagsRequest) (*shape.ListInstanceProfileTagsResponse, error) {
	p, err := mustInstanceProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	list, err := pageOfTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListInstanceProfileTagsResponse{Tags: list.items, IsTruncated: &list.more, Marker: list.marker}, nil
}
