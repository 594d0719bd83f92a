package secrets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

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
	w.Refused(w.Root(), "UntagResource", &shape.UntagResourceRequest{SecretId: "s", TagKeys: []string{"a"}}, 400, "AccessDeniedException", "no")
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
