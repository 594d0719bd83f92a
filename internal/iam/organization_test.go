package iam_test

import (
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func TestNoOrganization(t *testing.T) {
	w := optest.New(t, iam.Service())
	for operation, in := range map[string]any{
		"EnableOrganizationsRootCredentialsManagement":  &shape.EnableOrganizationsRootCredentialsManagementRequest{},
		"DisableOrganizationsRootCredentialsManagement": &shape.DisableOrganizationsRootCredentialsManagementRequest{},
		"EnableOrganizationsRootSessions":               &shape.EnableOrganizationsRootSessionsRequest{},
		"DisableOrganizationsRootSessions":              &shape.DisableOrganizationsRootSessionsRequest{},
		"ListOrganizationsFeatures":                     &shape.ListOrganizationsFeaturesRequest{},
		"GenerateOrganizationsAccessReport":             &shape.GenerateOrganizationsAccessReportRequest{EntityPath: "o-a1b2c3d4e5/r-f6g7h8i9j0"},
	} {
		w.Refused(w.Root(), operation, in, 400, "OrganizationNotFoundException",
			"The request was rejected because no organization is associated with your account.")
	}
	w.Refused(w.Root(), "GetOrganizationsAccessReport", &shape.GetOrganizationsAccessReportRequest{JobId: "ea1db3fb-6a1e-4f6a-8a5c-0a1b2c3d4e5f"},
		404, "NoSuchEntity", "No job found with the specified id ea1db3fb-6a1e-4f6a-8a5c-0a1b2c3d4e5f.")
}
