package iam_test

import (
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func userBoundary(w *optest.World, name string) string {
	return boundaryARN(optest.Must[shape.GetUserResponse](w, w.Root(), "GetUser", &shape.GetUserRequest{UserName: &name}).User.PermissionsBoundary)
}

// boundaryARN is "" for no boundary.
func boundaryARN(b *shape.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return *b.PermissionsBoundaryType + " " + *b.PermissionsBoundaryArn
}

func TestUserBoundary(t *testing.T) {
	w := optest.New(t, iam.Service())
	own := *createPolicy(w, "own", "").Arn
	in := &shape.CreateUserRequest{UserName: "bob", PermissionsBoundary: &own}
	created := optest.Must[shape.CreateUserResponse](w, w.Root(), "CreateUser", in).User
	if got := boundaryARN(created.PermissionsBoundary); got != "Policy "+own {
		t.Errorf("CreateUser replied the boundary %s", got)
	}
	if p := getPolicy(w, own); *p.PermissionsBoundaryUsageCount != 1 || *p.AttachmentCount != 0 {
		t.Errorf("GetPolicy replied %+v", p)
	}
	w.Refused(w.Root(), "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: own}, 409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: adminARN})
	if got := userBoundary(w, "bob"); got != "Policy "+adminARN {
		t.Errorf("boundary %s", got)
	}
	checkClean(t, w)
	listed := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{}).Users
	if listed[0].PermissionsBoundary != nil {
		t.Error("ListUsers shows a boundary")
	}

	remove := &shape.DeleteUserPermissionsBoundaryRequest{UserName: "bob"}
	_, needs, err := w.Do(w.Root(), "DeleteUserPermissionsBoundary", remove)
	if err != nil || !slices.Equal(needs[0].Context["iam:permissionsboundary"], []string{adminARN}) {
		t.Errorf("needs %v (%v)", needs, err)
	}
	must(w, "DeleteUserPermissionsBoundary", remove) // again, which changes nothing
	if got := userBoundary(w, "bob"); got != "" {
		t.Errorf("boundary %s", got)
	}
	must(w, "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: own})
	checkClean(t, w)
}

// A boundary keeps nobody from being deleted, and goes with its user.
func TestDeleteUserWithBoundary(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: adminARN})
	must(w, "DeleteUser", &shape.DeleteUserRequest{UserName: "bob"})
	if p := getPolicy(w, adminARN); *p.PermissionsBoundaryUsageCount != 0 {
		t.Errorf("PermissionsBoundaryUsageCount %d", *p.PermissionsBoundaryUsageCount)
	}
	checkClean(t, w)
}

func TestRoleBoundary(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateRoleRequest{RoleName: "r", AssumeRolePolicyDocument: ec2Trust, PermissionsBoundary: new(adminARN)}
	_, needs, err := w.Do(w.Root(), "CreateRole", in)
	if err != nil || !slices.Equal(needs[0].Context["iam:permissionsboundary"], []string{adminARN}) {
		t.Errorf("needs %v (%v)", needs, err)
	}
	if got := boundaryARN(getRole(w, "r").PermissionsBoundary); got != "Policy "+adminARN {
		t.Errorf("boundary %s", got)
	}
	must(w, "DeleteRolePermissionsBoundary", &shape.DeleteRolePermissionsBoundaryRequest{RoleName: "r"})
	must(w, "PutRolePermissionsBoundary", &shape.PutRolePermissionsBoundaryRequest{RoleName: "r", PermissionsBoundary: adminARN})
	listed := optest.Must[shape.ListRolesResponse](w, w.Root(), "ListRoles", &shape.ListRolesRequest{}).Roles
	if listed[0].PermissionsBoundary != nil || *getPolicy(w, adminARN).PermissionsBoundaryUsageCount != 1 {
		t.Error("ListRoles shows a boundary, or the count is wrong")
	}
	checkClean(t, w)
}

func TestBoundaryRefused(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	createRole(w, "bob", "")
	absent := ownPolicyARN + "absent"
	text := "Scope ARN: " + absent + " does not exist or is not attachable."
	w.Refused(w.Root(), "CreateUser", &shape.CreateUserRequest{UserName: "eve", PermissionsBoundary: &absent}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "CreateRole", &shape.CreateRoleRequest{RoleName: "eve", AssumeRolePolicyDocument: ec2Trust, PermissionsBoundary: &absent}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: absent}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "PutRolePermissionsBoundary", &shape.PutRolePermissionsBoundaryRequest{RoleName: "bob", PermissionsBoundary: absent}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "eve", PermissionsBoundary: adminARN},
		404, "NoSuchEntity", "The user with name eve cannot be found.")
	w.Refused(w.Root(), "DeleteRolePermissionsBoundary", &shape.DeleteRolePermissionsBoundaryRequest{RoleName: "eve"},
		404, "NoSuchEntity", "The role with name eve cannot be found.")
	w.Refused(w.Root(), "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: "a-policy-named-by-hand"},
		400, "ValidationError", "Invalid ARN:  Could not be parsed!")
	w.Refused(w.Root(), "PutUserPermissionsBoundary",
		&shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: awsPolicyARN + "aws-service-role/AWSSupportServiceRolePolicy"},
		400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
}
