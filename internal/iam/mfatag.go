package iam

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needTagMFADevice(c *op.Call, in *shape.TagMFADeviceRequest) ([]op.Need, error) {
	needs, err := needMFADevice(c, "TagMFADevice", in.SerialNumber)
	return withNewTags(needs, in.Tags), err
}

func tagMFADevice(_ context.Context, c *op.Call, in *shape.TagMFADeviceRequest) (*op.None, error) {
	was, err := mustMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d := *was
	if d.Tags, err = addTags(c, slices.Clone(was.Tags), in.Tags); err != nil {
		return nil, err
	}
	return &op.None{}, directory.PutMFADevice(c.Tx, was, &d)
}

func needUntagMFADevice(c *op.Call, in *shape.UntagMFADeviceRequest) ([]op.Need, error) {
	needs, err := needMFADevice(c, "UntagMFADevice", in.SerialNumber)
	return withTagKeys(needs, in.TagKeys), err
}

func untagMFADevice(_ context.Context, c *op.Call, in *shape.UntagMFADeviceRequest) (*op.None, error) {
	was, err := mustMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d := *was
	d.Tags = withoutTags(was.Tags, in.TagKeys)
	return &op.None{}, directory.PutMFADevice(c.Tx, was, &d)
}

func needListMFADeviceTags(c *op.Call, in *shape.ListMFADeviceTagsRequest) ([]op.Need, error) {
	return needMFADevice(c, "ListMFADeviceTags", in.SerialNumber)
}

func listMFADeviceTags(_ context.Context, c *op.Call, in *shape.ListMFADeviceTagsRequest) (*shape.ListMFADeviceTagsResponse, error) {
	d, err := mustMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	p, err := pageOfTags(d.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListMFADeviceTagsResponse{Tags: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}
