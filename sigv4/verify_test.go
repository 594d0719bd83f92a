package sigv4

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPayloads(t *testing.T) {
	body := HashPayload([]byte("body"))
	for _, test := range []struct {
		name             string
		rules            Verifier
		signed, declared PayloadHash // what was signed, and what the header says
		body             PayloadHash
		want             Reason
	}{
		{"hash of the body", Verifier{}, body, "", body, 0},
		{"hash of another body", Verifier{}, body, "", EmptyPayload, Mismatch},
		{"declared", Verifier{}, body, body, body, 0},
		{"declared, another body came", Verifier{}, body, body, EmptyPayload, BadPayload},
		{"declared, not what was signed", Verifier{}, EmptyPayload, body, body, Mismatch},
		{"no hash known", Verifier{}, body, "", "", BadPayload},
		{"unsigned passed as hash", Verifier{}, UnsignedPayload, "", UnsignedPayload, BadPayload},
		{"unsigned, refused", Verifier{}, UnsignedPayload, UnsignedPayload, body, BadPayload},
		{"unsigned, another allowed", Verifier{Payloads: AllowStreaming}, UnsignedPayload, UnsignedPayload, body, BadPayload},
		{"unsigned, allowed", Verifier{Payloads: AllowUnsigned}, UnsignedPayload, UnsignedPayload, body, 0},
		{"streaming, refused", Verifier{Payloads: AllowUnsigned}, StreamingPayload, StreamingPayload, "", BadPayload},
		{"streaming, allowed", Verifier{Payloads: AllowStreaming}, StreamingPayload, StreamingPayload, "", 0},
		{"trailer, allowed", Verifier{Payloads: AllowStreamingTrailer}, StreamingPayloadTrailer, StreamingPayloadTrailer, "", 0},
		{"unsigned trailer, allowed", Verifier{Payloads: AllowStreamingUnsignedTrailer}, StreamingUnsignedTrailer, StreamingUnsignedTrailer, "", 0},
		{"upper-case hash", Verifier{}, PayloadHash(strings.ToUpper(string(body))), PayloadHash(strings.ToUpper(string(body))), body, BadPayload},
		{"nonsense", Verifier{Payloads: 0xff}, "none", "none", body, BadPayload},
	} {
		r := httptest.NewRequest("PUT", "http://example.com/b/k", nil)
		if test.declared != "" {
			r.Header.Set("X-Amz-Content-Sha256", string(test.declared))
		}
		s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "s3"}
		if err := s.Sign(r, test.signed, suiteTime); err != nil {
			t.Fatal(err)
		}
		c, err := Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := test.rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), test.body, suiteTime); reason(err) != test.want || (err == nil) != (test.want == 0) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestPresign(t *testing.T) {
	for _, test := range []struct {
		name    string
		rules   Verifier
		payload PayloadHash
		expires time.Duration
		after   time.Duration
		want    Reason
	}{
		{"S3, in time", Verifier{S3: true, Payloads: AllowUnsigned}, UnsignedPayload, time.Minute, time.Minute, 0},
		{"S3, late", Verifier{S3: true, Payloads: AllowUnsigned}, UnsignedPayload, time.Minute, time.Minute + time.Second, Expired},
		{"S3, a week", Verifier{S3: true, Payloads: AllowUnsigned}, UnsignedPayload, MaxExpires, MaxExpires, 0},
		{"S3, unsigned bodies refused", Verifier{S3: true}, UnsignedPayload, time.Minute, 0, BadPayload},
		{"S3, early", Verifier{S3: true, Payloads: AllowUnsigned}, UnsignedPayload, time.Minute, -16 * time.Minute, NotYetCurrent},
		{"STS ignores a short time", Verifier{}, EmptyPayload, time.Minute, 15 * time.Minute, 0},
		{"STS, late", Verifier{}, EmptyPayload, time.Minute, 15*time.Minute + time.Second, Expired},
		{"STS, long", Verifier{}, EmptyPayload, time.Hour, time.Hour, 0},
		{"STS, other skew", Verifier{MaxSkew: 30 * time.Second}, EmptyPayload, time.Second, 31 * time.Second, Expired},
	} {
		s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "x", S3: test.rules.S3}
		s.Credentials.SessionToken = "a/token+=="
		url, err := s.Presign(httptest.NewRequest("GET", "https://example.com/a%2Fb/c?x&y=1+2", nil), test.payload, test.expires, suiteTime)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(httptest.NewRequest("GET", url, nil))
		if err != nil {
			t.Fatal(err)
		}
		if c.SessionToken != s.Credentials.SessionToken || c.Expires != test.expires || !c.Presigned || !c.Time.Equal(suiteTime) {
			t.Errorf("%s: parsed %+v", test.name, c)
		}
		err = test.rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), EmptyPayload, suiteTime.Add(test.after))
		if reason(err) != test.want || (err == nil) != (test.want == 0) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	for _, d := range []time.Duration{0, -1, MaxExpires + 1} {
		if _, err := (Signer{}).Presign(httptest.NewRequest("GET", "/", nil), EmptyPayload, d, suiteTime); err == nil {
			t.Errorf("presigned for %v", d)
		}
	}
}

