package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// cdkTemplates are what the variants of the apps synthesize, by their names in
// testdata/cdk. UPDATE_CDK=1 writes them anew.
var cdkTemplates = map[string]string{
	"serial1": "serial1/Keys.template.json", "serial2": "serial2/Keys.template.json", "inactive": "inactive/Keys.template.json",
	"retain": "retain/Keys.template.json", "customer": "customer/Keys.template.json", "anywhere": "anywhere/Keys.template.json",
	"legacy": "legacy/Keys.template.json", "rich": "rich/Rich.template.json", "parent": "rich/Parent.template.json",
	"nested": "rich/ParentNested1E9B6DEA.nested.template.json", "producer": "rich/Producer.template.json", "consumer": "rich/Consumer.template.json",
}

func cdkTemplate(t *testing.T, name string) string {
	t.Helper()
	return string(must[[]byte](t)(os.ReadFile(filepath.Join("testdata", "cdk", name+".json"))))
}

// The templates in testdata are those of the apps.
func TestCDKTemplatesAreNew(t *testing.T) {
	t.Parallel()
	needCDK(t)
	apps := must[string](t)(cdkApps())
	for name, path := range cdkTemplates {
		is := must[[]byte](t)(os.ReadFile(filepath.Join(apps, path)))
		file := filepath.Join("testdata", "cdk", name+".json")
		if os.Getenv("UPDATE_CDK") != "" {
			if err := os.WriteFile(file, is, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if cdkTemplate(t, name) != string(is) {
			t.Errorf("%s is not what the app synthesizes: UPDATE_CDK=1 go test -run %s ./test", file, t.Name())
		}
	}
}

// What the CDK synthesizes deploys the way that the cdk program deploys it, here without it.
func TestCDKTemplates(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	const bucket = "cdk-hnb659fds-assets-123456789012-us-east-1"
	must[*s3.CreateBucketOutput](t)(s.s3(root).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: new(bucket)}))
	must[*ssm.PutParameterOutput](t)(s.ssm(root, "us-east-1").PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: new("/cdk-bootstrap/hnb659fds/version"), Value: new("33"), Type: ssmtypes.ParameterTypeString,
	}))
	asset := regexp.MustCompile(`/` + bucket + `/([0-9a-f]{64}\.json)`).FindStringSubmatch(cdkTemplate(t, "parent"))
	if asset == nil {
		t.Fatal("the parent's template names no asset")
	}
	must[*s3.PutObjectOutput](t)(s.s3(root).PutObject(t.Context(), &s3.PutObjectInput{Bucket: new(bucket), Key: &asset[1], Body: strings.NewReader(cdkTemplate(t, "nested"))}))

	for _, app := range []struct {
		stack     string
		templates []string // one after the other
	}{
		{"Keys", []string{"customer", "serial1", "serial2", "retain", "inactive"}},
		{"Anywhere", []string{"anywhere"}},
		{"Legacy", []string{"legacy"}},
		{"Rich", []string{"rich"}},
		{"Parent", []string{"parent"}},
		{"Producer", []string{"producer"}},
		{"Consumer", []string{"consumer"}},
	} {
		for i, name := range app.templates {
			want := "UPDATE_COMPLETE"
			if i == 0 {
				want = "CREATE_COMPLETE"
			}
			if got := s.stack(root, app.stack).deploy(t, cdkTemplate(t, name), i == 0); got != want {
				t.Fatalf("%s: %s, want %s", name, got, want)
			}
		}
	}
	for _, name := range []string{"Consumer", "Producer", "Parent", "Rich", "Legacy", "Anywhere", "Keys"} {
		s.stack(root, name).gone(t)
	}
}

// deploy makes a change set, executes it, and returns the state that the stack ends in.
func (st *stack) deploy(t *testing.T, template string, isNew bool) string {
	t.Helper()
	kind := cfntypes.ChangeSetTypeUpdate
	if isNew {
		kind = cfntypes.ChangeSetTypeCreate
	}
	made := must[*cloudformation.CreateChangeSetOutput](t)(st.c.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &st.name, ChangeSetName: new("cdk-deploy-change-set"), ChangeSetType: kind, TemplateBody: &template,
		Capabilities: []cfntypes.Capability{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"},
	}))
	st.arn = *made.StackId
	described := must[*cloudformation.DescribeChangeSetOutput](t)(st.c.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id}))
	if described.Status != cfntypes.ChangeSetStatusCreateComplete {
		t.Fatalf("the change set is %s: %s", described.Status, *described.StatusReason)
	}
	must[*cloudformation.ExecuteChangeSetOutput](t)(st.c.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id}))
	return st.ends(t)
}

// gone deletes a stack that must be there, and all that it has.
func (st *stack) gone(t *testing.T) {
	t.Helper()
	out := must[*cloudformation.DescribeStacksOutput](t)(st.c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &st.name}))
	st.arn = *out.Stacks[0].StackId
	must[*cloudformation.DeleteStackOutput](t)(st.c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &st.name}))
	if got := st.ends(t); got != "DELETE_COMPLETE" {
		t.Errorf("%s is %s after its deletion", st.name, got)
	}
}
