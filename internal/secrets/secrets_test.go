package secrets_test

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
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
		{"PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", ClientRequestToken: new(token(2)), SecretString: &large}, "ValidationError", tooLarge},
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

func TestDeletion(t *testing.T) {
	w := optest.New(t, secrets.Service())
	first := create(w, "s", "v")
	out := optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s"})
	if *out.ARN != first || *out.Name != "s" || *out.DeletionDate != w.Now.AddDate(0, 0, 30) {
		t.Errorf("DeleteSecret replied %+v", out)
	}
	if d := describe(w, "s"); *d.DeletedDate != w.Now {
		t.Errorf("deleted on %v", d.DeletedDate)
	}
	refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: "s", ClientRequestToken: new(token(5))}, "InvalidRequestException",
		"You can't create this secret because a secret with this name is already scheduled for deletion.")
	w.Now = w.Now.AddDate(0, 0, 29)
	optest.Must[shape.RestoreSecretResponse](w, w.Root(), "RestoreSecret", &shape.RestoreSecretRequest{SecretId: "s"})
	if d := describe(w, "s"); d.DeletedDate != nil || *read(w, "s").SecretString != "v" {
		t.Errorf("restored, deleted on %v", d.DeletedDate)
	}
	// Past its date it is absent, whether somebody has swept or not, and its name is free.
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(7))})
	w.Now = w.Now.AddDate(0, 0, 7)
	for name, in := range everyRequest("s") {
		refused(t, w, name, in, "ResourceNotFoundException", noSecret)
	}
	if got := list(w, &shape.ListSecretsRequest{IncludePlannedDeletion: new(true)}); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
	second := create(w, "s", "w")
	if second == first || *read(w, "s").SecretString != "w" {
		t.Errorf("made again: %s", second)
	}
	// By force, even if it is marked, and twice.
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s"})
	force := &shape.DeleteSecretRequest{SecretId: "s", ForceDeleteWithoutRecovery: new(true)}
	for range 2 {
		if out := optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", force); *out.Name != "s" || !out.DeletionDate.Equal(w.Now) {
			t.Errorf("DeleteSecret by force replied %+v", out)
		}
	}
	create(w, "s", "x")
}

// The sweeper deletes secrets whose time has come and no others, with any number of values.
func TestSweep(t *testing.T) {
	w := optest.New(t, secrets.Service())
	const due, values = 25, 100
	for i := range due {
		create(w, fmt.Sprint("s", i), "v")
	}
	create(w, "kept", "v")
	for i := range values {
		optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{
			SecretId: "s0", SecretString: new("v"), ClientRequestToken: new(token(10 + i)),
		})
	}
	for i := range due {
		optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: fmt.Sprint("s", i), RecoveryWindowInDays: new(int64(7))})
	}
	sweeper := secrets.Sweeper{Store: w.Store, Now: func() time.Time { return w.Now }, Log: slog.New(slog.DiscardHandler)}
	sweep := func() {
		t.Helper()
		if err := sweeper.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Now = w.Now.AddDate(0, 0, 7).Add(-time.Millisecond)
	sweep()
	if got := keysWith(t, w, "secret/"); len(got) != due+1 {
		t.Errorf("%d secrets too early", len(got))
	}
	w.Now = w.Now.Add(time.Millisecond)
	sweep()
	for _, space := range []string{"secret/", "secretvalue/", "secretmade/", "secretcount/"} {
		if got := keysWith(t, w, space); len(got) != 1 {
			t.Errorf("left: %q", got)
		}
	}
	for _, space := range []string{"secretdue/", "secretgone/"} {
		if got := keysWith(t, w, space); len(got) != 0 {
			t.Errorf("left: %q", got)
		}
	}
}

