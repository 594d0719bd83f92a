package test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// What cannot be served is refused before anything is opened: one line, exit code 2.
func TestServeRefusesSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		flags []string
		env   []string
		want  string
	}{
		{"unknown flag", []string{"--lisen", "x"}, nil,
			"iamd: serve: flag provided but not defined: -lisen; see 'iamd serve --help'"},
		{"unknown variable", nil, []string{"IAMD_LISEN=x"},
			"iamd: unknown setting IAMD_LISEN in the environment; see 'iamd help'"},
		{"a bad value in a variable", nil, []string{"IAMD_EPHEMERAL=maybe"},
			`iamd: IAMD_EPHEMERAL: parse error`},
		{"an argument", []string{"data"}, nil,
			`iamd: serve takes no arguments, only flags: "data"`},
		{"plain HTTP for others to read", []string{"--listen", "0.0.0.0:0"}, nil,
			"iamd: --listen 0.0.0.0:0: plain HTTP on an address that others can reach needs --tls-cert and --tls-key, or --insecure-listen"},
		{"a public URL that is none, from a variable", nil, []string{"IAMD_PUBLIC_URL=example.com"},
			"iamd: --public-url example.com: not an http or https address"},
		{"half of a certificate", []string{"--tls-cert", "cert.pem"}, nil,
			"iamd: --tls-cert and --tls-key go together"},
		{"an account that is none", []string{"--account", "12"}, nil, "iamd: --account: "},
		{"a proxy that is none", []string{"--trusted-proxy", "proxy"}, nil,
			"iamd: --trusted-proxy proxy: neither an address nor a CIDR block"},
		{"half of a root key", []string{"--ephemeral"}, []string{"IAMD_ROOT_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"},
			"iamd: IAMD_ROOT_ACCESS_KEY_ID and IAMD_ROOT_SECRET_ACCESS_KEY go together"},
		{"a root key for a data folder", nil, []string{"IAMD_ROOT_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "IAMD_ROOT_SECRET_ACCESS_KEY=secret"},
			"iamd: IAMD_ROOT_ACCESS_KEY_ID is for --ephemeral; a data folder has its own root key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := launch(t, withFlags(test.flags...), withEnv(test.env...))
			s.refuses(t, 2, test.want)
			if _, err := os.Stat(s.data); !os.IsNotExist(err) {
				t.Errorf("the data folder was made: %v", err)
			}
		})
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	launch(t, onData(s.data)).refuses(t, 1,
		"iamd: data folder "+filepath.Join(s.data, "store")+" is in use by another iamd")
	if !s.ready(t) {
		t.Error("the first is no longer ready")
	}
}

func TestInsecureListen(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--insecure-listen", "--listen", "0.0.0.0:0"))
	s.url = s.await(t, regexp.MustCompile(`address=(http://(?:\[::\]|0\.0\.0\.0):\d+)\n`))
	if got := s.whoAmI(t, s.root(t)); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN: got %s", got)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, certFile, keyFile := makeCertificate(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(cert)
	s := start(t, withFlags("--tls-cert", certFile, "--tls-key", keyFile),
		withTransport(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}))
	if !strings.HasPrefix(s.url, "https://") {
		t.Errorf("address: got %s, want https", s.url)
	}
	if got := s.whoAmI(t, s.root(t)); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN: got %s", got)
	}
	resp, err := http.Get("http" + strings.TrimPrefix(s.url, "https") + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP at the same door: got status %d, want 400", resp.StatusCode)
	}
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	given := key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	s := start(t, withFlags("--ephemeral"),
		withEnv("IAMD_ROOT_ACCESS_KEY_ID="+given.ID, "IAMD_ROOT_SECRET_ACCESS_KEY="+given.Secret))
	if _, err := s.iam(given).CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("Bob")}); err != nil {
		t.Fatal(err)
	}
	if got := s.whoAmI(t, given); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN: got %s", got)
	}
	s.stop(t)
	if _, err := os.Stat(s.data); !os.IsNotExist(err) {
		t.Errorf("it left something at %s: %v", s.data, err)
	}
	if out := s.stdout.String() + s.stderr.String(); strings.Contains(out, given.Secret) {
		t.Errorf("it repeated the secret:\n%s", out)
	}
}

