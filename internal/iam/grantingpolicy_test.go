package iam_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func granting(w *optest.World, arn string, marker *string, namespaces ...string) *shape.ListPoliciesGrantingServiceAccessResponse {
	return optest.Must[shape.ListPoliciesGrantingServiceAccessResponse](w, w.Root(), "ListPoliciesGrantingServiceAccess",
		&shape.ListPoliciesGrantingServiceAccessRequest{Arn: arn, ServiceNamespaces: namespaces, Marker: marker})
}

func TestListPoliciesGrantingServiceAccess(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	createGroup(w, "Devs", "")
	must(w, "AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "Devs", UserName: "Bob"})
	must(w, "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: "Bob", PolicyName: "own", PolicyDocument: allow("s3:*", "*")})
	must(w, "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: "Bob", PolicyName: "no", PolicyDocument: deny("s3:*", "*")})
	must(w, "PutGroupPolicy", &shape.PutGroupPolicyRequest{GroupName: "Devs", PolicyName: "ours", PolicyDocument: allow("S3:Get*", "*")})
	must(w, "AttachUserPolicy", &shape.AttachUserPolicyRequest{UserName: "Bob", PolicyArn: adminARN})
	must(w, "AttachGroupPolicy", &shape.AttachGroupPolicyRequest{GroupName: "Devs", PolicyArn: adminARN})
	must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "Bob", PermissionsBoundary: awsPolicyARN + "IAMFullAccess"})

	const admin = "AdministratorAccess MANAGED " + adminARN
	for arn, want := range map[string]string{
		bobARN:                                 fmt.Sprint([]string{"s3: own INLINE USER Bob", "s3: " + admin, "s3: ours INLINE GROUP Devs", "sqs: " + admin}),
		"arn:aws:iam::123456789012:group/Devs": fmt.Sprint([]string{"s3: ours INLINE GROUP Devs", "s3: " + admin, "sqs: " + admin}),
	} {
		var got []string
		out := granting(w, arn, nil, "s3", "sqs")
		for _, e := range out.PoliciesGrantingServiceAccess {
			for _, p := range e.Policies {
				line := *e.ServiceNamespace + ": " + p.PolicyName + " " + p.PolicyType
				for _, more := range []*string{p.PolicyArn, p.EntityType, p.EntityName} {
					if more != nil {
						line += " " + *more
					}
				}
				got = append(got, line)
			}
		}
		if fmt.Sprint(got) != want || *out.IsTruncated {
			t.Errorf("%s: %v\nwant %s", arn, got, want)
		}
	}
	_, needs, _ := w.Do(w.Root(), "ListPoliciesGrantingServiceAccess", &shape.ListPoliciesGrantingServiceAccessRequest{Arn: bobARN})
	if needs[0].Resource != bobARN {
		t.Errorf("needs %+v", needs)
	}
}

func TestGrantingPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	var namespaces, got []string
	for i := range 150 {
		namespaces = append(namespaces, fmt.Sprint("s", i))
	}
	var marker *string
	for pages := 1; ; pages++ {
		out := granting(w, bobARN, marker, namespaces...)
		for _, e := range out.PoliciesGrantingServiceAccess {
			got = append(got, *e.ServiceNamespace)
		}
		if marker = out.Marker; marker == nil {
			if pages != 2 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if !slices.Equal(got, namespaces) {
		t.Errorf("pages have %v", got)
	}
}
