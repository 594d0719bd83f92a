package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// secretsIn is AWS's own client. It tries everything once.
func (s *server) secretsIn(region string, k key) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region: region, BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

func (s *server) secrets(k key) *secretsmanager.Client { return s.secretsIn("us-east-1", k) }

func secretOf(ctx context.Context, c *secretsmanager.Client, id string) (string, error) {
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.SecretString), nil
}

// One secret through all operations; how else each can end is in stories.
func TestSecretsManager(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, c := t.Context(), s.secrets(s.root(t))
	id := new("prod/db")
	made := must[*secretsmanager.CreateSecretOutput](t)(c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: id, SecretString: new("one"), Description: new("the database"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	}))
	put := must[*secretsmanager.PutSecretValueOutput](t)(c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: id, SecretBinary: []byte{0, 1, 255}}))
	got := must[*secretsmanager.GetSecretValueOutput](t)(c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: made.ARN}))
	if !slices.Equal(got.SecretBinary, []byte{0, 1, 255}) || *got.VersionId != *put.VersionId || got.CreatedDate.IsZero() {
		t.Errorf("GetSecretValue replied %+v", got)
	}
	must[*secretsmanager.UpdateSecretOutput](t)(c.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: id, KmsKeyId: new("alias/mine")}))
	must[*secretsmanager.UpdateSecretVersionStageOutput](t)(c.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: id, VersionStage: new("AWSCURRENT"), RemoveFromVersionId: put.VersionId, MoveToVersionId: made.VersionId,
	}))
	if v, err := secretOf(ctx, c, *id); v != "one" || err != nil {
		t.Errorf("moved back: %q (%v)", v, err)
	}
	d := must[*secretsmanager.DescribeSecretOutput](t)(c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: id}))
	if !slices.Equal(d.VersionIdsToStages[*put.VersionId], []string{"AWSPREVIOUS"}) || *d.Tags[0].Value != "red" || *d.Description != "the database" {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	if out := must[*secretsmanager.ListSecretVersionIdsOutput](t)(c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: id})); len(out.Versions) != 2 {
		t.Errorf("ListSecretVersionIds replied %+v", out)
	}
	if out := must[*secretsmanager.ListSecretsOutput](t)(c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{Filters: []types.Filter{{Key: "tag-key", Values: []string{"team"}}}})); len(out.SecretList) != 1 {
		t.Errorf("ListSecrets replied %+v", out)
	}
	if out := must[*secretsmanager.BatchGetSecretValueOutput](t)(c.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{*id, "none"}})); len(out.SecretValues) != 1 || *out.Errors[0].ErrorCode != "ResourceNotFoundException" {
		t.Errorf("BatchGetSecretValue replied %+v", out)
	}
	must[*secretsmanager.TagResourceOutput](t)(c.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: id, Tags: []types.Tag{{Key: new("a"), Value: new("b")}}}))
	must[*secretsmanager.UntagResourceOutput](t)(c.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: id, TagKeys: []string{"team"}}))
	document := allowingPrincipal("arn:aws:iam::123456789012:root")
	must[*secretsmanager.PutResourcePolicyOutput](t)(c.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: id, ResourcePolicy: document}))
	if out := must[*secretsmanager.GetResourcePolicyOutput](t)(c.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: id})); *out.ResourcePolicy != *document {
		t.Errorf("GetResourcePolicy replied %+v", out)
	}
	if out := must[*secretsmanager.ValidateResourcePolicyOutput](t)(c.ValidateResourcePolicy(ctx, &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: document})); !out.PolicyValidationPassed {
		t.Errorf("ValidateResourcePolicy replied %+v", out)
	}
	must[*secretsmanager.DeleteResourcePolicyOutput](t)(c.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: id}))
	must[*secretsmanager.RotateSecretOutput](t)(c.RotateSecret(ctx, &secretsmanager.RotateSecretInput{
		SecretId: id, RotationLambdaARN: new("arn:aws:lambda:us-east-1:123456789012:function:f"), RotateImmediately: new(false),
		RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: new(int64(30))},
	}))
	must[*secretsmanager.CancelRotateSecretOutput](t)(c.CancelRotateSecret(ctx, &secretsmanager.CancelRotateSecretInput{SecretId: id}))
	if out := must[*secretsmanager.GetRandomPasswordOutput](t)(c.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{})); len(*out.RandomPassword) != 32 {
		t.Errorf("GetRandomPassword replied %d characters", len(*out.RandomPassword))
	}
	replicateAndPromote(t, s, *id)
	del := must[*secretsmanager.DeleteSecretOutput](t)(c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, RecoveryWindowInDays: new(int64(7))}))
	if *del.ARN != *made.ARN || del.DeletionDate.IsZero() {
		t.Errorf("DeleteSecret replied %+v", del)
	}
	must[*secretsmanager.RestoreSecretOutput](t)(c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: id}))
	must[*secretsmanager.DeleteSecretOutput](t)(c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, ForceDeleteWithoutRecovery: new(true)}))
	_, err := secretOf(ctx, c, *id)
	refusedAs(t, err, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	s.stop(t)
	doctor(t, s.data, newLoad(0, 0))
	noneInTrail(t, s.data, "one", "AAH/")
}

