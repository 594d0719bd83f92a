package iam_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const (
	ownPolicyARN = "arn:aws:iam::123456789012:policy/"
	awsPolicyARN = "arn:aws:iam::aws:policy/"
	adminARN     = awsPolicyARN + "AdministratorAccess"
)

func createPolicy(w *optest.World, name, path string) *shape.Policy {
	in := &shape.CreatePolicyRequest{PolicyName: name, PolicyDocument: sized(200)}
	if path != "" {
		in.Path = &path
	}
	return optest.Must[shape.CreatePolicyResponse](w, w.Root(), "CreatePolicy", in).Policy
}

func getPolicy(w *optest.World, arn string) *shape.Policy {
	return optest.Must[shape.GetPolicyResponse](w, w.Root(), "GetPolicy", &shape.GetPolicyRequest{PolicyArn: arn}).Policy
}

// must runs an operation that has to succeed and says nothing.
func must(w *optest.World, operation string, in any) {
	optest.Must[op.None](w, w.Root(), operation, in)
}

func TestPolicyLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreatePolicyRequest{PolicyName: "Deploy", Path: new("/ci/"), PolicyDocument: sized(300), Description: new("what CI does")}
	p := optest.Must[shape.CreatePolicyResponse](w, w.Root(), "CreatePolicy", in).Policy
	arn := ownPolicyARN + "ci/Deploy"
	if *p.Arn != arn || *p.PolicyName != "Deploy" || *p.Path != "/ci/" || *p.DefaultVersionId != "v1" || !*p.IsAttachable ||
		*p.AttachmentCount != 0 || *p.PermissionsBoundaryUsageCount != 0 || *p.CreateDate != w.Now || *p.UpdateDate != w.Now {
		t.Errorf("CreatePolicy replied %+v", p)
	}
	if len(*p.PolicyId) != 21 || !strings.HasPrefix(*p.PolicyId, "ANPA") {
		t.Errorf("policy ID %q", *p.PolicyId)
	}
	if p.Description != nil || p.Tags != nil {
		t.Errorf("CreatePolicy shows the description %v and tags %v", p.Description, p.Tags)
	}
	got := getPolicy(w, arn)
	if *got.Description != "what CI does" || got.Tags == nil || len(got.Tags) != 0 || *got.PolicyId != *p.PolicyId {
		t.Errorf("GetPolicy replied %+v", got)
	}
	w.Refused(w.Root(), "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: "dEPLOY", PolicyDocument: sized(300)},
		409, "EntityAlreadyExists", "A policy called dEPLOY already exists. Duplicate names are not allowed.")
	must(w, "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: arn})
	w.Refused(w.Root(), "GetPolicy", &shape.GetPolicyRequest{PolicyArn: arn}, 404, "NoSuchEntity", "Policy "+arn+" was not found.")
	if again := createPolicy(w, "Deploy", "/ci/"); *again.PolicyId == *p.PolicyId {
		t.Error("a new policy has the ID of the old one")
	}
	checkClean(t, w)
}

// A name of the wrong path, case or account is another policy's.
func TestPolicyNames(t *testing.T) {
	w := optest.New(t, iam.Service())
	createPolicy(w, "Deploy", "/ci/")
	for _, arn := range []string{
		ownPolicyARN + "Deploy", ownPolicyARN + "ci/deploy", awsPolicyARN + "ci/Deploy", "arn:aws:iam::210987654321:policy/ci/Deploy",
		awsPolicyARN + "job-function/AdministratorAccess",
	} {
		w.Refused(w.Root(), "GetPolicy", &shape.GetPolicyRequest{PolicyArn: arn}, 404, "NoSuchEntity", "Policy "+arn+" was not found.")
	}
	w.Refused(w.Root(), "GetPolicy", &shape.GetPolicyRequest{PolicyArn: "not an ARN, but long"},
		400, "ValidationError", "Invalid ARN:  Could not be parsed!")
	w.Refused(w.Root(), "GetPolicy", &shape.GetPolicyRequest{PolicyArn: "arn:aws:iam::123456789012:user/Deploy"},
		400, "InvalidInput", "ARN arn:aws:iam::123456789012:user/Deploy is not valid.")
}

