package server

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/iamd-project/iamd/sigv4"
)

// BenchmarkCall is what a call costs beside net/http itself: the whole path,
// audit file included, with the signature made once.
func BenchmarkCall(b *testing.B) {
	for _, call := range []struct{ service, form string }{
		{"sts", "Action=GetCallerIdentity&Version=2011-06-15"},
		{"iam", "Action=GetUser&UserName=bob&Version=2010-05-08"},
		{"iam", "Action=ListAccessKeys&UserName=bob&Version=2010-05-08"},
	} {
		b.Run(call.form[len("Action="):len("Action=")+12], func(b *testing.B) {
			s := startForTest(b)
			for _, form := range []string{"Action=CreateUser&UserName=bob&Version=2010-05-08", "Action=CreateAccessKey&UserName=bob&Version=2010-05-08"} {
				if status, body := s.call(b, "iam", form); status != 200 {
					b.Fatal(body)
				}
			}
			req := s.signed(b, call.service, call.form)
			body := &rewinder{Reader: bytes.NewReader([]byte(call.form))}
			req.Body = body
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = body.Seek(0, io.SeekStart)
				clear(w.header)
				s.handler.ServeHTTP(w, req)
			}
			if w.status != 200 {
				b.Fatal("status", w.status)
			}
		})
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

type rewinder struct{ *bytes.Reader }

func (rewinder) Close() error { return nil }

var testKey = RootKey{DefaultAccount, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

func (s *testServer) signed(t testing.TB, service, form string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", bytes.NewReader([]byte(form)))
	if err != nil {
		t.Fatal(err)
	}
	req.RemoteAddr = "127.0.0.1:40000"
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "test")
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: string(testKey.ID), SecretAccessKey: string(testKey.Secret)},
		Region:      "us-east-1",
		Service:     service,
	}
	if err := signer.Sign(req, sigv4.HashPayload([]byte(form)), time.Now()); err != nil {
		t.Fatal(err)
	}
	return req
}
