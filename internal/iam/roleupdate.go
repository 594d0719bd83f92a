package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needUpdateRole(c *op.Call, in *shape.UpdateRoleRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "UpdateRole", in.RoleName)
}

// updateRole leaves what the request doesn't name as it is. Of a service-linked
// role, the account may change the description and nothing else.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-service-linked-role.html
func updateRole(_ context.Context, c *op.Call, in *shape.UpdateRoleRequest) (*shape.UpdateRoleResponse, error) {
	was, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if in.MaxSessionDuration != nil && isServiceLinked(was.Path) {
		return nil, unmodifiable(was)
	}
	r := *was
	if in.Description != nil {
		r.Description = in.Description
	}
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	return &shape.UpdateRoleResponse{}, directory.Roles.Put(c.Tx, was, &r)
}

func needUpdateRoleDescription(c *op.Call, in *shape.UpdateRoleDescriptionRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "UpdateRoleDescription", in.RoleName)
}

func updateRoleDescription(_ context.Context, c *op.Call, in *shape.UpdateRoleDescriptionRequest) (*shape.UpdateRoleDescriptionResponse, error) {
	was, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	r := *was
	r.Description = &in.Description
	if err := directory.Roles.Put(c.Tx, was, &r); err != nil {
		return nil, err
	}
	out := describeRole(&r)
	out.Description = r.Description
	return &shape.UpdateRoleDescriptionResponse{Role: out}, nil
}

func needUpdateAssumeRolePolicy(c *op.Call, in *shape.UpdateAssumeRolePolicyRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "UpdateAssumeRolePolicy", in.RoleName)
}

func updateAssumeRolePolicy(_ context.Context, c *op.Call, in *shape.UpdateAssumeRolePolicyRequest) (*op.None, error) {
	was, err := mustOwnRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkTrust(c, in.PolicyDocument); err != nil {
		return nil, err
	}
	r := *was
	r.Trust = directory.Document(in.PolicyDocument)
	return &op.None{}, directory.Roles.Put(c.Tx, was, &r)
}
