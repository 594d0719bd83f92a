package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// The operations on an organization answer as AWS does to an account that is in none,
// or in one that has not enabled trusted access for IAM.

func organizationOperations() []op.Operation {
	return []op.Operation{
		op.Write("EnableOrganizationsRootCredentialsManagement",
			needOrganization[shape.EnableOrganizationsRootCredentialsManagementRequest]("EnableOrganizationsRootCredentialsManagement"),
			noOrganization[shape.EnableOrganizationsRootCredentialsManagementRequest, shape.EnableOrganizationsRootCredentialsManagementResponse]),
		op.Write("DisableOrganizationsRootCredentialsManagement",
			needOrganization[shape.DisableOrganizationsRootCredentialsManagementRequest]("DisableOrganizationsRootCredentialsManagement"),
			noOrganization[shape.DisableOrganizationsRootCredentialsManagementRequest, shape.DisableOrganizationsRootCredentialsManagementResponse]),
		op.Write("EnableOrganizationsRootSessions",
			needOrganization[shape.EnableOrganizationsRootSessionsRequest]("EnableOrganizationsRootSessions"),
			noOrganization[shape.EnableOrganizationsRootSessionsRequest, shape.EnableOrganizationsRootSessionsResponse]),
		op.Write("DisableOrganizationsRootSessions",
			needOrganization[shape.DisableOrganizationsRootSessionsRequest]("DisableOrganizationsRootSessions"),
			noOrganization[shape.DisableOrganizationsRootSessionsRequest, shape.DisableOrganizationsRootSessionsResponse]),
		op.Read("ListOrganizationsFeatures",
			needOrganization[shape.ListOrganizationsFeaturesRequest]("ListOrganizationsFeatures"),
			noOrganization[shape.ListOrganizationsFeaturesRequest, shape.ListOrganizationsFeaturesResponse]),
		op.Write("GenerateOrganizationsAccessReport",
			needGenerateOrganizationsAccessReport,
			noOrganization[shape.GenerateOrganizationsAccessReportRequest, shape.GenerateOrganizationsAccessReportResponse]),
		op.Read("GetOrganizationsAccessReport",
			needOrganization[shape.GetOrganizationsAccessReportRequest]("GetOrganizationsAccessReport"),
			getOrganizationsAccessReport),
	}
}

func needOrganization[In any](action string) func(*op.Call, *In) ([]op.Need, error) {
	return func(*op.Call, *In) ([]op.Need, error) { return need(action, "*"), nil }
}

// noOrganization refuses: there is no organization, or it has not let IAM in, which
// takes an operation of Organizations that iamd does not have.
func noOrganization[In, Out any](_ context.Context, c *op.Call, _ *In) (*Out, error) {
	a, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if a.Organization == "" {
		return nil, awserr.New(400, "OrganizationNotFoundException", "The request was rejected because no organization is associated with your account.")
	}
	o, err := directory.GetOrganization(c.Snap, a.Organization)
	if err != nil {
		return nil, err
	}
	if o.Management != a.ID {
		return nil, awserr.New(400, "AccountNotManagementOrDelegatedAdministratorException",
			"The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
	}
	return nil, awserr.New(400, "ServiceAccessNotEnabledException", "The request was rejected because trusted access is not enabled for IAM in AWS Organizations.")
}

func needGenerateOrganizationsAccessReport(c *op.Call, in *shape.GenerateOrganizationsAccessReportRequest) ([]op.Need, error) {
	needs := need("GenerateOrganizationsAccessReport", "arn:aws:iam::"+string(c.Caller.Account)+":access-report/"+in.EntityPath)
	if in.OrganizationsPolicyId == nil {
		return needs, nil
	}
	return withContext(needs, "iam:organizationspolicyid", *in.OrganizationsPolicyId), nil
}

// getOrganizationsAccessReport knows no job: none can have begun.
func getOrganizationsAccessReport(_ context.Context, _ *op.Call, in *shape.GetOrganizationsAccessReportRequest) (*shape.GetOrganizationsAccessReportResponse, error) {
	return nil, noSuchEntity("No job found with the specified id %s.", in.JobId)
}
