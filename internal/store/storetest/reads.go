package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

func testGetPutDelete(t *testing.T, r *rig) {
	r.put("a", "1", "empty", "", "\x00", "zero", "\xff\x00", "high", "gone", "x")
	r.update(func(tx store.Tx) error {
		if err := tx.Delete("gone"); err != nil {
			return err
		}
		return tx.Delete("never there")
	})
	check := func(rd store.Reader) error {
		for _, c := range []struct {
			key, value string
			ok         bool
		}{
			{"a", "1", true}, {"empty", "", true}, {"\x00", "zero", true}, {"\xff\x00", "high", true},
			{"gone", "", false}, {"never there", "", false}, {"A", "", false}, {"a\x00", "", false}, {"", "", false},
		} {
			for range 2 { // the second time it may come from a cache
				v, ok, err := rd.Get(c.key)
				if err != nil {
					return err
				}
				if ok != c.ok || string(v) != c.value {
					t.Errorf("Get(%q) = %q, %v, want %q, %v", c.key, v, ok, c.value, c.ok)
				}
			}
		}
		return nil
	}
	r.view(check)
	r.update(func(tx store.Tx) error { return check(tx) })
	r.reopen()
	r.view(check)
}

func testScan(t *testing.T, r *rig) {
	r.put("a", "1", "a/b", "2", "a/c", "3", "b", "4", "b\x00", "5", "b\xff", "6", "c", "7")
	check := func(rd store.Reader) error {
		for _, c := range []struct{ from, to, want, back string }{
			{"", "z", "a=1 a/b=2 a/c=3 b=4 b\x00=5 b\xff=6 c=7", "c=7 b\xff=6 b\x00=5 b=4 a/c=3 a/b=2 a=1"},
			{"a", "b", "a=1 a/b=2 a/c=3", "a/c=3 a/b=2 a=1"},
			{"a/", store.PrefixEnd("a/"), "a/b=2 a/c=3", "a/c=3 a/b=2"},
			{"a\x00", "b\x00", "a/b=2 a/c=3 b=4", "b=4 a/c=3 a/b=2"},
			{"b", store.PrefixEnd("b"), "b=4 b\x00=5 b\xff=6", "b\xff=6 b\x00=5 b=4"},
			{"c", "d", "c=7", "c=7"},
			{"bb", "bc", "", ""}, // nothing in it
			{"d", "z", "", ""},   // after everything
			{"", "a", "", ""},    // before everything
			{"b", "b", "", ""},   // empty
			{"b", "a", "", ""},   // turned around
			{"b", "", "", ""},
		} {
			got, err := pairs(rd.Scan(c.from, c.to))
			if err != nil {
				return err
			}
			back, err := pairs(rd.ScanBack(c.from, c.to))
			if err != nil {
				return err
			}
			if got != c.want || back != c.back {
				t.Errorf("Scan(%q, %q) = %q and back %q, want %q and back %q", c.from, c.to, got, back, c.want, c.back)
			}
		}
		return nil
	}
	r.view(check)
	r.update(func(tx store.Tx) error { return check(tx) })
}

// testScanStops leaves scans early and inside one another: that must not hurt
// the transaction, nor keep the store from closing.
func testScanStops(t *testing.T, r *rig) {
	r.put("a", "1", "b", "2", "c", "3")
	check := func(rd store.Reader) error {
		var got string
		for p, err := range rd.Scan("a", "z") {
			if err != nil {
				return err
			}
			for q, err := range rd.ScanBack("a", "z") {
				if err != nil {
					return err
				}
				got += p.Key + q.Key + string(p.Value) + " "
				if q.Key == "b" {
					break
				}
			}
			if p.Key == "b" {
				break
			}
		}
		if want := "ac1 ab1 bc2 bb2 "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		return nil
	}
	r.view(check)
	r.update(func(tx store.Tx) error { return check(tx) })
	r.reopen()
	r.want("a=1 b=2 c=3")
}

// testScanIsASnapshot writes while it scans, as one who deletes all of a prefix.
func testScanIsASnapshot(t *testing.T, r *rig) {
	r.put("a", "1", "b", "2", "c", "3", "d", "4")
	r.update(func(tx store.Tx) error {
		if err := tx.Put("bb", []byte("own")); err != nil {
			return err
		}
		var seen string
		for p, err := range tx.Scan("a", "z") {
			if err != nil {
				return err
			}
			seen += fmt.Sprintf("%s=%s ", p.Key, p.Value)
			if err := tx.Delete(p.Key); err != nil {
				return err
			}
			if err := tx.Put("c", []byte("changed")); err != nil {
				return err
			}
			if err := tx.Put(p.Key+"+", nil); err != nil {
				return err
			}
		}
		if want := "a=1 b=2 bb=own c=3 d=4 "; seen != want {
			t.Errorf("scan saw %q, want %q", seen, want)
		}
		return nil
	})
	r.want("a+= b+= bb+= c=changed c+= d+=")
}

