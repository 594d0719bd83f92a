package federation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/iamd-project/iamd/internal/federation"
)

func ecKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A client that others wrote finds the keys and believes the tokens.
func TestOutbound(t *testing.T) {
	var keys []*federation.PrivateKey
	var public []federation.PublicKey
	for _, algorithm := range []string{federation.RS256, federation.ES384} {
		k, err := federation.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		keys, public = append(keys, k), append(public, k.PublicKey)
	}
	set, err := federation.KeySet(public)
	if err != nil {
		t.Fatal(err)
	}
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		issuer, document, ok := federation.IssuerOf(r.URL.Path)
		config, err := federation.Configuration(federation.IssuerURL(server.URL, issuer))
		switch {
		case !ok || issuer != "abc" || err != nil:
			http.NotFound(w, r)
		case document == federation.ConfigurationPath:
			_, _ = w.Write(config)
		case document == federation.KeysPath:
			_, _ = w.Write(set)
		}
	}))
	defer server.Close()
	url := federation.IssuerURL(server.URL, "abc")
	provider, err := oidc.NewProvider(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		token, err := k.Sign(&federation.Token{
			Issuer: url, Audience: []string{"https://api.example.com"}, Subject: "arn:aws:iam::123456789012:role/ops",
			Issued: now, Expires: now.Add(5 * time.Minute), ID: "id",
			Account: "123456789012", Region: "us-east-1", RequestTags: map[string]string{"job": "7"},
		})
		if err != nil {
			t.Fatal(err)
		}
		verifier := provider.Verifier(&oidc.Config{
			ClientID: "https://api.example.com", Now: func() time.Time { return now }, SupportedSigningAlgs: []string{k.Algorithm},
		})
		got, err := verifier.Verify(t.Context(), token)
		if err != nil {
			t.Errorf("%s: %v", k.Algorithm, err)
			continue
		}
		var claims map[string]any
		if err := got.Claims(&claims); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"iss": url, "aud": "https://api.example.com", "sub": "arn:aws:iam::123456789012:role/ops", "jti": "id",
			"iat": float64(now.Unix()), "exp": float64(now.Unix() + 300),
			"https://sts.amazonaws.com/": map[string]any{
				"aws_account": "123456789012", "source_region": "us-east-1", "request_tags": map[string]any{"job": "7"},
			},
		}
		if !reflect.DeepEqual(claims, want) {
			t.Errorf("%s:\n got %v\nwant %v", k.Algorithm, claims, want)
		}
		// Nor would we refuse one of ours as another's provider.
		var v federation.Verifier
		if _, err := v.Verify(t.Context(), federation.Provider{Issuer: url, ClientIDs: []string{"https://api.example.com"}}, token, now); err != nil {
			t.Errorf("%s: %v", k.Algorithm, err)
		}
	}
	if _, err := federation.NewKey("HS256"); err == nil {
		t.Error("a key for HS256")
	}
}

func TestIssuerOf(t *testing.T) {
	for path, want := range map[string][2]string{
		"/issuer/abc/.well-known/jwks.json": {"abc", "/.well-known/jwks.json"},
		"/issuer/abc":                       {},
		"/issuer//x":                        {},
		"/":                                 {},
		"/other/abc/x":                      {},
	} {
		issuer, document, ok := federation.IssuerOf(path)
		if ok != (want[0] != "") || ok && (issuer != want[0] || document != want[1]) {
			t.Errorf("IssuerOf(%q) = %q, %q, %v", path, issuer, document, ok)
		}
	}
}
