package secrets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

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
	w.Refused(w.Root(), "RotateSecret", rotate, 501, "NotImplementedException", "iamd runs no Lambda functions. What rotates access keys is arn:aws:lambda:us-east-1:123456789012:function:iamd-access-key-rotation.")
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
		{ScheduleExpression: new("rate(1 day)"), AutomaticallyAfterDays: new(int64(3))}: "You cannot specify both rotation frequency and schedule expression together.",
	} {
		rotate.RotationRules = rules
		refused(t, w, "RotateSecret", rotate, "InvalidParameterException", message)
	}
}
