package authority_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	inside "github.com/iamd-project/iamd/internal/authority"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/seal"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
	"github.com/iamd-project/iamd/sigv4"
)

const token = "a-token-of-the-tests"

// world is an account with a store of objects that asks about its callers.
type world struct {
	*optest.World
	server *inside.Server
	url    string
	usage  *authn.Usage
	sink   sink
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: optest.New(t, iam.Service())}
	tokens, err := inside.ParseTokens(token + "\n")
	if err != nil {
		t.Fatal(err)
	}
	keyring := func() *seal.Keyring { return w.Keyring }
	log := slog.New(slog.DiscardHandler)
	w.usage = authn.NewUsage(w.Store, log)
	w.server = &inside.Server{
		Door:    &inside.Door{Tokens: tokens},
		Store:   w.Store,
		Keyring: keyring,
		Authn:   &authn.Authenticator{Store: w.Store, Keyring: keyring, Rules: &sigv4.Verifier{}, Keys: sigv4.NewKeyCache(16)},
		Authz:   &authz.Authorizer{Documents: policy.NewCache(1 << 20)},
		Usage:   w.usage,
		Trail:   audit.NewTrail(&w.sink),
		Account: optest.Account,
		Now:     func() time.Time { return w.Now },
		Log:     log,
	}
	h := httptest.NewUnstartedServer(w.server.Handler())
	h.Config.Protocols = new(http.Protocols)
	h.Config.Protocols.SetHTTP1(true)
	h.Config.Protocols.SetUnencryptedHTTP2(true)
	h.Start()
	t.Cleanup(h.Close)
	w.url = h.URL
	return w
}

// user makes a user with one policy, which may be "", and returns its key.
func (w *world) user(name, document string) aws.Credentials {
	optest.Must[shape.CreateUserResponse](w.World, w.Root(), "CreateUser", &shape.CreateUserRequest{UserName: name})
	if document != "" {
		_, _, err := w.Do(w.Root(), "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: name, PolicyName: "own", PolicyDocument: document})
		if err != nil {
			panic(err)
		}
	}
	key := optest.Must[shape.CreateAccessKeyResponse](w.World, w.Root(), "CreateAccessKey", &shape.CreateAccessKeyRequest{UserName: &name}).AccessKey
	return aws.Credentials{AccessKeyID: key.AccessKeyId, SecretAccessKey: key.SecretAccessKey}
}

func (w *world) client() *authority.Client { return &authority.Client{URL: w.url, Token: token} }

func (w *world) ask(t testing.TB, q *authority.Question) *authority.Answer {
	t.Helper()
	a, err := w.client().Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signed is a request for the store, signed with AWS's signer.
func (w *world) signed(t testing.TB, key aws.Credentials, service, method, url, hash string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	r.RequestURI = ""
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(t.Context(), key, r, hash, service, "eu-west-1", w.Now); err != nil {
		t.Fatal(err)
	}
	return r
}

const getObject = "s3:GetObject"

// reads is a question about reading an object.
func (w *world) reads(t testing.TB, key aws.Credentials, bucketPolicy string) *authority.Question {
	t.Helper()
	r := w.signed(t, key, "s3", "GET", "http://store.example/photos/my%20cat.jpg", string(sigv4.EmptyPayload))
	return &authority.Question{
		Request:     authority.Received(r, sigv4.EmptyPayload),
		Service:     "s3",
		Permissions: []authority.Permission{{Action: getObject, Resource: "arn:aws:s3:::photos/my cat.jpg", Policy: bucketPolicy}},
	}
}

// sink keeps records, or refuses them.
type sink struct {
	mu    sync.Mutex
	lines bytes.Buffer
	full  bool
}

func (s *sink) Write(_ context.Context, lines []byte, _ int, _ bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return context.DeadlineExceeded
	}
	s.lines.Write(lines)
	return nil
}

func (s *sink) Close() error { return nil }

// take returns the records so far, and forgets them.
func (s *sink) take(t *testing.T) (records []map[string]any) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.lines.String()) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	s.lines.Reset()
	return records
}
