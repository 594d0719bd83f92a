package test

import (
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func stackStories() []story {
	return []story{
		{name: "stacks", steps: stackSteps},
		{name: "change sets", steps: changeSetSteps},
		{name: "updates taken back", steps: takenBackSteps},
	}
}

// userStack is a template of one user, and what is said of it besides.
func userStack(properties, more string) *string {
	return new(`{"Description":"a user","Resources":{"Ann":{"Type":"AWS::IAM::User","Properties":{"UserName":"ann"` + properties + `}}` + more + `}}`)
}

var (
	plainUser = userStack("", `},"Outputs":{"Name":{"Value":{"Ref":"Ann"},"Export":{"Name":"who"}}`)
	movedUser = userStack(`,"Path":"/moved/"`, `},"Outputs":{"Name":{"Value":{"Ref":"Ann"},"Export":{"Name":"who"}}`)
	// waitingUser changes the user, and then waits for a signal that does not come.
	waitingUser = userStack(`,"Path":"/w/"`, `,"H":{"Type":"AWS::CloudFormation::WaitConditionHandle"},
		"W":{"Type":"AWS::CloudFormation::WaitCondition","DependsOn":"Ann","Properties":{"Handle":{"Ref":"H"},"Timeout":"3600"}}`)
	waiting = new(`{"Resources":{"H":{"Type":"AWS::CloudFormation::WaitConditionHandle"},
		"W":{"Type":"AWS::CloudFormation::WaitCondition","Properties":{"Handle":{"Ref":"H"},"Timeout":"3600"}}}}`)
	importing    = new(`{"Resources":{"P":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/p","Type":"String","Value":{"Fn::ImportValue":"who"}}}}}`)
	denyUpdates  = new(`{"Statement":{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"*"}}`)
	allowUpdates = new(`{"Statement":{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}}`)
)

var stackSteps = []step{
	does(&cfn.DescribeAccountLimitsInput{}).shows("AccountLimits.0.Name", "StackLimit").shows("AccountLimits.0.Value", "2000"),
	does(&cfn.ValidateTemplateInput{TemplateBody: plainUser}).shows("Description", "a user").shows("Capabilities.0", "CAPABILITY_NAMED_IAM"),
	does(&cfn.GetTemplateSummaryInput{TemplateBody: plainUser}).shows("ResourceTypes.0", "AWS::IAM::User").
		shows("CapabilitiesReason", "The following resource(s) require capabilities: [AWS::IAM::User]"),
	fails("StackSetNotFoundException", &cfn.GetTemplateSummaryInput{StackSetName: new("none")}),
	fails("InsufficientCapabilitiesException", &cfn.CreateStackInput{StackName: new("s"), TemplateBody: plainUser}).says("Requires capabilities : [CAPABILITY_NAMED_IAM]"),
	does(&cfn.CreateStackInput{StackName: new("s"), TemplateBody: plainUser, Capabilities: namedIAM}).keeps("id", "StackId").keeps("op", "OperationId"),
	fails("AlreadyExistsException", &cfn.CreateStackInput{StackName: new("s"), TemplateBody: plainUser, Capabilities: namedIAM}).says("Stack [s] already exists"),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "CREATE_COMPLETE").shows("Stacks.0.Outputs.0.OutputValue", "ann"),
	does(&cfn.ListStacksInput{StackStatusFilter: []types.StackStatus{"CREATE_COMPLETE"}}).shows("StackSummaries.#", "1").shows("StackSummaries.0.TemplateDescription", "a user"),
	does(&cfn.DescribeStackEventsInput{StackName: new("s")}).shows("StackEvents.0.ResourceStatus", "CREATE_COMPLETE").shows("StackEvents.#", "5"),
	does(&cfn.DescribeEventsInput{OperationId: new("<op>")}).shows("OperationEvents.0.OperationStatus", "SUCCEEDED").shows("OperationEvents.#", "5"),
	does(&cfn.DescribeStackResourceInput{StackName: new("s"), LogicalResourceId: new("Ann")}).shows("StackResourceDetail.PhysicalResourceId", "ann"),
	does(&cfn.DescribeStackResourcesInput{PhysicalResourceId: new("ann")}).shows("StackResources.0.StackId", "<id>"),
	does(&cfn.ListStackResourcesInput{StackName: new("s")}).shows("StackResourceSummaries.0.LogicalResourceId", "Ann"),
	does(&cfn.ListExportsInput{}).shows("Exports.0.Name", "who").shows("Exports.0.ExportingStackId", "<id>"),
	does(&cfn.CreateStackInput{StackName: new("i"), TemplateBody: importing}),
	does(&cfn.ListImportsInput{ExportName: new("who")}).shows("Imports.0", "i"),
	does(&cfn.GetTemplateInput{StackName: new("s")}).shows("TemplateBody", *plainUser),
	fails("InsufficientCapabilitiesException", &cfn.UpdateStackInput{StackName: new("s"), TemplateBody: movedUser}),
	does(&cfn.SetStackPolicyInput{StackName: new("s"), StackPolicyBody: denyUpdates}),
	does(&cfn.UpdateStackInput{StackName: new("s"), TemplateBody: movedUser, Capabilities: namedIAM}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "UPDATE_ROLLBACK_COMPLETE"),
	does(&cfn.GetStackPolicyInput{StackName: new("s")}).shows("StackPolicyBody", *denyUpdates),
	does(&cfn.UpdateStackInput{StackName: new("s"), TemplateBody: movedUser, Capabilities: namedIAM, StackPolicyDuringUpdateBody: allowUpdates}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "UPDATE_COMPLETE"),
	does(&cfn.DetectStackDriftInput{StackName: new("s")}).keeps("drift", "StackDriftDetectionId"),
	does(&cfn.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: new("<drift>")}).shows("StackId", "<id>"),
	does(&cfn.DetectStackResourceDriftInput{StackName: new("s"), LogicalResourceId: new("Ann")}).shows("StackResourceDrift.StackResourceDriftStatus", "IN_SYNC"),
	does(&cfn.DescribeStackResourceDriftsInput{StackName: new("s")}).shows("StackResourceDrifts.0.LogicalResourceId", "Ann"),
	does(&cfn.UpdateTerminationProtectionInput{StackName: new("s"), EnableTerminationProtection: new(true)}).shows("StackId", "<id>"),
	fails("ValidationError", &cfn.DeleteStackInput{StackName: new("s")}),
	does(&cfn.UpdateTerminationProtectionInput{StackName: new("s"), EnableTerminationProtection: new(false)}),
	does(&cfn.DeleteStackInput{StackName: new("i")}, &cfn.DeleteStackInput{StackName: new("s")}, &cfn.DeleteStackInput{StackName: new("s")}),
	does(&cfn.DescribeStacksInput{StackName: new("<id>")}).shows("Stacks.0.StackStatus", "DELETE_COMPLETE"),
	does(&cfn.ListHookResultsInput{}).shows("HookResults.#", "0"),
	fails("HookResultNotFound", &cfn.ListHookResultsInput{TargetType: types.ListHookResultsTargetTypeStack, TargetId: new("<id>")},
		&cfn.GetHookResultInput{HookResultId: new("00000000-0000-4000-8000-000000000000")}),
}