func keysWith(t *testing.T, w *optest.World, prefix string) (keys []string) {
	t.Helper()
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan(prefix, store.PrefixEnd(prefix)) {
			if err != nil {
				return err
			}
			keys = append(keys, pair.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// The oldest version without a label goes when there are too many.
func TestVersionsKept(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	optest.Must[shape.UpdateSecretVersionStageResponse](w, w.Root(), "UpdateSecretVersionStage",
		&shape.UpdateSecretVersionStageRequest{SecretId: "s", VersionStage: "first", MoveToVersionId: new(token(1))})
	for i := 2; i <= 120; i++ {
		optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{
			SecretId: "s", SecretString: new(fmt.Sprint(i)), ClientRequestToken: new(token(i)),
		})
	}
	out := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", IncludeDeprecated: new(true)})
	if n := len(out.Versions); n != 100 || *out.Versions[99].VersionId != token(1) || *out.Versions[98].VersionId != token(22) {
		t.Errorf("%d versions, the oldest %s and %s", n, *out.Versions[n-1].VersionId, *out.Versions[n-2].VersionId)
	}
	labelled := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", MaxResults: new(int32(2))})
	if len(labelled.Versions) != 2 || labelled.NextToken == nil || *labelled.Versions[0].VersionId != token(120) || *labelled.Versions[1].VersionId != token(119) {
		t.Errorf("versions with labels: %+v", labelled)
	}
	rest := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", NextToken: labelled.NextToken})
	if len(rest.Versions) != 1 || *rest.Versions[0].VersionId != token(1) || rest.NextToken != nil {
		t.Errorf("the rest: %+v", rest)
	}
	labels := make([]string, 20)
	for i := range labels {
		labels[i] = fmt.Sprint("label", i)
	}
	put := &shape.PutSecretValueRequest{SecretId: "s", SecretString: new("v"), ClientRequestToken: new(token(200)), VersionStages: labels}
	refused(t, w, "PutSecretValue", put, "LimitExceededException", "Cannot exceed quota for StagingLabelsPerSecret: 20")
	put.VersionStages = labels[:17]
	optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", put)
}

func TestUpdateSecret(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	update := func(in shape.UpdateSecretRequest) *shape.UpdateSecretResponse {
		in.SecretId, in.ClientRequestToken = "s", new(token(2))
		return optest.Must[shape.UpdateSecretResponse](w, w.Root(), "UpdateSecret", &in)
	}
	w.Now = w.Now.Add(time.Hour)
	if out := update(shape.UpdateSecretRequest{Description: new("d"), KmsKeyId: new("alias/k")}); out.VersionId != nil {
		t.Errorf("UpdateSecret replied %+v", out)
	}
	d := describe(w, "s")
	if *d.Description != "d" || *d.KmsKeyId != "alias/k" || *d.LastChangedDate != w.Now || d.CreatedDate.Equal(w.Now) {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	if out := update(shape.UpdateSecretRequest{SecretBinary: []byte{0, 255}, Description: new("")}); *out.VersionId != token(2) {
		t.Errorf("UpdateSecret replied %+v", out)
	}
	if got := read(w, "s"); !slices.Equal(got.SecretBinary, []byte{0, 255}) || got.SecretString != nil {
		t.Errorf("GetSecretValue replied %+v", got)
	}
	if d = describe(w, "s"); d.Description != nil || !reflect.DeepEqual(d.VersionIdsToStages, map[string][]string{token(1): {"AWSPREVIOUS"}, token(2): {"AWSCURRENT"}}) {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	versions := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s"}).Versions
	if versions[0].KmsKeyIds[0] != "alias/k" || versions[1].KmsKeyIds[0] != "alias/k" {
		t.Errorf("versions %+v", versions)
	}
}

func TestLastAccessed(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	if d := describe(w, "s"); d.LastAccessedDate != nil {
		t.Errorf("accessed on %v", d.LastAccessedDate)
	}
	read(w, "s")
	today := w.Now.Truncate(24 * time.Hour)
	before := describe(w, "s")
	if *before.LastAccessedDate != today || *before.LastChangedDate != w.Now {
		t.Errorf("accessed on %v", before.LastAccessedDate)
	}
	w.Now = w.Now.AddDate(0, 0, 2)
	read(w, "s")
	v := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s"}).Versions[0]
	if d := describe(w, "s"); *d.LastAccessedDate != today.AddDate(0, 0, 2) || *v.LastAccessedDate != *d.LastAccessedDate || *d.LastChangedDate != *before.LastChangedDate {
		t.Errorf("accessed on %v and %v, changed on %v", d.LastAccessedDate, v.LastAccessedDate, d.LastChangedDate)
	}
}

func list(w *optest.World, in *shape.ListSecretsRequest) (names []string) {
	for more := true; more; more = in.NextToken != nil {
		out := optest.Must[shape.ListSecretsResponse](w, w.Root(), "ListSecrets", in)
		for _, s := range out.SecretList {
			names = append(names, *s.Name)
		}
		in.NextToken = out.NextToken
	}
	return names
}

func TestListSecrets(t *testing.T) {
	w := optest.New(t, secrets.Service())
	make := func(name, description string, tags ...string) {
		w.Now = w.Now.Add(time.Second)
		in := &shape.CreateSecretRequest{Name: name, Description: &description, ClientRequestToken: new(token(1)), SecretString: new("v")}
		for i := 0; i < len(tags); i += 2 {
			in.Tags = append(in.Tags, shape.Tag{Key: &tags[i], Value: &tags[i+1]})
		}
		optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", in)
	}
	make("prod/b", "The Database", "env", "prod")
	make("prod/a", "queue", "Env", "prod", "team", "red")
	make("dev/a", "the database of dev", "env", "dev")
	make("gone", "")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "gone"})
	w.Now = w.Now.AddDate(0, 0, 1)
	read(w, "prod/b")
	optest.Must[op.None](w, w.Root(), "TagResource", &shape.TagResourceRequest{SecretId: "prod/b", Tags: []shape.Tag{{Key: new("x"), Value: new("blue moon")}}})

	one := func(key string, values ...string) []shape.Filter { return []shape.Filter{{Key: &key, Values: values}} }
	for _, tc := range []struct {
		what string
		in   shape.ListSecretsRequest
		want string
	}{
		{"all", shape.ListSecretsRequest{}, "prod/b prod/a dev/a"},
		{"newest first", shape.ListSecretsRequest{SortOrder: new("desc")}, "dev/a prod/a prod/b"},
		{"marked too", shape.ListSecretsRequest{IncludePlannedDeletion: new(true)}, "prod/b prod/a dev/a gone"},
		{"by name", shape.ListSecretsRequest{SortBy: new("name")}, "dev/a prod/a prod/b"},
		{"by name, back", shape.ListSecretsRequest{SortBy: new("name"), SortOrder: new("desc")}, "prod/b prod/a dev/a"},
		{"by change", shape.ListSecretsRequest{SortBy: new("last-changed-date")}, "prod/a dev/a prod/b"},
		{"by change, back", shape.ListSecretsRequest{SortBy: new("last-changed-date"), SortOrder: new("desc")}, "prod/b dev/a prod/a"},
		{"by access", shape.ListSecretsRequest{SortBy: new("last-accessed-date")}, "dev/a prod/a prod/b"},
		{"name", shape.ListSecretsRequest{Filters: one("name", "prod")}, "prod/b prod/a"},
		{"name, case", shape.ListSecretsRequest{Filters: one("name", "Prod")}, ""},
		{"name, not", shape.ListSecretsRequest{Filters: one("name", "!prod")}, "dev/a"},
		{"names", shape.ListSecretsRequest{Filters: one("name", "prod", "!prod/a")}, "prod/b"},
		{"description", shape.ListSecretsRequest{Filters: one("description", "the d")}, "prod/b dev/a"},
		{"tag key", shape.ListSecretsRequest{Filters: one("tag-key", "env")}, "prod/b dev/a"},
		{"tag value", shape.ListSecretsRequest{Filters: one("tag-value", "pro", "re")}, "prod/b prod/a"},
		{"primary region", shape.ListSecretsRequest{Filters: one("primary-region", "us")}, ""},
		{"owner", shape.ListSecretsRequest{Filters: one("owning-service", "!rds")}, "prod/b prod/a dev/a"},
		{"everywhere", shape.ListSecretsRequest{Filters: one("all", "MOON data")}, "prod/b"},
		{"two", shape.ListSecretsRequest{Filters: append(one("tag-value", "prod"), one("name", "prod/a")...)}, "prod/a"},
	} {
		for _, most := range []*int32{nil, new(int32(1)), new(int32(2))} {
			in := tc.in
			in.MaxResults = most
			if got := strings.Join(list(w, &in), " "); got != tc.want {
				t.Errorf("%s: got %q, want %q", tc.what, got, tc.want)
			}
		}
	}
	refused(t, w, "ListSecrets", &shape.ListSecretsRequest{Filters: []shape.Filter{{Key: new("name")}}}, "InvalidParameterException", "A filter must have a Key and Values.")
}

func TestBatchGetSecretValue(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "a", "1")
	denied := create(w, "denied", "2")
	create(w, "marked", "3")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "marked"})
	w.May = func(n op.Need) error {
		if n.Action != "secretsmanager:GetSecretValue" || n.Resource == denied {
			return awserr.Refuse(awserr.AccessDenied, "no")
		}
		return nil
	}
	out := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue",
		&shape.BatchGetSecretValueRequest{SecretIdList: []string{"a", "denied", "marked", "none", "x x"}})
	if len(out.SecretValues) != 1 || *out.SecretValues[0].ARN != arn || *out.SecretValues[0].SecretString != "1" {
		t.Errorf("values %+v", out.SecretValues)
	}
	var got []string
	for _, e := range out.Errors {
		got = append(got, *e.SecretId+" "+*e.ErrorCode+" "+*e.Message)
	}
	want := []string{
		"denied AccessDeniedException no", "marked InvalidRequestException " + marked, "none ResourceNotFoundException " + noSecret,
		"x x ValidationException Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors:\n got %q\nwant %q", got, want)
	}
	in := &shape.BatchGetSecretValueRequest{Filters: []shape.Filter{{Key: new("name"), Values: []string{"a", "d"}}}, MaxResults: new(int32(1))}
	first := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue", in)
	in.NextToken = first.NextToken
	second := optest.Must[shape.BatchGetSecretValueResponse](w, w.Root(), "BatchGetSecretValue", in)
	if len(first.SecretValues) != 1 || len(second.SecretValues) != 0 || len(second.Errors) != 1 || *second.Errors[0].SecretId != denied || second.NextToken != nil {
		t.Errorf("pages %+v and %+v", first, second)
	}
}