func TestEphemeralMakesARootKey(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--ephemeral"))
	if got := s.whoAmI(t, s.shownKey(t)); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN: got %s", got)
	}
}

func TestNoCredentialsFile(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--no-credentials-file", "--account", "111122223333"))
	shown := s.shownKey(t)
	if got := s.whoAmI(t, shown); got != "arn:aws:iam::111122223333:root" {
		t.Errorf("ARN: got %s", got)
	}
	for _, name := range []string{"credentials", "config"} {
		if _, err := os.Stat(filepath.Join(s.data, name)); !os.IsNotExist(err) {
			t.Errorf("there is a file %s: %v", name, err)
		}
	}
	s.stop(t)
	if n := strings.Count(s.stdout.String()+s.stderr.String(), shown.Secret); n != 1 {
		t.Errorf("the secret was shown %d times, want once", n)
	}

	again := start(t, onData(s.data), withFlags("--no-credentials-file", "--account", "111122223333"))
	if out := again.stdout.String(); out != "" {
		t.Errorf("the second start showed %q, want nothing", out)
	}
	if got := again.whoAmI(t, shown); got != "arn:aws:iam::111122223333:root" {
		t.Errorf("ARN after a restart: got %s", got)
	}
}

// A master key that does not open the store is refused at start, and so is one
// that is missing: a new one would lock everybody out for good.
func TestMasterKeyRefusals(t *testing.T) {
	t.Parallel()
	const inEnv = "IAMD_MASTER_KEY=iamd-master-key-v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	otherKey := "iamd-master-key-v1:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 32)))
	s := start(t)
	s.stop(t)
	file := filepath.Join(s.data, "master.key")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "other.key")
	write(t, elsewhere, otherKey, 0o600)
	wrong := regexp.MustCompile("the master key does not open this data: it needs master key [0-9a-f]{16}, not [0-9a-f]{16}$")

	for _, test := range []struct {
		name    string
		prepare func()
		options []option
		want    *regexp.Regexp
	}{
		{"other key in the environment", nil, []option{withEnv(inEnv)}, wrong},
		{"no key in the environment", nil, []option{withEnv("IAMD_MASTER_KEY=secret")},
			regexp.MustCompile("^iamd: master key in IAMD_MASTER_KEY: not a master key ")},
		{"other file", nil, []option{withFlags("--master-key-file", elsewhere)}, wrong},
		{"no such file", nil, []option{withFlags("--master-key-file", elsewhere+"x")},
			regexp.MustCompile("no such file or directory$")},
		{"swapped file", func() { write(t, file, otherKey, 0o600) }, nil, wrong},
		{"a file that the group can read", func() { write(t, file, string(was), 0o640) }, nil,
			regexp.MustCompile(`others may use it \(mode 0640\); chmod 600 it$`)},
		{"an empty file", func() { write(t, file, "", 0o600) }, nil, regexp.MustCompile("not a master key ")},
		{"file gone", func() { remove(t, file) }, nil, regexp.MustCompile("no such file or directory$")},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, file, string(was), 0o600)
			if test.prepare != nil {
				test.prepare()
			}
			again := launch(t, append(test.options, onData(s.data))...)
			if code := again.wait(t); code != 1 {
				t.Errorf("exit code: got %d, want 1", code)
			}
			if got := again.complaint(t); !test.want.MatchString(got) {
				t.Errorf("got %q, want %s", got, test.want)
			}
		})
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the missing master key was made again: %v", err)
	}

	write(t, file, string(was), 0o600)
	again := start(t, onData(s.data))
	if got := again.whoAmI(t, again.root(t)); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN with the right key: got %s", got)
	}
}

