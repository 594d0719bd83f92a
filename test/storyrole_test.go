package test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// longDocument is a policy with more characters than size, which fits a request.
func longDocument(size int) string {
	return strings.Replace(allowAll, `"Resource":"*"`, `"Resource":"arn:aws:s3:::`+strings.Repeat("x", size)+`"`, 1)
}

// linkedRoleName is the role that AWS makes for EC2 Auto Scaling.
const linkedRoleName = "AWSServiceRoleForAutoScaling"

func roleStories() []story {
	return []story{
		{name: "roles", steps: roleSteps},
		{name: "policies of roles", steps: rolePolicySteps},
		{name: "service-linked roles", steps: linkedRoleSteps},
		{name: "instance profiles", steps: profileSteps},
	}
}

var roleSteps = []step{
	does(&iam.CreateRoleInput{RoleName: new("r"), Path: new("/eng/"), AssumeRolePolicyDocument: new(trustEC2), Description: new("first"),
		MaxSessionDuration: new(int32(7200)), Tags: oneTag, PermissionsBoundary: new(adminARN)}).
		shows("Role.Arn", "arn:aws:iam::<account>:role/eng/r").shows("Role.AssumeRolePolicyDocument.%", trustEC2).
		shows("Role.MaxSessionDuration", "absent").shows("Role.RoleLastUsed", "absent").shows("Role.Tags.#", "1").
		shows("Role.PermissionsBoundary.PermissionsBoundaryArn", adminARN),
	does(&iam.GetRoleInput{RoleName: new("R")}).shows("Role.RoleName", "r").shows("Role.Description", "first").shows("Role.MaxSessionDuration", "7200").
		shows("Role.RoleLastUsed.LastUsedDate", "absent").shows("Role.Tags.0.Value", "red").shows("Role.RoleId", "*").shows("Role.CreateDate", "*"),
	fails("EntityAlreadyExists", &iam.CreateRoleInput{RoleName: new("R"), AssumeRolePolicyDocument: new(trustEC2)}).says("Role with name R already exists."),
	fails("InvalidInput", &iam.CreateRoleInput{RoleName: new("x"), AssumeRolePolicyDocument: new(trustEC2), Tags: reservedTag}),
	fails("MalformedPolicyDocument", &iam.CreateRoleInput{RoleName: new("x"), AssumeRolePolicyDocument: new(malformed)},
		&iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.CreateRoleInput{RoleName: new("x"), AssumeRolePolicyDocument: new(longTrust)},
		&iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(longTrust)}).says("Cannot exceed quota for ACLSizePerRole: 2048"),
	does(&iam.ListRolesInput{PathPrefix: new("/eng/")}).shows("Roles.#", "1").shows("Roles.0.RoleName", "r").shows("Roles.0.Tags.#", "0").
		shows("Roles.0.PermissionsBoundary", "absent").shows("Roles.0.RoleLastUsed", "absent").shows("Roles.0.MaxSessionDuration", "7200"),

	does(&iam.UpdateRoleInput{RoleName: new("r"), Description: new("second"), MaxSessionDuration: new(int32(3600))}),
	does(&iam.GetRoleInput{RoleName: new("r")}).shows("Role.Description", "second").shows("Role.MaxSessionDuration", "3600"),
	does(&iam.UpdateRoleDescriptionInput{RoleName: new("r"), Description: new("third")}).shows("Role.Description", "third").shows("Role.RoleName", "r"),
	does(&iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: trusting("<account>", "")}),
	does(&iam.GetRoleInput{RoleName: new("r")}).shows("Role.AssumeRolePolicyDocument.%", *trusting("<account>", "")),

	does(&iam.TagRoleInput{RoleName: new("r"), Tags: []types.Tag{{Key: new("Cost"), Value: new("")}}}),
	does(&iam.ListRoleTagsInput{RoleName: new("r")}).shows("Tags.#", "2").shows("Tags.0.Key", "Cost").shows("Tags.1.Key", "Team").shows("IsTruncated", "false"),
	does(&iam.UntagRoleInput{RoleName: new("r"), TagKeys: []string{"Team", "Cost"}}),
	does(&iam.ListRoleTagsInput{RoleName: new("r")}).shows("Tags.#", "0"),
	fails("InvalidInput", &iam.TagRoleInput{RoleName: new("r"), Tags: reservedTag}),

	does(&iam.DeleteRolePermissionsBoundaryInput{RoleName: new("r")},
		&iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(readOnlyARN)}),
	does(&iam.GetRoleInput{RoleName: new("r")}).shows("Role.PermissionsBoundary.PermissionsBoundaryArn", readOnlyARN),
	fails("InvalidInput", &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(notPolicy)}),
	fails("PolicyNotAttachable", &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(servicePolicyARN)}),

	does(&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip")},
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}),
	fails("DeleteConflict", &iam.DeleteRoleInput{RoleName: new("r")}).says("Cannot delete entity, must remove roles from instance profile first."),
	does(&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}, &iam.DeleteRoleInput{RoleName: new("r")}),
	fails("NoSuchEntity", &iam.GetRoleInput{RoleName: new("r")}, &iam.DeleteRoleInput{RoleName: new("r")}, &iam.UpdateRoleInput{RoleName: new("r")},
		&iam.UpdateRoleDescriptionInput{RoleName: new("r"), Description: new("")}, &iam.TagRoleInput{RoleName: new("r"), Tags: oneTag},
		&iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(trustEC2)}, &iam.UntagRoleInput{RoleName: new("r"), TagKeys: []string{"a"}},
		&iam.ListRoleTagsInput{RoleName: new("r")}, &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(adminARN)},
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: new("r")}).says("The role with name r cannot be found."),
}

