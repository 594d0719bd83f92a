package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func rolePolicyOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutRolePolicy", needPutRolePolicy, putRolePolicy),
		op.Read("GetRolePolicy", needGetRolePolicy, getRolePolicy),
		op.Read("ListRolePolicies", needListRolePolicies, listRolePolicies),
		op.Write("DeleteRolePolicy", needDeleteRolePolicy, deleteRolePolicy),
	}
}

func needPutRolePolicy(c *op.Call, in *shape.PutRolePolicyRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "PutRolePolicy", in.RoleName)
}

func putRolePolicy(_ context.Context, c *op.Call, in *shape.PutRolePolicyRequest) (*op.None, error) {
	return roleInline.put(c, in.RoleName, in.PolicyName, in.PolicyDocument)
}

func needGetRolePolicy(c *op.Call, in *shape.GetRolePolicyRequest) ([]op.Need, error) {
	return needRole(c, "GetRolePolicy", in.RoleName)
}

func getRolePolicy(_ context.Context, c *op.Call, in *shape.GetRolePolicyRequest) (*shape.GetRolePolicyResponse, error) {
	owner, document, err := roleInline.get(c, in.RoleName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &shape.GetRolePolicyResponse{RoleName: owner, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func needListRolePolicies(c *op.Call, in *shape.ListRolePoliciesRequest) ([]op.Need, error) {
	return needRole(c, "ListRolePolicies", in.RoleName)
}

func listRolePolicies(_ context.Context, c *op.Call, in *shape.ListRolePoliciesRequest) (*shape.ListRolePoliciesResponse, error) {
	p, err := roleInline.list(c, in.RoleName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListRolePoliciesResponse{PolicyNames: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}

func needDeleteRolePolicy(c *op.Call, in *shape.DeleteRolePolicyRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "DeleteRolePolicy", in.RoleName)
}

func deleteRolePolicy(_ context.Context, c *op.Call, in *shape.DeleteRolePolicyRequest) (*op.None, error) {
	return roleInline.delete(c, in.RoleName, in.PolicyName)
}
