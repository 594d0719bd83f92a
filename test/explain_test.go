package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	readerARN    = "arn:aws:iam::123456789012:user/Reader"
	readerPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::reports/${aws:username}/*"
    }
  ]
}`
	explainedReader = `identity-based policy read (user Reader)
  statement 1 (3,17)-(9,6) Read, Allow: `
)

// reader makes a user with one policy.
func reader(t *testing.T, s *server) *iam.Client {
	t.Helper()
	c := s.iam(s.root(t))
	if _, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("Reader")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("Reader"), PolicyName: aws.String("read"), PolicyDocument: aws.String(readerPolicy)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestExplain asks a running server, and then its data folder.
func TestExplain(t *testing.T) {
	t.Parallel()
	s := start(t)
	reader(t, s)
	policy := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(policy, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	explain := func(more ...string) result {
		return iamd(t, append([]string{"explain", "--data", s.data, "--principal", readerARN, "--action", "s3:GetObject"}, more...)...)
	}
	ask := func() {
		t.Helper()
		own := "arn:aws:s3:::reports/Reader/x"
		if r := explain("--resource", own); r.code != 0 || r.stdout != explainedReader+"applies\nallowed\n" {
			t.Errorf("its own: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		want := explainedReader + "does not apply: another Resource\nimplicitDeny: User: " + readerARN +
			" is not authorized to perform: s3:GetObject on resource: " + own + " because no identity-based policy allows the s3:GetObject action\n"
		if r := explain("--resource", own, "--context", "aws:UserName=Somebody"); r.code != 1 || r.stdout != want {
			t.Errorf("as somebody else: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		var answer struct {
			Allowed  bool
			Decision string
			Policies []struct{ Name string }
		}
		r := explain("--resource", own, "--resource-policy", policy, "--json")
		if err := json.Unmarshal([]byte(r.stdout), &answer); err != nil || r.code != 1 || answer.Decision != "explicitDeny" || len(answer.Policies) != 2 {
			t.Errorf("denied by the bucket: exit code %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
		}
		if r := iamd(t, "explain", "--data", s.data, "--principal", readerARN+"s", "--action", "s3:GetObject"); r.code != 4 || r.stderr != "iamd: principal "+readerARN+"s does not exist\n" {
			t.Errorf("nobody: exit code %d\n%s", r.code, r.stderr)
		}
	}
	ask()
	s.stop(t)
	ask()
	if r := iamd(t, "explain", "--data", s.data, "--action", "s3:GetObject"); r.code != 2 {
		t.Errorf("without a principal: exit code %d\n%s", r.code, r.stderr)
	}
	if r := explain("--context", "aws:username"); r.code != 2 {
		t.Errorf("a key without a value: exit code %d\n%s", r.code, r.stderr)
	}
	if r := explain("--data", t.TempDir()); r.code != 4 {
		t.Errorf("without data: exit code %d\n%s", r.code, r.stderr)
	}
}

// The simulator's answers reach a real client.
func TestSimulator(t *testing.T) {
	t.Parallel()
	s := start(t)
	c := reader(t, s)
	out, err := c.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(readerARN),
		ActionNames:     []string{"s3:GetObject"},
		ResourceArns:    []string{"arn:aws:s3:::reports/Reader/x", "arn:aws:s3:::reports/x"},
		ContextEntries:  []types.ContextEntry{{ContextKeyName: aws.String("aws:username"), ContextKeyType: "string", ContextKeyValues: []string{"Reader"}}},
		ResourceOwner:   aws.String("arn:aws:iam::999999999999:root"),
		ResourcePolicy:  aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"arn:aws:s3:::reports/*"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := out.EvaluationResults[0]
	if r.EvalDecision != "allowed" || len(r.ResourceSpecificResults) != 2 {
		t.Fatalf("replied %+v", r)
	}
	own, other := r.ResourceSpecificResults[0], r.ResourceSpecificResults[1]
	if own.EvalResourceDecision != "allowed" || len(own.MatchedStatements) != 2 || *own.MatchedStatements[1].SourcePolicyId != "user_Reader_read" ||
		*own.MatchedStatements[1].StartPosition != (types.Position{Line: 3, Column: 17}) {
		t.Errorf("its own: %+v", own)
	}
	if d := other.EvalDecisionDetails; other.EvalResourceDecision != "implicitDeny" || len(d) != 2 || d["IAM Policy"] != "implicitDeny" || d["Resource Policy"] != "allowed" {
		t.Errorf("another: %+v", other)
	}

	job, err := c.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String(readerARN)})
	if err != nil {
		t.Fatal(err)
	}
	details, err := c.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId})
	if err != nil {
		t.Fatal(err)
	}
	if len(details.ServicesLastAccessed) != 1 || *details.ServicesLastAccessed[0].ServiceName != "Amazon S3" || *details.ServicesLastAccessed[0].TotalAuthenticatedEntities != 0 {
		t.Errorf("last accessed %+v", details.ServicesLastAccessed)
	}
}