func TestReplicas(t *testing.T) {
	w := optest.New(t, secrets.Service())
	in := func(region string) { w.Region = region }
	in("eu-west-1")
	create(w, "s", "taken")
	in("us-east-1")
	made := optest.Must[shape.CreateSecretResponse](w, w.Root(), "CreateSecret", &shape.CreateSecretRequest{
		Name: "s", SecretString: new("1"), ClientRequestToken: new(token(1)),
		AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("us-west-2"), KmsKeyId: new("alias/w")}, {Region: new("eu-west-1")}},
	})
	var got []string
	for _, r := range made.ReplicationStatus {
		got = append(got, *r.Region+" "+*r.Status+" "+*r.KmsKeyId)
	}
	if want := []string{"eu-west-1 Failed alias/aws/secretsmanager", "us-west-2 InSync alias/w"}; !slices.Equal(got, want) || *made.ReplicationStatus[0].StatusMessage != "Secret with this name already exists in this region" {
		t.Errorf("replicas: got %q, want %q", got, want)
	}
	put := func(id, v string) {
		optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{SecretId: "s", SecretString: &v, ClientRequestToken: &id})
	}
	put(token(2), "2")
	in("us-west-2")
	arn := strings.Replace(*made.ARN, "us-east-1", "us-west-2", 1)
	if r := read(w, arn); *r.SecretString != "2" || *r.ARN != arn {
		t.Errorf("the replica replied %+v", r)
	}
	if d := describe(w, "s"); *d.PrimaryRegion != "us-east-1" || *d.KmsKeyId != "alias/w" || d.LastAccessedDate == nil {
		t.Errorf("the replica is %+v", d)
	}
	in("us-east-1")
	if d := describe(w, "s"); d.LastAccessedDate != nil || d.ReplicationStatus[1].LastAccessedDate == nil {
		t.Errorf("the primary is %+v", d)
	}
	// Overwriting what is there, and then making it a secret of its own.
	over := optest.Must[shape.ReplicateSecretToRegionsResponse](w, w.Root(), "ReplicateSecretToRegions", &shape.ReplicateSecretToRegionsRequest{
		SecretId: "s", AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("eu-west-1")}}, ForceOverwriteReplicaSecret: new(true),
	})
	if *over.ReplicationStatus[0].Status != "InSync" {
		t.Errorf("overwritten: %+v", over)
	}
	in("eu-west-1")
	if got := *read(w, "s").SecretString; got != "2" {
		t.Errorf("the overwritten secret is %s", got)
	}
	optest.Must[shape.StopReplicationToReplicaResponse](w, w.Root(), "StopReplicationToReplica", &shape.StopReplicationToReplicaRequest{SecretId: "s"})
	put(token(3), "3")
	in("us-east-1")
	if got := *read(w, "s").SecretString; got != "2" {
		t.Errorf("the primary has %s", got)
	}
	if d := describe(w, "s"); len(d.ReplicationStatus) != 1 {
		t.Errorf("replicas %+v", d.ReplicationStatus)
	}
	for _, add := range [][]shape.ReplicaRegionType{{{Region: new("us-east-1")}}, {{}}} {
		refused(t, w, "ReplicateSecretToRegions", &shape.ReplicateSecretToRegionsRequest{SecretId: "s", AddReplicaRegions: add}, "InvalidParameterException", "Invalid replica region.")
	}
	many := func(from, n int) *shape.ReplicateSecretToRegionsRequest {
		r := &shape.ReplicateSecretToRegionsRequest{SecretId: "s", ForceOverwriteReplicaSecret: new(true)}
		for i := range n {
			r.AddReplicaRegions = append(r.AddReplicaRegions, shape.ReplicaRegionType{Region: new(fmt.Sprint("x-", from+i))})
		}
		return r
	}
	refused(t, w, "ReplicateSecretToRegions", many(0, 11), "InvalidParameterException", "One call adds at most 10 replica regions.")
	// As many as there can be, over secrets marked for deletion.
	for i := range 29 {
		in(fmt.Sprint("x-", i))
		create(w, "s", "old")
		optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s"})
	}
	in("us-east-1")
	for from := 0; from < 20; from += 10 {
		optest.Must[shape.ReplicateSecretToRegionsResponse](w, w.Root(), "ReplicateSecretToRegions", many(from, 10))
	}
	refused(t, w, "ReplicateSecretToRegions", many(20, 10), "InvalidParameterException", "A secret has at most 30 replica regions.")
	all := optest.Must[shape.ReplicateSecretToRegionsResponse](w, w.Root(), "ReplicateSecretToRegions", many(20, 9))
	var regions []string
	for _, r := range all.ReplicationStatus {
		regions = append(regions, *r.Region)
	}
	left := optest.Must[shape.RemoveRegionsFromReplicationResponse](w, w.Root(), "RemoveRegionsFromReplication",
		&shape.RemoveRegionsFromReplicationRequest{SecretId: "s", RemoveReplicaRegions: append(regions, "none-1")})
	if len(regions) != 30 || len(left.ReplicationStatus) != 0 {
		t.Errorf("%d replicas, and then %+v", len(regions), left)
	}
	in("us-west-2")
	refused(t, w, "GetSecretValue", &shape.GetSecretValueRequest{SecretId: "s"}, "ResourceNotFoundException", noSecret)
}

