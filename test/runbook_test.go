package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// wiretap stands between a runbook and the server. It counts operations, and can let one
// go no further: before the server has seen it, or after, without its reply.
type wiretap struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int
	cut    string // the operation to hold up; "" for none
	after  bool   // when the server has done it
	held   chan struct{}
}

func (s *server) wiretap(t *testing.T) *wiretap {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{counts: map[string]int{}, held: make(chan struct{}, 1)}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // which is signed
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if hold, after := w.note(tapped(r, body)); hold {
			if after {
				proxy.ServeHTTP(httptest.NewRecorder(), r.Clone(t.Context()))
			}
			w.held <- struct{}{}
			<-r.Context().Done() // the client is killed
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(out, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// note counts an operation, and says whether to hold it up, and if that is after it was done.
func (w *wiretap) note(operation string) (hold, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[operation]++
	return operation == w.cut, w.after
}

// holdUp holds an operation up, before it is done or after.
func (w *wiretap) holdUp(operation string, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.after = operation, after
}

// counted is how often each operation came.
func (w *wiretap) counted() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}

// letGo holds nothing up any more.
func (w *wiretap) letGo() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = ""
}

func tapped(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action")
}

// runbook is `iamd run` with a folder of journals, as somebody at a URL.
type runbook struct {
	s        *server
	url      string
	key      key
	journals string
}

func (s *server) runbook(t *testing.T, url string, k key) *runbook {
	t.Helper()
	return &runbook{s, url, k, t.TempDir()}
}

func (r *runbook) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"run", "--journals", r.journals, "--endpoint", r.url}, args...)...)
	cmd.Env = r.s.clientEnv(t, r.key)
	return cmd
}

func (r *runbook) run(t *testing.T, args ...string) result {
	t.Helper()
	cmd := r.command(t, args...)
	return run(t, cmd, cmd.Env)
}

// killed runs until the wiretap holds its operation up, and ends as by kill -9.
func (r *runbook) killed(t *testing.T, w *wiretap, args ...string) {
	t.Helper()
	cmd := r.command(t, args...)
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed
		close(ended)
	}()
	select {
	case <-w.held:
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-ended
	case <-ended:
		t.Fatalf("the run ended before %s:\n%s", w.cut, out.String())
	}
}

// empty demands that no journal is left.
func (r *runbook) empty(t *testing.T) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(r.journals, "*.journal")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// user is what the server knows of a user: "" for nobody.
func (s *server) state(t *testing.T, user string) string {
	t.Helper()
	client := s.iam(s.root(t))
	if _, err := client.GetUser(t.Context(), &iam.GetUserInput{UserName: &user}); err != nil {
		if _, ok := errors.AsType[*types.NoSuchEntityException](err); !ok {
			t.Fatal(err)
		}
		return ""
	}
	keys, err := client.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: &user})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := client.ListGroupsForUser(t.Context(), &iam.ListGroupsForUserInput{UserName: &user})
	if err != nil {
		t.Fatal(err)
	}
	policies, err := client.ListUserPolicies(t.Context(), &iam.ListUserPoliciesInput{UserName: &user})
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"user"}
	for _, k := range keys.AccessKeyMetadata {
		words = append(words, string(k.Status))
	}
	for _, g := range groups.Groups {
		words = append(words, *g.GroupName)
	}
	return strings.Join(append(words, policies.PolicyNames...), " ")
}

// secretKey is the key in a secret, and false if there is no such secret.
func (s *server) secretKey(t *testing.T, name string) (key, bool) {
	t.Helper()
	root := s.root(t)
	client := secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(root.ID, root.Secret, ""),
	})
	got, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return key{}, false
	}
	var k struct {
		ID     string `json:"access_key_id"`
		Secret string `json:"secret_access_key"`
	}
	if err := json.Unmarshal([]byte(*got.SecretString), &k); err != nil {
		t.Fatal(err)
	}
	return key{ID: k.ID, Secret: k.Secret}, true
}

// works demands that the key in a secret is one that can be used, and the user's.
func (s *server) works(t *testing.T, secret, user string) {
	t.Helper()
	k, ok := s.secretKey(t, secret)
	if !ok {
		t.Errorf("there is no secret %s", secret)
		return
	}
	who, err := s.sts(k).GetCallerIdentity(t.Context(), nil)
	if err != nil || !strings.HasSuffix(*who.Arn, ":user/"+user) {
		t.Errorf("the key in %s: %v, %v", secret, who, err)
	}
}

