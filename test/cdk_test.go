package test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// cdkProgram is AWS's own, from npm.
var cdkProgram = filepath.Join("cdk", "node_modules", "aws-cdk", "bin", "cdk")

// cdkApps synthesizes every variant of the apps once, into a folder that lives as long as
// the tests.
var cdkApps = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp(filepath.Dir(binary), "cdk-apps")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("node", "app.js", "--all", folder)
	cmd.Dir, cmd.Env = "cdk", append(os.Environ(), cdkSettings...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		_, _ = os.Stderr.Write(out)
	}
	return folder, err
})

var cdkSettings = []string{
	"CI=1", "NO_COLOR=1", "CDK_DISABLE_CLI_TELEMETRY=1", "AWS_EC2_METADATA_DISABLED=true", "NODE_NO_WARNINGS=1",
	"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
}

// cdkUser is somebody who works with the CDK at a server.
type cdkUser struct {
	s     *server
	root  key
	apps  string
	env   []string
	spent atomic.Int64 // how long the server took for their requests
}

// needCDK fails the test where there is no CDK: a skip would hide what is not tested.
func needCDK(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(cdkProgram); err != nil {
		t.Fatalf("the CDK is not installed: %v\nrun `make test`, which installs it", err)
	}
}

func (s *server) cdkUser(t *testing.T) *cdkUser {
	t.Helper()
	needCDK(t)
	u := &cdkUser{s: s, root: s.root(t), apps: must[string](t)(cdkApps())}
	k := s.userKey(t, "admin") // root assumes no role
	must[*iam.AttachUserPolicyOutput](t)(s.iam(u.root).AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: new("admin"), PolicyArn: new(adminARN)}))
	u.env = append(cleanEnv(t), cdkSettings...)
	u.env = append(u.env, "CDK_HOME="+t.TempDir(), "AWS_ENDPOINT_URL="+u.wiretap(t), "AWS_ACCESS_KEY_ID="+k.ID, "AWS_SECRET_ACCESS_KEY="+k.Secret)
	return u
}

// wiretap is a way to the server on which the time that it takes is noted.
func (u *cdkUser) wiretap(t *testing.T) string {
	to := must[*url.URL](t)(url.Parse(u.s.url))
	proxy := &httputil.ReverseProxy{
		Transport: u.s.http.Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host
			r.Out.Host = r.In.Host // it is signed
		},
	}
	tap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		begun := time.Now()
		proxy.ServeHTTP(w, r)
		u.spent.Add(int64(time.Since(begun)))
	}))
	t.Cleanup(tap.Close)
	return tap.URL
}

// cdk runs the program, whose last argument is a variant of the apps or "" for none.
func (u *cdkUser) cdk(t *testing.T, code int, variant string, args ...string) string {
	t.Helper()
	if variant != "" {
		args = append(args, "--app", filepath.Join(u.apps, variant))
	}
	return u.run(t, code, args...)
}

func (u *cdkUser) run(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", append([]string{must[string](t)(filepath.Abs(cdkProgram)), "--no-notices"}, args...)...)
	cmd.Dir = "cdk"
	begun, before := time.Now(), u.spent.Load()
	r := run(t, cmd, u.env)
	t.Logf("cdk %s: %v, of which the server took %v", strings.Join(args[:1], " "), time.Since(begun).Round(time.Millisecond), time.Duration(u.spent.Load()-before).Round(time.Millisecond))
	said := r.stdout + r.stderr
	if r.code != code {
		t.Fatalf("cdk %s: exit code %d, want %d\n%s", strings.Join(args, " "), r.code, code, said)
	}
	return said
}

// deploy deploys all stacks of a variant.
func (u *cdkUser) deploy(t *testing.T, variant string, args ...string) string {
	t.Helper()
	return u.cdk(t, 0, variant, append([]string{"deploy", "--all", "--require-approval", "never"}, args...)...)
}

func contains(t *testing.T, said string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(said, w) {
			t.Errorf("no %q in:\n%s", w, said)
		}
	}
}

// outputs are those of a stack, and its status.
func (u *cdkUser) outputs(t *testing.T, name string) (map[string]string, cfntypes.StackStatus) {
	t.Helper()
	out := must[*cloudformation.DescribeStacksOutput](t)(u.s.cloudformation(u.root).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name}))
	all := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		all[*o.OutputKey] = *o.OutputValue
	}
	return all, out.Stacks[0].StackStatus
}