func TestRotation(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	rotate := &shape.RotateSecretRequest{
		SecretId: "s", ClientRequestToken: new(token(2)), RotationLambdaARN: new("arn:aws:lambda:us-east-1:123456789012:function:f"),
		RotationRules: &shape.RotationRulesType{ScheduleExpression: new("cron(0 8 ? * MON *)"), Duration: new("2h")},
	}
	w.Refused(w.Root(), "RotateSecret", rotate, 501, "NotImplemented", "iamd does not support secretsmanager:RotateSecret with RotateImmediately yet.")
	if d := describe(w, "s"); d.RotationEnabled != nil {
		t.Errorf("a refused rotation left %+v", d)
	}
	rotate.RotateImmediately = new(false)
	optest.Must[shape.RotateSecretResponse](w, w.Root(), "RotateSecret", rotate)
	if d := describe(w, "s"); !*d.RotationEnabled || *d.RotationLambdaARN != *rotate.RotationLambdaARN || *d.RotationRules.ScheduleExpression != "cron(0 8 ? * MON *)" || *d.RotationRules.Duration != "2h" {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	optest.Must[shape.CancelRotateSecretResponse](w, w.Root(), "CancelRotateSecret", &shape.CancelRotateSecretRequest{SecretId: "s"})
	if d := describe(w, "s"); *d.RotationEnabled || d.RotationRules != nil || d.RotationLambdaARN == nil {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	for rules, message := range map[*shape.RotationRulesType]string{
		{ScheduleExpression: new("every day")}:                                          "Invalid ScheduleExpression.",
		{ScheduleExpression: new("rate(1 day)"), AutomaticallyAfterDays: new(int64(3))}: "You can't specify both AutomaticallyAfterDays and ScheduleExpression.",
	} {
		rotate.RotationRules = rules
		refused(t, w, "RotateSecret", rotate, "InvalidParameterException", message)
	}
}

func TestResourcePolicy(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	put := func(text string, block bool) *shape.PutResourcePolicyRequest {
		return &shape.PutResourcePolicyRequest{SecretId: "s", ResourcePolicy: text, BlockPublicPolicy: &block}
	}
	get := func() *string {
		return optest.Must[shape.GetResourcePolicyResponse](w, w.Root(), "GetResourcePolicy", &shape.GetResourcePolicyRequest{SecretId: "s"}).ResourcePolicy
	}
	if got := get(); got != nil {
		t.Errorf("policy %s", *got)
	}
	const broad = "You can't attach a resource-based policy that allows broad access to the secret."
	refused(t, w, "PutResourcePolicy", put(open, true), "PublicPolicyException", broad)
	refused(t, w, "PutResourcePolicy", put("{", false), "MalformedPolicyDocumentException", "This resource policy contains a syntax error.")
	refused(t, w, "PutResourcePolicy", put(strings.Replace(open, `"*"`, `{"AWS":"x"}`, 1), false), "MalformedPolicyDocumentException", "This resource policy contains an unsupported principal.")
	optest.Must[shape.PutResourcePolicyResponse](w, w.Root(), "PutResourcePolicy", put(open, false))
	if got := get(); *got != open {
		t.Errorf("policy %s", *got)
	}
	v := optest.Must[shape.ValidateResourcePolicyResponse](w, w.Root(), "ValidateResourcePolicy", &shape.ValidateResourcePolicyRequest{ResourcePolicy: open})
	if *v.PolicyValidationPassed || *v.ValidationErrors[0].ErrorMessage != broad {
		t.Errorf("ValidateResourcePolicy replied %+v", v)
	}
	w.May = func(op.Need) error { return awserr.Refuse(awserr.AccessDenied, "no") }
	refused(t, w, "PutResourcePolicy", put(open, false), "InvalidParameterException", "Your requested changes will not allow you to manage this secret in the future.")
	optest.Must[shape.DeleteResourcePolicyResponse](w, w.Root(), "DeleteResourcePolicy", &shape.DeleteResourcePolicyRequest{SecretId: "s"})
	if got := get(); got != nil {
		t.Errorf("policy %s", *got)
	}
}

func TestTags(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	tag := func(tags ...shape.Tag) *shape.TagResourceRequest {
		return &shape.TagResourceRequest{SecretId: "s", Tags: tags}
	}
	optest.Must[op.None](w, w.Root(), "TagResource", tag(shape.Tag{Key: new("a"), Value: new("1")}, shape.Tag{Key: new("A"), Value: new("2")}))
	optest.Must[op.None](w, w.Root(), "TagResource", tag(shape.Tag{Key: new("a"), Value: new("3")}))
	optest.Must[op.None](w, w.Root(), "UntagResource", &shape.UntagResourceRequest{SecretId: "s", TagKeys: []string{"A", "none"}})
	if got := describe(w, "s").Tags; len(got) != 1 || *got[0].Key != "a" || *got[0].Value != "3" {
		t.Errorf("tags %+v", got)
	}
	many := make([]shape.Tag, 50)
	for i := range many {
		many[i] = shape.Tag{Key: new(fmt.Sprint(i)), Value: new("")}
	}
	refused(t, w, "TagResource", tag(many...), "LimitExceededException", "Cannot exceed quota for TagsPerSecret: 50")
	// Who would lose the permission may not.
	w.May = func(n op.Need) error {
		if n.Action == "secretsmanager:UntagResource" && len(n.Tags) == 0 {
			return awserr.Refuse(awserr.AccessDenied, "no")
		}
		return nil
	}
	w.Refused(w.Root(), "UntagResource", &shape.UntagResourceRequest{SecretId: "s", TagKeys: []string{"a"}}, 403, "AccessDenied", "no")
}

func TestQuota(t *testing.T) {
	s := secrets.Service()
	s.Quotas, _, _ = s.Quotas.With([]string{"SecretsPerRegion=2"})
	w := optest.New(t, s)
	create(w, "a", "v")
	create(w, "b", "v")
	refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: "c", ClientRequestToken: new(token(1))}, "LimitExceededException", "Cannot exceed quota for SecretsPerRegion: 2")
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "a", ForceDeleteWithoutRecovery: new(true)})
	create(w, "c", "v")
}

