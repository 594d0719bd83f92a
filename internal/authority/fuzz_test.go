package authority_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/authority"
)

// FuzzQuestion sends any text as a question: it is answered or refused as one that
// cannot be, and without a good signature nobody is known.
func FuzzQuestion(f *testing.F) {
	for _, seed := range []string{
		`{"request":{"method":"GET","host":"h","url":"/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0","header":{"Authorization":["AWS4-HMAC-SHA256 Credential=A/20261122/r/s3/aws4_request, SignedHeaders=host, Signature=0"],"X-Amz-Date":["20261122T101500Z"]}},"service":"s3"}`,
		`{"credential":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"x"},"permissions":[{"action":"s3:GetObject","resource":"arn:aws:s3:::a","context":{"s3:prefix":["a"]},"policy":"{}","account":"123456789012"}]}`,
		`{"request":{"method":"PUT","host":"h","url":"/"},"anonymous":true,"permissions":[{"action":"s3:PutObject","resource":"*","policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}"}]}`,
	} {
		f.Add(seed)
	}
	handler := newWorld(f).server.Handler()
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest(http.MethodPost, "/v1/ask", strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		case http.StatusOK:
			var a authority.Answer
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Principal != nil || a.Signature != nil || a.Allowed == (a.Refusal != nil) {
				t.Errorf("%s (%v)", w.Body, err)
			}
		default:
			t.Errorf("answered %d: %s", w.Code, w.Body)
		}
	})
}
