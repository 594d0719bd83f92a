package server

import (
	"net/http/httptest"
	"testing"
	"time"
)

// testServer is a server that is called in process.
type testServer struct{ *server }

// startForTest starts a server in a folder of its own, with testKey as root's key.
func startForTest(t testing.TB) *testServer {
	t.Helper()
	folder := t.TempDir()
	s, err := start(t.Context(), Config{
		Folder:    Folder{Path: folder, Ephemeral: true},
		RootKeyID: string(testKey.ID), RootSecret: string(testKey.Secret),
		Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return &testServer{s}
}

// call makes a signed call as root.
func (s *testServer) call(t testing.TB, service, form string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, s.signed(t, service, form))
	return w.Code, w.Body.String()
}