func TestGetRandomPassword(t *testing.T) {
	w := optest.New(t, secrets.Service())
	const all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	for _, tc := range []struct {
		in       shape.GetRandomPasswordRequest
		length   int
		alphabet string
		has      []string
	}{
		{shape.GetRandomPasswordRequest{}, 32, all, []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4))}, 4, all, []string{"abcdefghijklmnopqrstuvwxyz", "0123456789"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4)), ExcludeCharacters: new(all[1:26] + all[27:52] + all[53:62] + all[63:])}, 4, "aA0!", []string{"a", "A", "0", "!"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4096)), ExcludeLowercase: new(true), ExcludePunctuation: new(true)}, 4096, all[26:62], []string{"A", "9"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(500)), ExcludeUppercase: new(true), ExcludeNumbers: new(true), ExcludePunctuation: new(true), IncludeSpace: new(true)}, 500, all[:26] + " ", []string{" ", "z"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(1)), RequireEachIncludedType: new(false)}, 1, all, nil},
	} {
		for range 20 {
			got := *optest.Must[shape.GetRandomPasswordResponse](w, w.Root(), "GetRandomPassword", &tc.in).RandomPassword
			if len(got) != tc.length || strings.Trim(got, tc.alphabet) != "" {
				t.Errorf("%+v: a password of %d characters that has others than it may", tc.in, len(got))
			}
			for _, letters := range tc.has {
				if !strings.ContainsAny(got, letters) {
					t.Errorf("%+v: the password has none of %s", tc.in, letters)
				}
			}
		}
	}
	refused(t, w, "GetRandomPassword", &shape.GetRandomPasswordRequest{PasswordLength: new(int64(3))}, "InvalidParameterException", "Password length is too short based on the required types.")
	refused(t, w, "GetRandomPassword", &shape.GetRandomPasswordRequest{ExcludeCharacters: new(all)}, "InvalidParameterException", "No characters are left to make a password of.")
}

