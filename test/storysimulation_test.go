package test

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func simulationStories() []story {
	return []story{
		{name: "the simulator", steps: simulatorSteps},
		{name: "what was accessed", steps: accessedSteps},
	}
}

const (
	annARN  = "arn:aws:iam::<account>:user/ann"
	noUser  = "arn:aws:iam::<account>:user/none"
	noKind  = "arn:aws:iam::<account>:mfa/none" // of nobody whom policies could bear on
	onlyTLS = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`
)

var simulatorSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: new(onlyTLS)}),
	does(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(annARN), ActionNames: []string{"s3:GetObject", "ec2:RunInstances"},
		ContextEntries: []types.ContextEntry{{ContextKeyName: new("aws:SecureTransport"), ContextKeyType: types.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"true"}}}}).
		shows("EvaluationResults.#", "2").shows("EvaluationResults.0.EvalActionName", "s3:GetObject").shows("EvaluationResults.0.EvalDecision", "allowed").
		shows("EvaluationResults.0.MatchedStatements.0.SourcePolicyId", "user_ann_own").shows("EvaluationResults.1.EvalDecision", "implicitDeny").
		shows("IsTruncated", "false"),
	does(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(annARN), ActionNames: []string{"s3:GetObject"}}).
		shows("EvaluationResults.0.EvalDecision", "implicitDeny").shows("EvaluationResults.0.MissingContextValues.0", "aws:SecureTransport"),
	does(&iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll, denyAll}, ActionNames: []string{"s3:GetObject"}}).
		shows("EvaluationResults.0.EvalDecision", "explicitDeny").shows("EvaluationResults.0.EvalResourceName", "*"),
	fails("InvalidInput", &iam.SimulateCustomPolicyInput{PolicyInputList: []string{malformed}, ActionNames: []string{"s3:GetObject"}},
		&iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(noKind), ActionNames: []string{"s3:GetObject"}}),
	fails("NoSuchEntity", &iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(noUser), ActionNames: []string{"s3:GetObject"}},
		&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: new(noUser)}).says("The user with name none cannot be found."),

	does(&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: new(annARN)}).shows("ContextKeyNames.#", "1").
		shows("ContextKeyNames.0", "aws:SecureTransport"),
	does(&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{onlyTLS, allowAll}}).shows("ContextKeyNames.#", "1"),
	fails("InvalidInput", &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{malformed}},
		&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: new(noKind)}),
}

var accessedSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new("arn:aws:iam::aws:policy/IAMFullAccess")}),
	does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("ann", "AccessKey"),
	does(&iam.ListUsersInput{}).by("ann"),
	does(&iam.GenerateServiceLastAccessedDetailsInput{Arn: new(annARN)}).keeps("job", "JobId"),
	does(&iam.GetServiceLastAccessedDetailsInput{JobId: new("<job>")}).shows("JobStatus", "COMPLETED").shows("JobType", "SERVICE_LEVEL").
		shows("JobCreationDate", "*").shows("JobCompletionDate", "*").shows("ServicesLastAccessed.0.ServiceNamespace", "iam"),
	does(&iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: new("<job>"), ServiceNamespace: new("iam")}).shows("JobStatus", "COMPLETED").
		shows("EntityDetailsList.#", "1").shows("EntityDetailsList.0.EntityInfo.Name", "ann"),
	fails("NoSuchEntity", &iam.GetServiceLastAccessedDetailsInput{JobId: new(noDelegation)},
		&iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: new(noDelegation), ServiceNamespace: new("iam")}).
		says("The job with id " + noDelegation + " cannot be found."),
	fails("NoSuchEntity", &iam.GenerateServiceLastAccessedDetailsInput{Arn: new(noUser)},
		&iam.ListPoliciesGrantingServiceAccessInput{Arn: new(noUser), ServiceNamespaces: []string{"iam"}}).says("The user with name none cannot be found."),
	fails("InvalidInput", &iam.GenerateServiceLastAccessedDetailsInput{Arn: new(noKind)},
		&iam.ListPoliciesGrantingServiceAccessInput{Arn: new(noKind), ServiceNamespaces: []string{"iam"}}).
		says("Invalid Entity Arn: " + noKind + " does not clearly define entity type and name."),
	does(&iam.ListPoliciesGrantingServiceAccessInput{Arn: new(annARN), ServiceNamespaces: []string{"iam", "s3"}}).
		shows("PoliciesGrantingServiceAccess.#", "2").shows("PoliciesGrantingServiceAccess.0.Policies.0.PolicyName", "IAMFullAccess").
		shows("PoliciesGrantingServiceAccess.1.Policies.#", "0").shows("IsTruncated", "false"),
}
