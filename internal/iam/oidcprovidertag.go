package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func oidcProviderTagOperations() []op.Operation {
	return []op.Operation{
		op.Write("TagOpenIDConnectProvider", needTagOpenIDConnectProvider, tagOpenIDConnectProvider),
		op.Write("UntagOpenIDConnectProvider", needUntagOpenIDConnectProvider, untagOpenIDConnectProvider),
		op.Read("ListOpenIDConnectProviderTags", needListOpenIDConnectProviderTags, listOpenIDConnectProviderTags),
	}
}

func needTagOpenIDConnectProvider(c *op.Call, in *shape.TagOpenIDConnectProviderRequest) ([]op.Need, error) {
	needs, err := needOIDCProvider(c, "TagOpenIDConnectProvider", in.OpenIDConnectProviderArn)
	return withNewTags(needs, in.Tags), err
}

func tagOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.TagOpenIDConnectProviderRequest) (*op.None, error) {
	p, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return tagProvider(c, directory.OIDCProviders, p, in.Tags)
}

func needUntagOpenIDConnectProvider(c *op.Call, in *shape.UntagOpenIDConnectProviderRequest) ([]op.Need, error) {
	needs, err := needOIDCProvider(c, "UntagOpenIDConnectProvider", in.OpenIDConnectProviderArn)
	return withTagKeys(needs, in.TagKeys), err
}

func untagOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.UntagOpenIDConnectProviderRequest) (*op.None, error) {
	p, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.OIDCProviders, p, in.TagKeys)
}

func needListOpenIDConnectProviderTags(c *op.Call, in *shape.ListOpenIDConnectProviderTagsRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "ListOpenIDConnectProviderTags", in.OpenIDConnectProviderArn)
}

func listOpenIDConnectProviderTags(_ context.Context, c *op.Call, in *shape.ListOpenIDConnectProviderTagsRequest) (*shape.ListOpenIDConnectProviderTagsResponse, error) {
	p, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	tags, err := pageOfTags(p.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListOpenIDConnectProviderTagsResponse{Tags: tags.items, IsTruncated: &tags.more, Marker: tags.marker}, nil
}
