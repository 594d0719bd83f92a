package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func attachmentOperations() []op.Operation {
	return []op.Operation{
		op.Write("AttachUserPolicy", needAttachUserPolicy, attachUserPolicy),
		op.Write("DetachUserPolicy", needDetachUserPolicy, detachUserPolicy),
		op.Read("ListAttachedUserPolicies", needListAttachedUserPolicies, listAttachedUserPolicies),
		op.Write("AttachGroupPolicy", needAttachGroupPolicy, attachGroupPolicy),
		op.Write("DetachGroupPolicy", needDetachGroupPolicy, detachGroupPolicy),
		op.Read("ListAttachedGroupPolicies", needListAttachedGroupPolicies, listAttachedGroupPolicies),
		op.Write("AttachRolePolicy", needAttachRolePolicy, attachRolePolicy),
		op.Write("DetachRolePolicy", needDetachRolePolicy, detachRolePolicy),
		op.Read("ListAttachedRolePolicies", needListAttachedRolePolicies, listAttachedRolePolicies),
	}
}

func needAttachUserPolicy(c *op.Call, in *shape.AttachUserPolicyRequest) ([]op.Need, error) {
	return userAttached.need(c, "AttachUserPolicy", in.UserName, in.PolicyArn)
}

func attachUserPolicy(_ context.Context, c *op.Call, in *shape.AttachUserPolicyRequest) (*op.None, error) {
	return userAttached.attach(c, in.UserName, in.PolicyArn)
}

func needDetachUserPolicy(c *op.Call, in *shape.DetachUserPolicyRequest) ([]op.Need, error) {
	return userAttached.need(c, "DetachUserPolicy", in.UserName, in.PolicyArn)
}

func detachUserPolicy(_ context.Context, c *op.Call, in *shape.DetachUserPolicyRequest) (*op.None, error) {
	return userAttached.detach(c, in.UserName, in.PolicyArn)
}

func needListAttachedUserPolicies(c *op.Call, in *shape.ListAttachedUserPoliciesRequest) ([]op.Need, error) {
	return needEntity(c, userAttached.kind, "ListAttachedUserPolicies", in.UserName)
}

func listAttachedUserPolicies(_ context.Context, c *op.Call, in *shape.ListAttachedUserPoliciesRequest) (*shape.ListAttachedUserPoliciesResponse, error) {
	p, err := userAttached.list(c, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListAttachedUserPoliciesResponse{AttachedPolicies: describeAttached(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}

func needAttachGroupPolicy(c *op.Call, in *shape.AttachGroupPolicyRequest) ([]op.Need, error) {
	return groupAttached.need(c, "AttachGroupPolicy", in.GroupName, in.PolicyArn)
}

func attachGroupPolicy(_ context.Context, c *op.Call, in *shape.AttachGroupPolicyRequest) (*op.None, error) {
	return groupAttached.attach(c, in.GroupName, in.PolicyArn)
}

func needDetachGroupPolicy(c *op.Call, in *shape.DetachGroupPolicyRequest) ([]op.Need, error) {
	return groupAttached.need(c, "DetachGroupPolicy", in.GroupName, in.PolicyArn)
}

func detachGroupPolicy(_ context.Context, c *op.Call, in *shape.DetachGroupPolicyRequest) (*op.None, error) {
	return groupAttached.detach(c, in.GroupName, in.PolicyArn)
}

func needListAttachedGroupPolicies(c *op.Call, in *shape.ListAttachedGroupPoliciesRequest) ([]op.Need, error) {
	return needEntity(c, groupAttached.kind, "ListAttachedGroupPolicies", in.GroupName)
}

func listAttachedGroupPolicies(_ context.Context, c *op.Call, in *shape.ListAttachedGroupPoliciesRequest) (*shape.ListAttachedGroupPoliciesResponse, error) {
	p, err := groupAttached.list(c, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListAttachedGroupPoliciesResponse{AttachedPolicies: describeAttached(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}

func needAttachRolePolicy(c *op.Call, in *shape.AttachRolePolicyRequest) ([]op.Need, error) {
	return roleAttached.need(c, "AttachRolePolicy", in.RoleName, in.PolicyArn)
}

func attachRolePolicy(_ context.Context, c *op.Call, in *shape.AttachRolePolicyRequest) (*op.None, error) {
	return roleAttached.attach(c, in.RoleName, in.PolicyArn)
}

func needDetachRolePolicy(c *op.Call, in *shape.DetachRolePolicyRequest) ([]op.Need, error) {
	return roleAttached.need(c, "DetachRolePolicy", in.RoleName, in.PolicyArn)
}

func detachRolePolicy(_ context.Context, c *op.Call, in *shape.DetachRolePolicyRequest) (*op.None, error) {
	return roleAttached.detach(c, in.RoleName, in.PolicyArn)
}

func needListAttachedRolePolicies(c *op.Call, in *shape.ListAttachedRolePoliciesRequest) ([]op.Need, error) {
	return needEntity(c, roleAttached.kind, "ListAttachedRolePolicies", in.RoleName)
}

func listAttachedRolePolicies(_ context.Context, c *op.Call, in *shape.ListAttachedRolePoliciesRequest) (*shape.ListAttachedRolePoliciesResponse, error) {
	p, err := roleAttached.list(c, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListAttachedRolePoliciesResponse{AttachedPolicies: describeAttached(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}