func TestMasterKeyFromTheEnvironment(t *testing.T) {
	t.Parallel()
	const inEnv = "IAMD_MASTER_KEY=iamd-master-key-v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	s := start(t, withEnv(inEnv))
	s.stop(t)
	if _, err := os.Stat(filepath.Join(s.data, "master.key")); !os.IsNotExist(err) {
		t.Errorf("a master key was made in the data folder: %v", err)
	}
	again := start(t, onData(s.data), withEnv(inEnv))
	if got := again.whoAmI(t, again.root(t)); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("ARN: got %s", got)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	before := time.Now().Add(-time.Second) // dates are whole seconds
	bob := s.userKey(t, "Bob")
	off := s.newKey(t, "Bob")
	_, err := s.iam(root).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: new("Bob"), AccessKeyId: &off.ID, Status: types.StatusTypeInactive})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sts(bob).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, inRegion("eu-central-1")); err != nil {
		t.Fatal(err)
	}
	s.stop(t)

	s = start(t, onData(s.data))
	if got := s.root(t); got != root {
		t.Errorf("root key: got %s, want %s", got.ID, root.ID)
	}
	if got, want := s.whoAmI(t, bob), "arn:aws:iam::123456789012:user/Bob"; got != want {
		t.Errorf("ARN: got %s, want %s", got, want)
	}
	_, err = s.sts(off).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if !isRefusal(err, "InvalidClientTokenId", badKey) {
		t.Errorf("the Inactive key: got %v", err)
	}
	used, err := s.iam(root).GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: &bob.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := *used.UserName; got != "Bob" {
		t.Errorf("user of the key: got %q, want Bob", got)
	}
	last := used.AccessKeyLastUsed
	if *last.ServiceName != "sts" || *last.Region != "eu-central-1" || last.LastUsedDate == nil ||
		last.LastUsedDate.Before(before) || last.LastUsedDate.After(time.Now()) {
		t.Errorf("last used: got %s %s %v, want sts eu-central-1 since %v", *last.ServiceName, *last.Region, last.LastUsedDate, before)
	}
	never, err := s.iam(root).GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: &off.ID})
	if err != nil {
		t.Fatal(err)
	}
	if last := never.AccessKeyLastUsed; *last.ServiceName != "N/A" || *last.Region != "N/A" || last.LastUsedDate != nil {
		t.Errorf("never used: got %s %s %v, want N/A, N/A and no date", *last.ServiceName, *last.Region, last.LastUsedDate)
	}
}

// Everything in the data folder is its owner's alone. Pebble makes files as the
// umask says, but in a folder that only the owner may enter.
func TestFileModes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.userKey(t, "Bob")
	seen := map[string]bool{}
	err := filepath.WalkDir(s.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		seen[entry.Name()] = true
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %04o, want %04o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store", "audit", "credentials", "config", "master.key"} {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestEnvCommand(t *testing.T) {
	t.Parallel()
	needCLI(t)
	s := start(t)
	got := iamd(t, "env", "--data", s.data)
	want := `unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL_IAM AWS_ENDPOINT_URL_STS AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
export AWS_SHARED_CREDENTIALS_FILE='` + s.data + `/credentials'
export AWS_CONFIG_FILE='` + s.data + `/config'
export AWS_ENDPOINT_URL='` + s.url + `'
export AWS_PAGER=''
export AWS_EC2_METADATA_DISABLED='true'
`
	wrapped := want + `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }` + "\n" // for an old CLI
	if got.code != 0 || got.stderr != "" || got.stdout != want && got.stdout != wrapped {
		t.Errorf("exit code %d, stderr: %s\ngot  %s\nwant %s", got.code, got.stderr, got.stdout, want)
	}

	got = s.bash(t, `eval "$(AWS_PROFILE=other iamd env --data '`+s.data+`')"; aws sts get-caller-identity --query Arn --output text`)
	if got.code != 0 || got.stdout != "arn:aws:iam::123456789012:root\n" {
		t.Errorf("after eval: exit code %d, stdout: %s, stderr: %s", got.code, got.stdout, got.stderr)
	}

	nowhere := filepath.Join(t.TempDir(), "nothing")
	got = iamd(t, "env", "--data", nowhere)
	want = "iamd: " + nowhere + "/credentials is not there: has 'iamd serve' been started with this data folder?\n"
	if got.code != 1 || got.stdout != "" || got.stderr != want {
		t.Errorf("without a server: exit code %d, stdout: %s\ngot  %s\nwant %s", got.code, got.stdout, got.stderr, want)
	}
}

