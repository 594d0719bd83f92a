package test

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

func secretStories() []story {
	return []story{
		{name: "secrets", steps: secretSteps},
		{name: "versions of secrets", steps: secretVersionSteps},
		{name: "deletion of secrets", steps: secretDeletionSteps},
		{name: "replicas of secrets", steps: secretReplicaSteps},
		{name: "policies and rotation of secrets", steps: secretPolicySteps},
		{name: "lists of secrets", steps: secretListSteps},
	}
}

const (
	noSuchSecret  = "Secrets Manager can't find the specified secret."
	markedSecret  = "You can't perform this operation on the secret because it was marked for deletion."
	replicaSecret = "Operation not permitted on a replica secret. Call must be made in primary secret's region."

	// The tokens of requests are the IDs of versions.
	firstVersion  = "11111111-1111-1111-1111-111111111111"
	secondVersion = "22222222-2222-2222-2222-222222222222"
	thirdVersion  = "33333333-3333-3333-3333-333333333333"

	// Values are long enough to be looked for in what the server writes.
	valueOne    = "one of many values"
	valueTwo    = "another of the values"
	valueThree  = "the third of the values"
	valueFour   = "the last of the values"
	valueBinary = "\x00\xffno text at all\xfe"

	lambdaARN = "arn:aws:lambda:us-east-1:<account>:function:f"
)

// secretTag is one tag of a secret.
func secretTag(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }

// secretChanges are calls that change a secret, and so no replica and none that is marked
// for deletion.
func secretChanges(id string) []any {
	document := allowingPrincipal("arn:aws:iam::<account>:root")
	return []any{
		&secretsmanager.CancelRotateSecretInput{SecretId: &id},
		&secretsmanager.DeleteResourcePolicyInput{SecretId: &id},
		&secretsmanager.DeleteSecretInput{SecretId: &id},
		&secretsmanager.PutResourcePolicyInput{SecretId: &id, ResourcePolicy: document},
		&secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: new("x")},
		&secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &id, RemoveReplicaRegions: []string{"eu-west-1"}},
		&secretsmanager.ReplicateSecretToRegionsInput{SecretId: &id, AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-1")}}},
		&secretsmanager.RotateSecretInput{SecretId: &id, RotationLambdaARN: new(lambdaARN), RotateImmediately: new(false)},
		&secretsmanager.TagResourceInput{SecretId: &id, Tags: secretTag("a", "b")},
		&secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"a"}},
		&secretsmanager.UpdateSecretInput{SecretId: &id, Description: new("x")},
		&secretsmanager.UpdateSecretVersionStageInput{SecretId: &id, VersionStage: new("x"), MoveToVersionId: new(firstVersion)},
	}
}

// liveSecretCalls are calls about a secret that is not marked for deletion.
func liveSecretCalls(id string) []any {
	return append(secretChanges(id),
		&secretsmanager.GetResourcePolicyInput{SecretId: &id},
		&secretsmanager.GetSecretValueInput{SecretId: &id},
		&secretsmanager.StopReplicationToReplicaInput{SecretId: &id},
		&secretsmanager.ValidateResourcePolicyInput{SecretId: &id, ResourcePolicy: allowingPrincipal("arn:aws:iam::<account>:root")},
	)
}

// secretCalls are calls about a secret: of each operation, one.
func secretCalls(id string) []any {
	return append(liveSecretCalls(id),
		&secretsmanager.DescribeSecretInput{SecretId: &id},
		&secretsmanager.ListSecretVersionIdsInput{SecretId: &id},
		&secretsmanager.RestoreSecretInput{SecretId: &id},
	)
}

