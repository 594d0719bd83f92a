package iam_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

const ec2Trust = `{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}`

func createRole(w *optest.World, name, path string) *shape.Role {
	in := &shape.CreateRoleRequest{RoleName: name, AssumeRolePolicyDocument: ec2Trust}
	if path != "" {
		in.Path = &path
	}
	return optest.Must[shape.CreateRoleResponse](w, w.Root(), "CreateRole", in).Role
}

func getRole(w *optest.World, name string) *shape.Role {
	return optest.Must[shape.GetRoleResponse](w, w.Root(), "GetRole", &shape.GetRoleRequest{RoleName: name}).Role
}

func TestRoleLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	r := createRole(w, "Builder", "/eng/")
	if r.RoleName != "Builder" || r.Path != "/eng/" || r.Arn != "arn:aws:iam::123456789012:role/eng/Builder" || r.CreateDate != w.Now {
		t.Errorf("CreateRole replied %+v", r)
	}
	if len(r.RoleId) != 21 || !strings.HasPrefix(r.RoleId, "AROA") {
		t.Errorf("role ID %q", r.RoleId)
	}
	w.Refused(w.Root(), "CreateRole", &shape.CreateRoleRequest{RoleName: "bUILDER", AssumeRolePolicyDocument: ec2Trust},
		409, "EntityAlreadyExists", "Role with name bUILDER already exists.")
	if got := getRole(w, "BUILDER"); got.RoleName != "Builder" || got.RoleId != r.RoleId {
		t.Errorf("GetRole replied %+v", got)
	}
	optest.Must[op.None](w, w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "builder"})
	const gone = "The role with name Builder cannot be found."
	w.Refused(w.Root(), "GetRole", &shape.GetRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "UpdateRole", &shape.UpdateRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "UpdateRoleDescription", &shape.UpdateRoleDescriptionRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "UpdateAssumeRolePolicy", &shape.UpdateAssumeRolePolicyRequest{RoleName: "Builder", PolicyDocument: ec2Trust}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "ListInstanceProfilesForRole", &shape.ListInstanceProfilesForRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "TagRole", &shape.TagRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "UntagRole", &shape.UntagRoleRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "ListRoleTags", &shape.ListRoleTagsRequest{RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	if again := createRole(w, "Builder", ""); again.RoleId == r.RoleId {
		t.Error("a new role has the ID of the old one")
	}
}

// Each reply shows its own choice of a role's members, as AWS's were recorded.
func TestWhatRepliesShowOfARole(t *testing.T) {
	w := optest.New(t, iam.Service())
	tags := []shape.Tag{{Key: "team", Value: "a"}}
	created := optest.Must[shape.CreateRoleResponse](w, w.Root(), "CreateRole", &shape.CreateRoleRequest{
		RoleName:                 "r",
		AssumeRolePolicyDocument: ec2Trust,
		Description:              new("first"),
		MaxSessionDuration:       new(int32(7200)),
		Tags:                     tags,
	}).Role
	described := optest.Must[shape.UpdateRoleDescriptionResponse](w, w.Root(), "UpdateRoleDescription",
		&shape.UpdateRoleDescriptionRequest{RoleName: "r", Description: "second"}).Role
	listed := optest.Must[shape.ListRolesResponse](w, w.Root(), "ListRoles", &shape.ListRolesRequest{}).Roles[0]
	for name, tc := range map[string]struct {
		role *shape.Role
		want string
	}{
		"CreateRole":            {created, "tags"},
		"UpdateRoleDescription": {described, "second"},
		"ListRoles":             {&listed, "second 7200"},
		"GetRole":               {getRole(w, "r"), "second 7200 tags used"},
	} {
		if got := strings.Join(extras(tc.role), " "); got != tc.want {
			t.Errorf("%s shows %q, want %q", name, got, tc.want)
		}
		if plain, err := url.PathUnescape(*tc.role.AssumeRolePolicyDocument); err != nil || plain != ec2Trust || strings.Contains(*tc.role.AssumeRolePolicyDocument, "+") {
			t.Errorf("%s shows the document %s (%v)", name, *tc.role.AssumeRolePolicyDocument, err)
		}
	}
}

// extras are the members that not every reply has.
func extras(r *shape.Role) (shown []string) {
	if r.Description != nil {
		shown = append(shown, *r.Description)
	}
	if r.MaxSessionDuration != nil {
		shown = append(shown, fmt.Sprint(*r.MaxSessionDuration))
	}
	if r.Tags != nil {
		shown = append(shown, "tags")
	}
	if r.RoleLastUsed != nil {
		shown = append(shown, "used")
	}
	return shown
}

func TestUpdateRole(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	if got := extras(getRole(w, "r")); !slices.Equal(got, []string{"3600", "used"}) {
		t.Errorf("a new role has %v", got)
	}
	for _, tc := range []struct {
		in   shape.UpdateRoleRequest
		want string
	}{
		{shape.UpdateRoleRequest{Description: new("d"), MaxSessionDuration: new(int32(43200))}, "d 43200 used"},
		{shape.UpdateRoleRequest{}, "d 43200 used"}, // what is not named stays
		{shape.UpdateRoleRequest{MaxSessionDuration: new(int32(3600))}, "d 3600 used"},
	} {
		tc.in.RoleName = "R"
		optest.Must[shape.UpdateRoleResponse](w, w.Root(), "UpdateRole", &tc.in)
		if got := strings.Join(extras(getRole(w, "r")), " "); got != tc.want {
			t.Errorf("after %+v the role has %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestTrustPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	other := strings.Replace(ec2Trust, "ec2", "lambda", 1)
	optest.Must[op.None](w, w.Root(), "UpdateAssumeRolePolicy", &shape.UpdateAssumeRolePolicyRequest{RoleName: "r", PolicyDocument: other})
	if got, _ := url.PathUnescape(*getRole(w, "r").AssumeRolePolicyDocument); got != other {
		t.Errorf("trust policy %s", got)
	}
	statement := func(more string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` + more + `}]}`
	}
	sids := make([]string, 60)
	for i := range sids {
		sids[i] = fmt.Sprintf(`"%040d"`, i)
	}
	long := statement(`"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":[` + strings.Join(sids, ",") + `]}}`)
	for _, tc := range []struct {
		document, code, message string
		status                  int
	}{
		{"not valid json", "MalformedPolicyDocument", "This policy contains invalid Json", 400},
		{statement(`"Action":"s3:GetObject"`), "MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions.", 400},
		{statement(`"Action":"sts:AssumeRole","Resource":"*"`), "MalformedPolicyDocument", "Has prohibited field Resource", 400},
		{long, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", 409},
	} {
		w.Refused(w.Root(), "UpdateAssumeRolePolicy", &shape.UpdateAssumeRolePolicyRequest{RoleName: "r", PolicyDocument: tc.document}, tc.status, tc.code, tc.message)
		w.Refused(w.Root(), "CreateRole", &shape.CreateRoleRequest{RoleName: "new", AssumeRolePolicyDocument: tc.document}, tc.status, tc.code, tc.message)
	}
	// White space does not count.
	optest.Must[op.None](w, w.Root(), "UpdateAssumeRolePolicy",
		&shape.UpdateAssumeRolePolicyRequest{RoleName: "r", PolicyDocument: strings.Repeat(" \n", 2000) + ec2Trust})
}

func TestListRolesPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	for _, name := range []string{"e", "a", "d", "B", "c"} {
		createRole(w, name, map[bool]string{true: "/x/"}[name == "d"])
	}
	if got := roleNames(w, "/", 2); !slices.Equal(got, []string{"a", "B", "c", "d", "e"}) {
		t.Errorf("roles %v", got)
	}
	if got := roleNames(w, "/x/", 2); !slices.Equal(got, []string{"d"}) {
		t.Errorf("roles below /x/ %v", got)
	}
	w.Refused(w.Root(), "ListRoles", &shape.ListRolesRequest{Marker: new("???")}, 400, "ValidationError", "Invalid Marker.")
}

func roleNames(w *optest.World, prefix string, size int32) (names []string) {
	in := &shape.ListRolesRequest{PathPrefix: &prefix, MaxItems: &size}
	for {
		out := optest.Must[shape.ListRolesResponse](w, w.Root(), "ListRoles", in)
		for _, r := range out.Roles {
			names = append(names, r.RoleName)
		}
		if !*out.IsTruncated {
			return names
		}
		in.Marker = out.Marker
	}
}

func TestRoleTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	optest.Must[op.None](w, w.Root(), "TagRole", &shape.TagRoleRequest{RoleName: "r", Tags: []shape.Tag{{Key: "b"}, {Key: "A"}, {Key: "c"}}})
	optest.Must[op.None](w, w.Root(), "UntagRole", &shape.UntagRoleRequest{RoleName: "r", TagKeys: []string{"B"}})
	first := optest.Must[shape.ListRoleTagsResponse](w, w.Root(), "ListRoleTags", &shape.ListRoleTagsRequest{RoleName: "r", MaxItems: new(int32(1))})
	rest := optest.Must[shape.ListRoleTagsResponse](w, w.Root(), "ListRoleTags", &shape.ListRoleTagsRequest{RoleName: "r", Marker: first.Marker})
	if got := append(first.Tags, rest.Tags...); !slices.Equal(got, []shape.Tag{{Key: "A"}, {Key: "c"}}) {
		t.Errorf("tags %v", got)
	}
}

func TestCreateRoleNeeds(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateRoleRequest{RoleName: "r", Path: new("/p/"), AssumeRolePolicyDocument: ec2Trust, Tags: []shape.Tag{{Key: "a"}}}
	_, needs, err := w.Do(w.Root(), "CreateRole", in)
	if got := fmt.Sprint(actions(needs), resources(needs)); err != nil ||
		got != "[iam:CreateRole iam:TagRole] [arn:aws:iam::123456789012:role/p/r arn:aws:iam::123456789012:role/p/r]" {
		t.Errorf("CreateRole with tags needs %s (%v)", got, err)
	}
}

// What is in a role's way is named one thing at a time.
func TestDeleteRoleConflicts(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	createProfile(w, "p", "")
	addRole(w, "p", "r")
	const managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	optest.Must[op.None](w, w.Root(), "AttachRolePolicy", &shape.AttachRolePolicyRequest{RoleName: "r", PolicyArn: managed})
	optest.Must[op.None](w, w.Root(), "PutRolePolicy", &shape.PutRolePolicyRequest{RoleName: "r", PolicyName: "inline",
		PolicyDocument: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`})
	for _, step := range []struct {
		first, operation string
		in               any
	}{
		{"remove roles from instance profile", "RemoveRoleFromInstanceProfile", &shape.RemoveRoleFromInstanceProfileRequest{RoleName: "r", InstanceProfileName: "p"}},
		{"detach all policies", "DetachRolePolicy", &shape.DetachRolePolicyRequest{RoleName: "r", PolicyArn: managed}},
		{"delete policies", "DeleteRolePolicy", &shape.DeleteRolePolicyRequest{RoleName: "r", PolicyName: "inline"}},
	} {
		w.Refused(w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "r"}, 409, "DeleteConflict", "Cannot delete entity, must "+step.first+" first.")
		optest.Must[op.None](w, w.Root(), step.operation, step.in)
	}
	optest.Must[op.None](w, w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "r"})
}

func TestReservedRolePath(t *testing.T) {
	w := optest.New(t, iam.Service())
	w.Refused(w.Root(), "CreateRole", &shape.CreateRoleRequest{RoleName: "r", Path: new("/aws-service-role/ecs.amazonaws.com/"), AssumeRolePolicyDocument: ec2Trust},
		400, "InvalidInput", "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles")
}

func actions(needs []op.Need) (names []string) {
	for _, n := range needs {
		names = append(names, n.Action)
	}
	return names
}

// GetRole knows when a session of the role last did something.
func TestRoleLastUsed(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	r := getRole(w, "r")
	used := directory.Access{Action: "ListUsers", Date: directory.At(w.Now.Add(-time.Minute)), Region: "eu-west-1"}
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.AddAccesses(tx, optest.Account, ids.EntityID(r.RoleId), "iam", []directory.Access{used})
	})
	if err != nil {
		t.Fatal(err)
	}
	got := getRole(w, "r").RoleLastUsed
	if got.LastUsedDate == nil || *got.LastUsedDate != used.Date.Time() || *got.Region != "eu-west-1" {
		t.Errorf("RoleLastUsed %+v", got)
	}
}
