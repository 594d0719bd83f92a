package load

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// The fast signer must produce, byte for byte, the Authorization header of the AWS SDK's signer.
func TestSignerMatchesSDK(t *testing.T) {
	now := time.Now()
	for _, tc := range []struct{ service, contentType, target, body string }{
		{"iam", formType, "", "Action=GetUser&UserName=u1&Version=2010-05-08"},
		{"sts", formType, "", "Action=GetCallerIdentity&Version=2011-06-15"},
		{"secretsmanager", jsonType, "secretsmanager.GetSecretValue", `{"SecretId":"bench"}`},
	} {
		t.Run(tc.service, func(t *testing.T) {
			req, err := http.NewRequest("POST", "http://127.0.0.1:9000/", strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tc.contentType)
			if tc.target != "" {
				req.Header.Set("X-Amz-Target", tc.target)
			}
			sum := sha256.Sum256([]byte(tc.body))
			creds := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "sec/ret"}
			err = v4.NewSigner().SignHTTP(t.Context(), creds, req, hex.EncodeToString(sum[:]), tc.service, "us-east-1", now)
			if err != nil {
				t.Fatal(err)
			}
			s := newSigner("AKID", "sec/ret", "us-east-1", tc.service)
			got := string(s.headers(nil, "POST", "127.0.0.1:9000", "/", tc.contentType, tc.target, []byte(tc.body), now))
			if want := "Authorization: " + req.Header.Get("Authorization") + "\r\n"; !strings.Contains(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	s := newSigner("AKID", "sec/ret", "us-east-1", "iam")
	body := []byte("Action=GetUser&UserName=u1&Version=2010-05-08")
	now := time.Now()
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = s.headers(dst[:0], "POST", "127.0.0.1:9000", "/", formType, "", body, now)
	}
}
