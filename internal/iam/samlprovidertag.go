package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func samlProviderTagOperations() []op.Operation {
	return []op.Operation{
		op.Write("TagSAMLProvider", needTagSAMLProvider, tagSAMLProvider),
		op.Write("UntagSAMLProvider", needUntagSAMLProvider, untagSAMLProvider),
		op.Read("ListSAMLProviderTags", needListSAMLProviderTags, listSAMLProviderTags),
	}
}

func needTagSAMLProvider(c *op.Call, in *shape.TagSAMLProviderRequest) ([]op.Need, error) {
	needs, err := needSAMLProvider(c, "TagSAMLProvider", in.SAMLProviderArn)
	return withNewTags(needs, in.Tags), err
}

func tagSAMLProvider(_ context.Context, c *op.Call, in *shape.TagSAMLProviderRequest) (*op.None, error) {
	p, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	return tagProvider(c, directory.SAMLProviders, p, in.Tags)
}

func needUntagSAMLProvider(c *op.Call, in *shape.UntagSAMLProviderRequest) ([]op.Need, error) {
	needs, err := needSAMLProvider(c, "UntagSAMLProvider", in.SAMLProviderArn)
	return withTagKeys(needs, in.TagKeys), err
}

func untagSAMLProvider(_ context.Context, c *op.Call, in *shape.UntagSAMLProviderRequest) (*op.None, error) {
	p, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.SAMLProviders, p, in.TagKeys)
}

func needListSAMLProviderTags(c *op.Call, in *shape.ListSAMLProviderTagsRequest) ([]op.Need, error) {
	return needSAMLProvider(c, "ListSAMLProviderTags", in.SAMLProviderArn)
}

func listSAMLProviderTags(_ context.Context, c *op.Call, in *shape.ListSAMLProviderTagsRequest) (*shape.ListSAMLProviderTagsResponse, error) {
	p, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	tags, err := pageOfTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListSAMLProviderTagsResponse{Tags: tags.items, IsTruncated: &tags.more, Marker: tags.marker}, nil
}
