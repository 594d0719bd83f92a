package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagRole(c *op.Call, in *shape.TagRoleRequest) ([]op.Need, error) {
	needs, err := needRole(c, "TagRole", in.RoleName)
	return withNewTags(needs, in.Tags), err
}

func tagRole(_ context.Context, c *op.Call, in *shape.TagRoleRequest) (*op.None, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return tagEntity(c, directory.Roles, r, in.Tags)
}

func needUntagRole(c *op.Call, in *shape.UntagRoleRequest) ([]op.Need, error) {
	needs, err := needRole(c, "UntagRole", in.RoleName)
	return withTagKeys(needs, in.TagKeys), err
}

func untagRole(_ context.Context, c *op.Call, in *shape.UntagRoleRequest) (*op.None, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.Roles, r, in.TagKeys)
}

func needListRoleTags(c *op.Call, in *shape.ListRoleTagsRequest) ([]op.Need, error) {
	return needRole(c, "ListRoleTags", in.RoleName)
}

func listRoleTags(_ context.Context, c *op.Call, in *shape.ListRoleTagsRequest) (*shape.ListRoleTagsResponse, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	p, err := pageOfTags(r.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListRoleTagsResponse{Tags: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}
