package test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// managed is what Terraform's AWS provider asks about one of its resources, and what
// it reads from the replies. Its sources are in internal/service/iam of
// https://github.com/hashicorp/terraform-provider-aws
type managed struct {
	resource string
	given    func(t *testing.T, s *server, v values)
	create   []step
	refresh  []step // after creating, and before every plan
	destroy  []step
	gone     []step // the refresh of what somebody else has deleted
}

// What Terraform asks in the life of each resource is answered as it needs it.
func TestTerraform(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, m := range managedResources {
		t.Run(m.resource, func(t *testing.T) {
			t.Parallel()
			tell(t, s, story{name: m.resource, given: m.given, steps: slices.Concat(m.create, m.refresh, m.refresh, m.destroy, m.gone)})
		})
	}
}

var makeAnn = does(&iam.CreateUserInput{UserName: new("ann"), Path: new("/")})

var managedResources = []managed{
	{
		resource: "aws_iam_user",
		create: []step{
			does(&iam.CreateUserInput{UserName: new("ann"), Path: new("/eng/"), Tags: oneTag, PermissionsBoundary: new(adminARN)}).shows("User.UserName", "ann"),
			// What force_destroy then finds and deletes.
			does(&iam.CreateGroupInput{GroupName: new("devs")}, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("ann")},
				&iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1")}),
			does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("key", "AccessKey"),
			does(&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(1, 2048))}),
			does(&iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new(codeCommit)}),
			does(&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone")}).keeps("seed", "VirtualMFADevice.Base32StringSeed"),
			does(&iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("arn:aws:iam::<account>:mfa/phone"),
				AuthenticationCode1: new("<seed -1>"), AuthenticationCode2: new("<seed 0>")}),
		},
		refresh: []step{
			does(&iam.GetUserInput{UserName: new("ann")}).shows("User.Arn", "arn:aws:iam::<account>:user/eng/ann").shows("User.UserName", "ann").
				shows("User.Path", "/eng/").shows("User.UserId", "*").shows("User.PermissionsBoundary.PermissionsBoundaryArn", adminARN).
				shows("User.Tags.#", "1").shows("User.Tags.0.Key", "Team").shows("User.Tags.0.Value", "red"),
		},
		destroy: []step{
			does(&iam.ListGroupsForUserInput{UserName: new("ann")}).shows("Groups.#", "1").keeps("group", "Groups.0.GroupName"),
			does(&iam.RemoveUserFromGroupInput{UserName: new("ann"), GroupName: new("<group>")}),
			does(&iam.ListAccessKeysInput{UserName: new("ann")}).shows("AccessKeyMetadata.#", "1").keeps("id", "AccessKeyMetadata.0.AccessKeyId"),
			does(&iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<id>")}),
			does(&iam.ListSSHPublicKeysInput{UserName: new("ann")}).shows("SSHPublicKeys.#", "1").keeps("ssh", "SSHPublicKeys.0.SSHPublicKeyId"),
			does(&iam.DeleteSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<ssh>")}),
			does(&iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned}).shows("VirtualMFADevices.#", "1").
				shows("VirtualMFADevices.0.User.UserName", "ann").keeps("mfa", "VirtualMFADevices.0.SerialNumber"),
			does(&iam.DeactivateMFADeviceInput{UserName: new("ann"), SerialNumber: new("<mfa>")}, &iam.DeleteVirtualMFADeviceInput{SerialNumber: new("<mfa>")}),
			does(&iam.ListMFADevicesInput{UserName: new("ann")}).shows("MFADevices.#", "0"),
			does(&iam.DeleteLoginProfileInput{UserName: new("ann")}),
			does(&iam.ListSigningCertificatesInput{UserName: new("ann")}).shows("Certificates.#", "0"),
			does(&iam.ListServiceSpecificCredentialsInput{UserName: new("ann")}).
				keeps("service", "ServiceSpecificCredentials.0.ServiceSpecificCredentialId"),
			does(&iam.DeleteServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<service>")}),
			does(&iam.DeleteUserInput{UserName: new("ann")}),
		},
		gone: []step{fails("NoSuchEntity", &iam.GetUserInput{UserName: new("ann")})},
	},
	{
		resource: "aws_iam_access_key",
		create: []step{
			makeAnn,
			does(&iam.CreateAccessKeyInput{UserName: new("ann")}).shows("AccessKey.SecretAccessKey", "*").shows("AccessKey.CreateDate", "*").
				shows("AccessKey.Status", "Active").shows("AccessKey.UserName", "ann").keeps("id", "AccessKey.AccessKeyId"),
			does(&iam.UpdateAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<id>"), Status: types.StatusTypeInactive}),
		},
		refresh: []step{
			does(&iam.ListAccessKeysInput{UserName: new("ann")}).shows("AccessKeyMetadata.0.AccessKeyId", "<id>").shows("AccessKeyMetadata.0.CreateDate", "*").
				shows("AccessKeyMetadata.0.Status", "Inactive").shows("AccessKeyMetadata.0.UserName", "ann"),
			does(&iam.GetAccessKeyLastUsedInput{AccessKeyId: new("<id>")}).shows("UserName", "ann"), // on import
		},
		destroy: []step{does(&iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<id>")})},
		gone:    []step{does(&iam.ListAccessKeysInput{UserName: new("ann")}).shows("AccessKeyMetadata.#", "0")},
	},
	{
		resource: "aws_iam_role",
		create: []step{
			does(&iam.CreateRoleInput{RoleName: new("r"), Path: new("/eng/"), AssumeRolePolicyDocument: new(trustEC2), Description: new("d"),
				MaxSessionDuration: new(int32(7200)), PermissionsBoundary: new(readOnlyARN), Tags: oneTag}).shows("Role.RoleName", "r"),
			does(&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("own"), PolicyDocument: new(allowAll)},
				&iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)},
				&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip")},
				&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}),
		},
		refresh: []step{
			does(&iam.GetRoleInput{RoleName: new("r")}).shows("Role.Arn", "arn:aws:iam::<account>:role/eng/r").shows("Role.CreateDate", "*").
				shows("Role.Description", "d").shows("Role.MaxSessionDuration", "7200").shows("Role.RoleName", "r").shows("Role.Path", "/eng/").
				shows("Role.PermissionsBoundary.PermissionsBoundaryArn", readOnlyARN).shows("Role.RoleId", "*").
				shows("Role.AssumeRolePolicyDocument.%", trustEC2).shows("Role.Tags.0.Key", "Team").shows("Role.Tags.0.Value", "red"),
			does(&iam.ListRolePoliciesInput{RoleName: new("r")}).shows("PolicyNames.#", "1").keeps("inline", "PolicyNames.0"),
			does(&iam.GetRolePolicyInput{RoleName: new("r"), PolicyName: new("<inline>")}).shows("PolicyDocument.%", allowAll),
			does(&iam.ListAttachedRolePoliciesInput{RoleName: new("r")}).shows("AttachedPolicies.#", "1").keeps("attached", "AttachedPolicies.0.PolicyArn"),
			does(&iam.ListRoleTagsInput{RoleName: new("r")}).shows("Tags.#", "1").shows("Tags.0.Key", "Team").shows("Tags.0.Value", "red"),
		},
		destroy: []step{
			does(&iam.ListInstanceProfilesForRoleInput{RoleName: new("r")}).shows("InstanceProfiles.#", "1").keeps("profile", "InstanceProfiles.0.InstanceProfileName"),
			does(&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("<profile>"), RoleName: new("r")},
				&iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new("<attached>")},
				&iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("<inline>")},
				&iam.DeleteRoleInput{RoleName: new("r")}),
		},
		gone: []step{fails("NoSuchEntity", &iam.GetRoleInput{RoleName: new("r")}, &iam.ListInstanceProfilesForRoleInput{RoleName: new("r")})},
	},
	{
		resource: "aws_iam_policy",
		create: []step{
			does(&iam.CreatePolicyInput{PolicyName: new("p"), Path: new("/eng/"), Description: new("d"), PolicyDocument: new(denyAll), Tags: oneTag}).keeps("arn", "Policy.Arn"),
			does(&iam.CreatePolicyVersionInput{PolicyArn: new("<arn>"), PolicyDocument: new(allowAll)}).keeps("version", "PolicyVersion.VersionId"),
			does(&iam.SetDefaultPolicyVersionInput{PolicyArn: new("<arn>"), VersionId: new("<version>")}, makeAnn.in[0],
				&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<arn>")}),
		},
		refresh: []step{
			does(&iam.GetPolicyInput{PolicyArn: new("<arn>")}).shows("Policy.Arn", "<arn>").shows("Policy.AttachmentCount", "1").shows("Policy.Description", "d").
				shows("Policy.PolicyName", "p").shows("Policy.Path", "/eng/").shows("Policy.PolicyId", "*").shows("Policy.Tags.0.Key", "Team").
				shows("Policy.DefaultVersionId", "v2").keeps("default", "Policy.DefaultVersionId"),
			does(&iam.GetPolicyVersionInput{PolicyArn: new("<arn>"), VersionId: new("<default>")}).shows("PolicyVersion.Document.%", allowAll),
			does(&iam.ListPolicyTagsInput{PolicyArn: new("<arn>")}).shows("Tags.#", "1"),
		},
		destroy: []step{
			does(&iam.ListEntitiesForPolicyInput{PolicyArn: new("<arn>")}).shows("PolicyUsers.#", "1").shows("PolicyGroups.#", "0").
				shows("PolicyRoles.#", "0").keeps("user", "PolicyUsers.0.UserName"),
			does(&iam.DetachUserPolicyInput{UserName: new("<user>"), PolicyArn: new("<arn>")}),
			does(&iam.ListPolicyVersionsInput{PolicyArn: new("<arn>")}).shows("Versions.#", "2").shows("Versions.0.IsDefaultVersion", "true").
				shows("Versions.0.CreateDate", "*").shows("Versions.1.IsDefaultVersion", "false").keeps("old", "Versions.1.VersionId"),
			does(&iam.DeletePolicyVersionInput{PolicyArn: new("<arn>"), VersionId: new("<old>")}, &iam.DeletePolicyInput{PolicyArn: new("<arn>")}),
		},
		gone: []step{fails("NoSuchEntity", &iam.GetPolicyInput{PolicyArn: new("<arn>")}, &iam.ListPolicyVersionsInput{PolicyArn: new("<arn>")})},
	},
	{
		resource: "aws_iam_instance_profile",
		create: []step{
			does(&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)}),
			does(&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip"), Path: new("/eng/"), Tags: oneTag}).shows("InstanceProfile.InstanceProfileName", "ip"),
			does(&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}),
		},
		refresh: []step{
			does(&iam.GetInstanceProfileInput{InstanceProfileName: new("ip")}).shows("InstanceProfile.Arn", "arn:aws:iam::<account>:instance-profile/eng/ip").
				shows("InstanceProfile.CreateDate", "*").shows("InstanceProfile.InstanceProfileName", "ip").shows("InstanceProfile.Path", "/eng/").
				shows("InstanceProfile.InstanceProfileId", "*").shows("InstanceProfile.Tags.0.Key", "Team").shows("InstanceProfile.Roles.#", "1").
				keeps("role", "InstanceProfile.Roles.0.RoleName"),
			does(&iam.GetRoleInput{RoleName: new("<role>")}),
			does(&iam.ListInstanceProfileTagsInput{InstanceProfileName: new("ip")}).shows("Tags.#", "1"),
		},
		destroy: []step{
			does(&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")},
				&iam.DeleteInstanceProfileInput{InstanceProfileName: new("ip")}),
		},
		gone: []step{fails("NoSuchEntity", &iam.GetInstanceProfileInput{InstanceProfileName: new("ip")})},
	},
	{
		resource: "aws_iam_group",
		create:   []step{does(&iam.CreateGroupInput{GroupName: new("devs"), Path: new("/eng/")}).shows("Group.GroupName", "devs")},
		refresh: []step{
			does(&iam.GetGroupInput{GroupName: new("devs")}).shows("Group.Arn", "arn:aws:iam::<account>:group/eng/devs").shows("Group.GroupName", "devs").
				shows("Group.Path", "/eng/").shows("Group.GroupId", "*"),
		},
		destroy: []step{does(&iam.DeleteGroupInput{GroupName: new("devs")})},
		gone:    []step{fails("NoSuchEntity", &iam.GetGroupInput{GroupName: new("devs")})},
	},
	{
		resource: "aws_iam_group_membership",
		create: []step{makeAnn, does(&iam.CreateUserInput{UserName: new("bob")}, &iam.CreateGroupInput{GroupName: new("devs")},
			&iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("ann")}, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("bob")})},
		refresh: []step{does(&iam.GetGroupInput{GroupName: new("devs")}).shows("Users.#", "2").shows("Users.0.UserName", "*").shows("IsTruncated", "false")},
		destroy: []step{does(&iam.RemoveUserFromGroupInput{GroupName: new("devs"), UserName: new("ann")},
			&iam.RemoveUserFromGroupInput{GroupName: new("devs"), UserName: new("bob")})},
		gone: []step{does(&iam.GetGroupInput{GroupName: new("devs")}).shows("Users.#", "0")},
	},
	{
		resource: "aws_iam_user_policy",
		create:   []step{makeAnn, does(&iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: new(allowAll)})},
		refresh: []step{does(&iam.GetUserPolicyInput{UserName: new("ann"), PolicyName: new("own")}).shows("PolicyDocument.%", allowAll).
			shows("PolicyName", "own").shows("UserName", "ann")},
		destroy: []step{does(&iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("own")})},
		gone:    []step{fails("NoSuchEntity", &iam.GetUserPolicyInput{UserName: new("ann"), PolicyName: new("own")})},
	},
	{
		resource: "aws_iam_user_policy_attachment",
		create:   []step{makeAnn, does(&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)})},
		refresh: []step{does(&iam.ListAttachedUserPoliciesInput{UserName: new("ann")}).shows("AttachedPolicies.#", "1").
			shows("AttachedPolicies.0.PolicyArn", adminARN)},
		destroy: []step{does(&iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)})},
		gone: []step{does(&iam.ListAttachedUserPoliciesInput{UserName: new("ann")}).shows("AttachedPolicies.#", "0"),
			fails("NoSuchEntity", &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)})},
	},
	{
		resource: "aws_iam_user_login_profile",
		create: []step{makeAnn, does(&iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1"), PasswordResetRequired: true}).
			shows("LoginProfile.UserName", "ann")},
		refresh: []step{does(&iam.GetLoginProfileInput{UserName: new("ann")}).shows("LoginProfile.UserName", "ann").
			shows("LoginProfile.PasswordResetRequired", "true")},
		destroy: []step{does(&iam.DeleteLoginProfileInput{UserName: new("ann")})},
		gone:    []step{fails("NoSuchEntity", &iam.GetLoginProfileInput{UserName: new("ann")}, &iam.DeleteLoginProfileInput{UserName: new("ann")})},
	},
	{
		resource: "aws_iam_openid_connect_provider",
		given:    givenIssuer,
		create: []step{does(&iam.CreateOpenIDConnectProviderInput{Url: new("<issuer>"), ClientIDList: []string{"sts.amazonaws.com"},
			ThumbprintList: []string{thumbprint}, Tags: oneTag}).keeps("arn", "OpenIDConnectProviderArn")},
		refresh: []step{
			does(&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<arn>")}).shows("ClientIDList.0", "sts.amazonaws.com").
				shows("ThumbprintList.0", thumbprint).shows("Url", "<issuer>").shows("Tags.0.Key", "Team"),
			does(&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: new("<arn>")}).shows("Tags.#", "1"),
		},
		destroy: []step{does(&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<arn>")})},
		gone:    []step{fails("NoSuchEntity", &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<arn>")})},
	},
	{
		resource: "aws_iam_account_alias",
		create:   []step{does(&iam.CreateAccountAliasInput{AccountAlias: new("terraformed")})},
		refresh:  []step{does(&iam.ListAccountAliasesInput{}).shows("AccountAliases.#", "1").shows("AccountAliases.0", "terraformed")},
		destroy:  []step{does(&iam.DeleteAccountAliasInput{AccountAlias: new("terraformed")})},
		gone:     []step{does(&iam.ListAccountAliasesInput{}).shows("AccountAliases.#", "0")},
	},
	{
		resource: "aws_caller_identity",
		refresh:  []step{does(&sts.GetCallerIdentityInput{}).shows("Account", "<account>").shows("Arn", "arn:aws:iam::<account>:root").shows("UserId", "<account>")},
	},
}
