package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagServerCertificate(c *op.Call, in *shape.TagServerCertificateRequest) ([]op.Need, error) {
	needs, err := needEntity(c, directory.ServerCertificates, "TagServerCertificate", in.ServerCertificateName)
	return withNewTags(needs, in.Tags), err
}

func tagServerCertificate(_ context.Context, c *op.Call, in *shape.TagServerCertificateRequest) (*op.None, error) {
	s, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	return tagEntity(c, directory.ServerCertificates, s, in.Tags)
}

func needUntagServerCertificate(c *op.Call, in *shape.UntagServerCertificateRequest) ([]op.Need, error) {
	needs, err := needEntity(c, directory.ServerCertificates, "UntagServerCertificate", in.ServerCertificateName)
	return withTagKeys(needs, in.TagKeys), err
}

func untagServerCertificate(_ context.Context, c *op.Call, in *shape.UntagServerCertificateRequest) (*op.None, error) {
	s, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	return untagEntity(c, directory.ServerCertificates, s, in.TagKeys)
}

func needListServerCertificateTags(c *op.Call, in *shape.ListServerCertificateTagsRequest) ([]op.Need, error) {
	return needEntity(c, directory.ServerCertificates, "ListServerCertificateTags", in.ServerCertificateName)
}

func listServerCertificateTags(_ context.Context, c *op.Call, in *shape.ListServerCertificateTagsRequest) (*shape.ListServerCertificateTagsResponse, error) {
	s, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	p, err := pageOfTags(s.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListServerCertificateTagsResponse{Tags: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}