func (u *cdkUser) noStack(t *testing.T, name string) {
	t.Helper()
	_, err := u.s.cloudformation(u.root).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	refusedWith(t, "stack "+name, err, "ValidationError")
}

// keysOf are a user's keys and their states.
func (u *cdkUser) keysOf(t *testing.T, user string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, k := range must[*iam.ListAccessKeysOutput](t)(u.s.iam(u.root).ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: &user})).AccessKeyMetadata {
		all[*k.AccessKeyId] = string(k.Status)
	}
	return all
}

// holds makes sure that the stack's user has that key alone, in that state, and that the
// stack's secret is the key's: it signs, as long as it is active.
func (u *cdkUser) holds(t *testing.T, id, status string) {
	t.Helper()
	out, _ := u.outputs(t, "Keys")
	if has := u.keysOf(t, out["UserName"]); len(has) != 1 || has[id] != status {
		t.Fatalf("%s has %v, want %s, %s", out["UserName"], has, id, status)
	}
	secret := must[string](t)(secretOf(t.Context(), u.s.secrets(u.root), out["SecretArn"]))
	who, err := u.s.sts(key{ID: id, Secret: secret}).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if status == "Inactive" {
		refusedWith(t, "an inactive key", err, "InvalidClientTokenId")
	} else if err != nil || !strings.HasSuffix(*who.Arn, ":user/"+out["UserName"]) {
		t.Errorf("the key in the secret signs as %v, %v", who, err)
	}
}

func (u *cdkUser) status(t *testing.T, want cfntypes.StackStatus) {
	t.Helper()
	if _, is := u.outputs(t, "Keys"); is != want {
		t.Errorf("the stack is %s, want %s", is, want)
	}
}

// The app that the documentation of AccessKey shows, through the real program.
func TestCDKKeys(t *testing.T) {
	t.Parallel()
	u := start(t).cdkUser(t)
	u.bootstrap(t)
	u.newStack(t)
	id := u.rotated(t)
	u.failing(t, id)
	u.drifting(t, id)
	u.imports(t)
	u.destroyed(t)
}

const cdkHere = "aws://123456789012/us-east-1"

func (u *cdkUser) bootstrap(t *testing.T) {
	t.Helper()
	contains(t, u.cdk(t, 0, "", "bootstrap", cdkHere), "bootstrapped.")
	contains(t, u.cdk(t, 0, "", "bootstrap", cdkHere), "bootstrapped (no changes).")
	if out, status := u.outputs(t, "CDKToolkit"); status != "CREATE_COMPLETE" || out["BucketName"] != "cdk-hnb659fds-assets-123456789012-us-east-1" {
		t.Fatalf("the bootstrap stack is %s, with %v", status, out)
	}
}

// newStack looks at what a first deployment would do, deploys, and does so again.
func (u *cdkUser) newStack(t *testing.T) {
	t.Helper()
	contains(t, u.cdk(t, 0, "serial1", "diff"), "[+] AWS::IAM::AccessKey AccessKey", "Number of stacks with differences: 1")
	u.noStack(t, "Keys")
	u.deploy(t, "serial1")
	out, _ := u.outputs(t, "Keys")
	u.holds(t, out["KeyId"], "Active")
	contains(t, u.deploy(t, "serial1"), "Keys (no changes)")
	u.holds(t, out["KeyId"], "Active")
}

// rotated gives the key another serial and other states, and returns the one of now.
func (u *cdkUser) rotated(t *testing.T) string {
	t.Helper()
	first, _ := u.outputs(t, "Keys")
	contains(t, u.cdk(t, 0, "serial2", "diff"), "Serial (requires replacement)", "AWS::SecretsManager::Secret")
	u.holds(t, first["KeyId"], "Active")
	u.deploy(t, "serial2")
	second, _ := u.outputs(t, "Keys")
	id := second["KeyId"]
	if id == first["KeyId"] || second["SecretArn"] != first["SecretArn"] {
		t.Errorf("from %v to %v", first, second)
	}
	u.holds(t, id, "Active")

	u.deploy(t, "inactive", "--method=direct")
	u.holds(t, id, "Inactive")
	contains(t, u.deploy(t, "inactive", "--method=direct"), "Keys (no changes)")
	contains(t, u.deploy(t, "retain", "--hotswap-fallback"), "Falling back to doing a full deployment")
	u.holds(t, id, "Active")
	u.status(t, cfntypes.StackStatusUpdateComplete)
	return id
}

