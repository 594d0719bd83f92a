package iam_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func getDetails(w *optest.World, in *shape.GetAccountAuthorizationDetailsRequest) *shape.GetAccountAuthorizationDetailsResponse {
	return optest.Must[shape.GetAccountAuthorizationDetailsResponse](w, w.Root(), "GetAccountAuthorizationDetails", in)
}

// detailNames reads all pages, of so many items each, and names what they show in
// the order of the lists.
func detailNames(t *testing.T, w *optest.World, size int32, filter ...string) (names []string) {
	t.Helper()
	in := &shape.GetAccountAuthorizationDetailsRequest{MaxItems: &size, Filter: filter}
	for {
		out := getDetails(w, in)
		var page []string
		for _, u := range out.UserDetailList {
			page = append(page, "user "+*u.UserName)
		}
		for _, g := range out.GroupDetailList {
			page = append(page, "group "+*g.GroupName)
		}
		for _, r := range out.RoleDetailList {
			page = append(page, "role "+*r.RoleName)
		}
		for _, p := range out.Policies {
			page = append(page, "policy "+*p.PolicyName)
		}
		if len(page) > int(size) || *out.IsTruncated != (out.Marker != nil) {
			t.Fatalf("a page of %d items, truncated %v, marker %v", len(page), *out.IsTruncated, out.Marker)
		}
		names = append(names, page...)
		if !*out.IsTruncated {
			return names
		}
		in.Marker = out.Marker
	}
}

func TestAuthorizationDetailsPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	if names := detailNames(t, w, 1); len(names) != 0 {
		t.Errorf("a new account has %q", names)
	}
	for _, name := range []string{"a", "b", "c"} {
		createUser(w, name, "")
		do(t, w, "CreateGroup", &shape.CreateGroupRequest{GroupName: name})
		createPolicy(w, name, "/")
	}
	do(t, w, "CreateRole", &shape.CreateRoleRequest{RoleName: "r", AssumeRolePolicyDocument: ec2Trust})
	do(t, w, "AttachRolePolicy", &shape.AttachRolePolicyRequest{RoleName: "r", PolicyArn: adminARN})
	do(t, w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "b", PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess"})

	all := []string{
		"user a", "user b", "user c", "group a", "group b", "group c", "role r", "policy a", "policy b", "policy c",
		"policy AdministratorAccess", "policy ReadOnlyAccess",
	}
	for size := range int32(13) {
		names := detailNames(t, w, size+1)
		slices.Sort(names[10:]) // AWS's come in the order of their IDs
		if !slices.Equal(names, all) {
			t.Errorf("by %d: %q", size+1, names)
		}
	}
	if names := detailNames(t, w, 2, "Role", "User"); !slices.Equal(names, []string{"user a", "user b", "user c", "role r"}) {
		t.Errorf("users and roles: %q", names)
	}
	if names := detailNames(t, w, 1, "LocalManagedPolicy"); !slices.Equal(names, all[7:10]) {
		t.Errorf("the account's policies: %q", names)
	}
	if names := detailNames(t, w, 1, "AWSManagedPolicy"); len(names) != 2 {
		t.Errorf("AWS's policies: %q", names)
	}
	for _, marker := range []string{"???", "bm93aGVyZS9h"} {
		w.Refused(w.Root(), "GetAccountAuthorizationDetails", &shape.GetAccountAuthorizationDetailsRequest{Marker: &marker},
			400, "ValidationError", "Invalid Marker.")
	}
}

