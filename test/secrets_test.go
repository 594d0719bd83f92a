package test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
)

// TestSecrets uses a server in all ways that have to do with secrets, and then
// looks for each of them in all that the server leaves behind.
func TestSecrets(t *testing.T) {
	t.Run("with a credentials file", func(t *testing.T) {
		s := start(t, busy())
		testSecrets(t, s, s.root(t), "credentials")
	})
	t.Run("without", func(t *testing.T) {
		s := start(t, busy(), withFlags("--no-credentials-file"))
		m := regexp.MustCompile(`AWS_ACCESS_KEY_ID=(\S+)\n\s*AWS_SECRET_ACCESS_KEY=(\S+)\n`).FindStringSubmatch(s.stdout.String())
		if m == nil {
			t.Fatalf("no root key is shown:\n%s", s.stdout.String())
		}
		if exists(filepath.Join(s.data, "credentials")) {
			t.Error("there is a credentials file")
		}
		testSecrets(t, s, key{ID: m[1], Secret: m[2]}, "standard output")
	})
}

// testSecrets is the story. Root's secret is told in one place.
func testSecrets(t *testing.T, s *server, root key, told string) {
	secrets := map[string]string{"root's secret": root.Secret}
	allowed := map[string]string{
		"root's secret":                told,
		"the second master key":        "master.key",
		"a secret sent as a user name": "audit", // a parameter like any other
	}
	wire := &signatures{next: s.http.Transport, seen: secrets} // a signature is as secret as a key
	s.http.Transport = wire

	load := newLoad(writers, 5)
	load.begin(t, s.iam(root))
	load.await(150)
	load.end()
	for _, c := range load.clients {
		for id, secret := range c.secrets {
			secrets["secret of "+id] = secret
		}
	}
	secrets["root's second secret"] = secondRootKey(t, s, root)
	misplace(t, s, root, secrets)

	secrets["the first master key"] = masterKeyIn(t, s.data)
	texts := places{"the control socket": control(t, s, secrets)}
	secrets["the second master key"] = masterKeyIn(t, s.data)
	checkArguments(t, s, secrets)
	checkModes(t, s.data)
	backup := filepath.Join(t.TempDir(), "backup")
	mustRun(t, iamd(t, "backup", backup, "--data", s.data))
	s.stop(t)
	checkModes(t, s.data)
	checkModes(t, backup)

	texts["standard output"] = s.stdout.String()
	texts["standard error"] = s.stderr.String()
	texts.addFiles(t, "", s.data)
	texts.addFiles(t, "backup/", backup)
	texts.addRecords(t, backup)
	texts.search(t, secrets, allowed)
}

// secondRootKey makes and deletes a second key for root.
func secondRootKey(t *testing.T, s *server, root key) string {
	t.Helper()
	made, err := s.iam(root).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.iam(root).DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: made.AccessKey.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	return *made.AccessKey.SecretAccessKey
}

// misplace sends requests with a secret where none belongs. All must be refused.
func misplace(t *testing.T, s *server, root key, secrets map[string]string) {
	t.Helper()
	now := time.Now()
	for place, request := range misplaced(s, now) {
		name := "a secret sent " + place
		k := plainKey(t, s, root)
		secrets[name] = k.Secret
		if got := s.send(t, request(t, k)); got.status < 400 || got.status > 499 {
			t.Errorf("%s: got status %d, want 4xx\n%s", name, got.status, got.body)
		}
	}
}

