package iam_test

import (
	"slices"
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

// The account that manages an organization says what it may do with the root users of
// the others, which may not.
func TestOrganizationFeatures(t *testing.T) {
	w := optest.New(t, iam.Service())
	const member = "210987654321"
	organize(t, w, member)
	list := func() []string {
		return optest.Must[shape.ListOrganizationsFeaturesResponse](w, w.Root(), "ListOrganizationsFeatures", &shape.ListOrganizationsFeaturesRequest{}).EnabledFeatures
	}
	if got := list(); len(got) != 0 {
		t.Errorf("a new organization has %q", got)
	}
	for _, step := range []struct {
		operation string
		want      []string
	}{
		{"EnableOrganizationsRootSessions", []string{"RootSessions"}},
		{"EnableOrganizationsRootCredentialsManagement", []string{"RootCredentialsManagement", "RootSessions"}},
		{"EnableOrganizationsRootCredentialsManagement", []string{"RootCredentialsManagement", "RootSessions"}},
		{"DisableOrganizationsRootSessions", []string{"RootCredentialsManagement"}},
		{"DisableOrganizationsRootCredentialsManagement", nil},
	} {
		if _, _, err := w.Do(w.Root(), step.operation, organizationRequests[step.operation]); err != nil {
			t.Fatalf("%s: %v", step.operation, err)
		}
		if got := list(); !slices.Equal(got, step.want) {
			t.Errorf("after %s: %q, want %q", step.operation, got, step.want)
		}
	}
	other := op.Principal{Kind: op.Root, Account: member, ARN: directory.RootARN(member), ID: member}
	for operation, in := range organizationRequests {
		w.Refused(other, operation, in, 400, "AccountNotManagementOrDelegatedAdministratorException",
			"The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
	}
	w.Refused(w.Root(), "GenerateOrganizationsAccessReport", organizationRequests["GenerateOrganizationsAccessReport"],
		400, "InvalidInput", "Service control policies are not enabled for the organization.")
}

// organize puts the account into an organization that it manages, with another account.
func organize(t *testing.T, w *optest.World, member ids.Account) {
	t.Helper()
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
}