func TestVersionCommand(t *testing.T) {
	t.Parallel()
	got := iamd(t, "version")
	if want := regexp.MustCompile(`^iamd \S+ \(go1\.\S+, \w+/\w+\)\n$`); got.code != 0 || !want.MatchString(got.stdout) || got.stderr != "" {
		t.Errorf("got %+v, want %s", got, want)
	}
}

// Help lists every flag with its variable, on standard output.
func TestHelp(t *testing.T) {
	t.Parallel()
	folder := []string{"--data FOLDER", "IAMD_DATA", "--master-key-file FILE", "IAMD_MASTER_KEY_FILE"}
	for command, want := range map[string][]string{
		"serve": append(folder,
			"--listen ADDRESS", "IAMD_LISTEN", "--public-url URL", "IAMD_PUBLIC_URL", "--trusted-proxy ADDRESS", "IAMD_TRUSTED_PROXY",
			"--ephemeral", "IAMD_EPHEMERAL", "--account ID", "IAMD_ACCOUNT", "--tls-cert FILE", "IAMD_TLS_CERT", "--tls-key FILE", "IAMD_TLS_KEY",
			"--insecure-listen", "IAMD_INSECURE_LISTEN", "--no-credentials-file", "IAMD_NO_CREDENTIALS_FILE", "--audit-log", "IAMD_AUDIT_LOG",
			"--log-format FORMAT", "IAMD_LOG_FORMAT", "--quota NAME=N", "IAMD_QUOTA", "127.0.0.1:4566", "123456789012"),
		"env":        {"--data FOLDER", "IAMD_DATA"},
		"doctor":     folder,
		"backup":     append(folder, "DIR"),
		"restore":    {"--data FOLDER", "DIR"},
		"master-key": append(folder, "rotate", "IAMD_NEW_MASTER_KEY"),
		"version":    {"Usage: iamd version"},
	} {
		got := iamd(t, command, "--help")
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%s --help: exit code %d, stderr: %s", command, got.code, got.stderr)
		}
		for _, words := range want {
			if !strings.Contains(got.stdout, words) {
				t.Errorf("%s --help has no %q:\n%s", command, words, got.stdout)
			}
		}
		if all := iamd(t, "help"); !strings.Contains(all.stdout, "\n  "+command+" ") {
			t.Errorf("help has no %s:\n%s", command, all.stdout)
		}
	}
}

// The paths for load balancers take no signature.
func TestHealthPaths(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, test := range []struct{ path, contentType, body string }{
		{"/healthz", "text/plain; charset=utf-8", "ok\n"},
		{"/readyz", "text/plain; charset=utf-8", "ok\n"},
		{"/version", "application/json", `{"version":"dev"}` + "\n"},
	} {
		got := s.send(t, s.request(t, "GET", test.path, "", ""))
		if ct := got.header.Get("Content-Type"); got.status != 200 || got.body != test.body || ct != test.contentType {
			t.Errorf("%s: got %d %s %q, want 200 %s %q", test.path, got.status, ct, got.body, test.contentType, test.body)
		}
		if got := s.send(t, s.request(t, "POST", test.path, "", "")); got.status != 405 {
			t.Errorf("POST %s: got %d, want the 405 of S3, which has no bucket to post to", test.path, got.status)
		}
	}
}

