package limit

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"time"
)

// The key that a Verifier knows: AWS's example.
const (
	ExampleKey    = "AKIAIOSFODNN7EXAMPLE"
	ExampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// A Verifier does the least work that verifying SigV4 allows: its signing key is kept, its buffers are
// reused, and what only odd requests need is left out. The zero value is ready; it is for one goroutine.
type Verifier struct {
	mac       hash.Hash
	scope     string // what mac was derived for: day/region/service
	canonical []byte
	toSign    []byte

	date string // the last one seen, and its time
	time time.Time
}

// Forget drops the kept signing key, so that the next request derives it again.
func (v *Verifier) Forget() { v.scope = "" }

// Verify tells whether r, whose path and query need no escaping, was signed with the example key.
func (v *Verifier) Verify(r *http.Request, body []byte, now time.Time) bool {
	a, ok := parseAuthorization(r.Header.Get("Authorization"))
	date := r.Header.Get("X-Amz-Date")
	if !ok || !v.timely(date, now) {
		return false
	}
	if v.scope != a.scope {
		v.derive(a.scope)
	}
	c := append(append(v.canonical[:0], r.Method...), '\n')
	c = append(append(c, r.URL.Path...), '\n')
	c = append(append(c, r.URL.RawQuery...), '\n')
	for names := a.names; names != ""; {
		var name string
		name, names, _ = strings.Cut(names, ";")
		c = append(append(c, name...), ':')
		c = append(append(c, value(r, name)...), '\n')
	}
	c = append(append(append(c, '\n'), a.names...), '\n')
	sum := sha256.Sum256(body)
	c = hex.AppendEncode(c, sum[:])
	v.canonical = c

	sum = sha256.Sum256(c)
	t := append(append(v.toSign[:0], "AWS4-HMAC-SHA256\n"...), date...)
	t = append(append(append(t, '\n'), a.scope...), "/aws4_request\n"...)
	t = hex.AppendEncode(t, sum[:])
	v.toSign = t

	v.mac.Reset()
	v.mac.Write(t)
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], v.mac.Sum(sum[:0]))
	return subtle.ConstantTimeCompare(want[:], []byte(a.signature)) == 1
}

func (v *Verifier) timely(date string, now time.Time) bool {
	if date != v.date {
		t, err := time.Parse("20060102T150405Z", date)
		if err != nil {
			return false
		}
		v.date, v.time = date, t
	}
	return now.Sub(v.time).Abs() <= 15*time.Minute
}

func (v *Verifier) derive(scope string) {
	key := []byte("AWS4" + ExampleSecret)
	for part := range strings.SplitSeq(scope+"/aws4_request", "/") {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	v.mac = hmac.New(sha256.New, key)
	v.scope = scope
}

// value of a signed header, by names that need no canonicalization.
func value(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return r.Header["Content-Length"][0]
	case "content-type":
		return r.Header["Content-Type"][0]
	case "x-amz-date":
		return r.Header["X-Amz-Date"][0]
	}
	return r.Header.Get(name)
}

type authorization struct{ scope, names, signature string }

func parseAuthorization(header string) (a authorization, ok bool) {
	rest, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256 Credential="+ExampleKey+"/")
	if !ok {
		return a, false
	}
	a.scope, rest, _ = strings.Cut(rest, "/aws4_request, SignedHeaders=")
	a.names, a.signature, ok = strings.Cut(rest, ", Signature=")
	return a, ok
}
