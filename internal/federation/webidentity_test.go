package federation_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/federation"
)

var now = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

// issuer is an OpenID Connect issuer with real keys, on this machine.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	looks  atomic.Int32 // at the keys

	mu     sync.Mutex
	keys   []jose.JSONWebKey
	config http.HandlerFunc // nil for the real one
	set    http.HandlerFunc
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newIssuer(t *testing.T, start func(http.Handler) *httptest.Server) *issuer {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, rsa: rsaKey(), ec: ec}
	i.keys = []jose.JSONWebKey{
		{Key: i.rsa.Public(), KeyID: "r", Algorithm: "RS256", Use: "sig"},
		{Key: i.ec.Public(), KeyID: "e", Use: "sig"},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/id/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		config := i.config
		i.mu.Unlock()
		if config != nil {
			config(w, r)
			return
		}
		i.write(w, map[string]string{"issuer": i.url(), "jwks_uri": i.server.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		i.looks.Add(1)
		i.mu.Lock()
		set, keys := i.set, i.keys
		i.mu.Unlock()
		if set != nil {
			set(w, r)
			return
		}
		i.write(w, jose.JSONWebKeySet{Keys: keys})
	})
	i.server = start(mux)
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.t.Error(err)
	}
}

func (i *issuer) url() string { return i.server.URL + "/id" }

func (i *issuer) provider() federation.Provider {
	return federation.Provider{Issuer: i.url(), ClientIDs: []string{"app", "other-app"}}
}

