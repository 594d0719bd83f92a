package sigv4

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// story is a request for both signers to sign.
type story struct {
	method, url, body string
	header            http.Header
	token             string
	s3, unsigned      bool
	expires           time.Duration // > 0: presign
}

func (s story) request(t testing.TB) *http.Request {
	r, err := http.NewRequest(s.method, s.url, strings.NewReader(s.body))
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	r.Header = s.header.Clone()
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if s.s3 && s.expires == 0 {
		r.Header.Set("X-Amz-Content-Sha256", string(s.payload()))
	}
	return r
}

func (s story) payload() PayloadHash {
	if s.unsigned {
		return UnsignedPayload
	}
	return HashPayload([]byte(s.body))
}

func (s story) service() string {
	if s.s3 {
		return "s3"
	}
	return "iam"
}

// bySDK is the request signed by AWS's signer, and byUs by ours.
func (s story) bySDK(t testing.TB) *http.Request {
	r := s.request(t)
	signer := v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = s.s3
		o.DisableHeaderHoisting = true // ours leaves headers where they are
	})
	keys := aws.Credentials{AccessKeyID: suiteKey.AccessKeyID, SecretAccessKey: suiteKey.SecretAccessKey, SessionToken: s.token}
	if s.expires == 0 {
		if err := signer.SignHTTP(context.Background(), keys, r, string(s.payload()), s.service(), "us-east-1", suiteTime); err != nil {
			t.Fatal(err)
		}
		return r
	}
	query := r.URL.Query()
	query.Set("X-Amz-Expires", strconv.Itoa(int(s.expires.Seconds())))
	r.URL.RawQuery = query.Encode()
	signed, _, err := signer.PresignHTTP(context.Background(), keys, r, string(s.payload()), s.service(), "us-east-1", suiteTime)
	if err != nil {
		t.Fatal(err)
	}
	return s.withURL(t, signed)
}

func (s story) byUs(t testing.TB) *http.Request {
	r := s.request(t)
	signer := Signer{Credentials: suiteKey, Region: "us-east-1", Service: s.service(), S3: s.s3}
	signer.Credentials.SessionToken = s.token
	if s.expires == 0 {
		if err := signer.Sign(r, s.payload(), suiteTime); err != nil {
			t.Fatal(err)
		}
		return r
	}
	signed, err := signer.Presign(r, s.payload(), s.expires, suiteTime)
	if err != nil {
		t.Fatal(err)
	}
	return s.withURL(t, signed)
}

func (s story) withURL(t testing.TB, signed string) *http.Request {
	s.url = signed
	return s.request(t)
}

// over is the request as a server has it. The SDK leaves the default port in a
// presigned URL, and counts on the client not to send it.
func over(t testing.TB, r *http.Request) *http.Request {
	u, err := url.ParseRequestURI(r.URL.RequestURI())
	if err != nil {
		t.Fatal(err)
	}
	got := r.Clone(context.Background())
	got.URL, got.Host = u, withoutDefaultPort(requestHost(r), r.URL.Scheme)
	return got
}

func (s story) verify(t testing.TB, r *http.Request) error {
	c, err := Parse(over(t, r))
	if err != nil {
		return err
	}
	rules := Verifier{Service: s.service(), S3: s.s3, Payloads: AllowUnsigned}
	return rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), HashPayload([]byte(s.body)), suiteTime)
}

// check signs with both, verifies both, and compares the two. The signers differ
// where ours normalises a path (as documented) and the SDK's does not, and where
// S3's canonical escaping is not what the URL was given in.
func (s story) check(t testing.TB) {
	theirs, ours := s.bySDK(t), s.byUs(t)
	if err := s.verify(t, theirs); err != nil {
		t.Errorf("%+v\nsigned by the SDK: %v", s, err)
	}
	if err := s.verify(t, ours); err != nil {
		t.Errorf("%+v\nsigned by us: %v", s, err)
	}
	path, _ := pathToSend(ours.URL)
	if string(appendPath(nil, path, s.s3)) != string(appendSentPath(nil, path, s.s3)) {
		return
	}
	if got, want := ours.Header.Get("Authorization"), theirs.Header.Get("Authorization"); got != want {
		t.Errorf("%+v\ngot  %s\nwant %s", s, got, want)
	}
	if got, want := ours.URL.Query(), theirs.URL.Query(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v\ngot  %s\nwant %s", s, got, want)
	}
}