func TestAuthorizationDetails(t *testing.T) {
	w := optest.New(t, iam.Service())
	p := createPolicy(w, "p", "/")
	do(t, w, "CreatePolicyVersion", &shape.CreatePolicyVersionRequest{PolicyArn: *p.Arn, PolicyDocument: sized(300)})
	do(t, w, "CreateGroup", &shape.CreateGroupRequest{GroupName: "g"})
	do(t, w, "PutGroupPolicy", &shape.PutGroupPolicyRequest{GroupName: "g", PolicyName: "in g", PolicyDocument: sized(120)})
	u := optest.Must[shape.CreateUserResponse](w, w.Root(), "CreateUser", &shape.CreateUserRequest{
		UserName: "ann", Path: new("/eng/"), Tags: []shape.Tag{{Key: "team", Value: "red"}}, PermissionsBoundary: p.Arn,
	}).User
	do(t, w, "AddUserToGroup", &shape.AddUserToGroupRequest{UserName: "ann", GroupName: "g"})
	do(t, w, "CreateRole", &shape.CreateRoleRequest{RoleName: "r", AssumeRolePolicyDocument: ec2Trust})
	do(t, w, "AttachRolePolicy", &shape.AttachRolePolicyRequest{RoleName: "r", PolicyArn: *p.Arn})
	do(t, w, "CreateInstanceProfile", &shape.CreateInstanceProfileRequest{InstanceProfileName: "i"})
	do(t, w, "AddRoleToInstanceProfile", &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: "i", RoleName: "r"})

	out := getDetails(w, &shape.GetAccountAuthorizationDetailsRequest{})
	wantUser := shape.UserDetail{
		Path: new("/eng/"), UserName: new("ann"), UserId: &u.UserId, Arn: &u.Arn, CreateDate: &w.Now,
		GroupList: []string{"g"}, UserPolicyList: []shape.PolicyDetail{}, AttachedManagedPolicies: []shape.AttachedPolicy{},
		PermissionsBoundary: &shape.AttachedPermissionsBoundary{PermissionsBoundaryArn: p.Arn, PermissionsBoundaryType: new("Policy")},
		Tags:                []shape.Tag{{Key: "team", Value: "red"}},
	}
	if !reflect.DeepEqual(out.UserDetailList, []shape.UserDetail{wantUser}) {
		t.Errorf("users %+v", out.UserDetailList)
	}
	g := out.GroupDetailList[0]
	if text, err := url.PathUnescape(*g.GroupPolicyList[0].PolicyDocument); err != nil || text != sized(120) || *g.GroupPolicyList[0].PolicyName != "in g" {
		t.Errorf("group %+v", g)
	}
	r := out.RoleDetailList[0]
	if text, _ := url.PathUnescape(*r.AssumeRolePolicyDocument); text != ec2Trust {
		t.Errorf("trust policy %s", *r.AssumeRolePolicyDocument)
	}
	if len(r.InstanceProfileList) != 1 || r.InstanceProfileList[0].InstanceProfileName != "i" || r.InstanceProfileList[0].Roles[0].RoleName != "r" {
		t.Errorf("instance profiles %+v", r.InstanceProfileList)
	}
	if len(r.AttachedManagedPolicies) != 1 || *r.AttachedManagedPolicies[0].PolicyArn != *p.Arn || r.Tags == nil || r.RoleLastUsed == nil {
		t.Errorf("role %+v", r)
	}
	d := out.Policies[0]
	if *d.AttachmentCount != 1 || *d.PermissionsBoundaryUsageCount != 1 || *d.DefaultVersionId != "v1" || len(d.PolicyVersionList) != 2 {
		t.Errorf("policy %+v", d)
	}
	if v := d.PolicyVersionList[0]; *v.VersionId != "v2" || *v.IsDefaultVersion || !strings.HasPrefix(*v.Document, "%7B") {
		t.Errorf("newest version %+v", v)
	}
}

// A page ends early when documents are long, and the next goes on behind it.
func TestAuthorizationDetailsOfLongDocuments(t *testing.T) {
	w := optest.New(t, iam.Service())
	var want []string
	for i := range 9 {
		name := fmt.Sprintf("p%d", i)
		long := strings.Replace(sized(200), "{", "{"+strings.Repeat(" ", 100_000), 1) // three times that when encoded
		do(t, w, "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: name, PolicyDocument: long})
		want = append(want, "policy "+name)
	}
	if out := getDetails(w, &shape.GetAccountAuthorizationDetailsRequest{}); len(out.Policies) != 4 || !*out.IsTruncated {
		t.Errorf("a page of %d", len(out.Policies))
	}
	if names := detailNames(t, w, 1000); !slices.Equal(names, want) {
		t.Errorf("all pages: %q", names)
	}
}