func testOwnWrites(t *testing.T, r *rig) {
	r.put("a", "old", "b", "old", "c", "old", "e", "old", "g", "old")
	r.update(func(tx store.Tx) error {
		for _, w := range []struct{ key, value string }{
			{"b", "new"}, {"d", "new"}, {"e", "x"}, {"e", "new"}, {"f", "x"}, {"g", "x"}, {"h", "new"},
		} {
			if err := tx.Put(w.key, []byte(w.value)); err != nil {
				return err
			}
		}
		for _, key := range []string{"c", "f", "g", "never there"} {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		if err := tx.Put("c", []byte("back")); err != nil {
			return err
		}
		for key, want := range map[string]string{"a": "old", "b": "new", "c": "back", "d": "new", "e": "new", "f": "", "g": ""} {
			v, ok, err := tx.Get(key)
			if err != nil {
				return err
			}
			if string(v) != want || ok != (want != "") {
				t.Errorf("Get(%q) = %q, %v, want %q", key, v, ok, want)
			}
		}
		got, err := pairs(tx.Scan("a", "z"))
		if err != nil {
			return err
		}
		back, err := pairs(tx.ScanBack("a", "h"))
		if err != nil {
			return err
		}
		if want := "a=old b=new c=back d=new e=new h=new"; got != want {
			t.Errorf("Scan = %q, want %q", got, want)
		}
		if want := "e=new d=new c=back b=new a=old"; back != want {
			t.Errorf("ScanBack = %q, want %q", back, want)
		}
		return nil
	})
	r.want("a=old b=new c=back d=new e=new h=new")
}

func testValuesNotAliased(t *testing.T, r *rig) {
	buf := []byte("one")
	r.update(func(tx store.Tx) error {
		if err := tx.Put("a", buf); err != nil {
			return err
		}
		copy(buf, "two")
		first, _, err := tx.Get("a")
		if err != nil {
			return err
		}
		if err := tx.Put("a", buf); err != nil {
			return err
		}
		copy(buf, "???")
		second, _, err := tx.Get("a")
		if err != nil {
			return err
		}
		// Values are good until the transaction ends, whatever is written since.
		if string(first) != "one" || string(second) != "two" {
			t.Errorf("Get = %q and %q, want one and two", first, second)
		}
		return nil
	})
	r.want("a=two")
	r.view(func(rd store.Reader) error {
		old, _, err := rd.Get("a")
		if err != nil {
			return err
		}
		r.put("a", "three", "b", "four")
		if string(old) != "two" {
			t.Errorf("value became %q while its View ran, want two", old)
		}
		return nil
	})
}

func testManyKeys(t *testing.T, r *rig) {
	const commits = 100
	n := commits * store.MaxWrites
	key := func(i int) string { return fmt.Sprintf("k/%06d", i) }
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i%300) }
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for c := range commits {
		r.update(func(tx store.Tx) error {
			for _, i := range order[c*store.MaxWrites:][:store.MaxWrites] {
				if err := tx.Put(key(i), value(i)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	r.reopen()
	r.view(func(rd store.Reader) error {
		i := 0
		for p, err := range rd.Scan("k/", store.PrefixEnd("k/")) {
			if err != nil {
				return err
			}
			if p.Key != key(i) || !bytes.Equal(p.Value, value(i)) {
				t.Fatalf("pair %d has key %q and %d bytes", i, p.Key, len(p.Value))
			}
			i++
		}
		if i != n {
			t.Errorf("Scan yields %d pairs, want %d", i, n)
		}
		for p, err := range rd.ScanBack("k/", store.PrefixEnd("k/")) {
			i--
			if err != nil || p.Key != key(i) {
				t.Fatalf("back, pair %d has key %q and error %v", i, p.Key, err)
			}
		}
		for _, i := range order[:1000] {
			if v, ok, err := rd.Get(key(i)); err != nil || !ok || !bytes.Equal(v, value(i)) {
				t.Fatalf("Get(%q) = %d bytes, %v, %v", key(i), len(v), ok, err)
			}
		}
		return nil
	})
}
