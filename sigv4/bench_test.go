package sigv4

import (
	"crypto/sha256"
	"testing"
	"time"
)

func verifyOnce(rules *Verifier, cache *KeyCache, version []byte, b testing.TB, body []byte, now time.Time, parse func() (Claim, error)) {
	c, err := parse()
	if err != nil {
		b.Fatal(err)
	}
	key, ok := SigningKey{}, false
	if cache != nil {
		key, ok = cache.Find(c.AccessKeyID, c.Scope, version)
	}
	if !ok {
		key = DeriveKey(suiteKey.SecretAccessKey, c.Scope)
	}
	if err := rules.Verify(&c, key, HashPayload(body), now); err != nil {
		b.Fatal(err)
	}
	if cache != nil && !ok {
		cache.Add(c.AccessKeyID, c.Scope, version, key)
	}
}

func benchmarkVerify(b *testing.B, cache *KeyCache) {
	r := asServer(b, received(b, suiteTime))
	rules, body, version := Verifier{Service: "iam"}, []byte(iamBody), make([]byte, 100)
	parse := func() (Claim, error) { return Parse(r) }
	b.ReportAllocs()
	for b.Loop() {
		verifyOnce(&rules, cache, version, b, body, suiteTime, parse)
	}
}

func BenchmarkVerify(b *testing.B)        { benchmarkVerify(b, NewKeyCache(1000)) }
func BenchmarkVerifyColdKey(b *testing.B) { benchmarkVerify(b, nil) }

// BenchmarkFloor is the hashing alone that one verification needs, to compare
// the others with: on a shared machine only ratios within one run mean anything.
func BenchmarkFloor(b *testing.B) {
	var s scratch
	r := received(b, suiteTime)
	s.setRequest(r, canonical{host: r.Host, path: []byte("/"), signedHeaders: "content-length;content-type;host;x-amz-date", payload: EmptyPayload})
	body, toSign, outer := []byte(iamBody), make([]byte, 64+137), make([]byte, 64+32)
	for b.Loop() {
		sha256.Sum256(body)
		sha256.Sum256(s.request)
		sha256.Sum256(toSign)
		sha256.Sum256(outer)
	}
}

func BenchmarkDeriveKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		DeriveKey(suiteKey.SecretAccessKey, Scope{"20150830", "us-east-1", "iam"})
	}
}

func BenchmarkParse(b *testing.B) {
	r := asServer(b, received(b, suiteTime))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyCacheParallel(b *testing.B) {
	c, scope, version := NewKeyCache(1000), Scope{"20150830", "us-east-1", "iam"}, make([]byte, 100)
	c.Add("AKID", scope, version, SigningKey{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := c.Find("AKID", scope, version); !ok {
				b.Fatal("not found")
			}
		}
	})
}

// The hash of the body, as text, is all that a verification allocates. Under the race detector sync.Pool drops things at random, so there
// the limit is only that nothing is out of hand.
func TestVerifyAllocates(t *testing.T) {
	r := asServer(t, received(t, suiteTime))
	rules, body, version, cache := Verifier{Service: "iam"}, []byte(iamBody), make([]byte, 100), NewKeyCache(1000)
	parse := func() (Claim, error) { return Parse(r) }
	got := testing.AllocsPerRun(1000, func() { verifyOnce(&rules, cache, version, t, body, suiteTime, parse) })
	limit := 1.0
	if poolDrops() {
		limit = 12
		t.Log("race detector: the exact number of allocations is not checked")
	}
	if got > limit {
		t.Errorf("%v allocations, want at most %v", got, limit)
	}
}

// poolDrops says whether sync.Pool forgets what was just put into it.
func poolDrops() bool {
	return testing.AllocsPerRun(10, func() {
		for range 100 {
			scratches.Put(scratches.Get())
		}
	}) > 0
}
