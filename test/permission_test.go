package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iamd-project/iamd/internal/totp"
)

const userARN = "arn:aws:iam::123456789012:user/"

// notAllowed is AWS's refusal because there is no policy, of the kind named, that allows.
func notAllowed(caller, action, resource, policies string) string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no %s allows the %s action", caller, action, resource, policies, action)
}

// deniedBy is AWS's refusal because of a policy, of the kind named, that denies.
func deniedBy(caller, action, resource, policy string) string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s with an explicit deny in %s", caller, action, resource, policy)
}

func cliError(code, operation, message string) string {
	return fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, operation, message)
}

// only is the error of a call whose reply does not matter.
func only[T any](_ T, err error) error { return err }

// With AWS's own policy for that, users change their own password and nobody else's.
func TestIAMUserChangePassword(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	root := s.iam(s.root(t))
	for name, plain := range map[string]string{"Bob": "Old-password-1", "Eve": "Eves-password-1"} {
		if name != "Bob" {
			s.userKey(t, name)
		}
		must[*iam.CreateLoginProfileOutput](t)(root.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: &name, Password: &plain}))
	}
	const change = `aws iam change-password --old-password Old-password-1 --new-password New-password-2`
	s.bash(t, bob.as(change)).refused(t, cliError("AccessDenied", "ChangePassword",
		notAllowed(userARN+"Bob", "iam:ChangePassword", userARN+"Bob", "identity-based policy")))
	s.bash(t, `aws iam attach-user-policy --user-name Bob --policy-arn arn:aws:iam::aws:policy/IAMUserChangePassword`).silent(t)
	s.bash(t, bob.as(change)).silent(t)
	s.bash(t, bob.as(`aws iam get-account-password-policy`)).refused(t, cliError("NoSuchEntity", "GetAccountPasswordPolicy",
		"The Password Policy with domain name 123456789012 cannot be found."))
	s.bash(t, bob.as(`aws iam update-login-profile --user-name Eve --password Bobs-password-3`)).refused(t, cliError("AccessDenied", "UpdateLoginProfile",
		notAllowed(userARN+"Bob", "iam:UpdateLoginProfile", userARN+"Eve", "identity-based policy")))
}

const ownKeys = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::*:user/%s${aws:username}"}]}`

// A policy that names the caller by ${aws:username} lets each user manage its own keys,
// named or not, and nobody else's. A user's path counts.
func TestUsersManageTheirOwnKeys(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.userKey(t, "Eve")
	for _, user := range []struct{ name, path, pattern string }{
		{"Bob", "/", ""}, {"Ann", "/eng/", "eng/"}, {"Sam", "/eng/ops/", "*/"},
	} {
		t.Run(user.name, func(t *testing.T) {
			must[*iam.CreateUserOutput](t)(s.iam(s.root(t)).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &user.name, Path: &user.path}))
			k := s.newKey(t, user.name)
			own := s.iam(k)
			arn := userARN + user.path[1:] + user.name
			s.allow(t, user.name, new(fmt.Sprintf(ownKeys, user.pattern)))
			for _, name := range []*string{nil, &user.name} {
				made := must[*iam.CreateAccessKeyOutput](t)(own.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})).AccessKey
				if *made.UserName != user.name {
					t.Errorf("CreateAccessKey made a key of %s", *made.UserName)
				}
				if err := useKeys(t, own, name, made.AccessKeyId); err != nil {
					t.Error(err)
				}
				if err := only(own.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: made.AccessKeyId})); err != nil {
					t.Error(err)
				}
			}
			_, err := own.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: new("Eve")})
			refusedAs(t, err, "AccessDenied", notAllowed(arn, "iam:ListAccessKeys", userARN+"Eve", "identity-based policy"))
			_, err = own.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: new("Eve")})
			refusedAs(t, err, "AccessDenied", notAllowed(arn, "iam:CreateAccessKey", userARN+"Eve", "identity-based policy"))
			_, err = own.GetUser(t.Context(), &iam.GetUserInput{})
			refusedAs(t, err, "AccessDenied", notAllowed(arn, "iam:GetUser", arn, "identity-based policy"))

			// A pattern for another path is none for this user.
			s.allow(t, user.name, new(fmt.Sprintf(ownKeys, "else/")))
			_, err = own.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{})
			refusedAs(t, err, "AccessDenied", notAllowed(arn, "iam:ListAccessKeys", arn, "identity-based policy"))
		})
	}

	ivy := s.userKey(t, "Ivy")
	s.allow(t, "Ivy", new(fmt.Sprintf(ownKeys, "")))
	s.bash(t, ivy.as(`aws iam create-access-key`)).json(t, nil)
	s.bash(t, ivy.as(`aws iam list-access-keys --user-name Ivy`)).json(t, nil)
	s.bash(t, ivy.as(`aws iam create-access-key --user-name Eve`)).refused(t, cliError("AccessDenied", "CreateAccessKey",
		notAllowed(userARN+"Ivy", "iam:CreateAccessKey", userARN+"Eve", "identity-based policy")))
}

