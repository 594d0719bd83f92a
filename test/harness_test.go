// Package test holds stories from outside: real clients (AWS's CLI, its SDK,
// plain HTTP) against the real binary.
package test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// patience is how long anything here may take before it counts as stuck.
const patience = 2 * time.Minute

// binary is the iamd under test, built once by TestMain with the race detector.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "iamd-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "iamd")
	build := exec.Command("go", "build", "-race", "-o", binary, "./cmd/iamd")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building iamd: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// server is a running `iamd serve`.
type server struct {
	data string // its data folder
	url  string // "http://127.0.0.1:41234"
	http *http.Client

	cmd            *exec.Cmd
	stdout, stderr output        // all that it has written
	ended          chan struct{} // closed when the process is gone

	shellLines func() result // what `iamd env` prints
}

// option changes how a server is started.
type option func(*server)

// withFlags adds flags of `iamd serve`. A --listen among them is one more.
func withFlags(flags ...string) option {
	return func(s *server) { s.cmd.Args = append(s.cmd.Args, flags...) }
}

// withEnv adds variables, as "IAMD_MASTER_KEY=…".
func withEnv(variables ...string) option {
	return func(s *server) { s.cmd.Env = append(s.cmd.Env, variables...) }
}

// onData starts on a folder that is there, such as that of a server that was stopped.
func onData(folder string) option {
	return func(s *server) { s.data = folder }
}

// withTransport is how the test's own requests travel, for a server with TLS.
func withTransport(rt *http.Transport) option {
	return func(s *server) { s.http.Transport = wholeReplies{rt} }
}

// start runs `iamd serve` on a free port and a new data folder, and returns when
// it is ready. A server that is still running when the test ends is stopped, as
// by stop.
func start(t *testing.T, options ...option) *server {
	t.Helper()
	s := launch(t, options...)
	s.url = s.await(t, regexp.MustCompile(`msg=listening address=(\S+)\n`))
	for !s.ready(t) {
		if s.gone() {
			t.Fatalf("iamd ended before it was ready:\n%s", s.stderr.String())
		}
	}
	return s
}

// wholeReplies reads a reply to its end before AWS's client sees it. That closes the
// request's body as soon as a reply begins, and with it, now and then, the connection:
// https://github.com/aws/aws-sdk-go-v2/issues/2737
type wholeReplies struct{ *http.Transport }

func (w wholeReplies) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// launch runs `iamd serve` and does not wait for it.
func launch(t *testing.T, options ...option) *server {
	t.Helper()
	s := &server{
		http:  &http.Client{Transport: wholeReplies{&http.Transport{MaxIdleConnsPerHost: 64}}, Timeout: patience},
		cmd:   exec.Command(binary, "serve", "--listen", "127.0.0.1:0"),
		ended: make(chan struct{}),
	}
	s.cmd.Env = cleanEnv(t)
	for _, o := range options {
		o(s)
	}
	if s.data == "" {
		s.data = filepath.Join(t.TempDir(), "iamd-data")
	}
	s.cmd.Args = append(s.cmd.Args, "--data", s.data)
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, &s.stderr
	s.shellLines = sync.OnceValue(func() result { return iamd(t, "env", "--data", s.data) })
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // its exit code is in ProcessState
		close(s.ended)
	}()
	t.Cleanup(func() { s.finish(t) })
	return s
}

// finish ends what is running, and shows what a failed test's server said.
func (s *server) finish(t *testing.T) {
	if !s.gone() {
		s.stop(t)
	}
	s.checkHealth(t)
	if t.Failed() {
		t.Logf("what the server on %s said:\n%s", s.data, s.stderr.String())
	}
	s.http.CloseIdleConnections()
}

// stop asks the server to end (SIGTERM), and demands that it does so in peace.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGTERM)
	if code := s.wait(t); code != 0 {
		t.Errorf("exit code after SIGTERM: got %d, want 0\n%s", code, s.stderr.String())
	}
	s.checkHealth(t)
}

// kill ends the server as a crash would (SIGKILL).
func (s *server) kill(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGKILL)
	s.wait(t)
}

func (s *server) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// wait returns the exit code of a server that is about to end: -1 after a signal.
func (s *server) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		t.Fatalf("iamd did not end:\n%s", s.stderr.String())
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) gone() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// checkHealth finds data races and panics, in which a server may live on.
func (s *server) checkHealth(t *testing.T) {
	t.Helper()
	for _, sign := range []string{"DATA RACE", "race detected", "panic:", "panic serving", "fatal error:"} {
		if strings.Contains(s.stderr.String(), sign) {
			t.Errorf("the server said %q:\n%s", sign, s.stderr.String())
		}
	}
}

// await returns the part in brackets of the first match in the server's log.
func (s *server) await(t *testing.T, line *regexp.Regexp) string {
	t.Helper()
	late := time.After(patience)
	for {
		gone := s.gone() // before the look, so that the last words count
		text, more := s.stderr.read()
		if m := line.FindStringSubmatch(text); m != nil {
			return m[len(m)-1]
		}
		if gone {
			t.Fatalf("iamd ended without saying %q:\n%s", line, text)
		}
		select {
		case <-more:
		case <-s.ended:
		case <-late:
			t.Fatalf("iamd did not say %q:\n%s", line, text)
		}
	}
}

func (s *server) ready(t *testing.T) bool {
	t.Helper()
	resp, err := s.http.Get(s.url + "/readyz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// output collects what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// read is the text so far, and a channel that is closed when there is more.
func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return o.text.String(), o.more
}

// key is an access key in plain text.
type key struct{ ID, Secret, Token string }

// root is the root user's key, from the data folder.
func (s *server) root(t *testing.T) key {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`^\[default\]\naws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$`).FindSubmatch(text)
	if m == nil {
		t.Fatal("the credentials file has another form")
	}
	return key{ID: string(m[1]), Secret: string(m[2])}
}

