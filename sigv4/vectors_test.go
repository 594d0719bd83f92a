package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	suiteKey  = Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
)

// vector is one request of AWS's test suite with what AWS says of it.
type vector struct {
	name, method, target, body   string
	header                       http.Header
	signed, canonical, signature string // "" in presigned ones, which carry their own
}

func readVectors(t testing.TB) (vs []vector) {
	f, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var v *vector
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		key, value, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case key == "=":
			vs = append(vs, vector{name: value, header: make(http.Header)})
			v = &vs[len(vs)-1]
		case key == "signed":
			v.signed = value
		case key == "canonical":
			v.canonical = value
		case key == "signature":
			v.signature = value
		case key == "body":
			v.body = value
		case v.method == "":
			v.method, v.target = key, strings.TrimSuffix(value, " HTTP/1.1")
		default:
			name, value, _ := strings.Cut(line, ":")
			v.header.Add(name, value)
		}
	}
	if len(vs) < 30 {
		t.Fatalf("read %d vectors only", len(vs))
	}
	return vs
}

// request is what net/http makes of the vector on the server's side.
func (v vector) request(t testing.TB) *http.Request {
	u, err := url.ParseRequestURI(v.target)
	if err != nil {
		t.Fatal(err)
	}
	h := v.header.Clone()
	r := &http.Request{Method: v.method, URL: u, RequestURI: v.target, Host: h.Get("Host"), Header: h, ContentLength: int64(len(v.body))}
	delete(h, "Host")
	if v.signature != "" {
		h.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="+v.signed+", Signature="+v.signature)
	}
	return r
}

func TestSuiteVerifies(t *testing.T) {
	rules := Verifier{Service: "service"}
	for _, v := range readVectors(t) {
		t.Run(v.name, func(t *testing.T) {
			c, err := Parse(v.request(t))
			if err != nil {
				t.Fatal(err)
			}
			key := DeriveKey(suiteKey.SecretAccessKey, c.Scope)
			if err := rules.Verify(&c, key, HashPayload([]byte(v.body)), suiteTime.Add(time.Minute)); err != nil {
				t.Error(err)
			}
			if err := rules.Verify(&c, key, HashPayload([]byte("other")), suiteTime); reason(err) != Mismatch {
				t.Errorf("with another body: %v", err)
			}
		})
	}
}

func TestSuiteCanonicalRequests(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.canonical == "" {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			r := v.request(t)
			path, _ := receivedPath(r.URL)
			var s scratch
			query, err := s.appendQuery(nil, r.URL.RawQuery, false)
			if err != nil {
				t.Fatal(err)
			}
			ok := s.setRequest(r, canonical{
				host: r.Host, path: appendPath(nil, path, false), query: query,
				signedHeaders: v.signed, payload: HashPayload([]byte(v.body)),
			})
			sum := sha256.Sum256(s.request)
			if got := hex.EncodeToString(sum[:]); !ok || got != v.canonical {
				t.Errorf("hash %s, want %s, of\n%s", got, v.canonical, s.request)
			}
		})
	}
}

func TestSuiteSigns(t *testing.T) {
	for _, v := range readVectors(t) {
		switch {
		case v.signature == "", strings.HasPrefix(v.name, "unnormalized/"), strings.HasSuffix(v.name, "header-after"):
			continue
		case strings.HasSuffix(v.name, "get-utf8"), strings.HasSuffix(v.name, "get-space"):
			continue // net/http's client does not send such a path unescaped
		}
		t.Run(v.name, func(t *testing.T) {
			r := v.request(t)
			if !strings.Contains(v.signed, "content-length") {
				r.ContentLength = 0
			}
			want := r.Header.Get("Authorization")
			s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "service"}
			s.Credentials.SessionToken = r.Header.Get("X-Amz-Security-Token")
			if err := s.Sign(r, HashPayload([]byte(v.body)), suiteTime); err != nil {
				t.Fatal(err)
			}
			if got := r.Header.Get("Authorization"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
