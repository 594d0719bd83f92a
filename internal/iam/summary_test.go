package iam_test

import (
	"maps"
	"testing"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

func getSummary(w *optest.World) map[string]int32 {
	return optest.Must[shape.GetAccountSummaryResponse](w, w.Root(), "GetAccountSummary", &shape.GetAccountSummaryRequest{}).SummaryMap
}

// emptySummary is that of a new account.
var emptySummary = map[string]int32{
	"Users": 0, "UsersQuota": 5000,
	"Groups": 0, "GroupsQuota": 300,
	"Roles": 0, "RolesQuota": 1000,
	"Policies": 0, "PoliciesQuota": 1500,
	"InstanceProfiles": 0, "InstanceProfilesQuota": 1000,
	"ServerCertificates": 0, "ServerCertificatesQuota": 20,
	"Providers":  0,
	"MFADevices": 0, "MFADevicesInUse": 0,
	"PolicyVersionsInUse": 0, "PolicyVersionsInUseQuota": 10000,
	"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 0, "AccountPasswordPresent": 0, "AccountSigningCertificatesPresent": 0,
	"GlobalEndpointTokenVersion": 1,
	"AccessKeysPerUserQuota":     2, "GroupsPerUserQuota": 10, "SigningCertificatesPerUserQuota": 2,
	"AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerRoleQuota": 10,
	"VersionsPerPolicyQuota": 5, "PolicySizeQuota": 6144, "AssumeRolePolicySizeQuota": 2048,
	"UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240,
}

func checkSummary(t *testing.T, w *optest.World, changes map[string]int32) {
	t.Helper()
	want := maps.Clone(emptySummary)
	maps.Copy(want, changes)
	got := getSummary(w)
	for key := range want {
		if n, ok := got[key]; !ok || n != want[key] {
			t.Errorf("%s: got %d (%v), want %d", key, n, ok, want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d keys, want %d", len(got), len(want))
	}
}

func TestAccountSummary(t *testing.T) {
	w := optest.New(t, withQuotas(t, "UsersPerAccount=7"))
	checkSummary(t, w, map[string]int32{"UsersQuota": 7})

	createUser(w, "ann", "")
	createUser(w, "bob", "/eng/")
	do(t, w, "CreateGroup", &shape.CreateGroupRequest{GroupName: "g"})
	do(t, w, "CreateRole", &shape.CreateRoleRequest{RoleName: "r", AssumeRolePolicyDocument: ec2Trust})
	do(t, w, "CreateInstanceProfile", &shape.CreateInstanceProfileRequest{InstanceProfileName: "i"})
	p := createPolicy(w, "p", "/")
	do(t, w, "AttachUserPolicy", &shape.AttachUserPolicyRequest{UserName: "ann", PolicyArn: *p.Arn})
	do(t, w, "AttachGroupPolicy", &shape.AttachGroupPolicyRequest{GroupName: "g", PolicyArn: *p.Arn})
	do(t, w, "PutRolePermissionsBoundary", &shape.PutRolePermissionsBoundaryRequest{RoleName: "r", PermissionsBoundary: adminARN})
	phone := createMFA(t, w, "phone")
	createMFA(t, w, "spare")
	do(t, w, "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)))
	do(t, w, "CreateAccessKey", &shape.CreateAccessKeyRequest{})
	do(t, w, "SetSecurityTokenServicePreferences", &shape.SetSecurityTokenServicePreferencesRequest{GlobalEndpointTokenVersion: "v2Token"})
	filled := map[string]int32{
		"UsersQuota": 7, "Users": 2, "Groups": 1, "Roles": 1, "InstanceProfiles": 1, "Policies": 1, "PolicyVersionsInUse": 2,
		"MFADevices": 2, "MFADevicesInUse": 1, "AccountAccessKeysPresent": 1, "GlobalEndpointTokenVersion": 2,
	}
	checkSummary(t, w, filled)

	// A rename counts nothing, and a deletion one less.
	do(t, w, "UpdateUser", &shape.UpdateUserRequest{UserName: "ann", NewUserName: new("anna")})
	checkSummary(t, w, filled)
	do(t, w, "DetachUserPolicy", &shape.DetachUserPolicyRequest{UserName: "anna", PolicyArn: *p.Arn})
	checkSummary(t, w, filled)
	do(t, w, "DetachGroupPolicy", &shape.DetachGroupPolicyRequest{GroupName: "g", PolicyArn: *p.Arn})
	do(t, w, "DeleteUser", &shape.DeleteUserRequest{UserName: "anna"})
	do(t, w, "DeactivateMFADevice", &shape.DeactivateMFADeviceRequest{UserName: new("bob"), SerialNumber: phone.serial})
	do(t, w, "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: phone.serial})
	do(t, w, "SetSecurityTokenServicePreferences", &shape.SetSecurityTokenServicePreferencesRequest{GlobalEndpointTokenVersion: "v1Token"})
	maps.Copy(filled, map[string]int32{"Users": 1, "PolicyVersionsInUse": 1, "MFADevices": 1, "MFADevicesInUse": 0, "GlobalEndpointTokenVersion": 1})
	checkSummary(t, w, filled)
}

// Another account's entities count for it alone.
func TestAccountSummaryOfAnotherAccount(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "ann", "")
	other := w.Root()
	other.Account, other.ARN, other.ID = "210987654321", directory.RootARN("210987654321"), "210987654321"
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: ids.Account("210987654321"), Created: directory.At(w.Now)})
	})
	if err != nil {
		t.Fatal(err)
	}
	out := optest.Must[shape.GetAccountSummaryResponse](w, other, "GetAccountSummary", &shape.GetAccountSummaryRequest{})
	if n := out.SummaryMap["Users"]; n != 0 {
		t.Errorf("the other account has %d users", n)
	}
}