func TestPolicyDocuments(t *testing.T) {
	w := optest.New(t, iam.Service())
	w.Refused(w.Root(), "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: "p", PolicyDocument: "{"},
		400, "MalformedPolicyDocument", "Syntax errors in policy.")
	const tooLong = "Cannot exceed quota for PolicySize: 6144"
	w.Refused(w.Root(), "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: "p", PolicyDocument: sized(6145)}, 409, "LimitExceeded", tooLong)

	// White space does not count, and comes back.
	document := sized(6144) + strings.Repeat(" ", 120_000)
	in := &shape.CreatePolicyRequest{PolicyName: "p", PolicyDocument: document}
	arn := *optest.Must[shape.CreatePolicyResponse](w, w.Root(), "CreatePolicy", in).Policy.Arn
	w.Refused(w.Root(), "CreatePolicyVersion", &shape.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: sized(6145)}, 409, "LimitExceeded", tooLong)
	v := optest.Must[shape.GetPolicyVersionResponse](w, w.Root(), "GetPolicyVersion", &shape.GetPolicyVersionRequest{PolicyArn: arn, VersionId: "v1"}).PolicyVersion
	if strings.Contains(*v.Document, "+") {
		t.Error("a space is encoded as +")
	}
	if got, err := url.PathUnescape(*v.Document); err != nil || got != document {
		t.Errorf("a document of %d characters came back with %d (%v)", len(document), len(got), err)
	}
}

func TestPolicyVersions(t *testing.T) {
	w := optest.New(t, iam.Service())
	created := w.Now
	arn := *createPolicy(w, "p", "").Arn
	w.Now = w.Now.Add(time.Hour)
	add := func(asDefault bool) *shape.PolicyVersion {
		in := &shape.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: sized(210), SetAsDefault: &asDefault}
		return optest.Must[shape.CreatePolicyVersionResponse](w, w.Root(), "CreatePolicyVersion", in).PolicyVersion
	}
	if v := add(true); *v.VersionId != "v2" || !*v.IsDefaultVersion || *v.CreateDate != w.Now || v.Document != nil {
		t.Errorf("CreatePolicyVersion replied %+v", v)
	}
	if p := getPolicy(w, arn); *p.DefaultVersionId != "v2" || *p.CreateDate != created || *p.UpdateDate != w.Now {
		t.Errorf("GetPolicy replied %+v", p)
	}
	for range 3 {
		add(false)
	}
	w.Refused(w.Root(), "CreatePolicyVersion", &shape.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: sized(200)}, 409, "LimitExceeded",
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	if got := versionIDs(w, arn); !slices.Equal(got, []string{"v5", "v4", "v3", "v2*", "v1"}) {
		t.Errorf("versions %v", got)
	}

	deleteVersion := func(id string) *shape.DeletePolicyVersionRequest {
		return &shape.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: id}
	}
	w.Refused(w.Root(), "DeletePolicyVersion", deleteVersion("v2"), 409, "DeleteConflict", "Cannot delete the default version of a policy.")
	must(w, "SetDefaultPolicyVersion", &shape.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: "v5"})
	must(w, "DeletePolicyVersion", deleteVersion("v2"))
	const gone = "Policy " + ownPolicyARN + "p version v2 does not exist or is not attachable."
	w.Refused(w.Root(), "DeletePolicyVersion", deleteVersion("v2"), 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "SetDefaultPolicyVersion", &shape.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: "v2"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "GetPolicyVersion", &shape.GetPolicyVersionRequest{PolicyArn: arn, VersionId: "v2"}, 404, "NoSuchEntity", gone)
	if v := add(false); *v.VersionId != "v6" {
		t.Errorf("a number was used again: %s", *v.VersionId)
	}
	checkClean(t, w)

	w.Refused(w.Root(), "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: arn}, 409, "DeleteConflict",
		"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	for _, id := range []string{"v1", "v3", "v4", "v6"} {
		must(w, "DeletePolicyVersion", deleteVersion(id))
	}
	must(w, "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: arn})
	checkClean(t, w)
}

// versionIDs reads a listing two at a time, and marks the default.
func versionIDs(w *optest.World, arn string) (versions []string) {
	in := &shape.ListPolicyVersionsRequest{PolicyArn: arn, MaxItems: new(int32(2))}
	for {
		out := optest.Must[shape.ListPolicyVersionsResponse](w, w.Root(), "ListPolicyVersions", in)
		for _, v := range out.Versions {
			id := *v.VersionId
			if *v.IsDefaultVersion {
				id += "*"
			}
			versions = append(versions, id)
		}
		if !*out.IsTruncated {
			return versions
		}
		in.Marker = out.Marker
	}
}

func TestPolicyTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreatePolicyRequest{PolicyName: "p", PolicyDocument: sized(200), Tags: []shape.Tag{{Key: "Team", Value: "a"}}}
	_, needs, err := w.Do(w.Root(), "CreatePolicy", in)
	if err != nil || !slices.Equal(actions(needs), []string{"iam:CreatePolicy", "iam:TagPolicy"}) {
		t.Errorf("CreatePolicy with tags needs %v (%v)", needs, err)
	}
	arn := ownPolicyARN + "p"
	must(w, "TagPolicy", &shape.TagPolicyRequest{PolicyArn: arn, Tags: []shape.Tag{{Key: "team", Value: "b"}, {Key: "cost"}}})
	must(w, "UntagPolicy", &shape.UntagPolicyRequest{PolicyArn: arn, TagKeys: []string{"COST"}})
	out := optest.Must[shape.ListPolicyTagsResponse](w, w.Root(), "ListPolicyTags", &shape.ListPolicyTagsRequest{PolicyArn: arn})
	want := []shape.Tag{{Key: "team", Value: "b"}}
	if !slices.Equal(out.Tags, want) || !slices.Equal(getPolicy(w, arn).Tags, want) {
		t.Errorf("tags %v", out.Tags)
	}
}