// useKeys does with a user's key all that can be done with it twice.
func useKeys(t *testing.T, c *iam.Client, user, id *string) error {
	t.Helper()
	for _, status := range []types.StatusType{types.StatusTypeInactive, types.StatusTypeActive} {
		if err := only(c.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: id, Status: status})); err != nil {
			return err
		}
	}
	if err := only(c.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: user})); err != nil {
		return err
	}
	return only(c.GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: id}))
}

// denying is a policy that allows everything but one action.
func denying(action string) *string {
	return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"%s","Resource":"*"}]}`, action))
}

// policy makes a managed policy and returns its ARN.
func (s *server) policy(t *testing.T, name string, document *string) *string {
	t.Helper()
	in := &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: document}
	return must[*iam.CreatePolicyOutput](t)(s.iam(s.root(t)).CreatePolicy(t.Context(), in)).Policy.Arn
}

// Policies of the user and of its groups count together, a deny beats every allow, and
// a boundary takes away what it does not allow.
func TestPoliciesOfUsersAndGroups(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	root := s.iam(s.root(t))
	ctx, who := t.Context(), userARN+"Bob"
	listed := func() error { return only(s.iam(bob).ListUsers(ctx, &iam.ListUsersInput{})) }
	lacking := func(policies string) string { return notAllowed(who, "iam:ListUsers", userARN, policies) }
	allowed := func(why string) {
		t.Helper()
		if err := listed(); err != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
	refusedAs(t, listed(), "AccessDenied", lacking("identity-based policy"))

	must[*iam.CreateGroupOutput](t)(root.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("devs")}))
	must[*iam.PutGroupPolicyOutput](t)(root.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("devs"), PolicyName: new("p"), PolicyDocument: allowing(`"iam:*"`, "*")}))
	refusedAs(t, listed(), "AccessDenied", lacking("identity-based policy"))
	must[*iam.AddUserToGroupOutput](t)(root.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("Bob")}))
	allowed("in a group with an inline policy")

	s.allow(t, "Bob", denying("iam:ListUsers"))
	refusedAs(t, listed(), "AccessDenied", deniedBy(who, "iam:ListUsers", userARN, "an identity-based policy"))
	s.allow(t, "Bob", allowing(`"iam:GetUser"`, "*"))
	allowed("the deny is gone")

	must[*iam.DeleteGroupPolicyOutput](t)(root.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: new("devs"), PolicyName: new("p")}))
	refusedAs(t, listed(), "AccessDenied", lacking("identity-based policy"))
	must[*iam.AttachGroupPolicyOutput](t)(root.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new("arn:aws:iam::aws:policy/IAMReadOnlyAccess")}))
	allowed("in a group with AWS's policy")

	bound := func(arn *string) {
		must[*iam.PutUserPermissionsBoundaryOutput](t)(root.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: new("Bob"), PermissionsBoundary: arn}))
	}
	bound(s.policy(t, "narrow", allowing(`"iam:GetUser"`, "*")))
	refusedAs(t, listed(), "AccessDenied", lacking("permissions boundary"))
	bound(s.policy(t, "strict", denying("iam:ListUsers")))
	refusedAs(t, listed(), "AccessDenied", deniedBy(who, "iam:ListUsers", userARN, "a permissions boundary"))
	bound(new(adminARN))
	allowed("with a boundary that allows everything")
	_, err := s.iam(bob).CreateUser(ctx, &iam.CreateUserInput{UserName: new("Eve")})
	refusedAs(t, err, "AccessDenied", notAllowed(who, "iam:CreateUser", userARN+"Eve", "identity-based policy"))
	must[*iam.RemoveUserFromGroupOutput](t)(root.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: new("devs"), UserName: new("Bob")}))
	refusedAs(t, listed(), "AccessDenied", lacking("identity-based policy"))
}

// What listings and lookups are refused on, in AWS's words.
func TestRefusedResources(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, bob := t.Context(), s.iam(s.userKey(t, "Bob"))
	for _, test := range []struct {
		action, resource string
		err              error
	}{
		{"iam:ListPolicies", "policy path /", only(bob.ListPolicies(ctx, &iam.ListPoliciesInput{}))},
		{"iam:ListRoles", roleARN + "eng/", only(bob.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: new("/eng/")}))},
		{"iam:ListAccountAliases", "*", only(bob.ListAccountAliases(ctx, &iam.ListAccountAliasesInput{}))},
		{"iam:ListVirtualMFADevices", "arn:aws:iam::123456789012:mfa/", only(bob.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{}))},
		{"iam:GetRole", roleARN + "none", only(bob.GetRole(ctx, &iam.GetRoleInput{RoleName: new("none")}))},
		{"iam:CreateUser", userARN + "eng/Eve", only(bob.CreateUser(ctx, &iam.CreateUserInput{UserName: new("Eve"), Path: new("/eng/")}))},
	} {
		refusedAs(t, test.err, "AccessDenied", notAllowed(userARN+"Bob", test.action, test.resource, "identity-based policy"))
	}
	s.allow(t, "Bob", allowing(`"iam:ListPolicies"`, "*"))
	must[*iam.ListPoliciesOutput](t)(bob.ListPolicies(ctx, &iam.ListPoliciesInput{}))
}

// AWS's pattern for users who must use MFA: without it they may set it up, and all the
// rest is denied.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
func TestDenyWithoutMFA(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	s.allow(t, "Bob", new(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},`+
		`{"Effect":"Deny","NotAction":["iam:ListMFADevices","sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`))
	serial, seed := s.mfa(t, "Bob")
	must[*iam.ListMFADevicesOutput](t)(s.iam(bob).ListMFADevices(t.Context(), &iam.ListMFADevicesInput{}))
	_, err := s.iam(bob).GetUser(t.Context(), &iam.GetUserInput{})
	refusedAs(t, err, "AccessDenied", deniedBy(userARN+"Bob", "iam:GetUser", userARN+"Bob", "an identity-based policy"))
	code := totp.Code(seed, totp.At(time.Now())+1)
	made := must[*sts.GetSessionTokenOutput](t)(s.sts(bob).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &serial, TokenCode: &code}))
	must[*iam.GetUserOutput](t)(s.iam(temporary(made.Credentials)).GetUser(t.Context(), &iam.GetUserInput{}))
}

// A session policy narrows what the role may, in the session alone, and a deny in it is named.
func TestSessionPolicyNarrows(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	s.allow(t, "Bob", allowing(`"sts:AssumeRole"`, "*"))
	arn := s.role(t, "admin", trusting(accountRoot, ""), allowing(`"iam:*"`, "*"))
	const who = "arn:aws:sts::123456789012:assumed-role/admin/work"
	wide := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn})
	narrow := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn, Policy: allowing(`"iam:GetUser","s3:*"`, "*")})
	strict := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn, Policy: denying("iam:ListUsers")})
	list := func(k key) error { return only(s.iam(k).ListUsers(t.Context(), &iam.ListUsersInput{})) }
	if err := list(wide); err != nil {
		t.Error(err)
	}
	refusedAs(t, list(narrow), "AccessDenied", notAllowed(who, "iam:ListUsers", userARN, "session policy"))
	refusedAs(t, list(strict), "AccessDenied", deniedBy(who, "iam:ListUsers", userARN, "a session policy"))
	must[*iam.GetUserOutput](t)(s.iam(narrow).GetUser(t.Context(), &iam.GetUserInput{UserName: new("Bob")}))
}