func replicateAndPromote(t *testing.T, s *server, id string) {
	t.Helper()
	ctx, here, there := t.Context(), s.secrets(s.root(t)), s.secretsIn("eu-west-1", s.root(t))
	add := &secretsmanager.ReplicateSecretToRegionsInput{SecretId: &id, AddReplicaRegions: []types.ReplicaRegionType{{Region: new("eu-west-1")}, {Region: new("eu-west-2")}}}
	if out := must[*secretsmanager.ReplicateSecretToRegionsOutput](t)(here.ReplicateSecretToRegions(ctx, add)); len(out.ReplicationStatus) != 2 {
		t.Errorf("ReplicateSecretToRegions replied %+v", out)
	}
	if v, err := secretOf(ctx, there, id); v != "one" || err != nil {
		t.Errorf("the replica has %q (%v)", v, err)
	}
	must[*secretsmanager.StopReplicationToReplicaOutput](t)(there.StopReplicationToReplica(ctx, &secretsmanager.StopReplicationToReplicaInput{SecretId: &id}))
	must[*secretsmanager.RemoveRegionsFromReplicationOutput](t)(here.RemoveRegionsFromReplication(ctx,
		&secretsmanager.RemoveRegionsFromReplicationInput{SecretId: &id, RemoveReplicaRegions: []string{"eu-west-2"}}))
	if v, err := secretOf(ctx, there, id); v != "one" || err != nil {
		t.Errorf("the promoted secret has %q (%v)", v, err)
	}
}

// noneInTrail looks for values of secrets in audit records.
func noneInTrail(t *testing.T, folder string, values ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "audit", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no audit files (%v)", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if strings.Contains(string(text), `"`+v) {
				t.Errorf("%s has the value of a secret", filepath.Base(name))
			}
		}
	}
}

func allowingPrincipal(arn string) *string {
	return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`, arn))
}