// misplaced are the requests of misplace, by where they have the secret.
func misplaced(s *server, now time.Time) map[string]func(*testing.T, key) *http.Request {
	signed := func(t *testing.T, k key) *http.Request { return sign(t, s.form(t, whoAmI), k, "sts", now) }
	today := now.UTC().Format("20060102")
	header := func(authorization string) func(*testing.T, key) *http.Request {
		return func(t *testing.T, k key) *http.Request {
			r := s.form(t, whoAmI)
			r.Header.Set("X-Amz-Date", now.UTC().Format("20060102T150405Z"))
			r.Header.Set("Authorization", strings.NewReplacer("ID", k.ID, "SECRET", k.Secret, "TODAY", today,
				"BASIC", base64.StdEncoding.EncodeToString([]byte(k.ID+":"+k.Secret))).Replace(authorization))
			return r
		}
	}
	const rest = ", SignedHeaders=host;x-amz-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	return map[string]func(*testing.T, key) *http.Request{
		"as an access key ID": func(t *testing.T, k key) *http.Request {
			return signed(t, key{ID: k.Secret, Secret: k.ID})
		},
		"as a session token": func(t *testing.T, k key) *http.Request {
			return signed(t, key{ID: k.ID, Secret: k.Secret, Token: k.Secret})
		},
		"as a session token that is signed wrong": func(t *testing.T, k key) *http.Request {
			return signed(t, key{ID: k.ID, Secret: "wrong", Token: k.Secret})
		},
		"as a password":        header("Basic BASIC"),
		"in an old signature":  header("AWS ID:SECRET"),
		"as all there is":      header("AWS4-HMAC-SHA256 SECRET"),
		"as the algorithm":     header("AWSSECRET Credential=ID/TODAY/us-east-1/sts/aws4_request" + rest),
		"as a parameter":       header("AWS4-HMAC-SHA256 SECRET=SECRET, Credential=ID/TODAY/us-east-1/sts/aws4_request" + rest),
		"as the day":           header("AWS4-HMAC-SHA256 Credential=ID/SECRET/us-east-1/sts/aws4_request" + rest),
		"as the region":        header("AWS4-HMAC-SHA256 Credential=ID/TODAY/SECRET/ssm/aws4_request" + rest),
		"as the service":       header("AWS4-HMAC-SHA256 Credential=ID/TODAY/us-east-1/SECRET/aws4_request" + rest),
		"as the terminator":    header("AWS4-HMAC-SHA256 Credential=ID/TODAY/us-east-1/sts/SECRET" + rest),
		"as the signature":     header("AWS4-HMAC-SHA256 Credential=ID/TODAY/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=SECRET"),
		"as a signed header":   header("AWS4-HMAC-SHA256 Credential=ID/TODAY/us-east-1/sts/aws4_request, SignedHeaders=SECRET, Signature=00"),
		"behind the key ID":    header("AWS4-HMAC-SHA256 Credential=ID:SECRET/TODAY/us-east-1/sts/aws4_request" + rest),
		"in an unsigned query": query(s, "Signature=SECRET&AWSAccessKeyId=ID&"+whoAmI),
		"in a presigned query's token": func(t *testing.T, k key) *http.Request {
			return presign(t, s.request(t, http.MethodGet, "/?"+whoAmI, "", ""), key{ID: k.ID, Secret: "wrong", Token: k.Secret}, "sts", now)
		},
		"in an expired presigned query": func(t *testing.T, k key) *http.Request {
			return presign(t, s.request(t, http.MethodGet, "/?"+whoAmI, "", ""), key{ID: k.Secret, Secret: k.ID}, "sts", now.Add(-time.Hour))
		},
		"in a presigned query's signature": query(s, whoAmI+"&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ID&X-Amz-Signature=SECRET"),
		"in the path": func(t *testing.T, k key) *http.Request {
			return sign(t, s.request(t, http.MethodPost, "/"+url.PathEscape(k.Secret), "", whoAmI), key{ID: k.ID, Secret: "wrong"}, "sts", now)
		},
		"in a broken body": func(t *testing.T, k key) *http.Request {
			r := s.request(t, http.MethodPost, "/", "application/x-amz-json-1.1", `{"SecretString": `+k.Secret+`}`)
			r.Header.Set("X-Amz-Target", "secretsmanager.CreateSecret")
			return sign(t, r, k, "secretsmanager", now)
		},
		"in a parameter that nobody knows": func(t *testing.T, k key) *http.Request {
			return sign(t, s.form(t, "Action=GetUser&Version=2010-05-08&UserName=nobody&Secret="+url.QueryEscape(k.Secret)), k, "iam", now)
		},
		"as a user name": func(t *testing.T, k key) *http.Request {
			return sign(t, s.form(t, "Action=GetUser&Version=2010-05-08&UserName="+url.QueryEscape(k.Secret)), k, "iam", now)
		},
	}
}

// query is a request with a query in which SECRET and ID stand for a key.
func query(s *server, text string) func(*testing.T, key) *http.Request {
	return func(t *testing.T, k key) *http.Request {
		return s.request(t, http.MethodGet, "/?"+strings.NewReplacer("SECRET", url.QueryEscape(k.Secret), "ID", k.ID).Replace(text), "", "")
	}
}

// plainKey makes an access key whose secret has no slash, and so fits where an
// access key ID does.
func plainKey(t *testing.T, s *server, root key) key {
	t.Helper()
	api := s.iam(root)
	name := "plain-" + rand.Text()
	if _, err := api.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	for {
		made, err := api.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(*made.AccessKey.SecretAccessKey, "/") {
			return key{ID: *made.AccessKey.AccessKeyId, Secret: *made.AccessKey.SecretAccessKey}
		}
		if _, err := api.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: made.AccessKey.AccessKeyId}); err != nil {
			t.Fatal(err)
		}
	}
}

// signatures is a transport that takes down the signature of each request.
type signatures struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen map[string]string
}

var signature = regexp.MustCompile(`Signature=([0-9a-f]{64})`)

