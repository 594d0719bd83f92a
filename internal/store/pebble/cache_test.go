package pebble

import (
	"fmt"
	"testing"
)

func TestCacheRule(t *testing.T) {
	c := newCache(1 << 20)
	one, two := record{[]byte("1"), true}, record{[]byte("2"), true}
	want := func(seq uint64, value string, known bool) {
		t.Helper()
		rec, ok := c.get(seq, "k")
		if ok != known || string(rec.value) != value {
			t.Errorf("at %d the cache has %q, %v, want %q, %v", seq, rec.value, ok, value, known)
		}
	}
	want(5, "", false)
	c.fill(5, "k", one)
	want(5, "1", true)
	want(4, "1", true) // nothing has written it since the cache began
	c.commit(7, map[string]record{"k": two})
	want(7, "2", true)
	want(8, "2", true)
	want(6, "", false) // it was 1, but that is forgotten
	c.fill(6, "k", one)
	want(8, "2", true) // an old reader must not bring 1 back
	c.commit(9, map[string]record{"k": {}})
	want(9, "", true)
	want(8, "", false)

	c = newCache(1 << 20)
	c.commit(7, map[string]record{"k": {make([]byte, freshMost+1), true}})
	want(7, "", false) // a commit brings in nothing large that nobody had read
	c.fill(6, "k", one)
	want(7, "", false)
	c.fill(7, "k", two)
	want(7, "2", true)

	c = newCache(1 << 20)
	c.commit(7, map[string]record{"k": two})
	want(7, "2", true) // what is small and new is likely to be read
	want(6, "", false)
}

func TestCacheIsBounded(t *testing.T) {
	const max = 1 << 20
	c := newCache(max)
	hot := record{[]byte("hot"), true}
	c.fill(0, "hot", hot)
	for i := range 50_000 {
		key := fmt.Sprint("absent/", i)
		c.fill(0, key, record{})
		if _, ok := c.get(0, "hot"); !ok {
			t.Fatalf("what is read all the time is gone after %d others", i)
		}
		if i%10 == 0 {
			c.commit(0, map[string]record{key: {make([]byte, i%20_000), true}})
		}
	}
	var st Stats
	c.stats(&st)
	if st.HotBytes > max || st.HotBytes < max/2 {
		t.Errorf("it holds %d bytes, want close to %d", st.HotBytes, max)
	}
	c.fill(0, "large", record{make([]byte, max/32), true})
	if _, ok := c.get(0, "large"); ok {
		t.Error("a value larger than a shard is kept")
	}
}

func TestCacheHitAllocatesNothing(t *testing.T) {
	c := newCache(1 << 20)
	c.fill(0, "k", record{[]byte("v"), true})
	if n := testing.AllocsPerRun(100, func() { c.get(0, "k") }); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
}