// failing deploys what cannot be: a user has two keys at most.
func (u *cdkUser) failing(t *testing.T, id string) {
	t.Helper()
	const quota = "Cannot exceed quota for AccessKeysPerUser: 2"
	deploy := []string{"deploy", "--require-approval", "never"}
	contains(t, u.cdk(t, 1, "third", deploy...), quota, "Keys failed to deploy")
	u.status(t, cfntypes.StackStatusUpdateRollbackComplete)
	u.holds(t, id, "Active")

	contains(t, u.cdk(t, 1, "more", append(deploy, "--no-rollback")...), quota)
	u.status(t, cfntypes.StackStatusUpdateFailed)
	u.cdk(t, 0, "more", "rollback")
	u.status(t, cfntypes.StackStatusUpdateRollbackComplete)
	u.holds(t, id, "Active")
}

// drifting changes the key behind the stack's back, and takes the key out of the app,
// which has the user keep it.
func (u *cdkUser) drifting(t *testing.T, id string) {
	t.Helper()
	contains(t, u.cdk(t, 0, "retain", "drift"), "No drift detected")
	out, _ := u.outputs(t, "Keys")
	user := out["UserName"]
	inactive := &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &id, Status: "Inactive"}
	must[*iam.UpdateAccessKeyOutput](t)(u.s.iam(u.root).UpdateAccessKey(t.Context(), inactive))
	contains(t, u.cdk(t, 1, "retain", "drift", "--fail"), "Number of resources with drift: 1", "Status")

	u.deploy(t, "bare")
	if has := u.keysOf(t, user); len(has) != 1 || has[id] == "" {
		t.Errorf("the key that is to stay: %v", has)
	}
	_, err := secretOf(t.Context(), u.s.secrets(u.root), out["SecretArn"])
	if err == nil {
		t.Error("the secret is still there")
	}
	must[*iam.DeleteAccessKeyOutput](t)(u.s.iam(u.root).DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id}))
}

// imports takes a user into the stack that somebody else has made.
func (u *cdkUser) imports(t *testing.T) {
	t.Helper()
	must[*iam.CreateUserOutput](t)(u.s.iam(u.root).CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("imported")}))
	var logical string
	text := must[[]byte](t)(os.ReadFile(filepath.Join(u.apps, "imported", "Keys.template.json")))
	if m := regexp.MustCompile(`"(Imported[0-9A-F]{8})": \{`).FindSubmatch(text); m != nil {
		logical = string(m[1])
	}
	mapping := filepath.Join(t.TempDir(), "mapping.json")
	if err := os.WriteFile(mapping, must[[]byte](t)(json.Marshal(map[string]any{logical: map[string]string{"UserName": "imported"}})), 0o600); err != nil {
		t.Fatal(err)
	}
	u.cdk(t, 0, "imported", "import", "--resource-mapping", mapping)
	u.status(t, cfntypes.StackStatusImportComplete)
	got := must[*cloudformation.DescribeStackResourceOutput](t)(u.s.cloudformation(u.root).DescribeStackResource(t.Context(),
		&cloudformation.DescribeStackResourceInput{StackName: new("Keys"), LogicalResourceId: &logical}))
	if *got.StackResourceDetail.PhysicalResourceId != "imported" {
		t.Errorf("imported %s", *got.StackResourceDetail.PhysicalResourceId)
	}
}

// destroyed takes all down, and bootstraps once more: the bucket of before is adopted. Then
// the program runs the app itself, and adds what it adds.
func (u *cdkUser) destroyed(t *testing.T) {
	t.Helper()
	out, _ := u.outputs(t, "Keys")
	u.cdk(t, 0, "imported", "destroy", "--all", "--force")
	u.noStack(t, "Keys")
	_, err := u.s.iam(u.root).GetUser(t.Context(), &iam.GetUserInput{UserName: new(out["UserName"])})
	refusedWith(t, "the stack's user", err, "NoSuchEntity")
	// The program imports with a policy of retention.
	must[*iam.GetUserOutput](t)(u.s.iam(u.root).GetUser(t.Context(), &iam.GetUserInput{UserName: new("imported")}))
	toolkit := u.s.stack(u.root, "CDKToolkit")
	must[*cloudformation.DeleteStackOutput](t)(toolkit.c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &toolkit.name}))
	u.noStack(t, "CDKToolkit")
	contains(t, u.cdk(t, 0, "", "bootstrap", cdkHere), "bootstrapped.")
	u.run(t, 0, "deploy", "--require-approval", "never", "--app", "node app.js customer", "--output", t.TempDir())
	out, _ = u.outputs(t, "Keys")
	u.holds(t, out["KeyId"], "Active")
}

