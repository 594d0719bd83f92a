package sigv4

import (
	"fmt"
	"sync"
	"testing"
)

func TestKeyCache(t *testing.T) {
	c := NewKeyCache(32)
	scope := Scope{"20150830", "us-east-1", "iam"}
	key, version := DeriveKey("a", scope), []byte("v1")
	c.Add("AKID", scope, version, key)
	version[0] = 'x' // the cache has its own copy
	for _, test := range []struct {
		id, version string
		scope       Scope
		want        bool
	}{
		{"AKID", "v1", scope, true},
		{"AKID", "x1", scope, false},
		{"AKID", "", scope, false},
		{"AKIE", "v1", scope, false},
		{"AKID", "v1", Scope{"20150831", "us-east-1", "iam"}, false},
		{"AKID", "v1", Scope{"20150830", "us-east-2", "iam"}, false},
		{"AKID", "v1", Scope{"20150830", "us-east-1", "sts"}, false},
	} {
		got, ok := c.Find(test.id, test.scope, []byte(test.version))
		if ok != test.want || ok && got != key || !ok && got != (SigningKey{}) {
			t.Errorf("%+v: %v", test, ok)
		}
	}
	other := DeriveKey("b", scope)
	c.Add("AKID", scope, []byte("v2"), other)
	if _, ok := c.Find("AKID", scope, []byte("v1")); ok {
		t.Error("the key of the secret before is still there")
	}
	if got, ok := c.Find("AKID", scope, []byte("v2")); !ok || got != other {
		t.Error("the key of the new secret is not there")
	}
}

func TestKeyCacheIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	c := NewKeyCache(64)
	hot := Scope{Day: "20150830", Region: "hot", Service: "iam"}
	c.Add("AKID", hot, nil, SigningKey{})
	for i := range 10_000 {
		c.Add(fmt.Sprint("AKID", i), Scope{Region: fmt.Sprint(i)}, nil, SigningKey{})
		if _, ok := c.Find("AKID", hot, nil); !ok {
			t.Fatalf("the key in use was evicted after %d others", i)
		}
	}
	n := 0
	for i := range c.shards {
		s := &c.shards[i]
		if len(s.index) != len(s.entries) {
			t.Errorf("%d names for %d entries", len(s.index), len(s.entries))
		}
		n += len(s.entries)
	}
	if n > 64 {
		t.Errorf("%d keys in a cache for 64", n)
	}
}

func TestKeyCacheConcurrently(t *testing.T) {
	c := NewKeyCache(16)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				id := fmt.Sprint((g + i) % 50)
				scope := Scope{Region: id}
				want := DeriveKey(id, scope)
				if got, ok := c.Find(id, scope, []byte(id)); ok && got != want {
					t.Error("found the key of another")
				}
				c.Add(id, scope, []byte(id), want)
			}
		})
	}
	wg.Wait()
}
