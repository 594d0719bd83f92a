package test

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// What stories name that is not there, or not what it should be.
const (
	noPolicy         = "arn:aws:iam::<account>:policy/none"
	notPolicy        = "arn:aws:iam::<account>:user/ann" // an ARN of something else
	servicePolicyARN = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
	malformed        = `{"Version":"2012-10-17"}`
	readOnlyARN      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

var (
	oneTag      = []types.Tag{{Key: new("Team"), Value: new("red")}}
	reservedTag = []types.Tag{{Key: new("aws:team"), Value: new("red")}}
)

func userStories() []story {
	return []story{
		{name: "users", steps: userSteps},
		{name: "policies of users", steps: userPolicySteps},
		{name: "access keys", steps: accessKeySteps},
		{name: "passwords", steps: passwordSteps},
	}
}

var userSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann"), Path: new("/eng/"), Tags: oneTag, PermissionsBoundary: new(adminARN)}).
		shows("User.Arn", "arn:aws:iam::<account>:user/eng/ann").shows("User.Path", "/eng/").shows("User.UserName", "ann").
		shows("User.UserId", "*").shows("User.CreateDate", "*").shows("User.PasswordLastUsed", "absent").
		shows("User.Tags.#", "1").shows("User.Tags.0.Key", "Team").shows("User.Tags.0.Value", "red").
		shows("User.PermissionsBoundary.PermissionsBoundaryArn", adminARN),
	fails("EntityAlreadyExists", &iam.CreateUserInput{UserName: new("ANN")}).says("User with name ANN already exists."),
	fails("InvalidInput", &iam.CreateUserInput{UserName: new("bob"), Tags: reservedTag}),
	fails("NoSuchEntity", &iam.CreateUserInput{UserName: new("bob"), PermissionsBoundary: new(noPolicy)}).
		says("Scope ARN: " + noPolicy + " does not exist or is not attachable."),
	does(&iam.CreateUserInput{UserName: new("bob")}),
	does(&iam.GetUserInput{UserName: new("Ann")}).shows("User.Arn", "arn:aws:iam::<account>:user/eng/ann").shows("User.Tags.#", "1"),
	does(&iam.GetUserInput{}).shows("User.Arn", "arn:aws:iam::<account>:root").shows("User.UserName", "absent").shows("User.UserId", "<account>"),
	does(&iam.ListUsersInput{}).shows("Users.#", "2").shows("Users.0.UserName", "ann").shows("Users.1.UserName", "bob").
		shows("Users.0.Tags.#", "0").shows("Users.0.PermissionsBoundary", "absent").shows("IsTruncated", "false").shows("Marker", "absent"),
	does(&iam.ListUsersInput{PathPrefix: new("/eng")}).shows("Users.#", "1"),
	does(&iam.ListUsersInput{MaxItems: new(int32(1))}).shows("Users.#", "1").shows("IsTruncated", "true").keeps("marker", "Marker"),
	does(&iam.ListUsersInput{Marker: new("<marker>")}).shows("Users.#", "1").shows("Users.0.UserName", "bob").shows("IsTruncated", "false"),

	does(&iam.TagUserInput{UserName: new("bob"), Tags: oneTag}),
	does(&iam.TagUserInput{UserName: new("bob"), Tags: []types.Tag{{Key: new("team"), Value: new("blue")}}}), // the same key
	does(&iam.ListUserTagsInput{UserName: new("bob")}).shows("Tags.#", "1").shows("Tags.0.Key", "team").shows("Tags.0.Value", "blue"),
	fails("InvalidInput", &iam.TagUserInput{UserName: new("bob"), Tags: reservedTag}).
		says("Tag keys that begin with aws: are reserved for system use."),
	does(&iam.UntagUserInput{UserName: new("bob"), TagKeys: []string{"TEAM", "none"}}),
	does(&iam.ListUserTagsInput{UserName: new("bob")}).shows("Tags.#", "0"),

	fails("EntityAlreadyExists", &iam.UpdateUserInput{UserName: new("bob"), NewUserName: new("Ann")}),
	does(&iam.UpdateUserInput{UserName: new("bob"), NewUserName: new("rob"), NewPath: new("/ops/")}),
	does(&iam.GetUserInput{UserName: new("rob")}).shows("User.Arn", "arn:aws:iam::<account>:user/ops/rob"),

	does(&iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")}),
	does(&iam.GetUserInput{UserName: new("ann")}).shows("User.PermissionsBoundary", "absent"),
	does(&iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: new(readOnlyARN)}),
	does(&iam.GetUserInput{UserName: new("ann")}).shows("User.PermissionsBoundary.PermissionsBoundaryArn", readOnlyARN),
	fails("InvalidInput", &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: new(notPolicy)}),
	fails("PolicyNotAttachable", &iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: new(servicePolicyARN)}),

	does(&iam.CreateGroupInput{GroupName: new("devs")}, &iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("devs")}),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must remove users from group first."),
	does(&iam.RemoveUserFromGroupInput{UserName: new("ann"), GroupName: new("devs")}, &iam.DeleteUserInput{UserName: new("ann")}),

	fails("NoSuchEntity", &iam.GetUserInput{UserName: new("ann")}, &iam.DeleteUserInput{UserName: new("ann")},
		&iam.UpdateUserInput{UserName: new("ann"), NewUserName: new("eve")}, &iam.TagUserInput{UserName: new("ann"), Tags: oneTag},
		&iam.UntagUserInput{UserName: new("ann"), TagKeys: []string{"Team"}}, &iam.ListUserTagsInput{UserName: new("ann")},
		&iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: new(adminARN)},
		&iam.DeleteUserPermissionsBoundaryInput{UserName: new("ann")}).
		says("The user with name ann cannot be found."),
	does(&iam.CreateUserInput{UserName: new("ann")}).shows("User.Path", "/").shows("User.Tags.#", "0"), // the second of that name
}

var userPolicySteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}),
	does(&iam.CreatePolicyInput{PolicyName: new("p"), Path: new("/eng/"), PolicyDocument: new(allowAll)}).keeps("policy", "Policy.Arn"),
	does(&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<policy>")},
		&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<policy>")}, // a second time changes nothing
		&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)}),
	fails("NoSuchEntity", &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(noPolicy)}).
		says("Policy " + noPolicy + " does not exist or is not attachable."),
	fails("InvalidInput", &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(notPolicy)},
		&iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new(notPolicy)}).says("ARN " + notPolicy + " is not valid."),
	fails("PolicyNotAttachable", &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(servicePolicyARN)}),
	does(&iam.ListAttachedUserPoliciesInput{UserName: new("ann")}).shows("AttachedPolicies.#", "2").shows("IsTruncated", "false"),
	does(&iam.ListAttachedUserPoliciesInput{UserName: new("ann"), PathPrefix: new("/eng/")}).shows("AttachedPolicies.#", "1").
		shows("AttachedPolicies.0.PolicyArn", "<policy>").shows("AttachedPolicies.0.PolicyName", "p"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must detach all policies first."),
	does(&iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<policy>")}, &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)}),
	fails("NoSuchEntity", &iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<policy>")}).says("Policy <policy> was not found."),

	does(&iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: new(allowAll)}),
	does(&iam.GetUserPolicyInput{UserName: new("ann"), PolicyName: new("own")}).shows("PolicyDocument.%", allowAll).
		shows("UserName", "ann").shows("PolicyName", "own"),
	fails("MalformedPolicyDocument", &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("more"), PolicyDocument: new(longDocument(2048))}).
		says("Maximum policy size of 2048 bytes exceeded for user ann"),
	does(&iam.ListUserPoliciesInput{UserName: new("ann")}).shows("PolicyNames.#", "1").shows("PolicyNames.0", "own"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must delete policies first."),
	does(&iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("own")}),
	fails("NoSuchEntity", &iam.GetUserPolicyInput{UserName: new("ann"), PolicyName: new("own")},
		&iam.DeleteUserPolicyInput{UserName: new("ann"), PolicyName: new("own")}).says("The user policy with name own cannot be found."),
	does(&iam.DeleteUserInput{UserName: new("ann")}),
	fails("NoSuchEntity", &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)},
		&iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)}, &iam.ListAttachedUserPoliciesInput{UserName: new("ann")},
		&iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: new(allowAll)},
		&iam.ListUserPoliciesInput{UserName: new("ann")}).says("The user with name ann cannot be found."),
}

var accessKeySteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")},
		&iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: allowing(`"iam:*"`, "*")}),
	does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("ann", "AccessKey").
		shows("AccessKey.UserName", "ann").shows("AccessKey.Status", "Active").shows("AccessKey.CreateDate", "*"),
	does(&iam.GetAccessKeyLastUsedInput{AccessKeyId: new("<ann.id>")}).shows("UserName", "ann").
		shows("AccessKeyLastUsed.ServiceName", "N/A").shows("AccessKeyLastUsed.Region", "N/A"),
	does(&iam.CreateAccessKeyInput{}).by("ann").keeps("second", "AccessKey").shows("AccessKey.UserName", "ann"),
	fails("LimitExceeded", &iam.CreateAccessKeyInput{UserName: new("ann")}).says("Cannot exceed quota for AccessKeysPerUser: 2"),
	does(&iam.ListAccessKeysInput{}).by("second").shows("AccessKeyMetadata.#", "2").shows("AccessKeyMetadata.0.AccessKeyId", "<ann.id>").
		shows("AccessKeyMetadata.1.AccessKeyId", "<second.id>").shows("AccessKeyMetadata.1.Status", "Active").shows("IsTruncated", "false"),
	does(&iam.UpdateAccessKeyInput{AccessKeyId: new("<ann.id>"), Status: types.StatusTypeInactive}).by("second"),
	fails("InvalidClientTokenId", &iam.ListAccessKeysInput{}).by("ann").says(badKey),
	does(&iam.ListAccessKeysInput{UserName: new("ann")}).shows("AccessKeyMetadata.0.Status", "Inactive"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must delete access keys first."),
	does(&iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<ann.id>")}),
	fails("NoSuchEntity", &iam.DeleteAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<ann.id>")},
		&iam.UpdateAccessKeyInput{UserName: new("ann"), AccessKeyId: new("<ann.id>"), Status: types.StatusTypeActive},
		&iam.GetAccessKeyLastUsedInput{AccessKeyId: new("<ann.id>")}).says("The Access Key with id <ann.id> cannot be found."),
	fails("NoSuchEntity", &iam.CreateAccessKeyInput{UserName: new("eve")}, &iam.ListAccessKeysInput{UserName: new("eve")},
		&iam.DeleteAccessKeyInput{UserName: new("eve"), AccessKeyId: new("<second.id>")}).says("The user with name eve cannot be found."),
	does(&iam.ListAccessKeysInput{}).shows("AccessKeyMetadata.#", "1").shows("AccessKeyMetadata.0.AccessKeyId", "<root.id>").
		shows("AccessKeyMetadata.0.UserName", "absent"),
}

var passwordSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")},
		&iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: allowing(`"iam:ChangePassword"`, "*")}),
	does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("ann", "AccessKey"),
	fails("NoSuchEntity", &iam.ChangePasswordInput{OldPassword: new("x"), NewPassword: new("Correct-Horse-1")}).by("ann").
		says("Login Profile for User ann cannot be found."),
	does(&iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1"), PasswordResetRequired: true}).
		shows("LoginProfile.UserName", "ann").shows("LoginProfile.PasswordResetRequired", "true").shows("LoginProfile.CreateDate", "*"),
	fails("EntityAlreadyExists", &iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1")}),
	does(&iam.GetLoginProfileInput{UserName: new("ann")}).shows("LoginProfile.PasswordResetRequired", "true"),
	does(&iam.UpdateLoginProfileInput{UserName: new("ann"), PasswordResetRequired: new(false), Password: new("Correct-Horse-2")}),
	does(&iam.GetLoginProfileInput{UserName: new("ann")}).shows("LoginProfile.PasswordResetRequired", "false"),
	does(&iam.ChangePasswordInput{OldPassword: new("Correct-Horse-2"), NewPassword: new("Correct-Horse-3")}).by("ann"),
	fails("AccessDenied", &iam.ChangePasswordInput{OldPassword: new("Correct-Horse-2"), NewPassword: new("Correct-Horse-4")}).by("ann").
		says("The old password was incorrect."),
	fails("PasswordPolicyViolation", &iam.ChangePasswordInput{OldPassword: new("Correct-Horse-3"), NewPassword: new("short")}).by("ann"),
	fails("PasswordPolicyViolation", &iam.UpdateLoginProfileInput{UserName: new("ann"), Password: new("short")}).
		says("Password does not conform to the account password policy."),
	fails("InvalidUserType", &iam.ChangePasswordInput{OldPassword: new("x"), NewPassword: new("Correct-Horse-1")}).
		says("Only IAM Users can change their own password"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}),
	does(&iam.DeleteLoginProfileInput{UserName: new("ann")}),
	fails("PasswordPolicyViolation", &iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("short")}),
	fails("NoSuchEntity", &iam.GetLoginProfileInput{UserName: new("ann")}, &iam.DeleteLoginProfileInput{UserName: new("ann")},
		&iam.UpdateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1")}).says("Login Profile for User ann cannot be found."),
	fails("NoSuchEntity", &iam.CreateLoginProfileInput{UserName: new("eve"), Password: new("Correct-Horse-1")}).
		says("The user with name eve cannot be found."),

	fails("NoSuchEntity", &iam.GetAccountPasswordPolicyInput{}).says("The Password Policy with domain name <account> cannot be found."),
	fails("NoSuchEntity", &iam.DeleteAccountPasswordPolicyInput{}).says("The account policy with name PasswordPolicy cannot be found."),
	does(&iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: new(int32(20)), PasswordReusePrevention: new(int32(3))}),
	does(&iam.GetAccountPasswordPolicyInput{}).shows("PasswordPolicy.MinimumPasswordLength", "20").
		shows("PasswordPolicy.PasswordReusePrevention", "3").shows("PasswordPolicy.RequireSymbols", "false").shows("PasswordPolicy.ExpirePasswords", "false"),
	fails("PasswordPolicyViolation", &iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1")}),
	does(&iam.DeleteAccountPasswordPolicyInput{}, &iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-1")}),
}