var longTrust = strings.Replace(trustEC2, `"Statement":[{`, `"Statement":[{"Sid":"`+strings.Repeat("x", 2048)+`",`, 1)

var rolePolicySteps = []step{
	does(&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)}),
	does(&iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)}),
	does(&iam.ListAttachedRolePoliciesInput{RoleName: new("r")}).shows("AttachedPolicies.#", "1").
		shows("AttachedPolicies.0.PolicyArn", adminARN).shows("AttachedPolicies.0.PolicyName", "AdministratorAccess"),
	fails("NoSuchEntity", &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(noPolicy)}),
	fails("InvalidInput", &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(notPolicy)},
		&iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(notPolicy)}),
	fails("PolicyNotAttachable", &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(servicePolicyARN)}).
		says("Cannot attach a Service Role Policy to a Customer Role."),
	fails("DeleteConflict", &iam.DeleteRoleInput{RoleName: new("r")}).says("Cannot delete entity, must detach all policies first."),
	does(&iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)}),
	fails("NoSuchEntity", &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)}),

	does(&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("own"), PolicyDocument: new(allowAll)}),
	does(&iam.GetRolePolicyInput{RoleName: new("r"), PolicyName: new("own")}).shows("PolicyDocument.%", allowAll).
		shows("RoleName", "r").shows("PolicyName", "own"),
	fails("MalformedPolicyDocument", &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("own"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("more"), PolicyDocument: new(longDocument(10240))}).
		says("Maximum policy size of 10240 bytes exceeded for role r"),
	does(&iam.ListRolePoliciesInput{RoleName: new("r")}).shows("PolicyNames.#", "1").shows("PolicyNames.0", "own"),
	fails("DeleteConflict", &iam.DeleteRoleInput{RoleName: new("r")}).says("Cannot delete entity, must delete policies first."),
	does(&iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("own")}),
	fails("NoSuchEntity", &iam.GetRolePolicyInput{RoleName: new("r"), PolicyName: new("own")},
		&iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("own")}).says("The role policy with name own cannot be found."),
	does(&iam.DeleteRoleInput{RoleName: new("r")}),
	fails("NoSuchEntity", &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)},
		&iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)}, &iam.ListAttachedRolePoliciesInput{RoleName: new("r")},
		&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("own"), PolicyDocument: new(allowAll)},
		&iam.ListRolePoliciesInput{RoleName: new("r")}).says("The role with name r cannot be found."),
}

var linkedRoleSteps = []step{
	does(&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com"), Description: new("d")}).shows("Role.RoleName", linkedRoleName).
		shows("Role.Arn", "arn:aws:iam::<account>:role/aws-service-role/autoscaling.amazonaws.com/"+linkedRoleName),
	fails("InvalidInput", &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com")}).
		says("Service role name " + linkedRoleName + " has been taken in this account, please try a different suffix."),
	fails("AccessDenied", &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("none.amazonaws.com")}),
	does(&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip")}),
	// What an account may not change of such a role is nearly everything.
	fails("UnmodifiableEntity", &iam.AttachRolePolicyInput{RoleName: new(linkedRoleName), PolicyArn: new(adminARN)},
		&iam.DetachRolePolicyInput{RoleName: new(linkedRoleName), PolicyArn: new(servicePolicyARN)},
		&iam.PutRolePolicyInput{RoleName: new(linkedRoleName), PolicyName: new("own"), PolicyDocument: new(allowAll)},
		&iam.DeleteRolePolicyInput{RoleName: new(linkedRoleName), PolicyName: new("own")},
		&iam.PutRolePermissionsBoundaryInput{RoleName: new(linkedRoleName), PermissionsBoundary: new(adminARN)},
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: new(linkedRoleName)},
		&iam.UpdateAssumeRolePolicyInput{RoleName: new(linkedRoleName), PolicyDocument: new(trustEC2)},
		&iam.UpdateRoleInput{RoleName: new(linkedRoleName), MaxSessionDuration: new(int32(7200))},
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new(linkedRoleName)},
		&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new(linkedRoleName)},
		&iam.DeleteRoleInput{RoleName: new(linkedRoleName)}),
	does(&iam.UpdateRoleDescriptionInput{RoleName: new(linkedRoleName), Description: new("x")}).shows("Role.Description", "x"),
	does(&iam.DeleteServiceLinkedRoleInput{RoleName: new(linkedRoleName)}).keeps("task", "DeletionTaskId"),
	does(&iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: new("<task>")}).shows("Status", "SUCCEEDED"),
	fails("NoSuchEntity", &iam.DeleteServiceLinkedRoleInput{RoleName: new(linkedRoleName)}).says("The role with name " + linkedRoleName + " cannot be found."),
	fails("NoSuchEntity", &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: new("<task>x")}).says("The deletion task with id <task>x cannot be found."),
	does(&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com"), CustomSuffix: new("x")}).
		shows("Role.RoleName", linkedRoleName+"_x"),
}

