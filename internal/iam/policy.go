package iam

import (
	"context"
	"fmt"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

func policyOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreatePolicy", needCreatePolicy, createPolicy),
		op.Read("GetPolicy", needGetPolicy, getPolicy),
		op.Read("ListPolicies", needListPolicies, listPolicies),
		op.Write("DeletePolicy", needDeletePolicy, deletePolicy),
		op.Write("CreatePolicyVersion", needCreatePolicyVersion, createPolicyVersion),
		op.Read("GetPolicyVersion", needGetPolicyVersion, getPolicyVersion),
		op.Read("ListPolicyVersions", needListPolicyVersions, listPolicyVersions),
		op.Write("SetDefaultPolicyVersion", needSetDefaultPolicyVersion, setDefaultPolicyVersion),
		op.Write("DeletePolicyVersion", needDeletePolicyVersion, deletePolicyVersion),
		op.Write("TagPolicy", needTagPolicy, tagPolicy),
		op.Write("UntagPolicy", needUntagPolicy, untagPolicy),
		op.Read("ListPolicyTags", needListPolicyTags, listPolicyTags),
		op.Read("ListEntitiesForPolicy", needListEntitiesForPolicy, listEntitiesForPolicy),
	}
}

func needCreatePolicy(c *op.Call, in *shape.CreatePolicyRequest) ([]op.Need, error) {
	arn := directory.Policies.ARN(c.Caller.Account, pathOf(in.Path), in.PolicyName)
	return needTagged(need("CreatePolicy", arn), "TagPolicy", in.Tags), nil
}

func createPolicy(_ context.Context, c *op.Call, in *shape.CreatePolicyRequest) (*shape.CreatePolicyResponse, error) {
	if err := checkPolicyFree(c, in.PolicyName); err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.Policies, policiesPerAccount); err != nil {
		return nil, err
	}
	if err := checkManaged(c, in.PolicyDocument); err != nil {
		return nil, err
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := &directory.Policy{
		Entity: directory.Entity{
			ID:      c.IDs.EntityID(ids.Policy),
			Account: c.Caller.Account,
			Name:    in.PolicyName,
			Path:    pathOf(in.Path),
			Created: directory.At(c.Now),
			Tags:    tags,
		},
		Description: in.Description,
	}
	p, err = directory.AddPolicyVersion(c.Tx, nil, p, directory.Document(in.PolicyDocument), true, c.Now)
	if err != nil {
		return nil, err
	}
	out := describePolicy(p, directory.PolicyUse{})
	out.Tags = describeTags(p.Tags)
	return &shape.CreatePolicyResponse{Policy: out}, nil
}

func checkPolicyFree(c *op.Call, name string) error {
	taken, err := directory.Policies.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && taken != nil {
		err = awserr.New(409, "EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", name)
	}
	return err
}

// checkManaged makes sure that a document can be what a managed policy says.
func checkManaged(c *op.Call, document string) error {
	if err := checkDocument(document, policy.Managed); err != nil {
		return err
	}
	return checkMost(c, policySize, directory.Document(document).Size())
}

func needGetPolicy(c *op.Call, in *shape.GetPolicyRequest) ([]op.Need, error) {
	return needPolicy(c, "GetPolicy", in.PolicyArn)
}

func getPolicy(_ context.Context, c *op.Call, in *shape.GetPolicyRequest) (*shape.GetPolicyResponse, error) {
	p, err := mustPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	use, err := directory.UseOf(c.Snap, c.Caller.Account, p.ID)
	if err != nil {
		return nil, err
	}
	out := describePolicy(p, use)
	out.Description = p.Description
	out.Tags = append([]shape.Tag{}, describeTags(p.Tags)...) // shown even if there are none
	return &shape.GetPolicyResponse{Policy: out}, nil
}

func needDeletePolicy(c *op.Call, in *shape.DeletePolicyRequest) ([]op.Need, error) {
	return needPolicy(c, "DeletePolicy", in.PolicyArn)
}

func deletePolicy(_ context.Context, c *op.Call, in *shape.DeletePolicyRequest) (*op.None, error) {
	p, err := mustOwnPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	use, err := directory.UseOf(c.Snap, p.Account, p.ID)
	if err != nil {
		return nil, err
	}
	if use.Any() {
		return nil, awserr.New(409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return nil, awserr.New(409, "DeleteConflict", "This policy has more than one version. "+
			"Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	return &op.None{}, directory.DeletePolicy(c.Tx, p)
}

// describePolicy is what every reply says of a policy, and all that ListPolicies
// and CreatePolicy say, but for the tags. GetPolicy adds the description.
func describePolicy(p *directory.Policy, use directory.PolicyUse) *shape.Policy {
	return &shape.Policy{
		PolicyName:                    &p.Name,
		PolicyId:                      new(string(p.ID)),
		Arn:                           new(p.ARN()),
		Path:                          &p.Path,
		DefaultVersionId:              new(versionID(p.Default)),
		AttachmentCount:               new(int32(use.Attached)),
		PermissionsBoundaryUsageCount: new(int32(use.Boundary)),
		IsAttachable:                  new(true),
		CreateDate:                    new(p.Created.Time()),
		UpdateDate:                    new(p.Updated.Time()),
	}
}

func versionID(number int) string { return fmt.Sprintf("v%d", number) }
