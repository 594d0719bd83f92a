package test

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func policyStories() []story {
	return []story{
		{name: "policies", steps: policySteps},
		{name: "versions of policies", steps: policyVersionSteps},
	}
}

const denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

var policySteps = []step{
	does(&iam.CreatePolicyInput{PolicyName: new("p"), Path: new("/eng/"), Description: new("first"), PolicyDocument: new(allowAll), Tags: oneTag}).
		shows("Policy.Arn", "arn:aws:iam::<account>:policy/eng/p").shows("Policy.DefaultVersionId", "v1").shows("Policy.AttachmentCount", "0").
		shows("Policy.PermissionsBoundaryUsageCount", "0").shows("Policy.IsAttachable", "true").shows("Policy.Description", "absent").
		shows("Policy.PolicyId", "*").shows("Policy.CreateDate", "*").shows("Policy.UpdateDate", "*").shows("Policy.Tags.#", "1").keeps("p", "Policy.Arn"),
	fails("EntityAlreadyExists", &iam.CreatePolicyInput{PolicyName: new("P"), PolicyDocument: new(allowAll)}).
		says("A policy called P already exists. Duplicate names are not allowed."),
	fails("InvalidInput", &iam.CreatePolicyInput{PolicyName: new("x"), PolicyDocument: new(allowAll), Tags: reservedTag}),
	fails("MalformedPolicyDocument", &iam.CreatePolicyInput{PolicyName: new("x"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.CreatePolicyInput{PolicyName: new("x"), PolicyDocument: new(longDocument(6144))}).
		says("Cannot exceed quota for PolicySize: 6144"),
	does(&iam.GetPolicyInput{PolicyArn: new("<p>")}).shows("Policy.PolicyName", "p").shows("Policy.Description", "first").shows("Policy.Path", "/eng/").
		shows("Policy.Tags.0.Key", "Team"),
	does(&iam.GetPolicyInput{PolicyArn: new(adminARN)}).shows("Policy.PolicyName", "AdministratorAccess").shows("Policy.Path", "/"),
	does(&iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal}).shows("Policies.#", "1").shows("Policies.0.Arn", "<p>").shows("Policies.0.Tags.#", "0").
		shows("IsTruncated", "false"),
	does(&iam.ListPoliciesInput{OnlyAttached: true, Scope: types.PolicyScopeTypeLocal}).shows("Policies.#", "0"),

	does(&iam.TagPolicyInput{PolicyArn: new("<p>"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListPolicyTagsInput{PolicyArn: new("<p>")}).shows("Tags.#", "2").shows("Tags.0.Key", "Cost"),
	does(&iam.UntagPolicyInput{PolicyArn: new("<p>"), TagKeys: []string{"cost"}}),
	does(&iam.ListPolicyTagsInput{PolicyArn: new("<p>")}).shows("Tags.#", "1").shows("Tags.0.Key", "Team"),
	fails("InvalidInput", &iam.TagPolicyInput{PolicyArn: new("<p>"), Tags: reservedTag}),

	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateGroupInput{GroupName: new("devs")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2), PermissionsBoundary: new("<p>")},
		&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<p>")}, &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new("<p>")}),
	does(&iam.ListEntitiesForPolicyInput{PolicyArn: new("<p>")}).shows("PolicyUsers.#", "1").shows("PolicyUsers.0.UserName", "ann").
		shows("PolicyGroups.#", "1").shows("PolicyGroups.0.GroupName", "devs").shows("PolicyRoles.#", "1").shows("PolicyRoles.0.RoleName", "r"),
	does(&iam.ListEntitiesForPolicyInput{PolicyArn: new("<p>"), EntityFilter: types.EntityTypeUser}).shows("PolicyUsers.#", "1").shows("PolicyGroups.#", "0"),
	does(&iam.GetPolicyInput{PolicyArn: new("<p>")}).shows("Policy.AttachmentCount", "2").shows("Policy.PermissionsBoundaryUsageCount", "1"),
	fails("DeleteConflict", &iam.DeletePolicyInput{PolicyArn: new("<p>")}).says("Cannot delete a policy attached to entities."),
	does(&iam.DetachUserPolicyInput{UserName: new("ann"), PolicyArn: new("<p>")}, &iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new("<p>")},
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: new("r")}, &iam.DeletePolicyInput{PolicyArn: new("<p>")}),

	fails("NoSuchEntity", &iam.GetPolicyInput{PolicyArn: new("<p>")}, &iam.DeletePolicyInput{PolicyArn: new("<p>")},
		&iam.TagPolicyInput{PolicyArn: new("<p>"), Tags: oneTag}, &iam.UntagPolicyInput{PolicyArn: new("<p>"), TagKeys: []string{"Team"}},
		&iam.ListPolicyTagsInput{PolicyArn: new("<p>")}, &iam.ListEntitiesForPolicyInput{PolicyArn: new("<p>")},
		&iam.ListPolicyVersionsInput{PolicyArn: new("<p>")}, &iam.GetPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")},
		&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll)},
		&iam.SetDefaultPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")},
		&iam.DeletePolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")}).says("Policy <p> was not found."),
	fails("InvalidInput", &iam.GetPolicyInput{PolicyArn: new(notPolicy)}, &iam.DeletePolicyInput{PolicyArn: new(notPolicy)},
		&iam.TagPolicyInput{PolicyArn: new(notPolicy), Tags: oneTag}, &iam.UntagPolicyInput{PolicyArn: new(notPolicy), TagKeys: []string{"Team"}},
		&iam.ListPolicyTagsInput{PolicyArn: new(notPolicy)}, &iam.ListEntitiesForPolicyInput{PolicyArn: new(notPolicy)},
		&iam.ListPolicyVersionsInput{PolicyArn: new(notPolicy)}, &iam.GetPolicyVersionInput{PolicyArn: new(notPolicy), VersionId: new("v1")},
		&iam.CreatePolicyVersionInput{PolicyArn: new(notPolicy), PolicyDocument: new(allowAll)},
		&iam.SetDefaultPolicyVersionInput{PolicyArn: new(notPolicy), VersionId: new("v1")},
		&iam.DeletePolicyVersionInput{PolicyArn: new(notPolicy), VersionId: new("v1")}).says("ARN " + notPolicy + " is not valid."),
	fails("ValidationError", &iam.GetPolicyInput{PolicyArn: new("not an ARN, but long enough")}).says("Invalid ARN:  Could not be parsed!"),
}

