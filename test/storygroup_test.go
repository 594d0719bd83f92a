package test

import "github.com/aws/aws-sdk-go-v2/service/iam"

func groupStories() []story {
	return []story{
		{name: "groups", steps: groupSteps},
		{name: "policies of groups", steps: groupPolicySteps},
	}
}

var groupSteps = []step{
	does(&iam.CreateGroupInput{GroupName: new("devs"), Path: new("/eng/")}).shows("Group.Arn", "arn:aws:iam::<account>:group/eng/devs").
		shows("Group.GroupName", "devs").shows("Group.Path", "/eng/").shows("Group.GroupId", "*").shows("Group.CreateDate", "*"),
	does(&iam.CreateGroupInput{GroupName: new("ops")}),
	fails("EntityAlreadyExists", &iam.CreateGroupInput{GroupName: new("DEVS")},
		&iam.UpdateGroupInput{GroupName: new("ops"), NewGroupName: new("devs")}),
	does(&iam.ListGroupsInput{}).shows("Groups.#", "2").shows("Groups.0.GroupName", "devs").shows("IsTruncated", "false"),
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("ann")},
		&iam.AddUserToGroupInput{GroupName: new("devs"), UserName: new("ann")}), // a second time changes nothing
	does(&iam.GetGroupInput{GroupName: new("devs")}).shows("Group.GroupName", "devs").shows("Users.#", "1").shows("Users.0.UserName", "ann").
		shows("IsTruncated", "false"),
	does(&iam.ListGroupsForUserInput{UserName: new("ann")}).shows("Groups.#", "1").shows("Groups.0.Arn", "arn:aws:iam::<account>:group/eng/devs"),
	fails("DeleteConflict", &iam.DeleteGroupInput{GroupName: new("devs")}).says("Cannot delete entity, must remove users from group first."),
	does(&iam.UpdateGroupInput{GroupName: new("devs"), NewGroupName: new("makers"), NewPath: new("/")}),
	does(&iam.GetGroupInput{GroupName: new("makers")}).shows("Group.Arn", "arn:aws:iam::<account>:group/makers").shows("Users.#", "1"),
	does(&iam.RemoveUserFromGroupInput{GroupName: new("makers"), UserName: new("ann")}, &iam.DeleteGroupInput{GroupName: new("makers")}),
	fails("NoSuchEntity", &iam.GetGroupInput{GroupName: new("makers")}, &iam.DeleteGroupInput{GroupName: new("makers")},
		&iam.UpdateGroupInput{GroupName: new("makers"), NewPath: new("/")}, &iam.AddUserToGroupInput{GroupName: new("makers"), UserName: new("ann")},
		&iam.RemoveUserFromGroupInput{GroupName: new("makers"), UserName: new("ann")}).says("The group with name makers cannot be found."),
	fails("NoSuchEntity", &iam.AddUserToGroupInput{GroupName: new("ops"), UserName: new("eve")},
		&iam.RemoveUserFromGroupInput{GroupName: new("ops"), UserName: new("eve")}, &iam.ListGroupsForUserInput{UserName: new("eve")}).
		says("The user with name eve cannot be found."),
	does(&iam.ListGroupsForUserInput{UserName: new("ann")}).shows("Groups.#", "0"),
}

var groupPolicySteps = []step{
	does(&iam.CreateGroupInput{GroupName: new("devs")}),
	does(&iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)}),
	does(&iam.ListAttachedGroupPoliciesInput{GroupName: new("devs")}).shows("AttachedPolicies.#", "1").
		shows("AttachedPolicies.0.PolicyArn", adminARN).shows("AttachedPolicies.0.PolicyName", "AdministratorAccess"),
	fails("NoSuchEntity", &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(noPolicy)}).
		says("Policy " + noPolicy + " does not exist or is not attachable."),
	fails("InvalidInput", &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(notPolicy)},
		&iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(notPolicy)}),
	fails("PolicyNotAttachable", &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(servicePolicyARN)}),
	fails("DeleteConflict", &iam.DeleteGroupInput{GroupName: new("devs")}).says("Cannot delete entity, must detach all policies first."),
	does(&iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)}),
	fails("NoSuchEntity", &iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)}).says("Policy " + adminARN + " was not found."),

	does(&iam.PutGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own"), PolicyDocument: new(allowAll)}),
	does(&iam.GetGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own")}).shows("PolicyDocument.%", allowAll).
		shows("GroupName", "devs").shows("PolicyName", "own"),
	fails("MalformedPolicyDocument", &iam.PutGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own"), PolicyDocument: new(malformed)}),
	fails("LimitExceeded", &iam.PutGroupPolicyInput{GroupName: new("devs"), PolicyName: new("more"), PolicyDocument: new(longDocument(5120))}).
		says("Maximum policy size of 5120 bytes exceeded for group devs"),
	does(&iam.ListGroupPoliciesInput{GroupName: new("devs")}).shows("PolicyNames.#", "1").shows("PolicyNames.0", "own"),
	fails("DeleteConflict", &iam.DeleteGroupInput{GroupName: new("devs")}).says("Cannot delete entity, must delete policies first."),
	does(&iam.DeleteGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own")}),
	fails("NoSuchEntity", &iam.GetGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own")},
		&iam.DeleteGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own")}).says("The group policy with name own cannot be found."),
	does(&iam.DeleteGroupInput{GroupName: new("devs")}),
	fails("NoSuchEntity", &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)},
		&iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)}, &iam.ListAttachedGroupPoliciesInput{GroupName: new("devs")},
		&iam.PutGroupPolicyInput{GroupName: new("devs"), PolicyName: new("own"), PolicyDocument: new(allowAll)},
		&iam.ListGroupPoliciesInput{GroupName: new("devs")}).says("The group with name devs cannot be found."),
}
