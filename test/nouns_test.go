package test

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// must is a reply that had to come without an error.
func must[T any](t *testing.T) func(out T, err error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// The nouns of IAM work together through the real client, and after a restart.
func TestNouns(t *testing.T) {
	t.Parallel()
	s := start(t)
	c := s.iam(s.root(t))
	ctx := t.Context()

	must[*iam.CreateUserOutput](t)(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("Bob")}))
	must[*iam.CreateGroupOutput](t)(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("devs"), Path: new("/eng/")}))
	must[*iam.AddUserToGroupOutput](t)(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("Bob")}))
	policy := must[*iam.CreatePolicyOutput](t)(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: new(allowAll)})).Policy
	for _, arn := range []*string{policy.Arn, new(adminARN)} {
		must[*iam.AttachGroupPolicyOutput](t)(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: arn}))
	}
	must[*iam.PutUserPolicyOutput](t)(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("Bob"), PolicyName: new("own"), PolicyDocument: new(allowAll)}))
	must[*iam.CreateRoleOutput](t)(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)}))
	must[*iam.CreateInstanceProfileOutput](t)(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("ip")}))
	must[*iam.AddRoleToInstanceProfileOutput](t)(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}))

	s.stop(t)
	s = start(t, onData(s.data))
	c = s.iam(s.root(t))

	if u := must[*iam.GetGroupOutput](t)(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: new("DEVS")})).Users; len(u) != 1 || *u[0].UserName != "Bob" {
		t.Errorf("users of the group: %+v", u)
	}
	attached := must[*iam.ListAttachedGroupPoliciesOutput](t)(c.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: new("devs")})).AttachedPolicies
	if len(attached) != 2 {
		t.Errorf("attached: %+v", attached)
	}
	inline := must[*iam.GetUserPolicyOutput](t)(c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: new("Bob"), PolicyName: new("own")}))
	if text, err := url.QueryUnescape(*inline.PolicyDocument); err != nil || text != allowAll {
		t.Errorf("inline policy %q (%v)", *inline.PolicyDocument, err)
	}
	profile := must[*iam.GetInstanceProfileOutput](t)(c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: new("ip")})).InstanceProfile
	if len(profile.Roles) != 1 || *profile.Roles[0].RoleName != "r" {
		t.Errorf("roles of the instance profile: %+v", profile.Roles)
	}
	listed := 0
	for pages := iam.NewListPoliciesPaginator(c, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws}); pages.HasMorePages(); {
		listed += len(must[*iam.ListPoliciesOutput](t)(pages.NextPage(ctx)).Policies)
	}
	if listed != 1485 {
		t.Errorf("%d AWS policies, want 1485", listed)
	}
	admin := must[*iam.GetPolicyOutput](t)(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: new(adminARN)})).Policy
	if *admin.AttachmentCount != 1 {
		t.Errorf("AdministratorAccess is attached %d times", *admin.AttachmentCount)
	}

	if report := iamd(t, "doctor", "--data", s.data); report.code != 0 {
		t.Errorf("doctor: %s", report.stdout)
	}
}
