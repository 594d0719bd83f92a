package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagUser(c *op.Call, in *shape.TagUserRequest) ([]op.Need, error) {
	needs, err := needUser(c, "TagUser", in.UserName)
	return withNewTags(needs, in.Tags), err
}

func tagUser(_ context.Context, c *op.Call, in *shape.TagUserRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return tagEntity(c, directory.Users, u, in.Tags)
}

func needUntagUser(c *op.Call, in *shape.UntagUserRequest) ([]op.Need, error) {
	needs, err := needUser(c, "UntagUser", in.UserName)
	return withTagKeys(needs, in.TagKeys), err
}

func untagUser(_ context.Context, c *op.Call, in *shape.UntagUserRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.Users, u, in.TagKeys)
}

func needListUserTags(c *op.Call, in *shape.ListUserTagsRequest) ([]op.Need, error) {
	return needUser(c, "ListUserTags", in.UserName)
}

func listUserTags(_ context.Context, c *op.Call, in *shape.ListUserTagsRequest) (*shape.ListUserTagsResponse, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := pageOfTags(u.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListUserTagsResponse{Tags: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}
