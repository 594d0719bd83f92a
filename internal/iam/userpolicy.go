package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func userPolicyOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutUserPolicy", needPutUserPolicy, putUserPolicy),
		op.Read("GetUserPolicy", needGetUserPolicy, getUserPolicy),
		op.Read("ListUserPolicies", needListUserPolicies, listUserPolicies),
		op.Write("DeleteUserPolicy", needDeleteUserPolicy, deleteUserPolicy),
	}
}

func needPutUserPolicy(c *op.Call, in *shape.PutUserPolicyRequest) ([]op.Need, error) {
	return needBounded(c, directory.Users, "PutUserPolicy", in.UserName)
}

func putUserPolicy(_ context.Context, c *op.Call, in *shape.PutUserPolicyRequest) (*op.None, error) {
	return userInline.put(c, in.UserName, in.PolicyName, in.PolicyDocument)
}

func needGetUserPolicy(c *op.Call, in *shape.GetUserPolicyRequest) ([]op.Need, error) {
	return needUser(c, "GetUserPolicy", in.UserName)
}

func getUserPolicy(_ context.Context, c *op.Call, in *shape.GetUserPolicyRequest) (*shape.GetUserPolicyResponse, error) {
	owner, document, err := userInline.get(c, in.UserName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &shape.GetUserPolicyResponse{UserName: owner, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func needListUserPolicies(c *op.Call, in *shape.ListUserPoliciesRequest) ([]op.Need, error) {
	return needUser(c, "ListUserPolicies", in.UserName)
}

func listUserPolicies(_ context.Context, c *op.Call, in *shape.ListUserPoliciesRequest) (*shape.ListUserPoliciesResponse, error) {
	p, err := userInline.list(c, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListUserPoliciesResponse{PolicyNames: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}

func needDeleteUserPolicy(c *op.Call, in *shape.DeleteUserPolicyRequest) ([]op.Need, error) {
	return needBounded(c, directory.Users, "DeleteUserPolicy", in.UserName)
}

func deleteUserPolicy(_ context.Context, c *op.Call, in *shape.DeleteUserPolicyRequest) (*op.None, error) {
	return userInline.delete(c, in.UserName, in.PolicyName)
}