var policyVersionSteps = []step{
	does(&iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: new(allowAll)}).keeps("p", "Policy.Arn"),
	does(&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(denyAll)}).shows("PolicyVersion.VersionId", "v2").
		shows("PolicyVersion.IsDefaultVersion", "false").shows("PolicyVersion.CreateDate", "*").shows("PolicyVersion.Document", "absent"),
	does(&iam.GetPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v2")}).shows("PolicyVersion.Document.%", denyAll).
		shows("PolicyVersion.IsDefaultVersion", "false"),
	does(&iam.SetDefaultPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v2")}),
	does(&iam.GetPolicyInput{PolicyArn: new("<p>")}).shows("Policy.DefaultVersionId", "v2"),
	does(&iam.ListPolicyVersionsInput{PolicyArn: new("<p>")}).shows("Versions.#", "2").shows("Versions.0.VersionId", "v2").
		shows("Versions.0.IsDefaultVersion", "true").shows("Versions.1.VersionId", "v1").shows("IsTruncated", "false"),
	fails("DeleteConflict", &iam.DeletePolicyInput{PolicyArn: new("<p>")}),
	fails("DeleteConflict", &iam.DeletePolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v2")}).says("Cannot delete the default version of a policy."),
	fails("MalformedPolicyDocument", &iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(longDocument(6144))}).
		says("Cannot exceed quota for PolicySize: 6144"),
	does(&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll)},
		&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll)},
		&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll), SetAsDefault: true}),
	fails("LimitExceeded", &iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll)}),
	does(&iam.DeletePolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")}),
	does(&iam.CreatePolicyVersionInput{PolicyArn: new("<p>"), PolicyDocument: new(allowAll)}).shows("PolicyVersion.VersionId", "v6"),
	fails("NoSuchEntity", &iam.GetPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")},
		&iam.DeletePolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")},
		&iam.SetDefaultPolicyVersionInput{PolicyArn: new("<p>"), VersionId: new("v1")}).
		says("Policy <p> version v1 does not exist or is not attachable."),
	fails("AccessDenied", &iam.CreatePolicyVersionInput{PolicyArn: new(adminARN), PolicyDocument: new(allowAll)}).
		says("Policy is outside your own account."),
}