func (w *signatures) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, text := range []string{r.Header.Get("Authorization"), r.URL.RawQuery} {
		if m := signature.FindStringSubmatch(text); m != nil {
			w.mu.Lock()
			w.seen["signature "+m[1]] = m[1]
			w.mu.Unlock()
		}
	}
	return w.next.RoundTrip(r)
}

// masterKeyIn is the master key of a data folder, without the words before it.
func masterKeyIn(t *testing.T, data string) string {
	t.Helper()
	text, err := os.ReadFile(masterKeyFile(data))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSpace(string(text)), ":")
	return words[len(words)-1]
}

// control gives the control socket orders of all kinds, and returns its answers.
// One order rotates the master key.
func control(t *testing.T, s *server, secrets map[string]string) string {
	t.Helper()
	secrets["a master key that is none"] = "no-master-key-but-just-as-secret"
	var dial net.Dialer
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial.DialContext(ctx, "unix", filepath.Join(s.data, "control.sock"))
		},
	}}
	var answers strings.Builder
	for _, order := range []map[string]string{
		{"do": "doctor"},
		{"do": "backup", "dir": filepath.Join(t.TempDir(), "backup")},
		{"do": "backup", "dir": s.data},
		{"do": "rotate-master-key", "newKey": secrets["a master key that is none"]},
		{"do": "rotate-master-key"},
		{"do": "doctor"},
	} {
		body, err := json.Marshal(order)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Post("http://iamd/", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		answers.Write(answer)
	}
	if !strings.Contains(answers.String(), `"where":`) {
		t.Errorf("no order rotated the master key:\n%s", answers.String())
	}
	return answers.String()
}

// checkArguments looks at what `ps` shows of the server to everybody.
func checkArguments(t *testing.T, s *server, secrets map[string]string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Log("not checked: process arguments, which are read from /proc")
		return
	}
	arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	places{"the process arguments": string(arguments)}.search(t, secrets, nil)
}

// checkModes demands that a folder and all that is in it is its owner's alone.
func checkModes(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			name, _ := filepath.Rel(folder, path)
			t.Errorf("%s: mode %04o, want %04o", name, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// places are texts in which secrets are looked for, by name.
type places map[string]string

func (p places) addFiles(t *testing.T, prefix, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		p[prefix+filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// addRecords adds what is in a store: its tables are compressed.
func (p places) addRecords(t *testing.T, folder string) {
	t.Helper()
	s, err := pebble.Open(copyOf(t, folder), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	err = s.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan("\x00", "\xff") {
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "%s %s\n", pair.Key, pair.Value)
		}
		return nil
	})
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	p["the store's records"] = text.String()
}

// search fails the test for each secret that is in a place other than the one
// where it is allowed: a text by that name, or a folder. There it must be, which
// shows that the search can find it.
func (p places) search(t *testing.T, secrets, allowed map[string]string) {
	t.Helper()
	found := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		for place, text := range p {
			form := find(text, secrets[name])
			top, _, _ := strings.Cut(place, "/")
			switch {
			case form == "":
			case top == allowed[name]:
				found[name] = true
			default:
				t.Errorf("%s is in %s: %s", name, place, surroundings(text, form))
			}
		}
	}
	for name, where := range allowed {
		if !found[name] {
			t.Errorf("%s is not in %s: can this test find it?", name, where)
		}
	}
}

// find returns the form in which a text has a secret, or "".
func find(text, secret string) string {
	for _, form := range forms(secret) {
		if strings.Contains(text, form) {
			return form
		}
	}
	return ""
}

// surroundings shows where in a text something is, on one line.
func surroundings(text, form string) string {
	at := strings.Index(text, form)
	return fmt.Sprintf("%q", text[max(0, at-80):min(len(text), at+len(form)+80)])
}

// forms are the ways in which a secret could be written down: as it is, for a
// URL, in hex, and in base64, by itself or as part of something.
func forms(secret string) []string {
	list := []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret)))}
	for shift := range 3 {
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := alphabet.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
			// The first and last characters depend on what stands beside the secret.
			list = append(list, text[(shift*8+5)/6:(shift+len(secret))*8/6])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestForms(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for before := range 4 {
		for after := range 4 {
			text := []byte(strings.Repeat("?", before) + secret + strings.Repeat("~", after))
			for _, written := range []string{
				string(text),
				hex.EncodeToString(text),
				fmt.Sprintf("%X", text),
				base64.StdEncoding.EncodeToString(text),
				base64.URLEncoding.EncodeToString(text),
				url.QueryEscape(string(text)),
			} {
				if find(written, secret) == "" {
					t.Errorf("%s is not found", written)
				}
			}
		}
	}
}
