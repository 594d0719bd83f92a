package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// verifyFuzzed is Parse and Verify for whatever a fuzzer came up with.
func verifyFuzzed(r *http.Request, s3 bool) (*Claim, error) {
	c, err := Parse(r)
	if err != nil {
		return nil, err
	}
	rules := Verifier{S3: s3, Payloads: 0xff}
	return &c, rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), EmptyPayload, suiteTime)
}

// mustBeRefusal fails on an error that has no reason and no text.
func mustBeRefusal(t *testing.T, err error, r *http.Request) {
	if err == nil {
		return
	}
	if reason(err) == 0 || len(err.Error()) < 10 {
		t.Errorf("%v for %+v", err, r)
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%q has a line break", err)
	}
}

func FuzzAuthorization(f *testing.F) {
	f.Add(goodAuth, "20150830T123600Z", "", "")
	f.Add(strings.ReplaceAll(goodAuth, ", ", ","), "", "Sun, 30 Aug 2015 12:36:00 GMT", "token")
	f.Add("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request\tSignature=x,,  SignedHeaders=", "20150830T123600Z", "x", "")
	f.Fuzz(func(t *testing.T, auth, amzDate, date, token string) {
		r := &http.Request{Method: "GET", Host: "h", URL: &url.URL{Path: "/"}, Header: http.Header{"Authorization": {auth}}}
		for name, value := range map[string]string{"X-Amz-Date": amzDate, "Date": date, "X-Amz-Security-Token": token} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		c, err := verifyFuzzed(r, false)
		mustBeRefusal(t, err, r)
		if c == nil {
			return
		}
		if got := c.Time.Format(isoBasic); got != c.timestamp {
			t.Errorf("signed as %q, read as %q", c.timestamp, got)
		}
		if err == nil && !strings.Contains(auth, c.signature) {
			t.Errorf("a signature out of nothing: %q", auth)
		}
	})
}

func FuzzPresigned(f *testing.F) {
	s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "s3"}
	for _, target := range []string{"https://example.com/", "https://example.com/a%2Fb?x&y=1+2&%7e"} {
		r, _ := http.NewRequest("GET", target, nil)
		for _, s3 := range []bool{false, true} {
			s.S3 = s3
			signed, err := s.Presign(r, UnsignedPayload, MaxExpires, suiteTime)
			if err != nil {
				f.Fatal(err)
			}
			_, query, _ := strings.Cut(signed, "?")
			f.Add(query, s3)
		}
	}
	f.Add("X-Amz-Algorithm&X-Amz-%", true)
	f.Fuzz(func(t *testing.T, query string, s3 bool) {
		r := &http.Request{Method: "GET", Host: "example.com", URL: &url.URL{Path: "/", RawQuery: query}, Header: http.Header{}}
		c, err := verifyFuzzed(r, s3)
		mustBeRefusal(t, err, r)
		if c != nil && (c.Expires < 0 || c.Expires > MaxExpires) {
			t.Errorf("expires in %v", c.Expires)
		}
	})
}

// FuzzCanonical signs any request that net/http could have read, verifies it, and
// then has a second request verified with that signature: it must not be
// accepted unless it would have been signed in the same way.
func FuzzCanonical(f *testing.F) {
	f.Add("/a/../b", "x=1&y", " a  b ", "/b", "y=&x=1", "a b", false)
	f.Add("/a%2Fb", "+", "", "/a/b", "%20", "", true)
	f.Add("//h/é%2f", "a;b=c=d", "\t", "/", "&&", "", true)
	f.Fuzz(func(t *testing.T, path, query, header, path2, query2, header2 string, s3 bool) {
		r, ok := readable(path, query, header)
		other, ok2 := readable(path2, query2, header2)
		if !ok || !ok2 {
			return
		}
		s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "s3", S3: s3}
		received := *r
		if err := s.Sign(r, EmptyPayload, suiteTime); err != nil {
			if _, err := new(scratch).appendQuery(nil, query, false); err == nil {
				t.Errorf("cannot sign %q %q %q: %v", path, query, header, err)
			}
			return
		}
		received.URL, _ = url.ParseRequestURI(r.URL.RequestURI())
		if _, err := verifyFuzzed(&received, s3); err != nil {
			t.Fatalf("%q %q %q: %v", path, query, header, err)
		}
		for name, values := range r.Header {
			if name != "My-Header" {
				other.Header[name] = values
			}
		}
		if _, err := verifyFuzzed(other, s3); err != nil {
			mustBeRefusal(t, err, other)
			return
		}
		if err := s.Sign(other, EmptyPayload, suiteTime); err != nil || other.Header.Get("Authorization") != r.Header.Get("Authorization") {
			t.Errorf("one signature for\n%q %q %q and\n%q %q %q", path, query, header, path2, query2, header2)
		}
	})
}

// readable makes the request that net/http's server would, if it would.
func readable(path, query, header string) (*http.Request, bool) {
	if strings.ContainsAny(header, "\r\n\x00") || !strings.HasPrefix(path, "/") || strings.ContainsAny(path+query, " ?#") {
		return nil, false
	}
	u, err := url.ParseRequestURI(path + "?" + query)
	if err != nil {
		return nil, false
	}
	return &http.Request{Method: "GET", Host: "example.com", URL: u, Header: http.Header{"My-Header": {header}}}, true
}
