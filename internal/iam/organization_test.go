package iam_test

import (
	"testing"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

var organizationRequests = map[string]any{
	"EnableOrganizationsRootCredentialsManagement":  &shape.EnableOrganizationsRootCredentialsManagementRequest{},
	"DisableOrganizationsRootCredentialsManagement": &shape.DisableOrganizationsRootCredentialsManagementRequest{},
	"EnableOrganizationsRootSessions":               &shape.EnableOrganizationsRootSessionsRequest{},
	"DisableOrganizationsRootSessions":              &shape.DisableOrganizationsRootSessionsRequest{},
	"ListOrganizationsFeatures":                     &shape.ListOrganizationsFeaturesRequest{},
	"GenerateOrganizationsAccessReport":             &shape.GenerateOrganizationsAccessReportRequest{EntityPath: "o-a1b2c3d4e5/r-f6g7h8i9j0"},
}

func TestNoOrganization(t *testing.T) {
	w := optest.New(t, iam.Service())
	for operation, in := range organizationRequests {
		w.Refused(w.Root(), operation, in, 400, "OrganizationNotFoundException",
			"The request was rejected because no organization is associated with your account.")
	}
	w.Refused(w.Root(), "GetOrganizationsAccessReport", &shape.GetOrganizationsAccessReportRequest{JobId: "ea1db3fb-6a1e-4f6a-8a5c-0a1b2c3d4e5f"},
		404, "NoSuchEntity", "No job found with the specified id ea1db3fb-6a1e-4f6a-8a5c-0a1b2c3d4e5f.")
}

// The account that manages an organization is told what is missing, any other that
// it may not.
func TestOrganizationWithoutTrustedAccess(t *testing.T) {
	w := optest.New(t, iam.Service())
	const member = "210987654321"
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		o := &directory.Organization{ID: "o-a1b2c3d4e5", Management: optest.Account, Root: "r-f6g7", FeatureSet: "ALL"}
		if err := directory.PutOrganization(tx, o); err != nil {
			return err
		}
		for _, id := range []ids.Account{optest.Account, member} {
			a := &directory.Account{ID: id, Name: "a", Email: directory.DefaultEmail(id), Created: directory.At(w.Now), Organization: o.ID, Joined: directory.At(w.Now)}
			if err := directory.PutAccount(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	other := op.Principal{Kind: op.Root, Account: member, ARN: directory.RootARN(member), ID: member}
	for operation, in := range organizationRequests {
		w.Refused(w.Root(), operation, in, 400, "ServiceAccessNotEnabledException",
			"The request was rejected because trusted access is not enabled for IAM in AWS Organizations.")
		w.Refused(other, operation, in, 400, "AccountNotManagementOrDelegatedAdministratorException",
			"The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
	}
}
