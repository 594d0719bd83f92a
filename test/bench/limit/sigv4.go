package limit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Cost is what one call of a function takes.
type Cost struct {
	Nanoseconds float64
	Allocations float64
}

// VerifyCached is the cost of the least SigV4 verification, with the signing key kept.
func VerifyCached() Cost { return verifyCost(func(*Verifier) {}) }

// VerifyDerived is the same with the signing key derived each time.
func VerifyDerived() Cost { return verifyCost((*Verifier).Forget) }

func verifyCost(before func(*Verifier)) Cost {
	const body = "Action=CreateAccessKey&UserName=some.user%40example.com&Version=2010-05-08"
	now := time.Now()
	r, v := exampleRequest(body, now), new(Verifier)
	return measure(func() {
		before(v)
		if !v.Verify(r, []byte(body), now) {
			panic("limit: the example request does not verify")
		}
	})
}

func measure(f func()) Cost {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
	return Cost{float64(r.T.Nanoseconds()) / float64(r.N), float64(r.MemAllocs) / float64(r.N)}
}

// exampleRequest is signed with the example key.
func exampleRequest(body string, now time.Time) *http.Request {
	const names = "content-length;content-type;host;x-amz-date"
	r, err := http.NewRequest("POST", "http://127.0.0.1:4566/", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	date := now.UTC().Format("20060102T150405Z")
	scope := date[:8] + "/us-east-1/iam"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	r.Header.Set("X-Amz-Date", date)

	var canonical strings.Builder
	canonical.WriteString("POST\n/\n\n")
	for name := range strings.SplitSeq(names, ";") {
		canonical.WriteString(name + ":" + value(r, name) + "\n")
	}
	canonical.WriteString("\n" + names + "\n" + hexSum([]byte(body)))
	toSign := "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "/aws4_request\n" + hexSum([]byte(canonical.String()))

	key := []byte("AWS4" + ExampleSecret)
	for _, part := range append(strings.Split(scope, "/"), "aws4_request", toSign) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+ExampleKey+"/"+scope+"/aws4_request, SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
	return r
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