// deputy may do everything but one action.
func (s *server) deputy(t *testing.T, action string) key {
	t.Helper()
	name := "deputy-" + strings.ReplaceAll(action, ":", "-")
	k := s.userKey(t, name)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`
	if _, err := s.iam(s.root(t)).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: &name, PolicyDocument: &policy}); err != nil {
		t.Fatal(err)
	}
	return k
}

// shipped is one runbook of the library, with what it takes and what it leaves.
type shipped struct {
	name string
	// prepare makes what a run about a user takes, and returns the run's inputs.
	prepare func(t *testing.T, s *server, user string) []string
	before  string // the user's state when it is prepared
	after   string // when the run has succeeded
	changes []string
	fails   string // the action that is denied, to see it fail
	undone  string // the user's state then
	check   func(t *testing.T, s *server, user string)
}

var library = []shipped{
	{
		name: "iam-user-creation",
		prepare: func(t *testing.T, s *server, user string) []string {
			return []string{"--input", "user_name=" + user, "--input", "group_name=staff"}
		},
		after:   "user Active staff",
		changes: []string{"CreateUser", "AddUserToGroup", "CreateAccessKey", "CreateSecret"},
		fails:   "secretsmanager:CreateSecret",
		check:   func(t *testing.T, s *server, user string) { s.works(t, "iam/"+user, user) },
	},
	{
		name: "rotate-access-key",
		prepare: func(t *testing.T, s *server, user string) []string {
			s.userKey(t, user)
			done(t, s.call(t, "{}", "secretsmanager", "create-secret", "--name", user, "--secret-string", "file:///dev/stdin"))
			return []string{"--input", "user_name=" + user, "--input", "secret_id=" + user, "--input", "delete_old=true"}
		},
		before: "user Active", after: "user Active",
		changes: []string{"CreateAccessKey", "PutSecretValue", "UpdateAccessKey", "DeleteAccessKey"},
		fails:   "secretsmanager:PutSecretValue", undone: "user Active",
		check: func(t *testing.T, s *server, user string) { s.works(t, user, user) },
	},
	{
		name: "disable-leaked-key",
		prepare: func(t *testing.T, s *server, user string) []string {
			return []string{"--input", "access_key_id=" + s.userKey(t, user).ID}
		},
		before: "user Active", after: "user Inactive iamd-revoke-older-sessions",
		changes: []string{"UpdateAccessKey", "PutUserPolicy"},
		fails:   "iam:PutUserPolicy", undone: "user Inactive", // a leaked key stays as it is
	},
	{
		name: "find-unused-keys",
		prepare: func(t *testing.T, s *server, user string) []string {
			path := "/" + user + "/"
			for _, name := range []string{user, user + "-2"} {
				if _, err := s.iam(s.root(t)).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name, Path: &path}); err != nil {
					t.Fatal(err)
				}
				s.newKey(t, name)
			}
			return []string{"--input", "days=0", "--input", "disable=true", "--input", "path_prefix=" + path}
		},
		before: "user Active", after: "user Inactive",
		changes: []string{"UpdateAccessKey"},
		fails:   "iam:UpdateAccessKey", undone: "user Active",
	},
	{
		name: "offboard-user",
		prepare: func(t *testing.T, s *server, user string) []string {
			s.userKey(t, user)
			client, group, arn := s.iam(s.root(t)), "staff", "arn:aws:iam::aws:policy/ReadOnlyAccess"
			_, err := client.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: &user, GroupName: &group})
			if err == nil {
				_, err = client.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: &user, PolicyArn: &arn})
			}
			if err != nil {
				t.Fatal(err)
			}
			return []string{"--input", "user_name=" + user}
		},
		before:  "user Active staff",
		changes: []string{"PutUserPolicy", "DeleteAccessKey", "DetachUserPolicy", "RemoveUserFromGroup", "DeleteUserPolicy", "DeleteUser"},
		fails:   "iam:RemoveUserFromGroup", undone: "user staff iamd-offboarding",
	},
}

// Each shipped runbook does what it is for, shows no secret, and leaves no journal.
func TestRunbooks(t *testing.T) {
	s := start(t)
	done(t, s.call(t, "", "iam", "create-group", "--group-name", "staff"))
	for _, b := range library {
		t.Run(b.name, func(t *testing.T) {
			user, file := "good-"+b.name, filepath.Join(t.TempDir(), "report.json")
			args := append([]string{b.name}, b.prepare(t, s, user)...)
			r := s.runbook(t, s.url, s.root(t))
			dry := done(t, r.run(t, append(args, "--dry-run")...))
			if got := s.state(t, user); got != b.before {
				t.Errorf("after a dry run: got %q, want %q", got, b.before)
			}
			for _, change := range b.changes {
				if !strings.Contains(dry.stdout, "."+change+" ") {
					t.Errorf("a dry run does not say %s:\n%s", change, dry.stdout)
				}
			}
			got := done(t, r.run(t, append(args, "--report", file)...))
			if got := s.state(t, user); got != b.after {
				t.Errorf("got %q, want %q", got, b.after)
			}
			if b.check != nil {
				b.check(t, s, user)
			}
			r.empty(t)
			text, err := os.ReadFile(file)
			if err != nil || !bytes.Contains(text, []byte(`"status": "succeeded"`)) {
				t.Errorf("got %s, %v", text, err)
			}
			for _, name := range []string{user, "iam/" + user} {
				if k, ok := s.secretKey(t, name); ok && k.Secret != "" && strings.Contains(got.stdout+got.stderr+string(text), k.Secret) {
					t.Error("a secret is shown")
				}
			}
		})
	}
}

// A step that fails is cleaned up after, and the run says why.
func TestRunbooksFail(t *testing.T) {
	s := start(t)
	done(t, s.call(t, "", "iam", "create-group", "--group-name", "staff"))
	for _, b := range library {
		t.Run(b.name, func(t *testing.T) {
			user, file := "bad-"+b.name, filepath.Join(t.TempDir(), "report.json")
			args := append([]string{b.name}, b.prepare(t, s, user)...)
			r := s.runbook(t, s.url, s.deputy(t, b.fails))
			got := r.run(t, append(args, "--report", file)...)
			if got.code != 1 || !strings.Contains(got.stderr, "iamd: "+b.name+" failed: step ") || !strings.Contains(got.stderr, "is not authorized to perform: "+b.fails) || got.stdout != "" {
				t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			if got := s.state(t, user); got != b.undone {
				t.Errorf("got %q, want %q", got, b.undone)
			}
			if _, ok := s.secretKey(t, "iam/"+user); ok {
				t.Error("the secret is left")
			}
			r.empty(t)
			if text, err := os.ReadFile(file); err != nil || !bytes.Contains(text, []byte(`"status": "failed"`)) {
				t.Errorf("got %s, %v", text, err)
			}
		})
	}
}

// A run that was killed at any of its calls, before the server saw it or after, goes on
// where it was: it comes to what it would have, and nothing completed is done again.
func TestRunbooksResume(t *testing.T) {
	s := start(t)
	done(t, s.call(t, "", "iam", "create-group", "--group-name", "staff"))
	for _, b := range library {
		for i, change := range b.changes {
			for _, after := range []bool{false, true} {
				name := b.name + "/" + change
				if after {
					name += "-done"
				}
				t.Run(name, func(t *testing.T) { b.resumes(t, s, "k"+strings.ReplaceAll(name, "/", "-"), i, after) })
			}
		}
	}
}

func (b *shipped) resumes(t *testing.T, s *server, user string, i int, after bool) {
	args := append([]string{b.name}, b.prepare(t, s, user)...)
	w := s.wiretap(t)
	w.holdUp(b.changes[i], after)
	r := s.runbook(t, w.URL, s.root(t))
	r.killed(t, w, args...)
	counts := w.counted()
	w.letGo()
	got := done(t, r.run(t, b.name, "--resume"))
	if !strings.Contains(got.stderr, " succeeded before\n") {
		t.Errorf("nothing was done before:\n%s", got.stderr)
	}
	for _, change := range b.changes[:i] {
		if now := w.counted(); now[change] != counts[change] && change != "DeleteAccessKey" { // which also undoes a lost key
			t.Errorf("%s was done again: %d times, and %d before", change, now[change], counts[change])
		}
	}
	if got := s.state(t, user); got != b.after {
		t.Errorf("got %q, want %q", got, b.after)
	}
	if b.check != nil {
		b.check(t, s, user)
	}
	r.empty(t)
	if again := r.run(t, b.name, "--resume"); again.code != 1 || again.stderr != "iamd: no run of "+b.name+" was cut short\n" {
		t.Errorf("exit code %d, %s", again.code, again.stderr)
	}
}

// Ctrl-C lets the present call end, does no other, and cleans up.
func TestRunbookInterrupted(t *testing.T) {
	s := start(t)
	file := filepath.Join(t.TempDir(), "wait.yaml")
	text := `name: wait
steps:
- id: make
  call: iam.CreateGroup
  with: {GroupName: waiting}
- id: never
  call: iam.GetGroup
  with: {GroupName: waiting}
  wait-until: {condition: len(result.Users) > 0, every: 50ms, timeout: 1h}
- id: after
  call: iam.CreateGroup
  with: {GroupName: after}
always:
- id: clean
  when: steps.make != nil
  call: iam.DeleteGroup
  with: {GroupName: waiting}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := s.wiretap(t)
	r := s.runbook(t, w.URL, s.root(t))
	cmd := r.command(t, file)
	var out output
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		w.mu.Lock()
		waiting := w.counts["GetGroup"] > 2
		w.mu.Unlock()
		if waiting {
			break
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); !exited || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out.String(), "iamd: wait interrupted: step never: interrupted\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if n := w.counted(); n["DeleteGroup"] != 1 || n["CreateGroup"] != 1 {
		t.Errorf("got %v", n)
	}
	r.empty(t)
}

