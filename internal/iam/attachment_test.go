package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// attach attaches a policy to an entity of that kind and name.
func attach(w *optest.World, kind, name, arn string) {
	operation, in := attachment("Attach", kind, name, arn)
	must(w, operation, in)
}

// attachment is an operation about one attached policy, and its request.
func attachment(verb, kind, name, arn string) (operation string, in any) {
	operation = verb + kind + "Policy"
	return operation, holder{kind: kind}.in(operation, fields{kind + "Name": name, "PolicyArn": arn})
}

func (h holder) refusedAttachment(verb, name, arn string, status int, code, message string) {
	operation, in := attachment(verb, h.kind, name, arn)
	h.w.Refused(h.w.Root(), operation, in, status, code, message)
}

// attached lists the policies of bob below a path, three at a time.
func (h holder) attached(prefix string) (arns []string) {
	operation := "ListAttached" + h.kind + "Policies"
	set := fields{h.kind + "Name": "bob", "MaxItems": new(int32(3)), "PathPrefix": &prefix}
	for {
		out := h.do(operation, h.in(operation, set))
		for _, p := range out.FieldByName("AttachedPolicies").Interface().([]shape.AttachedPolicy) {
			if !strings.HasSuffix(*p.PolicyArn, "/"+*p.PolicyName) {
				h.t.Errorf("policy %s is called %s", *p.PolicyArn, *p.PolicyName)
			}
			arns = append(arns, *p.PolicyArn)
		}
		if !out.FieldByName("IsTruncated").Elem().Bool() {
			return arns
		}
		set["Marker"] = out.FieldByName("Marker").Interface()
	}
}