// Who may read a secret: by the user's policy, by the secret's, by a tag, or not at all.
func TestSecretPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, root := t.Context(), s.secrets(s.root(t))
	arn := *must[*secretsmanager.CreateSecretOutput](t)(root.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: new("s"), SecretString: new("v"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	})).ARN
	policyOf := func(document *string) {
		t.Helper()
		must[*secretsmanager.PutResourcePolicyOutput](t)(root.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: document}))
	}
	tagged := func(team string) *string {
		return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/team":%q,"secretsmanager:VersionStage":"AWSCURRENT"}}}]}`, team))
	}
	for name, policy := range map[string]*string{
		"Identity": allowing(`"secretsmanager:GetSecretValue"`, arn[:len(arn)-6]+"??????"), "Tagged": tagged("red"), "Blue": tagged("blue"), "Named": nil, "Nobody": nil,
	} {
		k := s.userKey(t, name)
		if policy != nil {
			s.allow(t, name, policy)
		}
		if name == "Named" {
			policyOf(allowingPrincipal(userARN + name))
		}
		v, err := secretOf(ctx, s.secrets(k), "s")
		switch name {
		case "Blue", "Nobody":
			refusedAs(t, err, "AccessDeniedException", notAllowed(userARN+name, "secretsmanager:GetSecretValue", arn, "identity-based policy"))
		default:
			if v != "v" || err != nil {
				t.Errorf("%s: %q (%v)", name, v, err)
			}
		}
		if name == "Identity" {
			_, err := secretOf(ctx, s.secrets(k), "none")
			refusedAs(t, err, "AccessDeniedException", notAllowed(userARN+name, "secretsmanager:GetSecretValue", "none", "identity-based policy"))
		}
	}
	_, err := root.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: new(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"}]}`)})
	refusedAs(t, err, "InvalidParameterException", "Your requested changes will not allow you to manage this secret in the future.")
	policyOf(new(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`))
	_, err = secretOf(ctx, root, "s")
	refusedAs(t, err, "AccessDeniedException", deniedBy("arn:aws:iam::123456789012:root", "secretsmanager:GetSecretValue", arn, "a resource-based policy"))
	batch := must[*secretsmanager.BatchGetSecretValueOutput](t)(root.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"s"}}))
	if len(batch.SecretValues) != 0 || *batch.Errors[0].ErrorCode != "AccessDeniedException" {
		t.Errorf("BatchGetSecretValue replied %+v", batch)
	}
}

// Another account's user reads a secret when both accounts allow it, and not with the
// service's own key.
func TestSecretOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, root := t.Context(), s.secrets(s.root(t))
	account, other := rootKeyOf(t, s, "create", "other")
	arn := *must[*secretsmanager.CreateSecretOutput](t)(root.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: new("s"), SecretString: new("v")})).ARN
	c := s.iam(other)
	must[*iam.CreateUserOutput](t)(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("Eve")}))
	made := must[*iam.CreateAccessKeyOutput](t)(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: new("Eve")})).AccessKey
	eve := s.secrets(key{ID: *made.AccessKeyId, Secret: *made.SecretAccessKey})
	who := "arn:aws:iam::" + account + ":user/Eve"
	_, err := secretOf(ctx, eve, arn)
	refusedAs(t, err, "AccessDeniedException", notAllowed(who, "secretsmanager:GetSecretValue", arn, "identity-based policy"))
	must[*iam.PutUserPolicyOutput](t)(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("Eve"), PolicyName: new("p"), PolicyDocument: allowing(`"secretsmanager:GetSecretValue"`, "*")}))
	_, err = secretOf(ctx, eve, arn)
	refusedAs(t, err, "AccessDeniedException", notAllowed(who, "secretsmanager:GetSecretValue", arn, "resource-based policy"))
	must[*secretsmanager.PutResourcePolicyOutput](t)(root.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &arn, ResourcePolicy: allowingPrincipal("arn:aws:iam::" + account + ":root")}))
	_, err = secretOf(ctx, eve, arn)
	refusedAs(t, err, "InvalidRequestException", "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.")
	must[*secretsmanager.UpdateSecretOutput](t)(root.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &arn, KmsKeyId: new("alias/shared")}))
	if v, err := secretOf(ctx, eve, arn); v != "v" || err != nil {
		t.Errorf("by both sides' policies: %q (%v)", v, err)
	}
	_, err = secretOf(ctx, eve, "s") // one of its own account
	refusedAs(t, err, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// A session of the AWS CLI.
func TestSecretsCLI(t *testing.T) {
	t.Parallel()
	s := start(t)
	var made, listed map[string]any
	s.bash(t, `aws secretsmanager create-secret --name app/key --secret-string first`).json(t, &made)
	s.bash(t, `aws secretsmanager put-secret-value --secret-id app/key --secret-string second`).json(t, &made)
	for stage, want := range map[string]string{"AWSCURRENT": "second", "AWSPREVIOUS": "first"} {
		r := s.bash(t, `aws secretsmanager get-secret-value --secret-id app/key --version-stage `+stage+` --query SecretString --output text`)
		if r.stdout != want+"\n" || r.code != 0 {
			t.Errorf("%s: %+v", stage, r)
		}
	}
	s.bash(t, `aws secretsmanager list-secrets --filters Key=name,Values=app`).json(t, &listed)
	if n := len(listed["SecretList"].([]any)); n != 1 {
		t.Errorf("%d secrets are listed", n)
	}
	mustRun(t, s.bash(t, `aws secretsmanager delete-secret --secret-id app/key`))
	s.bash(t, `aws secretsmanager get-secret-value --secret-id app/key`).refused(t, cliError("InvalidRequestException", "GetSecretValue",
		"You can't perform this operation on the secret because it was marked for deletion."))
	mustRun(t, s.bash(t, `aws secretsmanager restore-secret --secret-id app/key`))
	mustRun(t, s.bash(t, `aws secretsmanager get-secret-value --secret-id app/key`))
	s.bash(t, `aws secretsmanager get-secret-value --secret-id none`).refused(t, cliError("ResourceNotFoundException", "GetSecretValue",
		"Secrets Manager can't find the specified secret."))
}

// A server killed in the middle of PutSecretValue loses no value that it acknowledged,
// and each secret has one current version.
func TestCrashInPutSecretValue(t *testing.T) {
	const callers, rounds, enough = 4, 3, 40
	s := start(t, busy())
	root := s.root(t)
	acknowledged := make([]int, callers) // the last value of each secret
	for i := range callers {
		must[*secretsmanager.CreateSecretOutput](t)(s.secrets(root).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: new(fmt.Sprint("s", i)), SecretString: new("0")}))
	}
	for range rounds {
		putUntilKilled(t, s, root, acknowledged, enough)
		s = start(t, busy(), onData(s.data))
		for i, last := range acknowledged {
			v := must[string](t)(secretOf(t.Context(), s.secrets(root), fmt.Sprint("s", i)))
			if v != fmt.Sprint(last) && v != fmt.Sprint(last+1) {
				t.Errorf("secret %d: got %s after %d was acknowledged", i, v, last)
			}
			_, _ = fmt.Sscan(v, &acknowledged[i])
			current := 0
			d := must[*secretsmanager.DescribeSecretOutput](t)(s.secrets(root).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: new(fmt.Sprint("s", i))}))
			for _, stages := range d.VersionIdsToStages {
				if slices.Contains(stages, "AWSCURRENT") {
					current++
				}
			}
			if current != 1 {
				t.Errorf("secret %d: %d versions are current", i, current)
			}
		}
		doctor(t, s.data, newLoad(0, 0))
	}
}

// putUntilKilled counts up the values of secrets, and kills the server after enough calls.
func putUntilKilled(t *testing.T, s *server, root key, acknowledged []int, enough int) {
	t.Helper()
	done := make(chan struct{}, len(acknowledged)*1000)
	var running sync.WaitGroup
	c := s.secrets(root)
	for i := range acknowledged {
		running.Go(func() {
			for {
				next := fmt.Sprint(acknowledged[i] + 1)
				if _, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: new(fmt.Sprint("s", i)), SecretString: &next}); err != nil {
					return // the server is gone
				}
				acknowledged[i]++
				done <- struct{}{}
			}
		})
	}
	for range enough {
		<-done
	}
	s.kill(t)
	running.Wait()
}