func TestAgainstSDK(t *testing.T) {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	for _, s := range []story{
		{method: "POST", url: "https://iam.amazonaws.com/", body: iamBody, header: form},
		{method: "POST", url: "https://iam.amazonaws.com", body: iamBody, header: form, token: "to/ken+="},
		{method: "POST", url: "http://127.0.0.1:4566/", body: iamBody, header: form},
		{method: "GET", url: "http://example.com:80/"},
		{method: "GET", url: "https://example.com:443/x"},
		{method: "GET", url: "https://[::1]:4566/x"},
		{method: "GET", url: "https://example.com/a%2Fb//c/../d?b&a=2&a=1&c=x+y%2B&%7E=%7e"},
		{method: "GET", url: "https://example.com/a b+c:d@é?é=ü"},
		{method: "PUT", url: "https://b.example.com/a%20b%2Bc%2F%C3%A9", body: "x", s3: true},
		{method: "PUT", url: "https://b.example.com/a+b:c//../d", body: "x", s3: true},
		{method: "PUT", url: "https://b.example.com/k", body: "x", s3: true, unsigned: true, token: "t"},
		{method: "GET", url: "https://b.example.com/k?x=1&uploads", s3: true, unsigned: true, expires: time.Hour, token: "t/+"},
		{method: "GET", url: "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", expires: time.Minute,
			header: http.Header{"X-K8s-Aws-Id": {"cluster"}}},
		{method: "POST", url: "https://example.com/", header: http.Header{
			"My-Header": {"  a   b  ", "c", "d  e"}, "User-Agent": {"x"}, "X-Amz-Target": {"S.Op"}, "Expect": {"100-continue"}}},
	} {
		s.check(t)
	}
}

func TestAgainstSDKRandomly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	some := func(n int, from ...string) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteString(pick(from...))
		}
		return b.String()
	}
	for range 3000 {
		s := story{
			method:   pick("GET", "POST", "PUT", "DELETE"),
			url:      pick("http", "https") + "://" + pick("example.com", "example.com:80", "example.com:443", "10.0.0.1:4566", "[::1]:4566"),
			body:     some(20, "a", "&", "=", "é", "\x00"),
			token:    some(4, "t", "/", "+", "=="),
			s3:       r.IntN(2) == 0,
			expires:  time.Duration(r.IntN(2)*r.IntN(9000)) * time.Second,
			unsigned: false,
			header:   make(http.Header),
		}
		s.unsigned = s.s3 && (s.expires > 0 || r.IntN(2) == 0)
		s.url += "/" + some(8, "a", "B", "/", ".", "..", "/../", "%2F", "%2f", "%20", "%41", "+", ":", "~", "é", "%C3%A9", "*", "=", "@", "$", "(", "'", "!")
		s.url += "?" + some(10, "a", "B", "=", "&", "%20", "+", "%2B", "%7E", "~", "é", "%c3%a9", "-", "/", ":", "%26", "'", "*", ",")
		for range r.IntN(4) {
			s.header.Add(pick("Content-Type", "X-Amz-Meta-A", "My-Header", "Range", "User-Agent", "X-Amz-Target"), some(6, "a", " ", "  ", ",", "é", "\"", "\t"))
		}
		s.check(t)
		if t.Failed() {
			return
		}
	}
}

// What a server hands to Parse after httptest has read it, for the benchmarks.
func asServer(t testing.TB, r *http.Request) *http.Request {
	got := httptest.NewRequest(r.Method, r.URL.RequestURI(), nil)
	got.Host, got.Header, got.ContentLength = r.Host, r.Header, r.ContentLength
	return got
}