func TestAttachments(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		w := h.w
		own := *createPolicy(w, "own", "/ci/").Arn
		attach(w, h.kind, "bob", own)
		attach(w, h.kind, "BOB", adminARN)
		attach(w, h.kind, "bob", own) // again, which changes nothing
		if got := h.attached("/"); !slices.Equal(got, []string{adminARN, own}) {
			t.Errorf("attached %v", got)
		}
		if got := h.attached("/ci/"); !slices.Equal(got, []string{own}) {
			t.Errorf("attached below /ci/: %v", got)
		}
		if p := getPolicy(w, own); *p.AttachmentCount != 1 {
			t.Errorf("AttachmentCount %d", *p.AttachmentCount)
		}
		w.Refused(w.Root(), "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: own}, 409, "DeleteConflict", "Cannot delete a policy attached to entities.")
		remove := "Delete" + h.kind
		w.Refused(w.Root(), remove, h.in(remove, fields{h.kind + "Name": "bob"}), 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
		checkClean(t, w)

		detach := func(arn string) {
			operation, in := attachment("Detach", h.kind, "bob", arn)
			must(w, operation, in)
		}
		detach(own)
		detach(adminARN)
		h.refusedAttachment("Detach", "bob", own, 404, "NoSuchEntity", "Policy "+own+" was not found.")
		if p := getPolicy(w, adminARN); *p.AttachmentCount != 0 || len(h.attached("/")) != 0 {
			t.Errorf("AttachmentCount %d", *p.AttachmentCount)
		}
		must(w, "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: own})
		must(w, remove, h.in(remove, fields{h.kind + "Name": "bob"}))
		checkClean(t, w)
	})
}

func TestAttachmentsRefused(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		absent := ownPolicyARN + "absent"
		h.refusedAttachment("Attach", "bob", absent, 404, "NoSuchEntity", "Policy "+absent+" does not exist or is not attachable.")
		h.refusedAttachment("Detach", "bob", absent, 404, "NoSuchEntity", "Policy "+absent+" was not found.")
		h.refusedAttachment("Attach", "eve", adminARN, 404, "NoSuchEntity", fmt.Sprintf("The %s with name eve cannot be found.", strings.ToLower(h.kind)))
		h.refusedAttachment("Attach", "bob", "a-policy-named-by-hand", 400, "ValidationError", "Invalid ARN:  Could not be parsed!")
		h.refusedAttachment("Attach", "bob", awsPolicyARN+"aws-service-role/AWSSupportServiceRolePolicy",
			400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
		for i := range 10 {
			attach(h.w, h.kind, "bob", *createPolicy(h.w, fmt.Sprint("p", i), "").Arn)
		}
		attach(h.w, h.kind, "bob", ownPolicyARN+"p7")
		h.refusedAttachment("Attach", "bob", adminARN, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPer"+h.kind+": 10")
		if got := h.attached("/"); len(got) != 10 || !slices.IsSorted(got) {
			t.Errorf("attached %v", got)
		}
	})
}

func TestAttachmentNeeds(t *testing.T) {
	eachHolder(t, func(t *testing.T, h holder) {
		operation, in := attachment("Attach", h.kind, "bob", adminARN)
		_, needs, err := h.w.Do(h.w.Root(), operation, in)
		want := op.Need{Action: "iam:" + operation, Resource: "arn:aws:iam::123456789012:" + strings.ToLower(h.kind) + "/x/Bob"}
		if err != nil || len(needs) != 1 || needs[0].Action != want.Action || needs[0].Resource != want.Resource ||
			!slices.Equal(needs[0].Context["iam:policyarn"], []string{adminARN}) {
			t.Errorf("needs %v (%v)", needs, err)
		}
	})
}

// A rename takes what is attached along.
func TestAttachmentsAndNames(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	attach(w, "User", "bob", adminARN)
	must(w, "UpdateUser", &shape.UpdateUserRequest{UserName: "bob", NewUserName: new("rob"), NewPath: new("/x/")})
	if got := policyUsers(w, shape.ListEntitiesForPolicyRequest{PolicyArn: adminARN}); !slices.Equal(got, []string{"user rob"}) {
		t.Errorf("users %v", got)
	}
	checkClean(t, w)
}

func TestListEntitiesForPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	for i, name := range []string{"a", "b", "c"} {
		path := []string{"/", "/x/", "/x/"}[i]
		createUser(w, name, path)
		createGroup(w, name, path)
		createRole(w, name, path)
		for _, kind := range []string{"User", "Group", "Role"} {
			attach(w, kind, name, adminARN)
		}
	}
	createUser(w, "d", "")
	for _, name := range []string{"a", "d"} {
		must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: name, PermissionsBoundary: adminARN})
	}
	for _, tc := range []struct {
		in   shape.ListEntitiesForPolicyRequest
		want string
	}{
		{shape.ListEntitiesForPolicyRequest{}, "group a,group b,group c,role a,role b,role c,user a,user b,user c,user d"},
		{shape.ListEntitiesForPolicyRequest{EntityFilter: new("User")}, "user a,user b,user c,user d"},
		{shape.ListEntitiesForPolicyRequest{EntityFilter: new("Group")}, "group a,group b,group c"},
		{shape.ListEntitiesForPolicyRequest{EntityFilter: new("Role"), PathPrefix: new("/x/")}, "role b,role c"},
		{shape.ListEntitiesForPolicyRequest{EntityFilter: new("AWSManagedPolicy")}, ""},
		{shape.ListEntitiesForPolicyRequest{PolicyUsageFilter: new("PermissionsBoundary")}, "user a,user d"},
		{shape.ListEntitiesForPolicyRequest{PolicyUsageFilter: new("PermissionsPolicy"), EntityFilter: new("User")}, "user a,user b,user c"},
	} {
		tc.in.PolicyArn = adminARN
		if got := strings.Join(policyUsers(w, tc.in), ","); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.in, got, tc.want)
		}
	}
	if p := getPolicy(w, adminARN); *p.AttachmentCount != 9 || *p.PermissionsBoundaryUsageCount != 2 {
		t.Errorf("AttachmentCount %d, PermissionsBoundaryUsageCount %d", *p.AttachmentCount, *p.PermissionsBoundaryUsageCount)
	}
	w.Refused(w.Root(), "ListEntitiesForPolicy", &shape.ListEntitiesForPolicyRequest{PolicyArn: ownPolicyARN + "absent"},
		404, "NoSuchEntity", "Policy "+ownPolicyARN+"absent was not found.")
	checkClean(t, w)
}

// policyUsers lists who uses a policy, two at a time, and sorts them.
func policyUsers(w *optest.World, in shape.ListEntitiesForPolicyRequest) (users []string) {
	in.MaxItems = new(int32(2))
	for {
		out := optest.Must[shape.ListEntitiesForPolicyResponse](w, w.Root(), "ListEntitiesForPolicy", &in)
		for _, u := range out.PolicyUsers {
			users = append(users, "user "+*u.UserName)
		}
		for _, g := range out.PolicyGroups {
			users = append(users, "group "+*g.GroupName)
		}
		for _, r := range out.PolicyRoles {
			users = append(users, "role "+*r.RoleName)
		}
		if !*out.IsTruncated {
			slices.Sort(users)
			return users
		}
		in.Marker = out.Marker
	}
}
