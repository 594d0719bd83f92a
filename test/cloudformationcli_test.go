package test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// sampleFiles are the templates of examples/templates.
func sampleFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "examples", "templates", "*"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d sample templates (%v)", len(files), err)
	}
	return files
}

// Each sample template passes AWS's own linter, is deployed and deleted by the AWS CLI, and
// says what the CLI's commands then print.
func TestSampleTemplates(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, file := range sampleFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			_, k := rootKeyOf(t, s, "create", strings.ReplaceAll(filepath.Base(file), ".", "-"))
			path, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			aws := func(format string, args ...any) result {
				t.Helper()
				return s.bash(t, k.as("aws cloudformation "+fmt.Sprintf(format, args...)))
			}
			mustRun(t, aws("validate-template --template-body file://%s", path))
			mustRun(t, aws("deploy --stack-name sample --template-file %s --capabilities CAPABILITY_IAM", path))
			mustRun(t, aws("wait stack-create-complete --stack-name sample"))
			var got struct {
				Stacks []struct{ StackStatus string }
			}
			aws("describe-stacks --stack-name sample").json(t, &got)
			if got.Stacks[0].StackStatus != "CREATE_COMPLETE" {
				t.Errorf("the stack is %s", got.Stacks[0].StackStatus)
			}
			again := aws("deploy --stack-name sample --template-file %s --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset", path)
			if again.code != 0 || !strings.Contains(again.stdout, "No changes to deploy. Stack sample is up to date") {
				t.Errorf("deployed again: exit code %d, %s%s", again.code, again.stdout, again.stderr)
			}
			aws("delete-stack --stack-name sample").silent(t)
			mustRun(t, aws("wait stack-delete-complete --stack-name sample"))
		})
	}
}

// cfn-lint finds nothing in the sample templates. scripts/setup installs it.
func TestSampleTemplatesLint(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "cfn-lint", sampleFiles(t)...)
	if out := run(t, cmd, cleanEnv(t)); out.code != 0 {
		t.Errorf("cfn-lint:\n%s%s", out.stdout, out.stderr)
	}
}

// The AWS CLI's commands show a stack, what has become of it and what is about to.
func TestStackCommands(t *testing.T) {
	t.Parallel()
	s := start(t)
	path, err := filepath.Abs(filepath.Join("..", "examples", "templates", "access-key.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := func(command string) string {
		t.Helper()
		r := s.bash(t, "aws cloudformation "+command+" --output text")
		mustRun(t, r)
		return strings.TrimSpace(r.stdout)
	}
	deploy := "deploy --stack-name keys --capabilities CAPABILITY_IAM --template-file " + path
	text(deploy)
	first := text("describe-stacks --stack-name keys --query 'Stacks[0].Outputs[?OutputKey==`AccessKeyId`].OutputValue'")
	text(deploy + " --parameter-overrides Status=Inactive")
	if got := text("describe-stack-resource --stack-name keys --logical-resource-id AccessKey --query StackResourceDetail.PhysicalResourceId"); got != first {
		t.Errorf("after a change of Status, the key is %s, and was %s", got, first)
	}
	text(deploy + " --parameter-overrides Status=Active Serial=2")
	for command, want := range map[string]string{
		"describe-stacks --stack-name keys --query 'Stacks[0].StackStatus'":                                        "UPDATE_COMPLETE",
		"describe-stack-events --stack-name keys --query 'StackEvents[0].ResourceStatus'":                          "UPDATE_COMPLETE",
		"describe-stack-resources --stack-name keys --query 'length(StackResources)'":                              "3",
		"list-stack-resources --stack-name keys --query 'length(StackResourceSummaries)'":                          "3",
		"list-stacks --query 'StackSummaries[].StackName'":                                                         "keys",
		"list-change-sets --stack-name keys --query 'length(Summaries)'":                                           "0",
		"get-template-summary --stack-name keys --query 'Capabilities'":                                            "CAPABILITY_IAM",
		"validate-template --template-body file://" + path + " --query 'Parameters[].ParameterKey | sort(@)'":      "Serial\tStatus",
		"describe-stacks --stack-name keys --query 'Stacks[0].Parameters[?ParameterKey==`Serial`].ParameterValue'": "2",
	} {
		if got := text(command); got != want {
			t.Errorf("%s printed %q, want %q", command, got, want)
		}
	}
	if got := text("describe-stack-resource --stack-name keys --logical-resource-id AccessKey --query StackResourceDetail.PhysicalResourceId"); got == first || !keyID.MatchString(got) {
		t.Errorf("after a higher Serial, the key is %s, and was %s", got, first)
	}
	var template map[string]any
	if err := json.Unmarshal([]byte(s.bash(t, "aws cloudformation get-template --stack-name keys").stdout), &template); err != nil || template["TemplateBody"] != sample(t, "access-key.yaml") {
		t.Errorf("get-template printed another text (%v)", err)
	}
	s.bash(t, "aws cloudformation describe-stacks --stack-name nostack").refused(t,
		"An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id nostack does not exist")
	s.bash(t, "aws cloudformation delete-stack --stack-name keys").silent(t)
	mustRun(t, s.bash(t, "aws cloudformation wait stack-delete-complete --stack-name keys"))
}

// The SDK's waiters see each end of a stack.
func TestStackWaiters(t *testing.T) {
	t.Parallel()
	s := start(t)
	st := s.stack(s.root(t), "keys")
	ctx, template, named := t.Context(), sample(t, "access-key.yaml"), &cloudformation.DescribeStacksInput{StackName: new("keys")}
	wait := func(what string, wait func(context.Context, *cloudformation.DescribeStacksInput, time.Duration) error) {
		t.Helper()
		if err := wait(ctx, named, patience); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	st.create(t, template, nil)
	wait("exists", func(ctx context.Context, in *cloudformation.DescribeStacksInput, d time.Duration) error {
		return cloudformation.NewStackExistsWaiter(st.c).Wait(ctx, in, d)
	})
	wait("create", func(ctx context.Context, in *cloudformation.DescribeStacksInput, d time.Duration) error {
		return cloudformation.NewStackCreateCompleteWaiter(st.c).Wait(ctx, in, d)
	})
	st.update(t, template, parameters{"Serial": "2"})
	wait("update", func(ctx context.Context, in *cloudformation.DescribeStacksInput, d time.Duration) error {
		return cloudformation.NewStackUpdateCompleteWaiter(st.c).Wait(ctx, in, d)
	})
	if got := st.update(t, template, parameters{"Serial": "1"}); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	wait("rollback", func(ctx context.Context, in *cloudformation.DescribeStacksInput, d time.Duration) error {
		return cloudformation.NewStackRollbackCompleteWaiter(st.c).Wait(ctx, in, d)
	})
	st.delete(t)
	wait("delete", func(ctx context.Context, in *cloudformation.DescribeStacksInput, d time.Duration) error {
		return cloudformation.NewStackDeleteCompleteWaiter(st.c).Wait(ctx, in, d)
	})
}