// A call that was cut short is repeated only where the runbook or its user says so.
func TestRunbookUndecided(t *testing.T) {
	s := start(t)
	file := filepath.Join(t.TempDir(), "one.yaml")
	if err := os.WriteFile(file, []byte("name: one\nsteps:\n- id: make\n  call: iam.CreateGroup\n  with: {GroupName: one}\noutputs:\n  name: {value: '${{ steps.make.Group.GroupName }}'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := s.wiretap(t)
	w.holdUp("CreateGroup", false)
	r := s.runbook(t, w.URL, s.root(t))
	r.killed(t, w, file)
	w.letGo()
	got := r.run(t, file, "--resume")
	want := "iamd: one undecided: step make was cut short, and it is not known whether it was carried out: look, and then resume with --repeat if it is to be done again\n"
	if got.code != 1 || !strings.HasSuffix(got.stderr, want) {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
	if got := done(t, r.run(t, file, "--resume", "--repeat")); got.stdout != "{\n  \"name\": \"one\"\n}\n" {
		t.Errorf("got %s", got.stdout)
	}
	r.empty(t)
}

func TestRunRefuses(t *testing.T) {
	s := start(t)
	r := s.runbook(t, s.url, s.root(t))
	for _, c := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"", 2, "iamd: run takes one runbook, a file or a name; see 'iamd run --list'\n"},
		{"nothing", 2, "iamd: run: no runbook is called \"nothing\"; see 'iamd run --list'. A file is given with its path, or as NAME.yaml\n"},
		{"offboard-user", 2, "iamd: run: input user_name is missing: The user.; see 'iamd run offboard-user --help'\n"},
		{"offboard-user --input user=a", 2, "iamd: run: offboard-user has no input \"user\"; there are user_name, keep; see 'iamd run offboard-user --help'\n"},
		{"offboard-user --input user_name=a --resume", 2, "iamd: run: a run that is resumed has its inputs\n"},
		{"offboard-user --dry-run --resume", 2, "iamd: run takes either --dry-run or --resume\n"},
		{"offboard-user --repeat", 2, "iamd: run takes --run and --repeat only with --resume\n"},
		{"offboard-user --resume", 1, "iamd: no run of offboard-user was cut short\n"},
		{"offboard-user --what", 2, "iamd: run: flag provided but not defined: -what; see 'iamd run --help'\n"},
	} {
		if got := r.run(t, strings.Fields(c.args)...); got.code != c.code || got.stderr != c.stderr {
			t.Errorf("%s: exit code %d, %q; want %d, %q", c.args, got.code, got.stderr, c.code, c.stderr)
		}
	}
	list := done(t, r.run(t, "--list"))
	for _, b := range library {
		if !strings.Contains(list.stdout, b.name) {
			t.Errorf("%s is not listed", b.name)
		}
		if help := done(t, r.run(t, b.name, "--help")); !strings.Contains(help.stdout, "\nInputs:\n") || !strings.Contains(help.stdout, "\nSteps:\n") {
			t.Errorf("%s: %s", b.name, help.stdout)
		}
	}
}
