package test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/authority"
)

// With client certificates an asker needs no token, and without one of a known
// authority it does not get as far as a question.
func TestAskersWithCertificates(t *testing.T) {
	t.Parallel()
	cert, certFile, keyFile := makeCertificate(t)
	_, otherCert, otherKey := makeCertificate(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(cert)
	s := start(t, withFlags("--tls-cert", certFile, "--tls-key", keyFile, "--authority-listen", "127.0.0.1:0", "--authority-client-ca", certFile),
		withTransport(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}))
	where := s.await(t, regexp.MustCompile(`msg="answering other servers" address=(\S+)\n`))
	bob := s.userKey(t, "bob")
	ask := func(certificates ...tls.Certificate) (*authority.Answer, error) {
		client := &authority.Client{URL: where, HTTP: &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: certificates}, ForceAttemptHTTP2: true,
		}}}
		return client.Ask(t.Context(), &authority.Question{Credential: &authority.Credential{AccessKeyID: bob.ID}})
	}
	pair := must[tls.Certificate](t)
	a, err := ask(pair(tls.LoadX509KeyPair(certFile, keyFile)))
	if err != nil || a.Principal == nil || a.Principal.Name != "bob" {
		t.Errorf("got %+v, %v", a, err)
	}
	for name, err := range map[string]error{"no certificate": second(ask()), "another's": second(ask(pair(tls.LoadX509KeyPair(otherCert, otherKey))))} {
		if _, asked := errors.AsType[*authority.Unanswered](err); err == nil || asked { // the connection is refused
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// nginx's own auth_request, configured as the README has it.
func TestNginx(t *testing.T) {
	t.Parallel()
	s := startAsked(t)
	bob := s.userKey(t, "bob")
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s to %s", r.Header.Get("X-Iamd-Principal"), r.URL)
	}))
	defer upstream.Close()
	address := freeAddress(t)
	host, _, _ := strings.Cut(address, ":")
	s.allow(t, "bob", "execute-api:Invoke", "arn:aws:execute-api:*:*:"+host+"/$default/*/pets/*")

	folder := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf := strings.NewReplacer("FOLDER", folder, "ADDRESS", address, "IAMD", s.authority, "TOKEN", askersToken, "UPSTREAM", upstream.URL).Replace(string(text))
	if err := os.WriteFile(filepath.Join(folder, "nginx.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Fatalf("nginx is not here: %v\nrun `make test`, which fetches it", err)
	}
	runBeside(t, exec.Command(nginx, "-p", folder, "-c", "nginx.conf", "-e", "stderr"), address)

	proxy := &server{url: "http://" + address, http: s.http}
	call := func(method, path string) *http.Request { return proxy.request(t, method, path, "", "") }
	const who = "arn:aws:iam::123456789012:user/bob to /pets/1?"
	if got := proxy.send(t, sign(t, call("GET", "/pets/1?a=b%20c"), bob, "execute-api", time.Now())); got.status != 200 || got.body != who+"a=b%20c" {
		t.Errorf("signed: got %+v", got)
	}
	if got := proxy.send(t, presign(t, call("GET", "/pets/1?a=b%20c"), bob, "execute-api", time.Now())); got.status != 200 || !strings.HasPrefix(got.body, who) {
		t.Errorf("presigned: got %+v", got)
	}
	spoofed := sign(t, call("GET", "/owners/1"), bob, "execute-api", time.Now())
	spoofed.Header.Set("X-Original-URI", "/pets/1")
	for name, c := range map[string]struct {
		r      *http.Request
		status int
	}{
		"denied":       {sign(t, call("GET", "/owners/1"), bob, "execute-api", time.Now()), 403},
		"spoofed":      {spoofed, 403},
		"not signed":   {call("GET", "/pets/1"), 401},
		"around":       {sign(t, call("GET", "/pets/..%2fowners/1"), bob, "execute-api", time.Now()), 403},
		"other method": {sign(t, call("DELETE", "/pets/1"), bob, "s3", time.Now()), 401}, // S3 wants a payload hash in a header
	} {
		if got := proxy.send(t, c.r); got.status != c.status {
			t.Errorf("%s: got %+v, want status %d", name, got, c.status)
		}
	}
	s.deactivate(t, "bob", bob)
	if got := proxy.send(t, sign(t, call("GET", "/pets/1"), bob, "execute-api", time.Now())); got.status != 401 {
		t.Errorf("deactivated: got %+v", got)
	}
}