var profileSteps = []step{
	does(&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip"), Path: new("/eng/"), Tags: oneTag}).
		shows("InstanceProfile.Arn", "arn:aws:iam::<account>:instance-profile/eng/ip").shows("InstanceProfile.InstanceProfileId", "*").
		shows("InstanceProfile.Roles.#", "0").shows("InstanceProfile.Tags.#", "1"),
	fails("EntityAlreadyExists", &iam.CreateInstanceProfileInput{InstanceProfileName: new("IP")}).says("Instance Profile IP already exists."),
	fails("InvalidInput", &iam.CreateInstanceProfileInput{InstanceProfileName: new("x"), Tags: reservedTag}),
	does(&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.CreateRoleInput{RoleName: new("other"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}),
	fails("LimitExceeded", &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("other")}).
		says("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"),
	does(&iam.GetInstanceProfileInput{InstanceProfileName: new("ip")}).shows("InstanceProfile.Roles.#", "1").shows("InstanceProfile.Roles.0.RoleName", "r").
		shows("InstanceProfile.Roles.0.AssumeRolePolicyDocument.%", trustEC2),
	does(&iam.ListInstanceProfilesInput{}).shows("InstanceProfiles.#", "1").shows("InstanceProfiles.0.InstanceProfileName", "ip").
		shows("InstanceProfiles.0.Tags.#", "0").shows("IsTruncated", "false"),
	does(&iam.ListInstanceProfilesForRoleInput{RoleName: new("r")}).shows("InstanceProfiles.#", "1").shows("InstanceProfiles.0.Path", "/eng/"),
	does(&iam.ListInstanceProfilesForRoleInput{RoleName: new("other")}).shows("InstanceProfiles.#", "0"),

	does(&iam.TagInstanceProfileInput{InstanceProfileName: new("ip"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListInstanceProfileTagsInput{InstanceProfileName: new("ip")}).shows("Tags.#", "2").shows("Tags.0.Key", "Cost"),
	does(&iam.UntagInstanceProfileInput{InstanceProfileName: new("ip"), TagKeys: []string{"Cost"}}),
	does(&iam.ListInstanceProfileTagsInput{InstanceProfileName: new("ip")}).shows("Tags.#", "1"),
	fails("InvalidInput", &iam.TagInstanceProfileInput{InstanceProfileName: new("ip"), Tags: reservedTag}),

	fails("DeleteConflict", &iam.DeleteInstanceProfileInput{InstanceProfileName: new("ip")}).
		says("Cannot delete entity, must remove roles from instance profile first."),
	fails("NoSuchEntity", &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("none")},
		&iam.ListInstanceProfilesForRoleInput{RoleName: new("none")}).says("The role with name none cannot be found."),
	does(&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}),
	fails("NoSuchEntity", &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")}).
		says("Role r in Instance Profile ip cannot be found."),
	does(&iam.DeleteInstanceProfileInput{InstanceProfileName: new("ip")}),
	fails("NoSuchEntity", &iam.GetInstanceProfileInput{InstanceProfileName: new("ip")}, &iam.DeleteInstanceProfileInput{InstanceProfileName: new("ip")},
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")},
		&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("ip"), RoleName: new("r")},
		&iam.TagInstanceProfileInput{InstanceProfileName: new("ip"), Tags: oneTag},
		&iam.UntagInstanceProfileInput{InstanceProfileName: new("ip"), TagKeys: []string{"Team"}},
		&iam.ListInstanceProfileTagsInput{InstanceProfileName: new("ip")}).says("Instance Profile ip cannot be found."),
}
