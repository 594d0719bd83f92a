package test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// call is a request to make.
type call func(context.Context, *iam.Client) error

// condition is one under which actions are allowed, with a call that meets it and one
// that does not; nil for none.
type condition struct {
	actions, text string
	meets, misses call
}

func conditions(boundary, credential string) []condition {
	tags := func(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }
	return []condition{
		{`"iam:AttachUserPolicy"`, `{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}`,
			attachToBlue("arn:aws:iam::aws:policy/ReadOnlyAccess"), attachToBlue(adminARN)},
		{`"iam:CreateUser"`, `{"StringEquals":{"iam:PermissionsBoundary":"` + boundary + `"}}`,
			createUser(iam.CreateUserInput{UserName: new("u1"), PermissionsBoundary: &boundary}), createUser(iam.CreateUserInput{UserName: new("u2")})},
		{`"iam:CreateUser","iam:TagUser"`, `{"StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}`,
			createUser(iam.CreateUserInput{UserName: new("u3"), Tags: tags("team", "blue")}), createUser(iam.CreateUserInput{UserName: new("u4"), Tags: tags("team", "red")})},
		{`"iam:ListAccessKeys"`, `{"StringEquals":{"iam:ResourceTag/team":"${aws:PrincipalTag/team}"}}`, keysOf("Blue"), keysOf("Red")},
		{`"iam:ListAccessKeys"`, `{"StringEquals":{"aws:ResourceTag/team":"blue"}}`, keysOf("Blue"), keysOf("Red")},
		{`"iam:TagRole"`, `{"ForAllValues:StringEquals":{"aws:TagKeys":["cost"]},"StringEquals":{"aws:ResourceTag/team":"blue"}}`,
			tagApp(tags("cost", "1")), tagApp(tags("team", "red"))},
		{`"iam:UntagUser"`, `{"ForAnyValue:StringEquals":{"aws:TagKeys":["cost"]}}`, untagBlue("cost"), untagBlue("team")},
		{`"iam:PassRole"`,
			`{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"},"ArnLike":{"iam:AssociatedResourceArn":"arn:aws:ec2:*:123456789012:instance/*"}}`,
			fillProfile("one"), nil},
		{`"iam:PassRole"`,
			`{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}`, nil, fillProfile("two")},
		{`"iam:CreateServiceLinkedRole"`, `{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"}}`, linkedRole("ecs.amazonaws.com"), linkedRole("rds.amazonaws.com")},
		{`"iam:CreateServiceSpecificCredential"`,
			`{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},"NumericLessThanEquals":{"iam:ServiceSpecificCredentialAgeDays":"90"}}`,
			credentialFor("bedrock.amazonaws.com", new(int32(30))), credentialFor("bedrock.amazonaws.com", new(int32(91)))},
		{`"iam:CreateServiceSpecificCredential"`, `{"NumericLessThanEquals":{"iam:ServiceSpecificCredentialAgeDays":"90"}}`,
			nil, credentialFor("bedrock.amazonaws.com", nil)},
		{`"iam:ResetServiceSpecificCredential"`, `{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"codecommit.amazonaws.com"}}`, resetCredential("Red", credential), nil},
	}
}

// The conditions that IAM's operations are asked for hold as they are documented.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
func TestConditionsOfIAM(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, root := t.Context(), s.iam(s.root(t))
	bob := s.iam(s.userKey(t, "Bob"))
	team := func(value string) []types.Tag { return []types.Tag{{Key: new("team"), Value: &value}} }
	must[*iam.TagUserOutput](t)(root.TagUser(ctx, &iam.TagUserInput{UserName: new("Bob"), Tags: team("blue")}))
	for name, value := range map[string]string{"Blue": "blue", "Red": "red"} {
		must[*iam.CreateUserOutput](t)(root.CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Tags: team(value)}))
	}
	must[*iam.CreateRoleOutput](t)(root.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("app"), AssumeRolePolicyDocument: new(trustEC2), Tags: team("blue")}))
	for _, name := range []string{"one", "two"} {
		must[*iam.CreateInstanceProfileOutput](t)(root.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name}))
	}
	credential := must[*iam.CreateServiceSpecificCredentialOutput](t)(root.CreateServiceSpecificCredential(ctx,
		&iam.CreateServiceSpecificCredentialInput{UserName: new("Red"), ServiceName: new("codecommit.amazonaws.com")})).ServiceSpecificCredential
	must[*iam.PutUserPolicyOutput](t)(root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("Bob"), PolicyName: new("base"), PolicyDocument: allowing(`"iam:AddRoleToInstanceProfile"`, "*")}))
	boundary := s.policy(t, "limit", allowing(`"s3:*"`, "*"))

	for _, c := range conditions(*boundary, *credential.ServiceSpecificCredentialId) {
		s.allow(t, "Bob", new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*","Condition":%s}]}`, c.actions, c.text)))
		if c.misses != nil {
			err := c.misses(ctx, bob)
			if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "AccessDenied" {
				t.Errorf("%s if %s: got %v, want AccessDenied", c.actions, c.text, err)
			}
		}
		if c.meets != nil {
			if err := c.meets(ctx, bob); err != nil {
				t.Errorf("%s if %s: %v", c.actions, c.text, err)
			}
		}
	}
}

func attachToBlue(arn string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("Blue"), PolicyArn: &arn}))
	}
}

func createUser(in iam.CreateUserInput) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.CreateUser(ctx, &in))
	}
}

func keysOf(user string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user}))
	}
}

func tagApp(tags []types.Tag) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.TagRole(ctx, &iam.TagRoleInput{RoleName: new("app"), Tags: tags}))
	}
}

func untagBlue(key string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.UntagUser(ctx, &iam.UntagUserInput{UserName: new("Blue"), TagKeys: []string{key}}))
	}
}

func fillProfile(profile string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &profile, RoleName: new("app")}))
	}
}

func linkedRole(service string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: &service}))
	}
}

func credentialFor(service string, days *int32) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: new("Blue"), ServiceName: &service, CredentialAgeDays: days}))
	}
}

func resetCredential(user, id string) call {
	return func(ctx context.Context, c *iam.Client) error {
		return only(c.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: &user, ServiceSpecificCredentialId: &id}))
	}
}