// userKey makes a user, and a key for it.
func (s *server) userKey(t *testing.T, name string) key {
	t.Helper()
	client := s.iam(s.root(t))
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	return s.newKey(t, name)
}

// newKey makes a key for a user that is there.
func (s *server) newKey(t *testing.T, user string) key {
	t.Helper()
	made, err := s.iam(s.root(t)).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &user})
	if err != nil {
		t.Fatal(err)
	}
	return key{ID: *made.AccessKey.AccessKeyId, Secret: *made.AccessKey.SecretAccessKey}
}

// iam is AWS's own client. It tries everything once.
func (s *server) iam(k key) *iam.Client {
	return iam.New(iam.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

// sts is AWS's own client. It tries everything once.
func (s *server) sts(k key) *sts.Client {
	return sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

// request makes a request for the server, not signed yet.
func (s *server) request(t *testing.T, method, path, contentType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// form makes a POST of AWS Query, not signed yet.
func (s *server) form(t *testing.T, body string) *http.Request {
	t.Helper()
	return s.request(t, http.MethodPost, "/", "application/x-www-form-urlencoded; charset=utf-8", body)
}

// sign signs with AWS's signer, so that iamd's own is not its judge.
func sign(t *testing.T, r *http.Request, k key, service string, at time.Time) *http.Request {
	t.Helper()
	return signHash(t, r, k, service, bodyHash(t, r), at)
}

// signHash signs with something else in place of the body's hash.
func signHash(t *testing.T, r *http.Request, k key, service, hash string, at time.Time) *http.Request {
	t.Helper()
	if err := v4.NewSigner().SignHTTP(t.Context(), k.credentials(), r, hash, service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

// presign signs in the query, with AWS's signer.
func presign(t *testing.T, r *http.Request, k key, service string, at time.Time) *http.Request {
	t.Helper()
	uri, headers, err := v4.NewSigner().PresignHTTP(t.Context(), k.credentials(), r, bodyHash(t, r), service, "us-east-1", at)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := http.NewRequestWithContext(t.Context(), r.Method, uri, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range headers {
		if name != "Host" {
			signed.Header[name] = values
		}
	}
	return signed
}

func (k key) credentials() aws.Credentials {
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret, SessionToken: k.Token}
}

func bodyHash(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, body); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// reply is an HTTP response, read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (s *server) send(t *testing.T, r *http.Request) reply {
	t.Helper()
	resp, err := s.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// refusal is what a reply that refuses says.
type refusal struct {
	Status        int
	Code, Message string
}

// xmlRefusal reads a refusal of a Query service, and checks its form.
func (r reply) xmlRefusal(t *testing.T) refusal {
	t.Helper()
	var e struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}
	if err := xml.Unmarshal([]byte(r.body), &e); err != nil {
		t.Fatalf("%v in the reply, status %d:\n%s", err, r.status, r.body)
	}
	if got := r.header.Get("Content-Type"); got != "text/xml" {
		t.Errorf("content type: got %q, want text/xml", got)
	}
	if got := r.header.Get("X-Amzn-Requestid"); got == "" || got != e.RequestID {
		t.Errorf("request ID: %q in the header, %q in the body", got, e.RequestID)
	}
	return refusal{r.status, e.Code, e.Message}
}

// jsonRefusal reads a refusal of a JSON service, and checks its form.
func (r reply) jsonRefusal(t *testing.T) refusal {
	t.Helper()
	var e struct {
		Type    string `json:"__type"`
		Message string // "message" too
	}
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		t.Fatalf("%v in the reply, status %d:\n%s", err, r.status, r.body)
	}
	if got := r.header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("content type: got %q, want application/x-amz-json-1.1", got)
	}
	if r.header.Get("X-Amzn-Requestid") == "" {
		t.Error("no request ID in the headers")
	}
	return refusal{r.status, e.Type, e.Message}
}

// result is what a command did.
type result struct {
	stdout, stderr string
	code           int
}

// iamd runs a command of the binary to its end.
func iamd(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, exec.CommandContext(t.Context(), binary, args...), cleanEnv(t))
}

// bash runs lines of bash in which the AWS CLI knows the server: what `iamd env`
// prints comes before them.
func (s *server) bash(t *testing.T, lines string) result {
	t.Helper()
	needCLI(t)
	env := s.shellLines()
	if env.code != 0 {
		t.Fatalf("iamd env: exit code %d\n%s", env.code, env.stderr)
	}
	return run(t, exec.CommandContext(t.Context(), "bash", "-c", env.stdout+lines), cleanEnv(t))
}

// as puts a key before a command line, where it wins over the root's.
func (k key) as(command string) string {
	return fmt.Sprintf("AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s %s", k.ID, k.Secret, command)
}

func run(t *testing.T, cmd *exec.Cmd, env []string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &stdout, &stderr
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%s: %v", cmd, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// cleanEnv is an environment in which nothing of AWS or iamd is set, and `iamd`
// is the binary under test.
func cleanEnv(t *testing.T) []string {
	return []string{
		"PATH=" + filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + t.TempDir(),
		"GORACE=atexit_sleep_ms=0", // a second otherwise
	}
}

var cliVersion = sync.OnceValues(func() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return exec.CommandContext(ctx, "aws", "--version").CombinedOutput()
})

// needCLI fails the test where there is no AWS CLI: a skip would hide what is not tested.
func needCLI(t *testing.T) {
	t.Helper()
	if out, err := cliVersion(); err != nil {
		t.Fatalf("the AWS CLI does not run here: %v %s\nrun `make test`, which installs it", err, out)
	}
}

func randomBytes(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