func TestPublicHosts(t *testing.T) {
	rules := Verifier{PublicHosts: []PublicHost{{Host: "other.example.com"}, {Host: "api.example.com", PathPrefix: "/iam/"}}}
	verify := func(signedURL, host, path string) error {
		r := httptest.NewRequest("GET", signedURL, nil)
		s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "iam"}
		if err := s.Sign(r, EmptyPayload, suiteTime); err != nil {
			t.Fatal(err)
		}
		r.Host, r.URL.Path = host, path
		c, err := Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		return rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), EmptyPayload, suiteTime)
	}
	for _, test := range []struct {
		signedURL, host, path string
		want                  Reason
	}{
		{"https://10.0.0.1:4566/x", "10.0.0.1:4566", "/x", 0},
		{"https://other.example.com/x", "10.0.0.1:4566", "/x", 0},
		{"https://api.example.com/iam/x", "10.0.0.1:4566", "/x", 0},
		{"https://api.example.com/iam/", "10.0.0.1:4566", "/", 0},
		{"https://api.example.com/x", "10.0.0.1:4566", "/x", Mismatch},
		{"https://evil.example.com/x", "10.0.0.1:4566", "/x", Mismatch},
		{"https://api.example.com/iam/x", "10.0.0.1:4566", "/y", Mismatch},
	} {
		if err := verify(test.signedURL, test.host, test.path); reason(err) != test.want || (err == nil) != (test.want == 0) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// The Date header counts where there is no X-Amz-Date, and only there.
func TestDateHeader(t *testing.T) {
	const auth = "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request,SignedHeaders=host,Signature=0"
	for _, test := range []struct {
		date, amzDate, want string
	}{
		{"Sun, 30 Aug 2015 12:36:00 GMT", "", "20150830T123600Z"},
		{"20150830T123600Z", "", "20150830T123600Z"},
		{"Mon, 31 Aug 2015 12:36:00 GMT", "20150830T123600Z", "20150830T123600Z"},
		{"Sun, 30 Aug 2015 12:36:00 GMT", "yesterday", ""},
		{"yesterday", "", ""},
	} {
		h := http.Header{"Authorization": {auth}, "Date": {test.date}}
		if test.amzDate != "" {
			h.Set("X-Amz-Date", test.amzDate)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = h
		got := ""
		if c, err := Parse(r); err == nil {
			got = c.Time.Format(isoBasic)
			if c.timestamp != got {
				t.Errorf("%+v: signed as %s", test, c.timestamp)
			}
		}
		if got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestParseISO(t *testing.T) {
	for _, s := range []string{"", "20150830T123600", "20150830T123600Z ", "20151330T123600Z", "20150830T243600Z", "20150830T126000Z", "20150830T123660Z",
		"20150230T123600Z", "20150800T123600Z", "2015083AT123600Z", "20150830 123600Z", "+0150830T123600Z", "20150830T123600z"} {
		if _, ok := parseISO(s); ok {
			t.Errorf("%q was read as a date", s)
		}
	}
	for _, s := range []string{"20150830T123600Z", "20160229T000000Z", "99991231T235959Z", "00000101T000000Z"} {
		got, ok := parseISO(s)
		want, err := time.Parse(isoBasic, s)
		if !ok || err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// Request lines as they come over the wire, odd ones among them, and the
// canonical paths that they are signed with.
func TestCanonicalPaths(t *testing.T) {
	for _, test := range []struct{ target, documented, sent, s3, s3Sent string }{
		{"/", "/", "/", "/", "/"},
		{"/a/b", "/a/b", "/a/b", "/a/b", "/a/b"},
		{"/a//b/", "/a/b/", "/a//b/", "/a//b/", "/a//b/"},
		{"/a/../b", "/b", "/a/../b", "/a/../b", "/a/../b"},
		{"/../../b", "/b", "/../../b", "/../../b", "/../../b"},
		{"/a/b/..", "/a", "/a/b/..", "/a/b/..", "/a/b/.."},
		{"/a%2Fb", "/a%252Fb", "/a%252Fb", "/a%2Fb", "/a%2Fb"},
		{"/a%2fb", "/a%252fb", "/a%252fb", "/a%2Fb", "/a%2fb"},
		{"/a%20b", "/a%2520b", "/a%2520b", "/a%20b", "/a%20b"},
		{"/a+b:c@d", "/a%2Bb%3Ac%40d", "/a%2Bb%3Ac%40d", "/a%2Bb%3Ac%40d", "/a+b:c@d"},
		{"/%41", "/%2541", "/%2541", "/A", "/%41"},
		{"/ሴ", "/%E1%88%B4", "/%E1%88%B4", "/%E1%88%B4", "/%E1%88%B4"},
		{"/%2Fሴ", "/%252F%E1%88%B4", "/%252F%E1%88%B4", "/%2F%E1%88%B4", "/%2F%E1%88%B4"},
		{"/%E1%88%B4", "/%25E1%2588%25B4", "/%25E1%2588%25B4", "/%E1%88%B4", "/%E1%88%B4"},
		{"//host/x", "/host/x", "//host/x", "//host/x", "//host/x"},
		{"http://other/x", "/x", "/x", "/x", "/x"},
		{"http://other", "/", "/", "/", "/"},
		{"*", "", "", "", ""},
	} {
		method := "GET"
		if test.target == "*" {
			method = "OPTIONS"
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + test.target + " HTTP/1.1\r\nHost: example.com\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		path, ok := receivedPath(r.URL)
		if !ok {
			if test.documented != "" {
				t.Errorf("%s has no path", test.target)
			}
			continue
		}
		for _, form := range []struct{ name, got, want string }{
			{"documented", string(appendPath(nil, path, false)), test.documented},
			{"as sent", string(appendSentPath(nil, path, false)), test.sent},
			{"S3", string(appendPath(nil, path, true)), test.s3},
			{"S3, as sent", string(appendSentPath(nil, path, true)), test.s3Sent},
		} {
			if form.got != form.want {
				t.Errorf("%s (%s): %s, want %s", test.target, form.name, form.got, form.want)
			}
		}
	}
}

func TestCanonicalQueries(t *testing.T) {
	for _, test := range []struct{ raw, want string }{
		{"", ""},
		{"a", "a="},
		{"a=", "a="},
		{"&&a=1&", "a=1"},
		{"=v", "=v"},
		{"b=1&a=2&a=1", "a=1&a=2&b=1"},
		{"a-b=1&a=1", "a=1&a-b=1"}, // by name: as strings they would sort the other way
		{"k=a-b&k=a%2fb", "k=a%2Fb&k=a-b"},
		{"%61=%7E+%2b", "a=~%20%2B"},
		{"a=b=c;d", "a=b%3Dc%3Bd"},
		{"é=1&z=2", "%C3%A9=1&z=2"},
	} {
		got, err := new(scratch).appendQuery(nil, test.raw, false)
		if err != nil || string(got) != test.want {
			t.Errorf("%q: %q (%v), want %q", test.raw, got, err, test.want)
		}
	}
}

// Over a real connection: what net/http does to headers on the way must not show.
func TestOverHTTP(t *testing.T) {
	rules := Verifier{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Parse(r)
		if err == nil {
			err = rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), HashPayload([]byte(iamBody)), suiteTime)
		}
		fmt.Fprint(w, err)
	}))
	defer server.Close()
	for _, target := range []string{"/", "/a%2Fb/../c//d?x&y=1+2&y=%7e", "//x", "/a b/é"} {
		r, err := http.NewRequest("POST", server.URL, strings.NewReader(iamBody))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(target, "?")
		r.Header = http.Header{"Content-Type": {" a   b "}, "X-Amz-Meta": {"1", " 2  3"}}
		s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "iam"}
		if err := s.Sign(r, HashPayload([]byte(iamBody)), suiteTime); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Header.Get("Authorization"), "content-length") {
			t.Error("the content length is not signed")
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text := new(strings.Builder)
		reply.Write(text)
		reply.Body.Close()
		if !strings.HasSuffix(text.String(), "<nil>") {
			t.Errorf("%s: %s", target, text)
		}
	}
}

// A claim that was never parsed is not a claim.
func TestZeroClaim(t *testing.T) {
	if err := new(Verifier).Verify(&Claim{}, SigningKey{}, EmptyPayload, suiteTime); reason(err) != Missing {
		t.Error(err)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	r := received(t, suiteTime)
	r.Header.Set("X-Amz-Security-Token", "sessiontoken")
	c, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	key := DeriveKey(suiteKey.SecretAccessKey, c.Scope)
	signer := Signer{Credentials: Credentials{"AKIDEXAMPLE", suiteKey.SecretAccessKey, "sessiontoken"}}
	for _, v := range []any{c, &c, key, &key, signer, &signer, signer.Credentials} {
		printed, _ := json.Marshal(v)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			printed = fmt.Appendf(printed, verb, v)
		}
		for _, secret := range []string{suiteKey.SecretAccessKey, "sessiontoken", c.signature, fmt.Sprintf("%x", key.key), fmt.Sprint(key.key), fmt.Sprintf("%#v", key.key)} {
			if strings.Contains(string(printed), secret) {
				t.Errorf("%T prints %s", v, printed)
			}
		}
	}
}
