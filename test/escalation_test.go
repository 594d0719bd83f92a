package test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// mallory is who wants more permissions, and what she knows.
type mallory struct {
	name                 string // another in each row
	iam                  *iam.Client
	policy               *string // the ARN of one whose first version allows everything
	victimKey, victimMFA string
}

// escalation is a way to more permissions than one has.
type escalation struct {
	name  string
	needs []string // the permissions that it takes: action and resource; $me is Mallory's name
	do    func(context.Context, mallory) error
}

// escalations are the published ways that go through IAM alone. Victim and what is called
// Admin have more permissions than Mallory.
// https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
var escalations = []escalation{
	{"a new default version", []string{"iam:CreatePolicyVersion policy/pol"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: m.policy, PolicyDocument: allowing(`"*"`, "*"), SetAsDefault: true}))
	}},
	{"an older version", []string{"iam:SetDefaultPolicyVersion policy/pol"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: m.policy, VersionId: new("v1")}))
	}},
	{"a role for a machine", []string{"iam:AddRoleToInstanceProfile instance-profile/Web", "iam:PassRole role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("Web"), RoleName: new("Admin")}))
	}},
	{"a managed policy for herself", []string{"iam:AttachUserPolicy user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &m.name, PolicyArn: new(adminARN)}))
	}},
	{"a managed policy for a group", []string{"iam:AttachGroupPolicy group/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("Admin"), PolicyArn: new(adminARN)}))
	}},
	{"a managed policy for a role", []string{"iam:AttachRolePolicy role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("Admin"), PolicyArn: new(adminARN)}))
	}},
	{"an inline policy for herself", []string{"iam:PutUserPolicy user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &m.name, PolicyName: new("more"), PolicyDocument: allowing(`"*"`, "*")}))
	}},
	{"an inline policy for a group", []string{"iam:PutGroupPolicy group/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("Admin"), PolicyName: new("more"), PolicyDocument: allowing(`"*"`, "*")}))
	}},
	{"an inline policy for a role", []string{"iam:PutRolePolicy role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("Admin"), PolicyName: new("more"), PolicyDocument: allowing(`"*"`, "*")}))
	}},
	{"a policy that denies, gone", []string{"iam:DeleteUserPolicy user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &m.name, PolicyName: new("test")}))
	}},
	{"a group", []string{"iam:AddUserToGroup group/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("Admin"), UserName: &m.name}))
	}},
	{"a role's trust", []string{"iam:UpdateAssumeRolePolicy role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: new("Admin"), PolicyDocument: trusting(accountRoot, "")}))
	}},
	{"a key of another", []string{"iam:CreateAccessKey user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: new("Victim")}))
	}},
	{"an old key of another", []string{"iam:UpdateAccessKey user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: new("Victim"), AccessKeyId: &m.victimKey, Status: types.StatusTypeActive}))
	}},
	{"a password for another", []string{"iam:CreateLoginProfile user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: new("Victim"), Password: new("Mallorys-password-1")}))
	}},
	{"another password for another", []string{"iam:UpdateLoginProfile user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: new("Victim"), Password: new("Mallorys-password-1")}))
	}},
	{"a credential for a service", []string{"iam:CreateServiceSpecificCredential user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: new("Victim"), ServiceName: new("bedrock.amazonaws.com")}))
	}},
	{"another's MFA device", []string{"iam:DeactivateMFADevice user/Victim"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: new("Victim"), SerialNumber: &m.victimMFA}))
	}},
	{"no boundary", []string{"iam:DeleteUserPermissionsBoundary user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &m.name}))
	}},
	{"another boundary", []string{"iam:PutUserPermissionsBoundary user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &m.name, PermissionsBoundary: new(adminARN)}))
	}},
	{"another boundary for a role", []string{"iam:PutRolePermissionsBoundary role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: new("Admin"), PermissionsBoundary: new(adminARN)}))
	}},
	{"no boundary for a role", []string{"iam:DeleteRolePermissionsBoundary role/Admin"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("Admin")}))
	}},
	{"a name that policies know", []string{"iam:UpdateUser user/$me", "iam:UpdateUser user/Trusted$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.UpdateUser(ctx, &iam.UpdateUserInput{UserName: &m.name, NewUserName: new("Trusted" + m.name)}))
	}},
	{"a tag that policies know", []string{"iam:TagUser user/$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.TagUser(ctx, &iam.TagUserInput{UserName: &m.name, Tags: []types.Tag{{Key: new("team"), Value: new("admin")}}}))
	}},
	{"a user with a tag", []string{"iam:CreateUser user/Of$me", "iam:TagUser user/Of$me"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: new("Of" + m.name), Tags: []types.Tag{{Key: new("team"), Value: new("admin")}}}))
	}},
	{"a service-linked role", []string{"iam:CreateServiceLinkedRole role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"}, func(ctx context.Context, m mallory) error {
		return only(m.iam.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ecs.amazonaws.com")}))
	}},
}