// Each operation on a secret asks for itself, on that.
func TestNeedOfEach(t *testing.T) {
	for name := range everyRequest("s") {
		w := optest.New(t, secrets.Service())
		arn := create(w, "s", "v")
		_, needs, _ := w.Do(w.Root(), name, everyRequest("s")[name])
		if len(needs) != 1 || needs[0].Action != "secretsmanager:"+name || needs[0].Resource != arn || needs[0].Owner != optest.Account ||
			needs[0].Context["secretsmanager:secretid"][0] != "s" {
			t.Errorf("%s needs %+v", name, needs)
		}
	}
}

func TestNeeds(t *testing.T) {
	w := optest.New(t, secrets.Service())
	arn := create(w, "s", "v")
	optest.Must[op.None](w, w.Root(), "TagResource", &shape.TagResourceRequest{SecretId: "s", Tags: []shape.Tag{{Key: new("team"), Value: new("red")}}})
	optest.Must[shape.PutResourcePolicyResponse](w, w.Root(), "PutResourcePolicy", &shape.PutResourcePolicyRequest{SecretId: "s", ResourcePolicy: open})
	for _, tc := range []struct {
		name, resource string
		in             any
		context        map[string][]string
	}{
		{"GetSecretValue", arn, &shape.GetSecretValueRequest{SecretId: "s"}, map[string][]string{"versionstage": {"AWSCURRENT"}, "secretprimaryregion": {"us-east-1"}}},
		{"GetSecretValue", "none", &shape.GetSecretValueRequest{SecretId: "none", VersionId: new(token(1))}, map[string][]string{"versionid": {token(1)}, "versionstage": nil}},
		{"DeleteSecret", arn, &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(3))}, map[string][]string{"recoverywindowindays": {"3"}}},
		{"DeleteSecret", arn, &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(3)), ForceDeleteWithoutRecovery: new(true)}, map[string][]string{"forcedeletewithoutrecovery": {"true"}}},
		{"PutResourcePolicy", arn, &shape.PutResourcePolicyRequest{SecretId: "s", ResourcePolicy: "{", BlockPublicPolicy: new(true)}, map[string][]string{"blockpublicpolicy": {"true"}}},
		{"UpdateSecret", arn, &shape.UpdateSecretRequest{SecretId: "s", Description: new("d"), KmsKeyId: new("arn:k")}, map[string][]string{"description": {"d"}, "kmskeyid": {"arn:k"}, "kmskeyarn": {"arn:k"}}},
	} {
		_, needs, _ := w.Do(w.Root(), tc.name, tc.in)
		n := needs[0]
		if n.Resource != tc.resource {
			t.Errorf("%s is asked for on %s", tc.name, n.Resource)
		}
		for key, want := range tc.context {
			if got := n.Context["secretsmanager:"+key]; !slices.Equal(got, want) {
				t.Errorf("%s: %s is %q, want %q", tc.name, key, got, want)
			}
		}
		if n.Resource == arn && (string(n.Policy) != open || n.Tags[0] != directory.Tag{Key: "team", Value: "red"}) {
			t.Errorf("%s: policy %s, tags %v", tc.name, n.Policy, n.Tags)
		}
	}
	_, needs, _ := w.Do(w.Root(), "CreateSecret", &shape.CreateSecretRequest{Name: "n", Tags: []shape.Tag{{Key: new("k"), Value: new("v")}},
		AddReplicaRegions: []shape.ReplicaRegionType{{Region: new("eu-west-1")}}})
	var actions []string
	for _, n := range needs {
		actions = append(actions, n.Action)
		if n.Resource != "arn:aws:secretsmanager:us-east-1:123456789012:secret:n-??????" || n.NewTags[0].Value != "v" ||
			n.Context["secretsmanager:name"][0] != "n" || n.Context["secretsmanager:addreplicaregions"][0] != "eu-west-1" {
			t.Errorf("CreateSecret needs %+v", n)
		}
	}
	if want := []string{"secretsmanager:CreateSecret", "secretsmanager:TagResource", "secretsmanager:ReplicateSecretToRegions"}; !slices.Equal(actions, want) {
		t.Errorf("CreateSecret needs %q", actions)
	}
}

// Run sweeps at once and then each minute, and ends with its context.
func TestSweeperRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := optest.New(t, secrets.Service())
		w.Now = time.Now()
		create(w, "s", "v")
		optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(7))})
		sweeper := secrets.Sweeper{Store: w.Store, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { sweeper.Run(ctx) })
		time.Sleep(7*24*time.Hour - time.Second)
		if n := len(keysWith(t, w, "secretvalue/")); n != 1 {
			t.Errorf("%d values before their time", n)
		}
		time.Sleep(time.Minute + time.Second)
		if n := len(keysWith(t, w, "secretvalue/")); n != 0 {
			t.Errorf("%d values after their time", n)
		}
		cancel()
		running.Wait()
	})
}
