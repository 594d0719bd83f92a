package storetest

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// A rig is an open store with short ways to use it, which end the test when
// something goes wrong that the test is not about.
type rig struct {
	Harness
	store.Store
	t testing.TB
}

func (r *rig) open() {
	r.t.Helper()
	s, err := r.Open()
	if err != nil {
		r.t.Fatalf("Open: %v", err)
	}
	r.Store = s
}

func (r *rig) reopen() {
	r.t.Helper()
	if err := r.Close(); err != nil {
		r.t.Fatalf("Close: %v", err)
	}
	r.open()
}

func (r *rig) update(fn func(store.Tx) error) {
	r.t.Helper()
	if err := r.Update(context.Background(), fn); err != nil {
		r.t.Fatalf("Update: %v", err)
	}
}

func (r *rig) view(fn func(store.Reader) error) {
	r.t.Helper()
	if err := r.View(context.Background(), fn); err != nil {
		r.t.Fatalf("View: %v", err)
	}
}

// put commits pairs of key and value, given alternately.
func (r *rig) put(pairs ...string) {
	r.t.Helper()
	r.update(func(tx store.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := tx.Put(pairs[i], []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
}

// all is the whole store as text.
func (r *rig) all() (text string) {
	r.t.Helper()
	r.view(func(rd store.Reader) (err error) {
		text, err = pairs(rd.Scan("", store.PrefixEnd("")))
		return err
	})
	return text
}

func (r *rig) seq() (n uint64) {
	r.t.Helper()
	r.view(func(rd store.Reader) error {
		n = rd.Seq()
		return nil
	})
	return n
}

func (r *rig) want(all string) {
	r.t.Helper()
	if got := r.all(); got != all {
		r.t.Errorf("store has %q, want %q", got, all)
	}
}

// pairs writes what a scan yields as "key=value key=value".
func pairs(scan iter.Seq2[store.Pair, error]) (string, error) {
	var b strings.Builder
	for p, err := range scan {
		if err != nil {
			return "", err
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s=%s", p.Key, p.Value)
	}
	return b.String(), nil
}

// number reads a key that holds a decimal number, or nothing for zero.
func number(r store.Reader, key string) (int, error) {
	v, ok, err := r.Get(key)
	if err != nil || !ok {
		return 0, err
	}
	return strconv.Atoi(string(v))
}

func setNumber(tx store.Tx, key string, n int) error {
	return tx.Put(key, []byte(strconv.Itoa(n)))
}

// increment adds one to a key and returns the sum.
func increment(tx store.Tx, key string) (int, error) {
	n, err := number(tx, key)
	if err != nil {
		return 0, err
	}
	return n + 1, setNumber(tx, key, n+1)
}