// A request that has arrived in part when the server is told to stop is still
// answered, and what it did is kept.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	s := start(t, withTransport(&http.Transport{ExpectContinueTimeout: patience}))
	root := s.root(t)
	const body = "Action=CreateUser&UserName=Late&Version=2010-05-08"
	r := sign(t, s.form(t, body), root, "iam", time.Now())
	r.Header.Set("Expect", "100-continue") // the body is sent when the server reads it
	slow, rest := io.Pipe()
	r.Body, r.GetBody = slow, nil
	type answer struct {
		reply reply
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		resp, err := s.http.Do(r)
		if err != nil {
			answered <- answer{err: err}
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		answered <- answer{reply{resp.StatusCode, resp.Header, string(text)}, err}
	}()
	send := func(part string) {
		if _, err := io.WriteString(rest, part); err != nil {
			t.Fatal(err)
		}
	}
	send(body[:10])
	s.signal(t, syscall.SIGTERM)
	s.await(t, regexp.MustCompile(`msg=(stopping)\n`))
	send(body[10:])
	_ = rest.Close() // it never fails
	if a := <-answered; a.err != nil || a.reply.status != 200 {
		t.Errorf("the request in flight: %v, status %d\n%s", a.err, a.reply.status, a.reply.body)
	}
	if code := s.wait(t); code != 0 {
		t.Errorf("exit code: got %d, want 0", code)
	}

	s = start(t, onData(s.data))
	if _, err := s.iam(root).GetUser(t.Context(), &iam.GetUserInput{UserName: new("Late")}); err != nil {
		t.Errorf("what the request did: %v", err)
	}
}

// With --audit-log -, standard output holds audit records and nothing else.
func TestAuditLogToStandardOutput(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--audit-log", "-"))
	bob := s.userKey(t, "Bob")
	_, err := s.iam(bob).ListUsers(t.Context(), &iam.ListUsersInput{})
	if err == nil {
		t.Error("a user without policies may list users")
	}
	s.stop(t)
	var got []string
	for _, r := range auditRecords(t, s.stdout.String()) {
		got = append(got, strings.TrimSpace(r.EventName+" "+r.ErrorCode))
	}
	for _, want := range []string{"CreateUser", "CreateAccessKey", "ListUsers AccessDenied"} {
		if !slices.Contains(got, want) {
			t.Errorf("no record of %q", want)
		}
	}
	if len(got) != 3 {
		t.Errorf("got %d records, want 3: %q", len(got), got)
	}
	if _, err := os.Stat(filepath.Join(s.data, "audit")); !os.IsNotExist(err) {
		t.Errorf("there are audit files too: %v", err)
	}
}

// refuses demands that a server ends at once with an exit code, and with one
// line that begins with want.
func (s *server) refuses(t *testing.T, code int, want string) {
	t.Helper()
	if got := s.wait(t); got != code {
		t.Errorf("exit code: got %d, want %d", got, code)
	}
	if got := s.complaint(t); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// complaint is the one line that a server left behind.
func (s *server) complaint(t *testing.T) string {
	t.Helper()
	text := strings.TrimSuffix(s.stderr.String(), "\n")
	if strings.Contains(text, "\n") || s.stdout.String() != "" {
		t.Errorf("want one line, got\n%s\nand on standard output\n%s", text, s.stdout.String())
	}
	return text
}

// whoAmI is the ARN of a key's owner.
func (s *server) whoAmI(t *testing.T, k key) string {
	t.Helper()
	out, err := s.sts(k).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Arn
}

// shownKey is the root key that a first start showed.
func (s *server) shownKey(t *testing.T) key {
	t.Helper()
	out := s.stdout.String()
	m := regexp.MustCompile(`\AThe root user's access key of account \d{12}, shown this once:\n\n  AWS_ACCESS_KEY_ID=(\S+)\n  AWS_SECRET_ACCESS_KEY=(\S+)\n\n\z`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("standard output has no root key and nothing else: %q", out)
	}
	return key{ID: m[1], Secret: m[2]}
}

func inRegion(region string) func(*sts.Options) {
	return func(o *sts.Options) { o.Region = region }
}

// makeCertificate makes a certificate for 127.0.0.1 that signs itself.
func makeCertificate(t *testing.T) (cert *x509.Certificate, certFile, keyFile string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), 0o600)
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateDER})), 0o600)
	return cert, certFile, keyFile
}

// write makes a file with exactly that mode.
func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