// Much of what IAM has, nested stacks and stacks that read what others export.
func TestCDKRich(t *testing.T) {
	t.Parallel()
	u := start(t).cdkUser(t)
	u.cdk(t, 0, "", "bootstrap", cdkHere)
	u.deploy(t, "rich")
	u.checkRich(t)
	contains(t, u.deploy(t, "rich"), "Rich (no changes)", "Producer (no changes)", "Consumer (no changes)")
	u.cdk(t, 0, "rich", "destroy", "--all", "--force")
	for _, name := range []string{"Rich", "Parent", "Producer", "Consumer"} {
		u.noStack(t, name)
	}
	left := must[*iam.GetAccountAuthorizationDetailsOutput](t)(u.s.iam(u.root).GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{
		Filter: []iamtypes.EntityType{"User", "Group", "LocalManagedPolicy"},
	}))
	if len(left.UserDetailList) != 1 || len(left.GroupDetailList) != 0 || len(left.Policies) != 0 {
		t.Errorf("left over: %v %v %v", left.UserDetailList, left.GroupDetailList, left.Policies)
	}
}

func (u *cdkUser) checkRich(t *testing.T) {
	t.Helper()
	c, ctx := u.s.iam(u.root), t.Context()
	user := must[*iam.GetUserOutput](t)(c.GetUser(ctx, &iam.GetUserInput{UserName: new("dev")})).User
	if user.PermissionsBoundary == nil || len(user.Tags) != 1 || *user.Tags[0].Value != "a" {
		t.Errorf("the user is %+v", user)
	}
	role := must[*iam.GetRoleOutput](t)(c.GetRole(ctx, &iam.GetRoleInput{RoleName: new("web")})).Role
	if *role.MaxSessionDuration != 7200 || role.PermissionsBoundary == nil {
		t.Errorf("the role is %+v", role)
	}
	box := must[*iam.GetInstanceProfileOutput](t)(c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: new("box")})).InstanceProfile
	if len(box.Roles) != 1 || *box.Roles[0].RoleName != "web" {
		t.Errorf("the instance profile is %+v", box)
	}
	must[*iam.GetOpenIDConnectProviderOutput](t)(c.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: new("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"),
	}))
	for _, name := range []string{"inner", "shared"} { // of a nested stack, of another stack
		if has := u.keysOf(t, name); len(has) != 1 {
			t.Errorf("%s has the keys %v", name, has)
		}
	}
	exports := must[*cloudformation.ListExportsOutput](t)(u.s.cloudformation(u.root).ListExports(ctx, &cloudformation.ListExportsInput{})).Exports
	if n := len(exports); n == 0 {
		t.Error("nothing is exported")
	}
}

// Every synthesizer there is, and an app that iamd cannot serve.
func TestCDKSynthesizers(t *testing.T) {
	t.Parallel()
	u := start(t).cdkUser(t)
	u.deploy(t, "legacy") // needs nothing
	u.cdk(t, 0, "legacy", "destroy", "--force")
	said := u.cdk(t, 1, "custom", "deploy", "--require-approval", "never")
	contains(t, said, "Unrecognized resource types: [AWS::Lambda::Function, Custom::AWSCDKOpenIdConnectProvider]", "iamd does not run Lambda functions")
	if users := must[*iam.ListUsersOutput](t)(u.s.iam(u.root).ListUsers(t.Context(), &iam.ListUsersInput{})).Users; len(users) != 1 {
		t.Errorf("something was made: %v", users)
	}
	u.cdk(t, 0, "", "bootstrap", cdkHere)
	for _, variant := range []string{"bootstrapless", "clicredentials"} {
		u.deploy(t, variant)
		out, _ := u.outputs(t, "Keys")
		u.holds(t, out["KeyId"], "Active")
		u.cdk(t, 0, variant, "destroy", "--force")
		u.noStack(t, "Keys")
	}
}