var secretSteps = []step{
	fails("ResourceNotFoundException", secretCalls("none")...).says(noSuchSecret),
	fails("InvalidParameterException",
		&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new("a"), SecretBinary: []byte("a")},
		&secretsmanager.UpdateSecretInput{SecretId: new("none"), SecretString: new("a"), SecretBinary: []byte("a")},
		&secretsmanager.PutSecretValueInput{SecretId: new("none"), SecretString: new("a"), SecretBinary: []byte("a")}).
		says("You can't specify both a binary secret value and a string secret value in the same secret."),
	fails("ValidationException", &secretsmanager.CreateSecretInput{Name: new("a name")}).
		says("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"),
	does(&secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion), Description: new("the database"), Tags: secretTag("team", "red")}).
		shows("Name", "app/db").shows("VersionId", firstVersion).keeps("arn", "ARN"),
	does(&secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion)}).shows("ARN", "<arn>"), // the same again
	fails("ResourceExistsException", &secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new(valueTwo)}).
		says("The operation failed because the secret app/db already exists."),
	fails("ResourceExistsException",
		&secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new(valueTwo), ClientRequestToken: new(firstVersion)},
		&secretsmanager.UpdateSecretInput{SecretId: new("app/db"), SecretString: new(valueTwo), ClientRequestToken: new(firstVersion)},
		&secretsmanager.PutSecretValueInput{SecretId: new("<arn>"), SecretString: new(valueTwo), ClientRequestToken: new(firstVersion)}).
		says("You can't use ClientRequestToken " + firstVersion + " because that value is already in use for a version of secret <arn>."),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("<arn>")}, &secretsmanager.GetSecretValueInput{SecretId: new("app/db"), VersionId: new(firstVersion)}).
		shows("SecretString", valueOne).shows("VersionStages.0", "AWSCURRENT").shows("CreatedDate", "*").shows("Name", "app/db"),
	does(&secretsmanager.UpdateSecretInput{SecretId: new("app/db"), SecretBinary: []byte(valueBinary), ClientRequestToken: new(secondVersion)}).shows("VersionId", secondVersion),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("app/db")}).shows("SecretBinary", valueBinary).shows("SecretString", "absent"),
	does(&secretsmanager.CreateSecretInput{Name: new("app/key"), SecretBinary: []byte(valueBinary)}),
	does(&secretsmanager.PutSecretValueInput{SecretId: new("app/key"), SecretBinary: []byte(valueTwo)}),
	does(&secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"app/key"}}).shows("SecretValues.0.SecretBinary", valueTwo),
	does(&secretsmanager.UpdateSecretInput{SecretId: new("app/db"), Description: new("ours"), KmsKeyId: new("alias/mine")}).shows("VersionId", "absent"),

	fails("InvalidParameterException", &secretsmanager.TagResourceInput{SecretId: new("app/db"), Tags: secretTag("aws:x", "y")}).
		says("Tag keys that begin with aws: are reserved for system use."),
	does(&secretsmanager.TagResourceInput{SecretId: new("app/db"), Tags: secretTag("cost", "1")}),
	does(&secretsmanager.UntagResourceInput{SecretId: new("app/db"), TagKeys: []string{"team"}}),
	does(&secretsmanager.DescribeSecretInput{SecretId: new("app/db")}).shows("Tags.#", "1").shows("Tags.0.Key", "cost").shows("Description", "ours").
		shows("KmsKeyId", "alias/mine").shows("VersionIdsToStages.#", "2").shows("VersionIdsToStages."+firstVersion+".0", "AWSPREVIOUS").
		shows("CreatedDate", "*").shows("LastChangedDate", "*").shows("DeletedDate", "absent"),

	does(&secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(4)), ExcludePunctuation: new(true), ExcludeLowercase: new(true), ExcludeUppercase: new(true), ExcludeCharacters: new("023456789")}).
		shows("RandomPassword", "1111"),
	does(&secretsmanager.GetRandomPasswordInput{}).shows("RandomPassword", "*"),
	fails("InvalidParameterException", &secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(3))}).
		says("Password length is too short based on the required types."),
}

var secretVersionSteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion)}),
	does(&secretsmanager.PutSecretValueInput{SecretId: new("s"), SecretString: new(valueTwo), ClientRequestToken: new(secondVersion), RotationToken: new("44444444-4444-4444-4444-444444444444")}).shows("VersionStages.0", "AWSCURRENT"),
	does(&secretsmanager.PutSecretValueInput{SecretId: new("s"), SecretString: new(valueThree), ClientRequestToken: new(thirdVersion), VersionStages: []string{"beta"}}).shows("VersionStages.0", "beta"),
	fails("InvalidRequestException", &secretsmanager.PutSecretValueInput{SecretId: new("s")}).says("You must provide either SecretString or SecretBinary."),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s"), VersionStage: new("beta")}).shows("SecretString", valueThree),
	fails("ResourceNotFoundException", &secretsmanager.GetSecretValueInput{SecretId: new("s"), VersionStage: new("gamma")}).
		says("Secrets Manager can't find the specified secret value for staging label: gamma"),
	fails("ResourceNotFoundException", &secretsmanager.GetSecretValueInput{SecretId: new("s"), VersionId: new("00000000-0000-0000-0000-000000000000")},
		&secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("beta"), MoveToVersionId: new("00000000-0000-0000-0000-000000000000")}).
		says("Secrets Manager can't find the specified secret value for VersionId: 00000000-0000-0000-0000-000000000000"),
	fails("InvalidRequestException", &secretsmanager.GetSecretValueInput{SecretId: new("s"), VersionId: new(firstVersion), VersionStage: new("beta")}).
		says("You provided a VersionStage that is not associated to the provided VersionId."),
	fails("InvalidParameterException", &secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("AWSCURRENT"), MoveToVersionId: new(thirdVersion)}).
		says("The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version " + secondVersion +
			", so you must explicitly reference that version in RemoveFromVersionId."),
	fails("InvalidParameterException", &secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("AWSCURRENT"), RemoveFromVersionId: new(secondVersion)}).
		says("You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed."),
	does(&secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("AWSCURRENT"), RemoveFromVersionId: new(secondVersion), MoveToVersionId: new(thirdVersion)}),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s")}).shows("SecretString", valueThree).shows("VersionStages.#", "2"),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s"), VersionStage: new("AWSPREVIOUS")}).shows("SecretString", valueTwo),
	does(&secretsmanager.ListSecretVersionIdsInput{SecretId: new("s")}).shows("Versions.#", "2").shows("Versions.0.VersionId", thirdVersion).shows("NextToken", "absent"),
	does(&secretsmanager.ListSecretVersionIdsInput{SecretId: new("s"), IncludeDeprecated: new(true), MaxResults: new(int32(1))}).shows("Versions.#", "1").keeps("next", "NextToken"),
	does(&secretsmanager.ListSecretVersionIdsInput{SecretId: new("s"), IncludeDeprecated: new(true), NextToken: new("<next>")}).shows("Versions.#", "2").
		shows("Versions.1.VersionId", firstVersion).shows("Versions.1.VersionStages", "[]").shows("Versions.1.KmsKeyIds.0", "DefaultEncryptionKey"),
	fails("InvalidNextTokenException", &secretsmanager.ListSecretVersionIdsInput{SecretId: new("s"), NextToken: new("?")}).says("The NextToken value is invalid."),
}

var secretDeletionSteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueOne)}).keeps("arn", "ARN"),
	fails("InvalidParameterException", &secretsmanager.DeleteSecretInput{SecretId: new("s"), RecoveryWindowInDays: new(int64(6))}).
		says("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."),
	fails("InvalidParameterException", &secretsmanager.DeleteSecretInput{SecretId: new("s"), RecoveryWindowInDays: new(int64(7)), ForceDeleteWithoutRecovery: new(true)}).
		says("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."),
	does(&secretsmanager.DeleteSecretInput{SecretId: new("s")}).shows("ARN", "<arn>").shows("DeletionDate", "*"),
	fails("InvalidRequestException", liveSecretCalls("s")...).says(markedSecret),
	fails("InvalidRequestException", &secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueTwo)}).
		says("You can't create this secret because a secret with this name is already scheduled for deletion."),
	does(&secretsmanager.DescribeSecretInput{SecretId: new("s")}).shows("DeletedDate", "*"),
	does(&secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"s"}}).shows("Errors.0.ErrorCode", "InvalidRequestException").shows("Errors.0.Message", markedSecret),
	does(&secretsmanager.ListSecretsInput{}).shows("SecretList.#", "0"),
	does(&secretsmanager.ListSecretsInput{IncludePlannedDeletion: new(true)}).shows("SecretList.#", "1").shows("SecretList.0.DeletedDate", "*"),
	does(&secretsmanager.RestoreSecretInput{SecretId: new("s")}, &secretsmanager.RestoreSecretInput{SecretId: new("s")}).shows("Name", "s").shows("ARN", "<arn>"),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s")}).shows("SecretString", valueOne),
	does(&secretsmanager.DeleteSecretInput{SecretId: new("s"), ForceDeleteWithoutRecovery: new(true)}, &secretsmanager.DeleteSecretInput{SecretId: new("s"), ForceDeleteWithoutRecovery: new(true)}).
		shows("Name", "s"),
	fails("ResourceNotFoundException", &secretsmanager.GetSecretValueInput{SecretId: new("s")}).says(noSuchSecret),
	does(&secretsmanager.CreateSecretInput{Name: new("s")}).shows("VersionId", "absent"),
}

var secretReplicaSteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion), AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-1")}}}).
		shows("ReplicationStatus.0.Status", "InSync").keeps("arn", "ARN"),
	fails("InvalidParameterException", &secretsmanager.CreateSecretInput{Name: new("t"), AddReplicaRegions: []types.ReplicaRegionType{{Region: new("us-east-1")}}},
		&secretsmanager.ReplicateSecretToRegionsInput{SecretId: new("s"), AddReplicaRegions: []types.ReplicaRegionType{{Region: new("us-east-1")}}}).
		says("Invalid replica region."),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s")}).at("eu-west-1").shows("SecretString", valueOne).keeps("replica", "ARN"),
	does(&secretsmanager.DescribeSecretInput{SecretId: new("s")}).at("eu-west-1").shows("PrimaryRegion", "us-east-1"),
	fails("InvalidParameterException", append(secretChanges("s"), &secretsmanager.RestoreSecretInput{SecretId: new("s")})...).at("eu-west-1").says(replicaSecret),
	fails("InvalidRequestException", &secretsmanager.StopReplicationToReplicaInput{SecretId: new("s")}).says("The secret is not a replica."),
	fails("ResourceNotFoundException", &secretsmanager.GetSecretValueInput{SecretId: new("<replica>")}).says(noSuchSecret), // an ARN of another region
	does(&secretsmanager.ReplicateSecretToRegionsInput{SecretId: new("s"), AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-2"), KmsKeyId: new("alias/there")}}}).
		shows("ReplicationStatus.#", "2").shows("ReplicationStatus.1.KmsKeyId", "alias/there"),
	fails("InvalidParameterException", &secretsmanager.DeleteSecretInput{SecretId: new("s")}).
		says("You can't delete secret <arn> that still has replica regions [eu-west-1, eu-west-2]."),
	does(&secretsmanager.RemoveRegionsFromReplicationInput{SecretId: new("s"), RemoveReplicaRegions: []string{"eu-west-2"}}).shows("ReplicationStatus.#", "1"),
	fails("ResourceNotFoundException", &secretsmanager.GetSecretValueInput{SecretId: new("s")}).at("eu-west-2").says(noSuchSecret),
	does(&secretsmanager.StopReplicationToReplicaInput{SecretId: new("s")}).at("eu-west-1").shows("ARN", "<replica>"),
	does(&secretsmanager.PutSecretValueInput{SecretId: new("s"), SecretString: new(valueTwo)}).at("eu-west-1"),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s")}).shows("SecretString", valueOne),
}

var secretPolicySteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueOne)}),
	does(&secretsmanager.GetResourcePolicyInput{SecretId: new("s")}).shows("ResourcePolicy", "absent"),
	does(&secretsmanager.PutResourcePolicyInput{SecretId: new("s"), ResourcePolicy: allowingPrincipal("arn:aws:iam::<account>:root"), BlockPublicPolicy: new(true)}),
	does(&secretsmanager.GetResourcePolicyInput{SecretId: new("s")}).shows("ResourcePolicy", *allowingPrincipal("arn:aws:iam::<account>:root")),
	fails("MalformedPolicyDocumentException", &secretsmanager.PutResourcePolicyInput{SecretId: new("s"), ResourcePolicy: new("{")},
		&secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: new("{")}).says("This resource policy contains a syntax error."),
	fails("PublicPolicyException", &secretsmanager.PutResourcePolicyInput{SecretId: new("s"), ResourcePolicy: allowingPrincipal("*"), BlockPublicPolicy: new(true)}).
		says("You can't attach a resource-based policy that allows broad access to the secret."),
	fails("InvalidParameterException", &secretsmanager.PutResourcePolicyInput{SecretId: new("s"), ResourcePolicy: new(
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"secretsmanager:PutResourcePolicy","Resource":"*"}}`)}).
		says("Your requested changes will not allow you to manage this secret in the future."),
	does(&secretsmanager.ValidateResourcePolicyInput{SecretId: new("s"), ResourcePolicy: allowingPrincipal("*")}).shows("PolicyValidationPassed", "false").
		shows("ValidationErrors.0.CheckName", "BlockPublicPolicy"),
	does(&secretsmanager.DeleteResourcePolicyInput{SecretId: new("s")}, &secretsmanager.DeleteResourcePolicyInput{SecretId: new("s")}).shows("Name", "s"),

	fails("InvalidRequestException", &secretsmanager.RotateSecretInput{SecretId: new("s")}).says("No Lambda rotation function ARN is associated with this secret."),
	fails("InvalidParameterException", &secretsmanager.RotateSecretInput{SecretId: new("s"), RotationLambdaARN: new(lambdaARN), RotationRules: &types.RotationRulesType{
		AutomaticallyAfterDays: new(int64(3)), ScheduleExpression: new("rate(3 days)")}}).says("You cannot specify both rotation frequency and schedule expression together."),
	fails("NotImplementedException", &secretsmanager.RotateSecretInput{SecretId: new("s"), RotationLambdaARN: new(lambdaARN)}),
	does(&secretsmanager.RotateSecretInput{SecretId: new("s"), RotationLambdaARN: new(lambdaARN), RotateImmediately: new(false),
		RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: new(int64(30))}}),
	does(&secretsmanager.DescribeSecretInput{SecretId: new("s")}).shows("RotationEnabled", "true").shows("RotationLambdaARN", lambdaARN).shows("RotationRules.AutomaticallyAfterDays", "30"),
	does(&secretsmanager.CancelRotateSecretInput{SecretId: new("s")}).shows("Name", "s"),
	does(&secretsmanager.DescribeSecretInput{SecretId: new("s")}).shows("RotationEnabled", "false"),
}

var secretListSteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("b"), SecretString: new(valueOne), Tags: secretTag("team", "red")},
		&secretsmanager.CreateSecretInput{Name: new("a"), SecretString: new(valueTwo)}, &secretsmanager.CreateSecretInput{Name: new("c"), SecretString: new(valueThree)}),
	does(&secretsmanager.ListSecretsInput{MaxResults: new(int32(2))}).shows("SecretList.#", "2").shows("SecretList.0.Name", "b").keeps("next", "NextToken"),
	does(&secretsmanager.ListSecretsInput{NextToken: new("<next>")}).shows("SecretList.#", "1").shows("SecretList.0.Name", "c").shows("NextToken", "absent"),
	does(&secretsmanager.ListSecretsInput{SortBy: types.SortByTypeName, SortOrder: types.SortOrderTypeDesc}).shows("SecretList.0.Name", "c").shows("SecretList.2.Name", "a"),
	does(&secretsmanager.PutSecretValueInput{SecretId: new("b"), SecretString: new(valueFour)}),
	does(&secretsmanager.ListSecretsInput{SortBy: types.SortByTypeLastChangedDate}).shows("SecretList.#", "3").shows("SecretList.2.Name", "b"),
	does(&secretsmanager.ListSecretsInput{Filters: []types.Filter{{Key: types.FilterNameStringTypeTagValue, Values: []string{"red"}}}}).shows("SecretList.#", "1").shows("SecretList.0.Name", "b"),
	fails("InvalidParameterException", &secretsmanager.ListSecretsInput{Filters: []types.Filter{{}}}).says("A filter must have a Key and Values."),
	fails("InvalidNextTokenException", &secretsmanager.ListSecretsInput{NextToken: new("?")},
		&secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{"a"}}}, NextToken: new("?")}).
		says("The NextToken value is invalid."),
	does(&secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a", "none"}}).shows("SecretValues.#", "1").shows("SecretValues.0.SecretString", valueTwo).
		shows("Errors.#", "1").shows("Errors.0.SecretId", "none").shows("Errors.0.ErrorCode", "ResourceNotFoundException").shows("Errors.0.Message", noSuchSecret),
	does(&secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{"!a"}}}}).shows("SecretValues.#", "2").
		shows("SecretValues.0.SecretString", valueFour),
	fails("InvalidParameterException", &secretsmanager.BatchGetSecretValueInput{}).says("Either 'SecretIdList' or 'Filters' must be provided, but not both."),
}

// secretQuotaSteps want SecretsPerRegion=2 and StagingLabelsPerSecret=3.
var secretQuotaSteps = []step{
	does(&secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion)},
		&secretsmanager.CreateSecretInput{Name: new("t")}),
	fails("LimitExceededException", &secretsmanager.CreateSecretInput{Name: new("u")}).says("Cannot exceed quota for SecretsPerRegion: 2"),
	does(&secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("a"), MoveToVersionId: new(firstVersion)},
		&secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("b"), MoveToVersionId: new(firstVersion)}),
	fails("LimitExceededException", &secretsmanager.UpdateSecretVersionStageInput{SecretId: new("s"), VersionStage: new("c"), MoveToVersionId: new(firstVersion)},
		&secretsmanager.PutSecretValueInput{SecretId: new("s"), SecretString: new(valueTwo), VersionStages: []string{"c"}},
		&secretsmanager.UpdateSecretInput{SecretId: new("s"), SecretString: new(valueTwo)}).says("Cannot exceed quota for StagingLabelsPerSecret: 3"),
	does(&secretsmanager.GetSecretValueInput{SecretId: new("s")}).shows("SecretString", valueOne),
}
