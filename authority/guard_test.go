package authority_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/sigv4"
)

// Whatever is wrong on the way to an answer, nobody is let in. What right answers do is
// tested with a real iamd, in package test.
func TestGuardFailsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		reply  func(http.ResponseWriter)
		status int
		code   string
		failed string
	}{
		"no permission to ask":   {reply(401, `{"error":"The asker has not proved itself."}`), 503, "ServiceUnavailable", "iamd answered 401: The asker has not proved itself."},
		"a question that is bad": {reply(400, `{"error":"The action is not one."}`), 400, "InvalidRequest", "iamd answered 400: The action is not one."},
		"an internal failure":    {reply(500, `no JSON`), 503, "ServiceUnavailable", "iamd answered 500: Internal Server Error"},
		"no JSON":                {reply(200, `allowed`), 503, "ServiceUnavailable", "reading the answer"},
		"neither":                {reply(200, `{}`), 503, "ServiceUnavailable", "neither allows nor refuses"},
		"both":                   {reply(200, `{"allowed":true,"refusal":{"code":"X","status":403}}`), 503, "ServiceUnavailable", "neither allows nor refuses"},
		"an endless answer":      {reply(200, strings.Repeat(" ", 2<<20)+`{"allowed":true}`), 503, "ServiceUnavailable", "reading the answer"},
		"elsewhere":              {redirect, 503, "ServiceUnavailable", "iamd answered 307"},
	} {
		t.Run(name, func(t *testing.T) {
			peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.reply(w) }))
			defer peer.Close()
			status, code, failed := askThrough(t, peer.URL, nil)
			if status != c.status || code != c.code || !strings.Contains(failed, c.failed) {
				t.Errorf("got %d %s, told %q; want %d %s, %q", status, code, failed, c.status, c.code, c.failed)
			}
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if status, code, failed := askThrough(t, gone.URL, nil); status != 503 || code != "ServiceUnavailable" || failed == "" {
		t.Errorf("no iamd: got %d %s, told %q", status, code, failed)
	}
	refusal := &authority.Refusal{Code: "MethodNotAllowed", Status: 405, Message: "No."}
	if status, code, failed := askThrough(t, gone.URL, refusal); status != 405 || code != "MethodNotAllowed" || failed != "" {
		t.Errorf("a refusal of Permissions: got %d %s, told %q", status, code, failed)
	}
	if status, _, failed := askThrough(t, gone.URL, errors.New("no such thing")); status != 503 || failed != "no such thing" {
		t.Errorf("an error of Permissions: got %d, told %q", status, failed)
	}
}

func reply(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// redirect must not be followed: it would take the token and the request elsewhere.
func redirect(w http.ResponseWriter) {
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// askThrough sends a signed request through a guard, to a handler that must not see it.
func askThrough(t *testing.T, iamd string, refused error) (status int, code, failed string) {
	t.Helper()
	guard := &authority.Guard{
		Client:      &authority.Client{URL: iamd, Token: "x"},
		Service:     "pets",
		Permissions: func(*http.Request) ([]authority.Permission, error) { return nil, refused },
		Failed:      func(_ *http.Request, err error) { failed = err.Error() },
	}
	r := httptest.NewRequest(http.MethodGet, "http://pets.example/cats/1", nil)
	signer := sigv4.Signer{Credentials: sigv4.Credentials{AccessKeyID: "A", SecretAccessKey: "b"}, Region: "us-east-1", Service: "pets"}
	if err := signer.Sign(r, sigv4.EmptyPayload, time.Now()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	guard.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was let in") })).ServeHTTP(w, r)
	return w.Code, w.Header().Get("X-Amzn-Errortype"), failed
}

// A body that is too long, or ends too soon, is not waited for.
func TestGuardBoundsBodies(t *testing.T) {
	guard := &authority.Guard{Client: &authority.Client{URL: "http://127.0.0.1:1"}, Service: "pets", MaxBody: 4}
	for body, want := range map[string]int{"12345": 413, "1234": 503} { // nobody answers at that address
		r := httptest.NewRequest(http.MethodPost, "http://pets.example/", strings.NewReader(body))
		signer := sigv4.Signer{Credentials: sigv4.Credentials{AccessKeyID: "A", SecretAccessKey: "b"}, Region: "us-east-1", Service: "pets"}
		if err := signer.Sign(r, sigv4.HashPayload([]byte(body)), time.Now()); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		guard.Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: got status %d, want %d", body, w.Code, want)
		}
	}
}

func TestFromOutsideAGuard(t *testing.T) {
	if a := authority.From(context.Background()); a != nil {
		t.Errorf("got %+v", a)
	}
}