// Each way is closed to who has every other permission, and open to who has just those it takes.
func TestEscalation(t *testing.T) {
	t.Parallel()
	s := start(t)
	root, ctx := s.iam(s.root(t)), t.Context()
	victim := s.userKey(t, "Victim")
	serial, _ := s.mfa(t, "Victim")
	policy := s.policy(t, "pol", allowing(`"*"`, "*"))
	must[*iam.CreatePolicyVersionOutput](t)(root.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: allowing(`"s3:*"`, "*"), SetAsDefault: true}))
	must[*iam.CreateGroupOutput](t)(root.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("Admin")}))
	must[*iam.CreateInstanceProfileOutput](t)(root.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("Web")}))
	s.role(t, "Admin", new(trustEC2), allowing(`"*"`, "*"))

	for i, way := range escalations {
		t.Run(way.name, func(t *testing.T) {
			name := fmt.Sprintf("Mallory%02d", i)
			m := mallory{name, s.iam(s.userKey(t, name)), policy, victim.ID, serial}
			var needs []string
			for _, need := range way.needs {
				needs = append(needs, strings.ReplaceAll(need, "$me", name))
			}
			for withheld, need := range needs {
				s.allow(t, name, allBut(needs, withheld))
				action, resource, _ := strings.Cut(need, " ")
				refusedAs(t, way.do(ctx, m), "AccessDenied",
					notAllowed(userARN+name, action, "arn:aws:iam::123456789012:"+resource, "identity-based policy"))
			}
			s.allow(t, name, justThese(needs))
			if err := way.do(ctx, m); err != nil {
				t.Errorf("with just what it takes: %v", err)
			}
		})
	}
}

type statement struct {
	Effect            string
	Action, NotAction []string `json:",omitempty"`
	Resource          string
}

func policyOf(statements ...statement) *string {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // strings alone
	}
	return new(string(text))
}

func allow(need string) statement {
	action, resource, _ := strings.Cut(need, " ")
	return statement{Effect: "Allow", Action: []string{action}, Resource: "arn:aws:iam::123456789012:" + resource}
}

// justThese is a policy that allows these needs and nothing else.
func justThese(needs []string) *string {
	var list []statement
	for _, need := range needs {
		list = append(list, allow(need))
	}
	return policyOf(list...)
}

// allBut is a policy that allows everything but one of these needs.
func allBut(needs []string, withheld int) *string {
	others := statement{Effect: "Allow", Resource: "*"}
	var list []statement
	for i, need := range needs {
		action, _, _ := strings.Cut(need, " ")
		others.NotAction = append(others.NotAction, action)
		if i != withheld {
			list = append(list, allow(need))
		}
	}
	return policyOf(append(list, others)...)
}

// A role is open to who it trusts and no other, whatever else that one may do.
func TestAssumeRoleWithoutTrust(t *testing.T) {
	t.Parallel()
	s := start(t)
	mallory := s.userKey(t, "Mallory")
	s.allow(t, "Mallory", allowing(`"*"`, "*"))
	admin := s.role(t, "Admin", new(trustEC2), allowing(`"*"`, "*"))
	assume := func() error {
		return only(s.sts(mallory).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &admin, RoleSessionName: new("work")}))
	}
	refusedAs(t, assume(), "AccessDenied", "User: "+userARN+"Mallory is not authorized to perform: sts:AssumeRole on resource: "+admin)
	must[*iam.UpdateAssumeRolePolicyOutput](t)(s.iam(mallory).UpdateAssumeRolePolicy(t.Context(),
		&iam.UpdateAssumeRolePolicyInput{RoleName: new("Admin"), PolicyDocument: trusting(userARN+"Mallory", "")}))
	if err := assume(); err != nil {
		t.Errorf("trusted: %v", err)
	}
}