func TestListPolicies(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	for i := range 5 {
		createPolicy(w, fmt.Sprint("p", i), "/")
	}
	createPolicy(w, "q", "/ci/")
	attach(w, "User", "bob", ownPolicyARN+"p3")
	attach(w, "User", "bob", adminARN)
	must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "bob", PermissionsBoundary: ownPolicyARN + "ci/q"})

	const permissions, boundary = "PermissionsPolicy", "PermissionsBoundary"
	for _, tc := range []struct {
		in   shape.ListPoliciesRequest
		want []string
	}{
		{shape.ListPoliciesRequest{Scope: new("Local")}, []string{"p0", "p1", "p2", "p3", "p4", "q"}},
		{shape.ListPoliciesRequest{Scope: new("Local"), PathPrefix: new("/ci/")}, []string{"q"}},
		{shape.ListPoliciesRequest{OnlyAttached: new(true)}, []string{"p3", "q", "AdministratorAccess"}},
		{shape.ListPoliciesRequest{OnlyAttached: new(true), Scope: new("AWS")}, []string{"AdministratorAccess"}},
		{shape.ListPoliciesRequest{PolicyUsageFilter: new(permissions)}, []string{"p3", "AdministratorAccess"}},
		{shape.ListPoliciesRequest{PolicyUsageFilter: new(boundary), OnlyAttached: new(true)}, []string{"q"}},
		{shape.ListPoliciesRequest{PathPrefix: new("/ci/")}, []string{"q"}},
	} {
		if got := policyNames(w, tc.in, 2); !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %v, want %v", tc.in, got, tc.want)
		}
	}
	if all := policyNames(w, shape.ListPoliciesRequest{Scope: new("All")}, 1000); len(all) != 6+1485 {
		t.Errorf("%d policies", len(all))
	}
	if all := policyNames(w, shape.ListPoliciesRequest{}, 97); len(all) != 6+1485 || !slices.IsSorted(all[:6]) {
		t.Errorf("%d policies", len(all))
	}
	first := optest.Must[shape.ListPoliciesResponse](w, w.Root(), "ListPolicies", &shape.ListPoliciesRequest{Scope: new("Local")}).Policies[3]
	if *first.AttachmentCount != 1 || first.Description != nil || first.Tags != nil {
		t.Errorf("ListPolicies says %+v", first)
	}
}

func policyNames(w *optest.World, in shape.ListPoliciesRequest, size int32) (names []string) {
	in.MaxItems = &size
	for {
		out := optest.Must[shape.ListPoliciesResponse](w, w.Root(), "ListPolicies", &in)
		for _, p := range out.Policies {
			names = append(names, *p.PolicyName)
		}
		if !*out.IsTruncated {
			return names
		}
		in.Marker = out.Marker
	}
}

func TestAWSPolicies(t *testing.T) {
	w := optest.New(t, iam.Service())
	p := getPolicy(w, adminARN)
	if *p.PolicyName != "AdministratorAccess" || *p.Path != "/" || *p.DefaultVersionId != "v1" || len(*p.PolicyId) != 21 || len(p.Tags) != 0 ||
		p.CreateDate.Format(time.RFC3339) != "2015-02-06T18:39:46Z" {
		t.Errorf("GetPolicy replied %+v", p)
	}
	v := optest.Must[shape.GetPolicyVersionResponse](w, w.Root(), "GetPolicyVersion", &shape.GetPolicyVersionRequest{PolicyArn: adminARN, VersionId: "v1"})
	if text, _ := url.PathUnescape(*v.PolicyVersion.Document); !strings.Contains(text, `"Action":"*"`) || !*v.PolicyVersion.IsDefaultVersion {
		t.Errorf("GetPolicyVersion replied %+v", v.PolicyVersion)
	}
	if got := versionIDs(w, adminARN); !slices.Equal(got, []string{"v1*"}) {
		t.Errorf("versions %v", got)
	}
	const refusal = "Policy is outside your own account."
	w.Refused(w.Root(), "DeletePolicy", &shape.DeletePolicyRequest{PolicyArn: adminARN}, 403, "AccessDenied", refusal)
	w.Refused(w.Root(), "CreatePolicyVersion", &shape.CreatePolicyVersionRequest{PolicyArn: adminARN, PolicyDocument: sized(200)}, 403, "AccessDenied", refusal)
	w.Refused(w.Root(), "DeletePolicyVersion", &shape.DeletePolicyVersionRequest{PolicyArn: adminARN, VersionId: "v1"}, 403, "AccessDenied", refusal)
	w.Refused(w.Root(), "SetDefaultPolicyVersion", &shape.SetDefaultPolicyVersionRequest{PolicyArn: adminARN, VersionId: "v1"}, 403, "AccessDenied", refusal)
	w.Refused(w.Root(), "TagPolicy", &shape.TagPolicyRequest{PolicyArn: adminARN}, 403, "AccessDenied", refusal)
	w.Refused(w.Root(), "UntagPolicy", &shape.UntagPolicyRequest{PolicyArn: adminARN}, 403, "AccessDenied", refusal)
}
