package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	calls "github.com/iamd-project/iamd/internal/client"
)

// call runs `iamd call` as root, at the server.
func (s *server) call(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"call"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	return run(t, cmd, s.clientEnv(t, s.root(t)))
}

// clientEnv is an environment that points AWS's tools, and ours, at the server.
func (s *server) clientEnv(t *testing.T, k key) []string {
	return append(cleanEnv(t), "AWS_ENDPOINT_URL="+s.url, "AWS_ACCESS_KEY_ID="+k.ID, "AWS_SECRET_ACCESS_KEY="+k.Secret, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true")
}

// done is a result that is a success.
func done(t *testing.T, r result) result {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	return r
}

// seedReply is what the automation step prints, field for field.
var seedReply = regexp.MustCompile(`^\{
  "AccessKey": \{
    "AccessKeyId": "AKIA[A-Z2-7]{16}",
    "CreateDate": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z",
    "SecretAccessKey": "[A-Za-z0-9/+]{40}",
    "Status": "Active",
    "UserName": "Bob"
  \}
\}
$`)

func TestCallCreateAccessKey(t *testing.T) {
	s := start(t)
	done(t, s.call(t, "", "iam", "create-user", "--user-name", "Bob"))
	one := done(t, s.call(t, "", "iam", "create-access-key", "--user-name", "Bob", "--regions", "us-east-1"))
	if !seedReply.MatchString(one.stdout) || one.stderr != "" {
		t.Errorf("got %s%s", one.stdout, one.stderr)
	}
	// Two regions make two calls. One key is there already, so the second meets the quota.
	two := s.call(t, "", "iam", "create-access-key", "--user-name", "Bob", "--regions", "us-east-1,eu-west-2")
	var regions map[string]struct {
		AccessKey struct{ UserName, Status string }
		Error     struct{ Code, Message, RequestId string }
	}
	if err := json.Unmarshal([]byte(two.stdout), &regions); err != nil {
		t.Fatalf("%v in %s", err, two.stdout)
	}
	made, refused := regions["us-east-1"], regions["eu-west-2"]
	if two.code != 1 || len(regions) != 2 || made.AccessKey.UserName != "Bob" || made.Error.Code != "" || refused.Error.Code != "LimitExceeded" ||
		refused.Error.Message != "Cannot exceed quota for AccessKeysPerUser: 2" || refused.Error.RequestId == "" {
		t.Errorf("exit code %d, %s", two.code, two.stdout)
	}
	if want := "iamd: 1 of 2 regions failed: eu-west-2\n"; two.stderr != want {
		t.Errorf("got %q, want %q", two.stderr, want)
	}
	// IAM has one endpoint for all regions.
	every := done(t, s.call(t, "", "iam", "list-access-keys", "--user-name", "Bob", "--regions", "*", "--query", "length(AccessKeyMetadata)"))
	if every.stdout != "2\n" {
		t.Errorf("got %s", every.stdout)
	}
	raw := done(t, s.call(t, "", "iam", "list-access-keys", "--user-name", "Bob", "--raw-xml"))
	if !strings.HasPrefix(raw.stdout, `<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">`) {
		t.Errorf("got %s", raw.stdout)
	}
	both := done(t, s.call(t, "", "iam", "get-user", "--user-name", "Bob", "--raw-xml", "--regions", "us-east-1,eu-west-2"))
	var texts map[string]string
	if err := json.Unmarshal([]byte(both.stdout), &texts); err != nil || len(texts) != 2 || !strings.HasPrefix(texts["eu-west-2"], "<GetUserResponse ") {
		t.Errorf("got %v, %v", texts, err)
	}
}

// A JSON service, whose secrets come from files, and a global endpoint's regions do not bind it.
func TestCallJSONService(t *testing.T) {
	s := start(t)
	done(t, s.call(t, "hush", "secretsmanager", "create-secret", "--name", "a", "--secret-string", "file:///dev/stdin", "--tags", "Key=k,Value=v"))
	got := done(t, s.call(t, "", "secretsmanager", "get-secret-value", "--secret-id", "a", "--query", "SecretString"))
	if got.stdout != "\"hush\"\n" {
		t.Errorf("got %s", got.stdout)
	}
	every := s.call(t, "", "secretsmanager", "describe-secret", "--secret-id", "a", "--regions", "*")
	var regions map[string]map[string]any
	if err := json.Unmarshal([]byte(every.stdout), &regions); err != nil {
		t.Fatal(err)
	}
	if regions["us-east-1"]["Name"] != "a" || len(regions) < 30 {
		t.Errorf("exit code %d, %s", every.code, every.stdout)
	}
}

func TestCallRefuses(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"", 2, "iamd: call: it takes a service and an operation; see 'iamd call --help'\n"},
		{"ec2 describe-instances", 2, "iamd: call: unknown service \"ec2\"; see 'iamd call --help'\n"},
		{"iam make-user", 2, "iamd: call: iam has no operation \"make-user\"; see 'iamd call iam --help'\n"},
		{"iam create-user --user Bob", 2, "iamd: call iam create-user: create-user has no parameter --user; see 'iamd call iam create-user --help'\n"},
		{"iam create-login-profile --user-name Bob --password x", 2, "iamd: call iam create-login-profile: --password is a secret, which others can see in a command line: give it as file://PATH, or file:///dev/stdin; see 'iamd call iam create-login-profile --help'\n"},
		{"iam get-user --user-name Nobody", 1, "iamd: an error occurred (NoSuchEntity) when calling the GetUser operation: The user with name Nobody cannot be found.\n"},
		{"iam get-user --query [", 2, ""},
		{"iam get-user --raw-xml --query User", 2, "iamd: call: --raw-xml prints what was sent, and takes neither --query nor --all-pages\n"},
		{"iam get-user --regions a/b", 2, "iamd: call: --regions: \"a/b\" is not the name of a region\n"},
		{"iam get-user --endpoint http://127.0.0.1:1", 1, "iamd: calling http://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused\n"},
	} {
		got := s.call(t, "", strings.Fields(c.args)...)
		if got.code != c.code || c.stderr != "" && got.stderr != c.stderr || got.stdout != "" {
			t.Errorf("%s: exit code %d, %q; want %d, %q", c.args, got.code, got.stderr, c.code, c.stderr)
		}
	}
}

