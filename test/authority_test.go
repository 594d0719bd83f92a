package test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/sigv4"
)

const askersToken = "the-token-of-the-store"

// asked is a server that answers other servers.
type asked struct {
	*server
	authority string // where
}

func startAsked(t *testing.T, flags ...string) *asked {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(askersToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags = append(flags, "--authority-listen", "127.0.0.1:0", "--authority-token-file", file)
	s := &asked{server: start(t, withFlags(flags...))}
	s.authority = s.await(t, regexp.MustCompile(`msg="answering other servers" address=(\S+)\n`))
	return s
}

// allow gives a user a policy of its own.
func (s *asked) allow(t *testing.T, user, action, resource string) {
	t.Helper()
	document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
	_, err := s.iam(s.root(t)).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &user, PolicyName: new("own"), PolicyDocument: &document})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *asked) deactivate(t *testing.T, user string, k key) {
	t.Helper()
	_, err := s.iam(s.root(t)).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &k.ID, Status: types.StatusTypeInactive})
	if err != nil {
		t.Fatal(err)
	}
}

// runStore runs examples/authority, and returns its address.
func (s *asked) runStore(t *testing.T, bucketPolicy string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "store")
	build := exec.CommandContext(t.Context(), "go", "build", "-race", "-o", program, "./examples/authority")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the example: %v\n%s", err, out)
	}
	address := freeAddress(t)
	store := exec.Command(program, address, s.authority)
	store.Env = append(cleanEnv(t), "AUTHORITY_TOKEN="+askersToken, "BUCKET_POLICY="+bucketPolicy)
	runBeside(t, store, address)
	return "http://" + address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// runBeside runs a program until the test ends, and returns when it listens.
func runBeside(t *testing.T, cmd *exec.Cmd, address string) {
	t.Helper()
	var said output
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // it is killed
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() || strings.Contains(said.String(), "DATA RACE") {
			t.Errorf("what %s said:\n%s", filepath.Base(cmd.Path), said.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended:\n%s", cmd.Path, said.String())
		case <-ctx.Done():
			t.Fatalf("%s does not listen:\n%s", cmd.Path, said.String())
		default:
		}
	}
}

// s3 is AWS's own client of a store.
func storeClient(store string, k key) *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &store, UsePathStyle: true, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

func readObject(ctx context.Context, c *s3.Client, name string) (string, error) {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: new("photos"), Key: &name})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	return string(body), err
}

// checkCode demands an error of AWS's client by its code and text; "" of the text is any.
func checkCode(t *testing.T, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || message != "" && e.ErrorMessage() != message {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
}

// The example store takes AWS's own S3 client, with all kinds of iamd's keys.
func TestExampleStore(t *testing.T) {
	t.Parallel()
	s := startAsked(t)
	bob, carol, eve := s.userKey(t, "bob"), s.userKey(t, "carol"), s.userKey(t, "eve")
	s.allow(t, "bob", "s3:*", "arn:aws:s3:::photos/*")
	store := s.runStore(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/carol"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}]}`)
	ctx, name := t.Context(), "my cats/1+1=2.jpg"

	_, err := storeClient(store, bob).PutObject(ctx, &s3.PutObjectInput{Bucket: new("photos"), Key: &name, Body: strings.NewReader("miaow")})
	if err != nil {
		t.Fatal(err)
	}
	for who, k := range map[string]key{"bob": bob, "carol, by the bucket's policy": carol, "a role": s.roleSession(t, "s3:GetObject", "arn:aws:s3:::photos/*")} {
		if got, err := readObject(ctx, storeClient(store, k), name); err != nil || got != "miaow" {
			t.Errorf("%s: got %q, %v", who, got, err)
		}
		if got := getPresigned(t, store, k, name); got.status != 200 || got.body != "miaow" {
			t.Errorf("%s, presigned: got %+v", who, got)
		}
	}
	_, err = readObject(ctx, storeClient(store, eve), name)
	checkCode(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::photos/"+name+
		" because no identity-based policy allows the s3:GetObject action")
	s.checkEncoded(t, eve, store, name)
	_, err = storeClient(store, carol).DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: new("photos"), Key: &name})
	checkCode(t, err, "AccessDenied", "")

	url := presignedURL(t, store, bob, name)
	s.deactivate(t, "bob", bob)
	_, err = readObject(ctx, storeClient(store, bob), name)
	checkCode(t, err, "InvalidAccessKeyId", "The AWS access key ID that you provided does not exist in our records.")
	if got := get(t, url); got.status != 403 || !strings.Contains(got.body, "<Code>InvalidAccessKeyId</Code>") {
		t.Errorf("presigned before the key was deactivated: got %+v", got)
	}
}

