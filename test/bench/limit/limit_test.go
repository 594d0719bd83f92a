package limit

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestVerifier(t *testing.T) {
	const body = "Action=GetUser"
	now := time.Now()
	v := new(Verifier)
	if r := exampleRequest(body, now); !v.Verify(r, []byte(body), now) {
		t.Error("refused the example request")
	}
	if r := exampleRequest(body, now); v.Verify(r, []byte(body+"x"), now) {
		t.Error("accepted another body")
	}
	if r := exampleRequest(body, now); v.Verify(r, []byte(body), now.Add(time.Hour)) {
		t.Error("accepted an old request")
	}
}

func TestCeiling(t *testing.T) {
	log, err := OpenLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	h := Ceiling{ReplyBytes: 600, Verify: true, Log: log}.Handler()

	const body = "Action=GetUser"
	w := httptest.NewRecorder()
	r := exampleRequest(body, time.Now())
	h.ServeHTTP(w, r)
	if w.Code != 200 || w.Body.Len() != 600 {
		t.Errorf("signed: status %d, %d bytes; want 200, 600", w.Code, w.Body.Len())
	}

	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(body)))
	if w.Code != 403 {
		t.Errorf("unsigned: status %d, want 403", w.Code)
	}
}

func TestFdatasync(t *testing.T) {
	rate, err := Fdatasync(t.Context(), t.TempDir(), 10*time.Millisecond)
	if err != nil || rate <= 0 {
		t.Errorf("Fdatasync: %v/s, %v", rate, err)
	}
}
