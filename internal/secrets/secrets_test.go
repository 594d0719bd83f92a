package secrets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// create makes a secret with a value and returns its ARN.

func create(w *optest.World, name, value string) string {
	out := optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", &shape.CreateSecretRequest{
		Name: name, SecretString: &value, ClientRequestToken: new(token(1)),
	})
	return *out.ARN
}

func read(w *optest.World, id string) *shape.GetSecretValueResponse {
	return optest.Must[shape.GetSecretValueResponse](w, w.Root(), "GetSecretValue", &shape.GetSecretValueRequest{SecretId: id})
}

func describe(w *optest.World, id string) *shape.DescribeSecretResponse {
	return optest.Must[shape.DescribeSecretResponse](w, w.Root(), "DescribeSecret", &shape.DescribeSecretRequest{SecretId: id})
}

// refused is World.Refused for a service in which everything is 400.

func refused(t *testing.T, w *optest.World, name string, in any, code, message string) {
	t.Helper()
	w.Refused(w.Root(), name, in, 400, code, message)
}

const (
	noSecret = "Secrets Manager can't find the specified secret."
	marked   = "You can't perform this operation on the secret because it was marked for deletion."
	replica  = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
)

// Every operation of the model is built.

func TestComplete(t *testing.T) {
	if got, want := len(secrets.Service().Operations), len(shape.Service.Operations); got != want || got != 23 {
		t.Errorf("%d operations are built of %d", got, want)
	}
}

