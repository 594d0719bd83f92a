package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// What the account that manages an organization may do with the root users of the
// others. An organization of iamd trusts IAM from its beginning: Organizations has no
// operation here that would say so.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management

func organizationOperations() []op.Operation {
	return []op.Operation{
		op.Write("EnableOrganizationsRootCredentialsManagement",
			needOrganization[shape.EnableOrganizationsRootCredentialsManagementRequest]("EnableOrganizationsRootCredentialsManagement"),
			func(_ context.Context, c *op.Call, _ *shape.EnableOrganizationsRootCredentialsManagementRequest) (*shape.EnableOrganizationsRootCredentialsManagementResponse, error) {
				f, err := setFeature(c, func(o *directory.Organization) { o.RootCredentials = true })
				return &shape.EnableOrganizationsRootCredentialsManagementResponse{OrganizationId: f.id, EnabledFeatures: f.enabled}, err
			}),
		op.Write("DisableOrganizationsRootCredentialsManagement",
			needOrganization[shape.DisableOrganizationsRootCredentialsManagementRequest]("DisableOrganizationsRootCredentialsManagement"),
			func(_ context.Context, c *op.Call, _ *shape.DisableOrganizationsRootCredentialsManagementRequest) (*shape.DisableOrganizationsRootCredentialsManagementResponse, error) {
				f, err := setFeature(c, func(o *directory.Organization) { o.RootCredentials = false })
				return &shape.DisableOrganizationsRootCredentialsManagementResponse{OrganizationId: f.id, EnabledFeatures: f.enabled}, err
			}),
		op.Write("EnableOrganizationsRootSessions",
			needOrganization[shape.EnableOrganizationsRootSessionsRequest]("EnableOrganizationsRootSessions"),
			func(_ context.Context, c *op.Call, _ *shape.EnableOrganizationsRootSessionsRequest) (*shape.EnableOrganizationsRootSessionsResponse, error) {
				f, err := setFeature(c, func(o *directory.Organization) { o.RootSessions = true })
				return &shape.EnableOrganizationsRootSessionsResponse{OrganizationId: f.id, EnabledFeatures: f.enabled}, err
			}),
		op.Write("DisableOrganizationsRootSessions",
			needOrganization[shape.DisableOrganizationsRootSessionsRequest]("DisableOrganizationsRootSessions"),
			func(_ context.Context, c *op.Call, _ *shape.DisableOrganizationsRootSessionsRequest) (*shape.DisableOrganizationsRootSessionsResponse, error) {
				f, err := setFeature(c, func(o *directory.Organization) { o.RootSessions = false })
				return &shape.DisableOrganizationsRootSessionsResponse{OrganizationId: f.id, EnabledFeatures: f.enabled}, err
			}),
		op.Read("ListOrganizationsFeatures",
			needOrganization[shape.ListOrganizationsFeaturesRequest]("ListOrganizationsFeatures"),
			listOrganizationsFeatures),
		op.Write("GenerateOrganizationsAccessReport", needGenerateOrganizationsAccessReport, generateOrganizationsAccessReport),
		op.Read("GetOrganizationsAccessReport",
			needOrganization[shape.GetOrganizationsAccessReportRequest]("GetOrganizationsAccessReport"),
			getOrganizationsAccessReport),
	}
}

func needOrganization[In any](action string) func(*op.Call, *In) ([]op.Need, error) {
	return func(*op.Call, *In) ([]op.Need, error) { return need(action, "*"), nil }
}

// features is what replies say of an organization.
type features struct {
	id      *string
	enabled []string
}

func featuresOf(o *directory.Organization) features {
	f := features{id: (*string)(&o.ID), enabled: []string{}}
	if o.RootCredentials {
		f.enabled = append(f.enabled, shape.FeatureTypeRootCredentialsManagement)
	}
	if o.RootSessions {
		f.enabled = append(f.enabled, shape.FeatureTypeRootSessions)
	}
	return f
}

// setFeature changes the organization that the caller's account manages.
func setFeature(c *op.Call, set func(*directory.Organization)) (features, error) {
	was, err := managedOrganization(c)
	if err != nil {
		return features{}, err
	}
	o := *was
	set(&o)
	return featuresOf(&o), directory.PutOrganization(c.Tx, &o)
}

func listOrganizationsFeatures(_ context.Context, c *op.Call, _ *shape.ListOrganizationsFeaturesRequest) (*shape.ListOrganizationsFeaturesResponse, error) {
	o, err := managedOrganization(c)
	if err != nil {
		return nil, err
	}
	f := featuresOf(o)
	return &shape.ListOrganizationsFeaturesResponse{OrganizationId: f.id, EnabledFeatures: f.enabled}, nil
}

// managedOrganization is the organization that the caller's account manages.
func managedOrganization(c *op.Call) (*directory.Organization, error) {
	a, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if a.Organization == "" {
		return nil, awserr.New(400, "OrganizationNotFoundException", "The request was rejected because no organization is associated with your account.")
	}
	o, err := directory.GetOrganization(c.Snap, a.Organization)
	if err == nil && o.Management != a.ID {
		err = awserr.New(400, "AccountNotManagementOrDelegatedAdministratorException",
			"The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
	}
	return o, err
}

func needGenerateOrganizationsAccessReport(c *op.Call, in *shape.GenerateOrganizationsAccessReportRequest) ([]op.Need, error) {
	needs := need("GenerateOrganizationsAccessReport", "arn:aws:iam::"+string(c.Caller.Account)+":access-report/"+in.EntityPath)
	if in.OrganizationsPolicyId == nil {
		return needs, nil
	}
	return withContext(needs, "iam:organizationspolicyid", *in.OrganizationsPolicyId), nil
}

// generateOrganizationsAccessReport refuses: on AWS, too, a report is of what service
// control policies allow, and an organization of iamd has none.
func generateOrganizationsAccessReport(_ context.Context, c *op.Call, _ *shape.GenerateOrganizationsAccessReportRequest) (*shape.GenerateOrganizationsAccessReportResponse, error) {
	if _, err := managedOrganization(c); err != nil {
		return nil, err
	}
	return nil, invalidInput("Service control policies are not enabled for the organization.")
}

// getOrganizationsAccessReport knows no job: none can have begun.
func getOrganizationsAccessReport(_ context.Context, _ *op.Call, in *shape.GetOrganizationsAccessReportRequest) (*shape.GetOrganizationsAccessReportResponse, error) {
	return nil, noSuchEntity("No job found with the specified id %s.", in.JobId)
}
