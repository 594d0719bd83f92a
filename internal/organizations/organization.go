package organizations

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func organizationOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateOrganization", needAll[shape.CreateOrganizationRequest]("CreateOrganization"), createOrganization),
		op.Read("DescribeOrganization", needAll[shape.DescribeOrganizationRequest]("DescribeOrganization"), describeOrganization),
		op.Write("DeleteOrganization", needAll[shape.DeleteOrganizationRequest]("DeleteOrganization"), deleteOrganization),
	}
}

// createOrganization makes the caller's account the one that manages a new
// organization.
func createOrganization(_ context.Context, c *op.Call, in *shape.CreateOrganizationRequest) (*shape.CreateOrganizationResponse, error) {
	was, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if was.Organization != "" {
		return nil, awserr.New(400, "AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
	}
	o := &directory.Organization{
		ID:         newOrganizationID(c.IDs),
		Management: was.ID,
		Root:       newRootID(c.IDs),
		FeatureSet: shape.OrganizationFeatureSetAll,
	}
	if in.FeatureSet != nil {
		o.FeatureSet = *in.FeatureSet
	}
	manager := *was
	manager.Organization, manager.Joined = o.ID, directory.At(c.Now)
	if err := directory.PutAccount(c.Tx, &manager); err != nil {
		return nil, err
	}
	if err := directory.PutOrganization(c.Tx, o); err != nil {
		return nil, err
	}
	return &shape.CreateOrganizationResponse{Organization: describe(o, &manager)}, nil
}

// describeOrganization is for every account in it.
func describeOrganization(_ context.Context, c *op.Call, _ *shape.DescribeOrganizationRequest) (*shape.DescribeOrganizationResponse, error) {
	o, err := organizationOf(c)
	if err != nil {
		return nil, err
	}
	manager, err := directory.GetAccount(c.Snap, o.Management)
	if err != nil {
		return nil, err
	}
	return &shape.DescribeOrganizationResponse{Organization: describe(o, manager)}, nil
}

// describe lists no policy types as available: there are no policies.
func describe(o *directory.Organization, manager *directory.Account) *shape.Organization {
	return &shape.Organization{
		Id:                   (*string)(&o.ID),
		Arn:                  new(organizationARN(o)),
		FeatureSet:           &o.FeatureSet,
		MasterAccountId:      (*string)(&o.Management),
		MasterAccountArn:     new(accountARN(o, string(o.Management))),
		MasterAccountEmail:   optional(manager.Email),
		AvailablePolicyTypes: []shape.PolicyTypeSummary{},
	}
}

// deleteOrganization leaves the account that managed it on its own. Closed accounts
// are in the way, too.
func deleteOrganization(_ context.Context, c *op.Call, _ *shape.DeleteOrganizationRequest) (*op.None, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	for a, err := range o.Members(c.Snap, "") {
		if err != nil {
			return nil, err
		}
		if a.ID != o.Management {
			return nil, awserr.New(400, "OrganizationNotEmptyException",
				"To delete an organization you must first remove all member accounts (except the master).")
		}
	}
	was, err := directory.GetAccount(c.Snap, o.Management)
	if err != nil {
		return nil, err
	}
	alone := *was
	alone.Organization, alone.Joined, alone.Tags = "", 0, nil
	if err := directory.PutAccount(c.Tx, &alone); err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteOrganization(c.Tx, o)
}

// optional is nil for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