func TestCreateSecret(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "prod/db", "hunter2")
	if prefix := "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-"; !strings.HasPrefix(arn, prefix) || len(arn) != len(prefix)+6 {
		t.Errorf("ARN %s", arn)
	}
	got := read(w, "prod/db")
	if *got.SecretString != "hunter2" || *got.VersionId != token(1) || !slices.Equal(got.VersionStages, []string{"AWSCURRENT"}) || *got.ARN != arn || *got.CreatedDate != w.Now {
		t.Errorf("GetSecretValue replied %+v", got)
	}
	// The same request again, and others for the same name.
	if again := create(w, "prod/db", "hunter2"); again != arn {
		t.Errorf("a retry made %s", again)
	}
	refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: "prod/db", SecretString: new("other"), ClientRequestToken: new(token(1))},
		"ResourceExistsException", "You can't use ClientRequestToken "+token(1)+" because that value is already in use for a version of secret "+arn+".")
	refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: "prod/db", SecretString: new("hunter2"), ClientRequestToken: new(token(2))},
		"ResourceExistsException", "The operation failed because the secret prod/db already exists.")

	empty := &shape.CreateSecretRequest{Name: "empty", ClientRequestToken: new(token(1)), Description: new("to be filled"), KmsKeyId: new("alias/mine")}
	made := optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", empty)
	if again := optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", empty); *again.ARN != *made.ARN || made.VersionId != nil {
		t.Errorf("a secret without a value: %+v, then %+v", made, again)
	}
	refused(t, w, "GetSecretValue", &shape.GetSecretValueRequest{SecretId: "empty"},
		"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
	if d := describe(w, "empty"); *d.Description != "to be filled" || *d.KmsKeyId != "alias/mine" || d.VersionIdsToStages != nil || d.RotationEnabled != nil {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	for _, name := range []string{"", "a b", "a:b", "arn:aws:x", "ü"} {
		refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: name, ClientRequestToken: new(token(1))},
			"ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
}

// What is wrong with requests, whatever secret they are about.

func TestRefusals(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "s", "v")
	const noToken = "You must provide a ClientRequestToken value. We recommend a UUID-type value."
	const both = "You can't specify both a binary secret value and a string secret value in the same secret."
	large := strings.Repeat("é", 40_000)
	const tooLarge = "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536"
	for _, tc := range []struct {
		name          string
		in            any
		code, message string
	}{
		{"CreateSecret", &shape.CreateSecretRequest{Name: "x"}, "InvalidRequestException", noToken},
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", SecretString: new("v")}, "InvalidRequestException", noToken},
		{"UpdateSecret", &shape.UpdateSecretRequest{SecretId: "s", SecretString: new("v")}, "InvalidRequestException", noToken},
		{"RotateSecret", &shape.RotateSecretRequest{SecretId: "s"}, "InvalidRequestException", noToken},
		{"CreateSecret", &shape.CreateSecretRequest{Name: "x", ClientRequestToken: new(token(2)), SecretString: new("v"), SecretBinary: []byte("v")}, "InvalidParameterException", both},
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", ClientRequestToken: new(token(2))}, "InvalidRequestException", "You must provide either SecretString or SecretBinary."},
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", ClientRequestToken: new(token(2)), SecretString: &large}, "ValidationException", tooLarge},
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", ClientRequestToken: new(token(1)), SecretString: new("other")},
			"ResourceExistsException", "You can't use ClientRequestToken " + token(1) + " because that value is already in use for a version of secret " + arn + "."},
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", ClientRequestToken: new(token(1)), SecretBinary: []byte("v")},
			"ResourceExistsException", "You can't use ClientRequestToken " + token(1) + " because that value is already in use for a version of secret " + arn + "."},
		{"GetSecretValue", &shape.GetSecretValueRequest{SecretId: "s", VersionId: new(token(9))},
			"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: " + token(9)},
		{"GetSecretValue", &shape.GetSecretValueRequest{SecretId: "s", VersionStage: new("x")},
			"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: x"},
		{"GetSecretValue", &shape.GetSecretValueRequest{SecretId: "s", VersionId: new(token(1)), VersionStage: new("AWSPREVIOUS")},
			"InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId."},
		{"GetSecretValue", &shape.GetSecretValueRequest{SecretId: "s s"}, "ValidationException",
			"Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"},
		{"UpdateSecretVersionStage", &shape.UpdateSecretVersionStageRequest{SecretId: "s", VersionStage: "AWSCURRENT", RemoveFromVersionId: new(token(1))},
			"InvalidParameterException", "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed."},
		{"DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(7)), ForceDeleteWithoutRecovery: new(true)},
			"InvalidParameterException", "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."},
		{"DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(6))},
			"InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."},
		{"DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(31))},
			"InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."},
		{"ListSecrets", &shape.ListSecretsRequest{NextToken: new("!")}, "InvalidNextTokenException", "The NextToken value is invalid."},
		{"ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", NextToken: new("!")}, "InvalidNextTokenException", "The NextToken value is invalid."},
		{"BatchGetSecretValue", &shape.BatchGetSecretValueRequest{}, "InvalidParameterException", "Either 'SecretIdList' or 'Filters' must be provided, but not both."},
		{"RotateSecret", &shape.RotateSecretRequest{SecretId: "s", ClientRequestToken: new(token(2))},
			"InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."},
		{"StopReplicationToReplica", &shape.StopReplicationToReplicaRequest{SecretId: "s"}, "InvalidRequestException", "The secret is not a replica."},
		{"TagResource", &shape.TagResourceRequest{SecretId: "s", Tags: []shape.Tag{{Key: new("aws:x")}}}, "InvalidParameterException", "Tag keys that begin with aws: are reserved for system use."},
		{"TagResource", &shape.TagResourceRequest{SecretId: "s", Tags: []shape.Tag{{Key: new("x")}, {Key: new("x")}}}, "InvalidParameterException", "Duplicate tag keys found: x"},
	} {
		refused(t, w, tc.name, tc.in, tc.code, tc.message)
	}
}

// everyRequest has a good request about a secret for each operation that is about one.