// claims are good ones, with changes: nil takes a claim out.
func (i *issuer) claims(change map[string]any) map[string]any {
	claims := map[string]any{"iss": i.url(), "sub": "ann", "aud": "app", "iat": now.Unix() - 10, "exp": now.Unix() + 600}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func (i *issuer) token(change map[string]any) string {
	return sign(i.t, "RS256", i.rsa, "r", i.claims(change))
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func refused(t *testing.T, name string, err error, status int, code, message string) {
	t.Helper()
	e, ok := errors.AsType[*awserr.Error](err)
	if !ok || e.Status != status || e.Code != code || e.Message != message {
		t.Errorf("%s:\n got %v\nwant %d %s: %s", name, err, status, code, message)
	}
}

const (
	notJWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	noKey  = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
)

func TestWebIdentity(t *testing.T) {
	i := newIssuer(t, httptest.NewServer)
	var v federation.Verifier
	name := strings.TrimPrefix(i.url(), "http://")
	for _, tc := range []struct {
		name   string
		token  string
		want   federation.WebIdentity
		wanted map[string][]string // beside sub
	}{
		{"RS256", i.token(nil), federation.WebIdentity{Audience: "app"}, map[string][]string{":aud": {"app"}, ":oaud": {"app"}}},
		{"ES256, several audiences", sign(t, "ES256", i.ec, "e", i.claims(map[string]any{"aud": []string{"x", "other-app"}})),
			federation.WebIdentity{Audience: "other-app"}, map[string][]string{":aud": {"other-app"}, ":oaud": {"x", "other-app"}}},
		{"no key ID", sign(t, "RS256", i.rsa, "", i.claims(nil)), federation.WebIdentity{Audience: "app"}, map[string][]string{":aud": {"app"}, ":oaud": {"app"}}},
		{"authorized party", i.token(map[string]any{"aud": "api", "azp": "app", "amr": []string{"mfa", "pwd"}}),
			federation.WebIdentity{Audience: "app"}, map[string][]string{":aud": {"app"}, ":oaud": {"api"}, ":amr": {"mfa", "pwd"}}},
	} {
		got, err := v.Verify(t.Context(), i.provider(), tc.token, now)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		tc.want.Issuer, tc.want.Subject, tc.want.Expires = i.url(), "ann", time.Unix(now.Unix()+600, 0).UTC()
		tc.want.Context = map[string][]string{name + ":sub": {"ann"}}
		for key, values := range tc.wanted {
			tc.want.Context[name+key] = values
		}
		if !reflect.DeepEqual(*got, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, *got, tc.want)
		}
		if from, err := federation.TokenIssuer(tc.token); err != nil || from != i.url() {
			t.Errorf("%s: issuer %q, %v", tc.name, from, err)
		}
	}
	if n := i.looks.Load(); n != 1 {
		t.Errorf("%d looks at the keys, want 1", n)
	}
}

func TestWebIdentitySession(t *testing.T) {
	i := newIssuer(t, httptest.NewServer)
	var v federation.Verifier
	nested := map[string]any{
		"https://aws.amazon.com/tags": map[string]any{
			"principal_tags":      map[string]any{"Team": []string{"red"}, "Cost": []string{"12"}},
			"transitive_tag_keys": []string{"Team"},
		},
		"https://aws.amazon.com/source_identity": "ann@example.com",
	}
	flat := map[string]any{
		"https://aws.amazon.com/tags/principal_tags/Team": "red", "https://aws.amazon.com/tags/principal_tags/Cost": "12",
		"https://aws.amazon.com/tags/transitive_tag_keys": []string{"Team"},
		"https://aws.amazon.com/source_identity":          "ann@example.com",
	}
	for name, claims := range map[string]map[string]any{"nested": nested, "flat": flat} {
		got, err := v.Verify(t.Context(), i.provider(), i.token(claims), now)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := []federation.Tag{{Key: "Cost", Value: "12"}, {Key: "Team", Value: "red"}}
		if !reflect.DeepEqual(got.Tags, want) || !reflect.DeepEqual(got.TransitiveTagKeys, []string{"Team"}) || got.SourceIdentity != "ann@example.com" {
			t.Errorf("%s: %+v", name, got.Identity)
		}
	}
}

func TestWebIdentityRefuses(t *testing.T) {
	i := newIssuer(t, httptest.NewServer)
	var v federation.Verifier
	public, err := x509.MarshalPKIXPublicKey(i.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(i.token(nil), ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"r"}`))
	tags := func(tags map[string]any) string {
		return i.token(map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": tags}})
	}
	many := map[string]any{}
	for n := range 51 {
		many[fmt.Sprint(n)] = "x"
	}
	for _, tc := range []struct {
		name, token, code, text string
	}{
		{"no token", "", "InvalidIdentityToken", notJWT},
		{"an access token", "ya29.opaque", "InvalidIdentityToken", notJWT},
		{"alg none", none + "." + part[1] + ".", "InvalidIdentityToken", notJWT},
		{"alg none with a signature", none + "." + part[1] + "." + part[2], "InvalidIdentityToken", notJWT},
		{"HS256 with the public key in PEM", sign(t, "HS256", asPEM, "r", i.claims(nil)), "InvalidIdentityToken", notJWT},
		{"HS256 with the public key", sign(t, "HS256", public, "r", i.claims(nil)), "InvalidIdentityToken", notJWT},
		{"PS256", sign(t, "PS256", i.rsa, "r", i.claims(nil)), "InvalidIdentityToken", notJWT},
		{"too long", i.token(map[string]any{"x": strings.Repeat("x", 20000)}), "InvalidIdentityToken", notJWT},
		{"a subject that is no text", i.token(map[string]any{"sub": 7}), "InvalidIdentityToken", notJWT},
		{"a time out of range", i.token(map[string]any{"exp": 1e300}), "InvalidIdentityToken", notJWT},
		{"another's key", sign(t, "RS256", other, "r", i.claims(nil)), "InvalidIdentityToken", "Token signature invalid"},
		{"another algorithm than the key's", sign(t, "RS512", i.rsa, "r", i.claims(nil)), "InvalidIdentityToken", "Token signature invalid"},
		{"changed claims", part[0] + "." + strings.Split(i.token(map[string]any{"sub": "eve"}), ".")[1] + "." + part[2], "InvalidIdentityToken", "Token signature invalid"},
		{"a key that is not there", sign(t, "RS256", other, "new", i.claims(nil)), "InvalidIdentityToken", noKey},
		{"no issuer", i.token(map[string]any{"iss": nil}), "InvalidIdentityToken", "Missing a required claim: iss"},
		{"another issuer", i.token(map[string]any{"iss": i.url() + "/"}), "InvalidIdentityToken", "Issuer does not match the OpenIDConnect provider"},
		{"no subject", i.token(map[string]any{"sub": nil}), "InvalidIdentityToken", "Missing a required claim: sub"},
		{"no audience", i.token(map[string]any{"aud": nil}), "InvalidIdentityToken", "Missing a required claim: aud"},
		{"no expiry", i.token(map[string]any{"exp": nil}), "InvalidIdentityToken", "Missing a required claim: exp"},
		{"no issue time", i.token(map[string]any{"iat": nil}), "InvalidIdentityToken", "Missing a required claim: iat"},
		{"another audience", i.token(map[string]any{"aud": "api"}), "InvalidIdentityToken", "Incorrect token audience"},
		{"another authorized party", i.token(map[string]any{"azp": "api"}), "InvalidIdentityToken", "Incorrect token audience"},
		{"expired", i.token(map[string]any{"exp": now.Unix()}), "ExpiredTokenException",
			"Token expired: current date/time 1795342500 must be before the expiration date/time 1795342500"},
		{"not yet", i.token(map[string]any{"nbf": now.Unix() + 301}), "InvalidIdentityToken", "Token is not valid yet"},
		{"issued in the future", i.token(map[string]any{"iat": now.Unix() + 301}), "InvalidIdentityToken", "Token is not valid yet"},
		{"source identity", i.token(map[string]any{"https://aws.amazon.com/source_identity": "a b"}), "InvalidIdentityToken",
			`Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`},
		{"tag with two values", tags(map[string]any{"a": []string{"1", "2"}}), "InvalidIdentityToken", "Session tag a must have one value"},
		{"tag of AWS", tags(map[string]any{"AWS:x": "1"}), "InvalidIdentityToken", "Tag keys that begin with aws: are reserved for system use."},
		{"tag twice", tags(map[string]any{"a": "1", "A": "2"}), "InvalidIdentityToken", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"tag key", tags(map[string]any{"a!": "1"}), "InvalidIdentityToken", "A session tag key is not valid"},
		{"tag value", tags(map[string]any{"a": strings.Repeat("x", 257)}), "InvalidIdentityToken", "The value of session tag a is not valid"},
		{"51 tags", tags(many), "InvalidIdentityToken", "The number of session tags must not exceed 50"},
		{"transitive key of no tag", i.token(map[string]any{"https://aws.amazon.com/tags/transitive_tag_keys": "a"}), "InvalidIdentityToken",
			"A transitive tag key is not the key of a session tag"},
	} {
		_, err := v.Verify(t.Context(), i.provider(), tc.token, now)
		refused(t, tc.name, err, 400, tc.code, tc.text)
	}
	_, err = v.Verify(t.Context(), i.provider(), i.token(map[string]any{"sub": strings.Repeat("x", 256)}), now)
	refused(t, "long subject", err, 403, "IDPRejectedClaim", "The subject of the token must not exceed 255 characters")
}

// An issuer that misbehaves is no way to hold us up, or to be believed.
func TestIssuerMisbehaves(t *testing.T) {
	write := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
	}
	const unreached = "The identity provider could not be reached, or did not answer in time."
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	set := func(keys ...jose.JSONWebKey) http.HandlerFunc {
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return write(string(text))
	}
	many := make([]jose.JSONWebKey, 201)
	for n := range many {
		many[n] = jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "r"}
	}
	for name, tc := range map[string]struct {
		config, set http.HandlerFunc
		code, text  string
	}{
		"no configuration":           {config: http.NotFound, code: "InvalidIdentityToken", text: noKey},
		"another's configuration":    {config: write(`{"issuer":"https://example.com","jwks_uri":"https://example.com/"}`), code: "InvalidIdentityToken", text: noKey},
		"configuration that is HTML": {config: write("<html>"), code: "InvalidIdentityToken", text: noKey},
		"a redirect to elsewhere": {config: http.RedirectHandler("http://example.com/", 302).ServeHTTP,
			code: "IDPCommunicationError", text: unreached},
		"a redirect without end": {config: http.RedirectHandler("/id/.well-known/openid-configuration", 302).ServeHTTP,
			code: "IDPCommunicationError", text: unreached},
		"a fault":         {config: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, code: "IDPCommunicationError", text: unreached},
		"slow":            {config: slow, code: "IDPCommunicationError", text: unreached},
		"huge keys":       {set: write(`{"keys":[` + strings.Repeat(" ", 1<<20) + `]}`), code: "InvalidIdentityToken", text: noKey},
		"too many keys":   {set: set(many...), code: "InvalidIdentityToken", text: noKey},
		"no keys":         {set: write(`{"keys":[]}`), code: "InvalidIdentityToken", text: noKey},
		"a secret key":    {set: set(jose.JSONWebKey{Key: []byte("secret"), KeyID: "r"}), code: "InvalidIdentityToken", text: noKey},
		"a private key":   {set: set(jose.JSONWebKey{Key: rsaKey(), KeyID: "r"}), code: "InvalidIdentityToken", text: noKey},
		"encryption keys": {set: set(jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "r", Use: "enc"}), code: "InvalidIdentityToken", text: noKey},
		"a small key":     {set: set(jose.JSONWebKey{Key: small.Public(), KeyID: "r"}), code: "InvalidIdentityToken", text: "Token signature invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, httptest.NewServer)
			i.config, i.set = tc.config, tc.set
			var v federation.Verifier
			started := time.Now()
			_, err := v.Verify(t.Context(), i.provider(), i.token(nil), now)
			refused(t, name, err, 400, tc.code, tc.text)
			if took := time.Since(started); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		i := newIssuer(t, httptest.NewServer)
		token := i.token(nil)
		i.server.Close()
		var v federation.Verifier
		_, err := v.Verify(t.Context(), i.provider(), token, now)
		refused(t, "nobody there", err, 400, "IDPCommunicationError", unreached)
	})
	t.Run("the caller hangs up", func(t *testing.T) {
		i := newIssuer(t, httptest.NewServer)
		i.config = slow
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var v federation.Verifier
		if _, err := v.Verify(ctx, i.provider(), i.token(nil), now); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// Keys are looked for when one is missing or they are old, and never often.
func TestKeysAreKept(t *testing.T) {
	i := newIssuer(t, httptest.NewServer)
	var v federation.Verifier
	verify := func(at time.Time, token string, want string, looks int32) {
		t.Helper()
		_, err := v.Verify(t.Context(), i.provider(), token, at)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
		if n := i.looks.Load(); n != looks {
			t.Errorf("%d looks, want %d", n, looks)
		}
	}
	fresh := func(change map[string]any) map[string]any {
		c := map[string]any{"exp": now.Unix() + 100000}
		maps.Copy(c, change)
		return c
	}
	old := i.token(fresh(nil))
	next, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rotated := sign(t, "RS256", next, "next", i.claims(fresh(nil)))
	verify(now, old, "", 1)
	verify(now.Add(20*time.Second), rotated, noKey, 1) // too soon to look again
	i.mu.Lock()
	i.keys = append(i.keys[:1:1], jose.JSONWebKey{Key: next.Public(), KeyID: "next"})
	i.mu.Unlock()
	verify(now.Add(31*time.Second), rotated, "", 2)
	verify(now.Add(32*time.Second), old, "", 2)
	i.mu.Lock()
	i.keys = i.keys[1:]
	i.mu.Unlock()
	verify(now.Add(29*time.Minute), old, "", 2)
	verify(now.Add(31*time.Minute), old, noKey, 3) // the key was withdrawn
	i.mu.Lock()
	i.set = http.NotFound
	i.mu.Unlock()
	verify(now.Add(62*time.Minute), rotated, noKey, 4)
	verify(now.Add(62*time.Minute+10*time.Second), rotated, noKey, 4) // failures are kept, too
}

func TestThumbprint(t *testing.T) {
	i := newIssuer(t, httptest.NewTLSServer)
	sum := sha1.Sum(i.server.Certificate().Raw)
	want := hex.EncodeToString(sum[:])
	if got, err := federation.Thumbprint(t.Context(), i.url()); err != nil || got != want {
		t.Errorf("thumbprint %q, %v; want %q", got, err, want)
	}
	if got, err := federation.Thumbprint(t.Context(), "http://localhost:1"); err != nil || got != "" {
		t.Errorf("thumbprint of an HTTP issuer %q, %v", got, err)
	}
	if _, err := federation.Thumbprint(t.Context(), "https://169.254.169.254/"); err == nil {
		t.Error("a cloud's metadata service has a thumbprint")
	}

	// A root vouches for the certificate, or else a thumbprint does.
	roots := x509.NewCertPool()
	roots.AddCert(i.server.Certificate())
	pinned := i.provider()
	pinned.Thumbprints = []string{strings.Repeat("a", 40), want}
	wrong := i.provider()
	wrong.Thumbprints = []string{strings.Repeat("a", 40)}
	for name, tc := range map[string]struct {
		roots    *x509.CertPool
		provider federation.Provider
		ok       bool
	}{
		"nothing":                        {nil, i.provider(), false},
		"a root":                         {roots, i.provider(), true},
		"a root, and a wrong thumbprint": {roots, wrong, true},
		"a thumbprint":                   {nil, pinned, true},
		"a wrong thumbprint":             {nil, wrong, false},
	} {
		v := federation.Verifier{Roots: tc.roots}
		if _, err := v.Verify(t.Context(), tc.provider, i.token(nil), now); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseIssuer(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://example.com":                 "example.com",
		"https://example.com/":                "example.com/",
		"https://oidc.example.com:8443/id/AB": "oidc.example.com:8443/id/AB",
		"http://localhost:8080/realms/x":      "localhost:8080/realms/x",
		"http://127.0.0.1:8080":               "127.0.0.1:8080",
		"http://[::1]:8080":                   "[::1]:8080",
		"http://example.com":                  "",
		"http://localhost.example.com":        "",
		"http://10.0.0.1":                     "",
		"example.org":                         "",
		"":                                    "",
		"https://":                            "",
		"https:///path":                       "",
		"HTTPS://example.com":                 "",
		"ftp://example.com":                   "",
		"https://user@example.com":            "",
		"https://example.com?x=1":             "",
		"https://example.com?":                "",
		"https://example.com#x":               "",
		"https://example.com#":                "",
		"https://example.com/a b":             "",
		"https://exämple.com":                 "",
		"https://example.com/*":               "",
	} {
		name, err := federation.ParseIssuer(issuer)
		if name != want || (err == nil) != (want != "") {
			t.Errorf("ParseIssuer(%q) = %q, %v; want %q", issuer, name, err, want)
		}
	}
}

func FuzzToken(f *testing.F) {
	i := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUuY29tIiwic3ViIjoiYSIsImF1ZCI6WyJhcHAiXSwiaWF0IjoxLCJleHAiOjJ9.c2ln"
	f.Add(i)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	var v federation.Verifier
	f.Fuzz(func(t *testing.T, token string) {
		// No client ID is good, so that nothing is asked of any issuer.
		found, err := v.Verify(t.Context(), federation.Provider{Issuer: "https://example.com"}, token, now)
		if _, ok := errors.AsType[*awserr.Error](err); !ok || found != nil {
			t.Errorf("%q: %v, %v", token, found, err)
		}
	})
}