var changeSetSteps = []step{
	fails("InsufficientCapabilitiesException", &cfn.CreateChangeSetInput{StackName: new("s"), ChangeSetName: new("c"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: plainUser}),
	does(&cfn.CreateChangeSetInput{StackName: new("s"), ChangeSetName: new("c"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: plainUser, Capabilities: namedIAM}).keeps("set", "Id"),
	fails("AlreadyExistsException", &cfn.CreateChangeSetInput{StackName: new("s"), ChangeSetName: new("c"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: plainUser, Capabilities: namedIAM}),
	does(&cfn.DescribeChangeSetInput{ChangeSetName: new("<set>")}).shows("Status", "CREATE_COMPLETE").shows("Changes.0.ResourceChange.Action", "Add"),
	does(&cfn.ListChangeSetsInput{StackName: new("s")}).shows("Summaries.0.ChangeSetId", "<set>"),
	does(&cfn.DescribeChangeSetHooksInput{ChangeSetName: new("<set>")}).shows("Hooks.#", "0").shows("Status", "PLANNED"),
	does(&cfn.GetTemplateInput{ChangeSetName: new("<set>")}).shows("TemplateBody", *plainUser),
	does(&cfn.ExecuteChangeSetInput{ChangeSetName: new("<set>")}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "CREATE_COMPLETE"),
	fails("ChangeSetNotFound", &cfn.ExecuteChangeSetInput{ChangeSetName: new("<set>")}, &cfn.DescribeChangeSetInput{ChangeSetName: new("<set>")},
		&cfn.DescribeChangeSetHooksInput{ChangeSetName: new("<set>")}, &cfn.GetTemplateInput{ChangeSetName: new("<set>")}).
		says("ChangeSet [<set>] does not exist"),
	does(&cfn.CreateChangeSetInput{StackName: new("s"), ChangeSetName: new("same"), TemplateBody: plainUser, Capabilities: namedIAM}),
	fails("InvalidChangeSetStatus", &cfn.ExecuteChangeSetInput{StackName: new("s"), ChangeSetName: new("same")}),
	does(&cfn.DeleteChangeSetInput{StackName: new("s"), ChangeSetName: new("same")}, &cfn.DeleteChangeSetInput{StackName: new("s"), ChangeSetName: new("same")}),
	does(&cfn.ListChangeSetsInput{StackName: new("s")}).shows("Summaries.#", "0"),
}

var takenBackSteps = []step{
	does(&cfn.CreateStackInput{StackName: new("s"), TemplateBody: userStack("", ""), Capabilities: namedIAM}),
	does(&cfn.CreateStackInput{StackName: new("t"), TemplateBody: userStack("", ""), Capabilities: namedIAM, DisableRollback: new(true)}),
	does(&cfn.DescribeStacksInput{StackName: new("t")}).shows("Stacks.0.StackStatus", "CREATE_FAILED"),
	does(&cfn.RollbackStackInput{StackName: new("t")}),
	does(&cfn.DescribeStacksInput{StackName: new("t")}).shows("Stacks.0.StackStatus", "ROLLBACK_COMPLETE"),
	does(&cfn.UpdateStackInput{StackName: new("s"), TemplateBody: waitingUser, Capabilities: namedIAM}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "UPDATE_IN_PROGRESS"),
	does(&iam.DeleteUserInput{UserName: new("ann")}),
	does(&cfn.CancelUpdateStackInput{StackName: new("s")}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "UPDATE_ROLLBACK_FAILED"),
	does(&cfn.ContinueUpdateRollbackInput{StackName: new("s"), ResourcesToSkip: []string{"Ann"}}),
	does(&cfn.DescribeStacksInput{StackName: new("s")}).shows("Stacks.0.StackStatus", "UPDATE_ROLLBACK_COMPLETE"),
	does(&cfn.CreateStackInput{StackName: new("w"), TemplateBody: waiting}),
	does(&cfn.SignalResourceInput{StackName: new("w"), LogicalResourceId: new("W"), UniqueId: new("1"), Status: types.ResourceSignalStatusSuccess}),
}

// What nobody exports is only missed when the stack is made.
var stackQuotaSteps = []step{
	does(&cfn.CreateStackInput{StackName: new("s"), TemplateBody: importing}),
	fails("LimitExceededException", &cfn.CreateStackInput{StackName: new("t"), TemplateBody: importing},
		&cfn.CreateChangeSetInput{StackName: new("t"), ChangeSetName: new("c"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: importing}),
}
