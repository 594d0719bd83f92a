package server

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest sends whatever net/http can read as a request. Without a good
// signature nothing may come out but a refusal in AWS's form.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: iam.amazonaws.com\r\n\r\n",
		"GET /?Action=ListUsers&Version=2010-05-08&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00 HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00\r\nX-Amz-Date: 20261122T000000Z\r\nContent-Length: 9\r\n\r\nAction=%z",
		"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: secretsmanager.ListSecrets\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 1\r\n\r\n{",
		"PUT //a/../b?x=%00&y HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	s := startForTest(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil || req.URL.Path == "/healthz" || req.URL.Path == "/readyz" || req.URL.Path == "/version" {
			return
		}
		req.RemoteAddr = "127.0.0.1:40000"
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, req)
		if w.Code < 400 || w.Code > 499 {
			t.Errorf("answered %d: %s", w.Code, w.Body)
		}
	})
}

// FuzzForm signs any Query form as root: whatever it asks for, the server does
// not fail, and says 501 only of an operation that is not built.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"Action=CreateUser&UserName=bob&Path=/a/&Tags.member.1.Key=k&Tags.member.1.Value=v",
		"Action=UpdateUser&UserName=bob&NewUserName=eve&NewPath=/b/",
		"Action=ListUsers&MaxItems=1&Marker=Ym9i&PathPrefix=/",
		"Action=UntagUser&UserName=bob&TagKeys.member.1=k",
		"Action=CreateAccessKey&UserName=bob",
		"Action=UpdateAccessKey&UserName=bob&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Inactive",
		"Action=DeleteUser&UserName=bob",
		"Action=SimulateCustomPolicy&PolicyInputList.member.1=x&ActionNames=",
	} {
		f.Add(seed)
	}
	s := startForTest(f)
	f.Fuzz(func(t *testing.T, form string) {
		status, body := s.call(t, "iam", form+"&Version=2010-05-08")
		switch {
		case status == 501 && strings.Contains(body, "iamd does not support iam:"):
		case status != 200 && (status < 400 || status > 499):
			t.Errorf("%q answered %d: %s", form, status, body)
		}
	})
}