func everyRequest(id string) map[string]any {
	return map[string]any{
		"CancelRotateSecret":           &shape.CancelRotateSecretRequest{SecretId: id},
		"DeleteResourcePolicy":         &shape.DeleteResourcePolicyRequest{SecretId: id},
		"DeleteSecret":                 &shape.DeleteSecretRequest{SecretId: id},
		"DescribeSecret":               &shape.DescribeSecretRequest{SecretId: id},
		"GetResourcePolicy":            &shape.GetResourcePolicyRequest{SecretId: id},
		"GetSecretValue":               &shape.GetSecretValueRequest{SecretId: id},
		"ListSecretVersionIds":         &shape.ListSecretVersionIdsRequest{SecretId: id},
		"PutResourcePolicy":            &shape.PutResourcePolicyRequest{SecretId: id, ResourcePolicy: open},
		"PutSecretValue":               &shape.PutSecretValueRequest{SecretId: id, SecretString: new("v"), ClientRequestToken: new(token(7))},
		"RemoveRegionsFromReplication": &shape.RemoveRegionsFromReplicationRequest{SecretId: id, RemoveReplicaRegions: []string{"us-west-1"}},
		"ReplicateSecretToRegions":     &shape.ReplicateSecretToRegionsRequest{SecretId: id, AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("us-west-1")}}},
		"RestoreSecret":                &shape.RestoreSecretRequest{SecretId: id},
		"RotateSecret":                 &shape.RotateSecretRequest{SecretId: id, ClientRequestToken: new(token(8)), RotationLambdaARN: new("arn:x"), RotateImmediately: new(false)},
		"StopReplicationToReplica":     &shape.StopReplicationToReplicaRequest{SecretId: id},
		"TagResource":                  &shape.TagResourceRequest{SecretId: id, Tags: []shape.Tag{{Key: new("k"), Value: new("v")}}},
		"UntagResource":                &shape.UntagResourceRequest{SecretId: id, TagKeys: []string{"k"}},
		"UpdateSecret":                 &shape.UpdateSecretRequest{SecretId: id, ClientRequestToken: new(token(9)), Description: new("d")},
		"UpdateSecretVersionStage":     &shape.UpdateSecretVersionStageRequest{SecretId: id, VersionStage: "x", MoveToVersionId: new(token(1))},
		"ValidateResourcePolicy":       &shape.ValidateResourcePolicyRequest{SecretId: &id, ResourcePolicy: open},
	}
}

const open = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`

// A secret that does not exist, one that is marked for deletion, and a replica.

func TestEveryOperation(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "marked", "v")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "marked"})
	create(w, "primary", "v")
	optest.Must[shape.ReplicateSecretToRegionsResponse](w, w.Root(), "ReplicateSecretToRegions", &shape.ReplicateSecretToRegionsRequest{
		SecretId: "primary", AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("eu-west-1")}},
	})
	for name, in := range everyRequest("none") {
		refused(t, w, name, in, "ResourceNotFoundException", noSecret)
	}
	for name, in := range everyRequest("marked") {
		if !slices.Contains([]string{"DescribeSecret", "ListSecretVersionIds", "RestoreSecret", "StopReplicationToReplica"}, name) {
			refused(t, w, name, in, "InvalidRequestException", marked)
		}
	}
	w.Region = "eu-west-1"
	for name, in := range everyRequest("primary") {
		switch name {
		case "DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds", "ValidateResourcePolicy", "StopReplicationToReplica":
		default:
			refused(t, w, name, in, "InvalidParameterException", replica)
		}
	}
	w.Region = "us-east-1"
	refused(t, w, "DeleteSecret", everyRequest("primary")["DeleteSecret"], "InvalidParameterException",
		"You can't delete secret "+*describe(w, "primary").ARN+" that still has replica regions [eu-west-1].")
}

func TestNames(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "app", "1")
	trap := create(w, "app-abcdef", "2")
	partial := strings.TrimSuffix(arn, arn[len(arn)-7:])
	for id, want := range map[string]string{"app": "1", arn: "1", partial: "1", "app-abcdef": "2", trap: "2"} {
		if got := *read(w, id).SecretString; got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	// Its partial ARN looks like the whole ARN of another secret, and there is none.
	for _, id := range []string{
		strings.TrimSuffix(trap, trap[len(trap)-7:]), "App", arn[:len(arn)-3],
		strings.Replace(arn, "us-east-1", "eu-west-1", 1), strings.Replace(arn, "123456789012", "999999999999", 1),
	} {
		refused(t, w, "GetSecretValue", &shape.GetSecretValueRequest{SecretId: id}, "ResourceNotFoundException", noSecret)
	}
	for _, id := range []string{"arn:aws:s3:::app", "arn:aws:secretsmanager:us-east-1:123456789012:app", arn + "#key", "arn:aws"} {
		refused(t, w, "GetSecretValue", &shape.GetSecretValueRequest{SecretId: id}, "ValidationException",
			"Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	// The longest name there is.
	long := strings.Repeat("x", 512)
	if got := *read(w, create(w, long, "3")).Name; got != long {
		t.Errorf("name %s", got)
	}
}

// The sweeper deletes secrets whose time has come and no others, with any number of values.

// The oldest version without a label goes when there are too many.

// Each operation on a secret asks for itself, on that.

// Run sweeps at once and then each minute, and ends with its context.