// Whoever may not do it is told so in AWS's words.
func TestCallDenied(t *testing.T) {
	s := start(t)
	k := s.userKey(t, "Al")
	got := run(t, exec.CommandContext(t.Context(), binary, "call", "iam", "list-users"), s.clientEnv(t, k))
	if want := "iamd: an error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:iam::123456789012:user/Al is not authorized to perform: iam:ListUsers"; got.code != 1 || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

// The names of operations and parameters are those of the AWS CLI, all of them.
func TestCallNames(t *testing.T) {
	var asked strings.Builder
	names := map[string]string{}
	for _, svc := range calls.Services {
		for _, op := range svc.Operations {
			names[op.Name] = calls.Kebab(op.Name)
			for _, m := range calls.Members(op.Input()) {
				names[m.Name] = calls.Kebab(m.Name)
			}
		}
	}
	for name := range names {
		asked.WriteString(name + "\n")
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-B", "-c", "import sys, json, botocore\nprint(json.dumps({n: botocore.xform_name(n, '-') for n in sys.stdin.read().split()}))")
	cmd.Stdin = strings.NewReader(asked.String())
	var want map[string]string
	if err := json.Unmarshal([]byte(done(t, run(t, cmd, append(cleanEnv(t), "HOME="+os.Getenv("HOME")))).stdout), &want); err != nil {
		t.Fatal(err)
	}
	for name, got := range names {
		if got != want[name] {
			t.Errorf("%s: got %s, want %s", name, got, want[name])
		}
	}
}
