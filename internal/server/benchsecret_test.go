package server

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/sigv4"
)

// BenchmarkGetSecretValue is BenchmarkCall for a value of 64 bytes.
func BenchmarkGetSecretValue(b *testing.B) {
	s := startForTest(b)
	w := &discard{header: http.Header{}}
	create := `{"Name":"bench","ClientRequestToken":"11111111-1111-1111-1111-111111111111","SecretString":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}`
	s.handler.ServeHTTP(w, signedJSON(b, "CreateSecret", create))
	if w.status != http.StatusOK {
		b.Fatal("status", w.status)
	}
	const in = `{"SecretId":"bench"}`
	req := signedJSON(b, "GetSecretValue", in)
	body := &rewinder{Reader: bytes.NewReader([]byte(in))}
	req.Body = body
	b.ReportAllocs()
	for b.Loop() {
		_, _ = body.Seek(0, io.SeekStart)
		clear(w.header)
		s.handler.ServeHTTP(w, req)
	}
	if w.status != http.StatusOK {
		b.Fatal("status", w.status)
	}
}

func signedJSON(t testing.TB, operation, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.RemoteAddr = "127.0.0.1:40000"
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", secretsmanager.Service.TargetPrefix+"."+operation)
	req.Header.Set("User-Agent", "test")
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: string(testKey.ID), SecretAccessKey: string(testKey.Secret)},
		Region:      "us-east-1", Service: "secretsmanager",
	}
	if err := signer.Sign(req, sigv4.HashPayload([]byte(body)), time.Now()); err != nil {
		t.Fatal(err)
	}
	return req
}