// roleSession is a session of a role that may do one thing.
func (s *asked) roleSession(t *testing.T, action, resource string) key {
	t.Helper()
	ctx, c := t.Context(), s.iam(s.root(t))
	asker := s.userKey(t, "asker")
	s.allow(t, "asker", "sts:AssumeRole", "*")
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`
	role := must[*iam.CreateRoleOutput](t)(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("reader"), AssumeRolePolicyDocument: &trust})).Role
	document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
	must[*iam.PutRolePolicyOutput](t)(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: new("own"), PolicyDocument: &document}))
	made := must[*sts.AssumeRoleOutput](t)(s.sts(asker).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role.Arn, RoleSessionName: new("one")})).Credentials
	return key{ID: *made.AccessKeyId, Secret: *made.SecretAccessKey, Token: *made.SessionToken}
}

// checkEncoded opens the message of a denial with AWS's client.
func (s *asked) checkEncoded(t *testing.T, k key, store, name string) {
	t.Helper()
	m := regexp.MustCompile(`<EncodedAuthorizationMessage>(.+)</EncodedAuthorizationMessage>`).FindStringSubmatch(getPresigned(t, store, k, name).body)
	if m == nil {
		t.Error("a denial has no encoded message")
		return
	}
	out, err := s.sts(s.root(t)).DecodeAuthorizationMessage(t.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: &m[1]})
	if err != nil || !strings.HasPrefix(*out.DecodedMessage, `{"allowed":false,"explicitDeny":false,`) {
		t.Errorf("decoded: %v, %v", out, err)
	}
}

func presignedURL(t *testing.T, store string, k key, name string) string {
	t.Helper()
	signed, err := s3.NewPresignClient(storeClient(store, k)).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: new("photos"), Key: &name})
	if err != nil {
		t.Fatal(err)
	}
	return signed.URL
}

func getPresigned(t *testing.T, store string, k key, name string) reply {
	t.Helper()
	return get(t, presignedURL(t, store, k, name))
}

func get(t *testing.T, url string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return (&server{http: http.DefaultClient}).send(t, r)
}

// api is a server that is no store: it says who calls, and repeats the body.
func (s *asked) api(t *testing.T) string {
	t.Helper()
	guard := &authority.Guard{
		Client:  &authority.Client{URL: s.authority, Token: askersToken},
		Service: "pets",
		Permissions: func(r *http.Request) ([]authority.Permission, error) {
			return []authority.Permission{{Action: "pets:" + r.Method, Resource: "arn:aws:pets:us-east-1:123456789012:" + strings.TrimPrefix(r.URL.Path, "/")}}, nil
		},
		Failed: func(_ *http.Request, err error) { t.Error(err) },
	}
	h := httptest.NewServer(guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s sends %s", authority.From(r.Context()).Principal.ARN, body)
		if err != nil {
			t.Error(err)
		}
	})))
	t.Cleanup(h.Close)
	return h.URL
}

func TestPlainAPI(t *testing.T) {
	t.Parallel()
	s := startAsked(t)
	bob := s.userKey(t, "bob")
	s.allow(t, "bob", "pets:POST", "arn:aws:pets:*:*:cats/*")
	api := &server{url: s.api(t), http: s.http}
	call := func(signed bool, path, body string) reply {
		r := api.request(t, http.MethodPost, path, "text/plain", body)
		if signed {
			return api.send(t, sign(t, r, bob, "pets", time.Now()))
		}
		r = presign(t, r, bob, "pets", time.Now())
		setBody(r, body) // with its length, which is signed
		return api.send(t, r)
	}
	const want = "arn:aws:iam::123456789012:user/bob sends Tom"
	for _, inHeader := range []bool{true, false} {
		if got := call(inHeader, "/cats/1", "Tom"); got.status != 200 || got.body != want {
			t.Errorf("signed in the header: %v: got %+v", inHeader, got)
		}
		if got := call(inHeader, "/dogs/1", "Rex"); got.status != 403 || got.header.Get("X-Amzn-Errortype") != "AccessDenied" {
			t.Errorf("denied, signed in the header: %v: got %+v", inHeader, got)
		}
	}
	r := sign(t, api.request(t, http.MethodPost, "/cats/1", "text/plain", "Tom"), bob, "pets", time.Now())
	setBody(r, "Tim")
	if got := api.send(t, r); got.status != 403 || got.header.Get("X-Amzn-Errortype") != "SignatureDoesNotMatch" {
		t.Errorf("another body: got %+v", got)
	}
	s.deactivate(t, "bob", bob)
	if got := call(true, "/cats/1", "Tom"); got.status != 403 || got.header.Get("X-Amzn-Errortype") != "InvalidClientTokenId" {
		t.Errorf("deactivated: got %+v", got)
	}
}

// boto3 can do what the SDK for Go can.
func TestBoto3(t *testing.T) {
	t.Parallel()
	s := startAsked(t)
	bob := s.userKey(t, "bob")
	s.allow(t, "bob", "*", "*")
	store, api := s.runStore(t, ""), s.api(t)
	script := func() result {
		cmd := exec.CommandContext(t.Context(), "python3", filepath.Join("testdata", "store.py"))
		return run(t, cmd, append(cleanEnv(t), "STORE="+store, "API="+api, "AWS_ACCESS_KEY_ID="+bob.ID, "AWS_SECRET_ACCESS_KEY="+bob.Secret))
	}
	const who = "arn:aws:iam::123456789012:user/bob sends "
	want := "put ok\nget from boto3\npresigned put ok\npresigned get presigned\napi " + who + "name=Tom\npresigned api " + who + "\n"
	if got := script(); got.stdout != want {
		t.Fatalf("got\n%s%s\nwant\n%s", got.stdout, got.stderr, want)
	}
	s.deactivate(t, "bob", bob)
	want = "put InvalidAccessKeyId\nget InvalidAccessKeyId\npresigned put 403\npresigned get 403\napi 403\npresigned api 403\n"
	if got := script(); got.stdout != want {
		t.Errorf("deactivated: got\n%s%s\nwant\n%s", got.stdout, got.stderr, want)
	}
}

// A body of declared hash that is too long to wait for is checked as it is read.
func TestLongBody(t *testing.T) {
	t.Parallel()
	s := startAsked(t)
	bob := s.userKey(t, "bob")
	guard := &authority.Guard{Client: &authority.Client{URL: s.authority, Token: askersToken}, Service: "s3", MaxBody: 4}
	h := httptest.NewServer(guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %v", body, err)
	})))
	defer h.Close()
	api := &server{url: h.URL, http: s.http}
	put := func(body, sent, hash string) reply {
		r := api.request(t, http.MethodPut, "/x", "", body)
		if hash != "" {
			r.Header.Set("X-Amz-Content-Sha256", hash)
		}
		r = signHash(t, r, bob, "s3", bodyHash(t, r), time.Now())
		setBody(r, sent)
		return api.send(t, r)
	}
	hash := string(sigv4.HashPayload([]byte("a long body")))
	if got := put("a long body", "a long body", hash); got.body != "a long body <nil>" {
		t.Errorf("got %+v", got)
	}
	if got := put("a long body", "a long lie!", hash); got.body != "a long lie! "+authority.ErrBody.Error() {
		t.Errorf("another body: got %+v", got)
	}
	if got := put("a long body", "a long body", ""); got.status != 413 {
		t.Errorf("no hash: got %+v", got)
	}
}

// Whoever asks proves itself, or nobody is let in.
func TestAskersProveThemselves(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"--authority-listen needs --authority-token-file or --authority-client-ca, on any address":                                          {"--authority-listen", "127.0.0.1:0"},
		"the settings of --authority-… need an --authority-listen":                                                                          {"--authority-token-file", "x"},
		"--authority-client-ca needs --tls-cert and --tls-key: there are no client certificates without TLS":                                {"--authority-listen", "127.0.0.1:0", "--authority-client-ca", "x"},
		"--authority-listen 0.0.0.0:0: plain HTTP on an address that others can reach needs --tls-cert and --tls-key, or --insecure-listen": {"--authority-listen", "0.0.0.0:0", "--authority-token-file", "x"},
	} {
		got := iamd(t, append([]string{"serve", "--ephemeral"}, flags...)...)
		if got.code != 2 || got.stderr != "iamd: "+name+"\n" {
			t.Errorf("%v: got %d %s", flags, got.code, got.stderr)
		}
	}
	s := startAsked(t)
	for _, token := range []string{"", "another-token-of-another"} {
		_, err := (&authority.Client{URL: s.authority, Token: token}).Ask(t.Context(), &authority.Question{})
		if e, ok := errors.AsType[*authority.Unanswered](err); !ok || e.Status != 401 {
			t.Errorf("token %q: got %v", token, err)
		}
	}
}
