package iam_test

import (
	"fmt"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// withQuotas is IAM with these quotas in force, NAME=N each.
func withQuotas(t *testing.T, settings ...string) op.Service {
	t.Helper()
	s := iam.Service()
	changed, others, err := s.Quotas.With(settings)
	if err != nil || len(others) > 0 {
		t.Fatalf("quotas %q: unknown %q (%v)", settings, others, err)
	}
	s.Quotas = changed
	return s
}

// do runs an operation as root that has to succeed, whatever it replies.
func do(t *testing.T, w *optest.World, operation string, in any) {
	t.Helper()
	if _, _, err := w.Do(w.Root(), operation, in); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
}

func TestQuotasOfAnAccount(t *testing.T) {
	for _, tc := range []struct {
		quota  string
		create func(w *optest.World, name string) (operation string, in any)
		remove func(name string) (operation string, in any)
	}{
		{
			"UsersPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreateUser", &shape.CreateUserRequest{UserName: name}
			},
			func(name string) (string, any) { return "DeleteUser", &shape.DeleteUserRequest{UserName: name} },
		},
		{
			"GroupsPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreateGroup", &shape.CreateGroupRequest{GroupName: name}
			},
			func(name string) (string, any) { return "DeleteGroup", &shape.DeleteGroupRequest{GroupName: name} },
		},
		{
			"RolesPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreateRole", &shape.CreateRoleRequest{RoleName: name, AssumeRolePolicyDocument: ec2Trust}
			},
			func(name string) (string, any) { return "DeleteRole", &shape.DeleteRoleRequest{RoleName: name} },
		},
		{
			"PoliciesPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: name, PolicyDocument: sized(200)}
			},
			func(name string) (string, any) {
				return "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: "arn:aws:iam::123456789012:policy/" + name}
			},
		},
		{
			"InstanceProfilesPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreateInstanceProfile", &shape.CreateInstanceProfileRequest{InstanceProfileName: name}
			},
			func(name string) (string, any) {
				return "DeleteInstanceProfile", &shape.DeleteInstanceProfileRequest{InstanceProfileName: name}
			},
		},
		{
			"MFADevicesPerAccount",
			func(_ *optest.World, name string) (string, any) {
				return "CreateVirtualMFADevice", &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: name}
			},
			func(name string) (string, any) {
				return "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: "arn:aws:iam::123456789012:mfa/" + name}
			},
		},
	} {
		t.Run(tc.quota, func(t *testing.T) {
			w := optest.New(t, withQuotas(t, tc.quota+"=3"))
			for i := range 3 {
				operation, in := tc.create(w, fmt.Sprintf("n%d", i))
				do(t, w, operation, in)
			}
			operation, in := tc.create(w, "more")
			w.Refused(w.Root(), operation, in, 409, "LimitExceeded", "Cannot exceed quota for "+tc.quota+": 3")
			removal, gone := tc.remove("n1") // makes room for one
			do(t, w, removal, gone)
			do(t, w, operation, in)
			operation, in = tc.create(w, "yet-more")
			w.Refused(w.Root(), operation, in, 409, "LimitExceeded", "Cannot exceed quota for "+tc.quota+": 3")
		})
	}
}

// A policy counts as in use once, whoever uses it.
func TestPolicyVersionsInUseQuota(t *testing.T) {
	w := optest.New(t, withQuotas(t, "PolicyVersionsInUsePerAccount=1"))
	createUser(w, "ann", "")
	createUser(w, "bob", "")
	attach := func(user, policy string) *shape.AttachUserPolicyRequest {
		return &shape.AttachUserPolicyRequest{UserName: user, PolicyArn: "arn:aws:iam::aws:policy/" + policy}
	}
	optest.Must[op.None](w, w.Root(), "AttachUserPolicy", attach("ann", "ReadOnlyAccess"))
	optest.Must[op.None](w, w.Root(), "AttachUserPolicy", attach("bob", "ReadOnlyAccess"))
	optest.Must[op.None](w, w.Root(), "PutUserPermissionsBoundary",
		&shape.PutUserPermissionsBoundaryRequest{UserName: "ann", PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	w.Refused(w.Root(), "AttachUserPolicy", attach("ann", "AdministratorAccess"),
		409, "LimitExceeded", "Cannot exceed quota for PolicyVersionsInUsePerAccount: 1")
	w.Refused(w.Root(), "PutUserPermissionsBoundary",
		&shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess"},
		409, "LimitExceeded", "Cannot exceed quota for PolicyVersionsInUsePerAccount: 1")
}

// A quota that is lowered below what there is refuses more, and nothing else.
func TestLoweredQuota(t *testing.T) {
	w := optest.New(t, withQuotas(t, "AccessKeysPerUser=0", "TagsPerUser=1"))
	createUser(w, "ann", "")
	w.Refused(w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: new("ann")},
		409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 0")
	w.Refused(w.Root(), "TagUser", &shape.TagUserRequest{UserName: "ann", Tags: []shape.Tag{{Key: "a"}, {Key: "b"}}},
		409, "LimitExceeded", "Cannot exceed quota for TagsPerUser: 1")
}
