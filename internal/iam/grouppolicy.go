package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func groupPolicyOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutGroupPolicy", needPutGroupPolicy, putGroupPolicy),
		op.Read("GetGroupPolicy", needGetGroupPolicy, getGroupPolicy),
		op.Read("ListGroupPolicies", needListGroupPolicies, listGroupPolicies),
		op.Write("DeleteGroupPolicy", needDeleteGroupPolicy, deleteGroupPolicy),
	}
}

func needPutGroupPolicy(c *op.Call, in *shape.PutGroupPolicyRequest) ([]op.Need, error) {
	return needGroup(c, "PutGroupPolicy", in.GroupName)
}

func putGroupPolicy(_ context.Context, c *op.Call, in *shape.PutGroupPolicyRequest) (*op.None, error) {
	return groupInline.put(c, in.GroupName, in.PolicyName, in.PolicyDocument)
}

func needGetGroupPolicy(c *op.Call, in *shape.GetGroupPolicyRequest) ([]op.Need, error) {
	return needGroup(c, "GetGroupPolicy", in.GroupName)
}

func getGroupPolicy(_ context.Context, c *op.Call, in *shape.GetGroupPolicyRequest) (*shape.GetGroupPolicyResponse, error) {
	owner, document, err := groupInline.get(c, in.GroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &shape.GetGroupPolicyResponse{GroupName: owner, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func needListGroupPolicies(c *op.Call, in *shape.ListGroupPoliciesRequest) ([]op.Need, error) {
	return needGroup(c, "ListGroupPolicies", in.GroupName)
}

func listGroupPolicies(_ context.Context, c *op.Call, in *shape.ListGroupPoliciesRequest) (*shape.ListGroupPoliciesResponse, error) {
	p, err := groupInline.list(c, in.GroupName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListGroupPoliciesResponse{PolicyNames: p.items, IsTruncated: &p.more, Marker: p.marker}, nil
}

func needDeleteGroupPolicy(c *op.Call, in *shape.DeleteGroupPolicyRequest) ([]op.Need, error) {
	return needGroup(c, "DeleteGroupPolicy", in.GroupName)
}

func deleteGroupPolicy(_ context.Context, c *op.Call, in *shape.DeleteGroupPolicyRequest) (*op.None, error) {
	return groupInline.delete(c, in.GroupName, in.PolicyName)
}
