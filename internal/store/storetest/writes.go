package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

func testLimits(t *testing.T, r *rig) {
	for _, c := range []struct {
		name string
		fn   func(store.Tx) error
		ok   bool
	}{
		{"empty key", put("", 1), false},
		{"empty key deleted", func(tx store.Tx) error { return tx.Delete("") }, false},
		{"key", put(strings.Repeat("k", store.MaxKey), 1), true},
		{"key and one", put(strings.Repeat("k", store.MaxKey+1), 1), false},
		{"key deleted", func(tx store.Tx) error { return tx.Delete(strings.Repeat("k", store.MaxKey)) }, true},
		{"key and one deleted", func(tx store.Tx) error { return tx.Delete(strings.Repeat("k", store.MaxKey+1)) }, false},
		{"value", put("value", store.MaxValue), true},
		{"value and one", put("value", store.MaxValue+1), false},
		{"writes", writes(store.MaxWrites), true},
		{"writes and one", writes(store.MaxWrites + 1), false},
		{"bytes", fill(store.MaxBytes), true},
		{"bytes and one", fill(store.MaxBytes + 1), false},
	} {
		before, seq := r.all(), r.seq()
		err := r.Update(t.Context(), c.fn)
		switch {
		case c.ok && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case !c.ok && !errors.Is(err, store.ErrTooLarge):
			t.Errorf("%s: error %v, want %v", c.name, err, store.ErrTooLarge)
		case !c.ok && (r.all() != before || r.seq() != seq):
			t.Errorf("%s: refused, and yet something was committed", c.name)
		}
	}
	r.reopen()
	r.view(func(rd store.Reader) error {
		v, ok, err := rd.Get("value")
		if len(v) != store.MaxValue || !ok {
			t.Errorf("the largest value has %d bytes, want %d", len(v), store.MaxValue)
		}
		return err
	})
}

func put(key string, size int) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.Put(key, make([]byte, size)) }
}

// writes makes n, on two keys and of both kinds, since each counts.
func writes(n int) func(store.Tx) error {
	return func(tx store.Tx) error {
		for i := range n - 1 {
			if err := tx.Put(fmt.Sprint("w", i%2), nil); err != nil {
				return err
			}
		}
		return tx.Delete("w0")
	}
}

// fill writes n bytes, keys included, over the same few keys.
func fill(n int) func(store.Tx) error {
	return func(tx store.Tx) error {
		for i := 0; n > 0; i++ {
			key := fmt.Sprint("f", i%5)
			size := min(n-len(key), store.MaxValue)
			if err := tx.Put(key, make([]byte, size)); err != nil {
				return err
			}
			n -= len(key) + size
		}
		return nil
	}
}

func testOverTheLimitDooms(t *testing.T, r *rig) {
	r.put("a", "1")
	err := r.Update(t.Context(), func(tx store.Tx) error {
		tx.Put("b", nil)
		tx.Put("c", make([]byte, store.MaxValue+1))
		if err := tx.Put("d", nil); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("Put after one that was too large: %v, want %v", err, store.ErrTooLarge)
		}
		if v, ok, err := tx.Get("a"); err != nil || !ok || string(v) != "1" {
			t.Errorf("Get after it = %q, %v, %v", v, ok, err)
		}
		return nil
	})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("Update = %v, want %v", err, store.ErrTooLarge)
	}
	r.want("a=1")
}

func testErrorCommitsNothing(t *testing.T, r *rig) {
	r.put("a", "1")
	mine := errors.New("mine")
	if err := r.Update(t.Context(), func(tx store.Tx) error {
		tx.Put("a", []byte("2"))
		tx.Put("b", []byte("2"))
		return mine
	}); err != mine {
		t.Errorf("Update = %v, want the function's own error", err)
	}
	if err := r.View(t.Context(), func(store.Reader) error { return mine }); err != mine {
		t.Errorf("View = %v, want the function's own error", err)
	}
	r.want("a=1")
	r.update(func(tx store.Tx) error {
		if got, err := pairs(tx.Scan("a", "z")); got != "a=1" || err != nil {
			t.Errorf("the next Update reads %q, %v, want a=1", got, err)
		}
		return nil
	})
	if n := r.seq(); n != 1 {
		t.Errorf("Seq = %d, want 1", n)
	}
}

func testPanicCommitsNothing(t *testing.T, r *rig) {
	r.put("a", "1")
	for _, run := range []func(){
		func() {
			r.Update(context.Background(), func(tx store.Tx) error { tx.Put("a", []byte("2")); panic("on purpose") })
		},
		func() { r.View(context.Background(), func(store.Reader) error { panic("on purpose") }) },
		func() {
			r.Update(context.Background(), func(tx store.Tx) error {
				for range tx.Scan("a", "z") {
					panic("on purpose")
				}
				return nil
			})
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != "on purpose" {
					t.Errorf("recovered %v, want the function's panic", got)
				}
			}()
			run()
		}()
	}
	r.put("b", "2")
	r.want("a=1 b=2")
	r.reopen() // nothing is left running
}

func testRunAgain(t *testing.T, r *rig) {
	s, runs := Twice(r.Store), 0
	for range 3 {
		if err := s.Update(t.Context(), func(tx store.Tx) error {
			runs++
			_, err := increment(tx, "n")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if runs < 6 {
		t.Errorf("the function ran %d times, want 6", runs)
	}
	r.want("n=3")
	if n := r.seq(); n != 3 {
		t.Errorf("Seq = %d, want 3", n)
	}
}

func testSeq(t *testing.T, r *rig) {
	if n := r.seq(); n != 0 {
		t.Errorf("Seq of an empty store = %d, want 0", n)
	}
	for i := range uint64(5) {
		var during uint64
		r.update(func(tx store.Tx) error {
			during = tx.Seq()
			return tx.Put("a", nil)
		})
		if during != i || r.seq() != i+1 {
			t.Errorf("Seq = %d in commit %d and %d after it", during, i+1, r.seq())
		}
	}
	r.update(func(tx store.Tx) error {
		_, _, err := tx.Get("a")
		return err
	})
	if n := r.seq(); n != 5 {
		t.Errorf("Seq = %d after an Update that wrote nothing, want 5", n)
	}
}

func testCancelled(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.Update(ctx, func(tx store.Tx) error {
		cancel()
		return tx.Put("a", nil)
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("Update whose context ended before the commit = %v, want %v", err, context.Canceled)
	}
	if err := r.Update(ctx, func(store.Tx) error { t.Error("Update called its function"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Update = %v, want %v", err, context.Canceled)
	}
	if err := r.View(ctx, func(store.Reader) error { t.Error("View called its function"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View = %v, want %v", err, context.Canceled)
	}
	r.want("")
}

// testCancelledWhileWaiting has an Update whose context ends while another one is
// running its function: it must come back, without waiting for that one.
func testCancelledWhileWaiting(t *testing.T, r *rig) {
	r.update(func(tx store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		back := make(chan error)
		go func() {
			back <- r.Update(ctx, func(tx store.Tx) error { return tx.Put("b", nil) })
		}()
		cancel()
		if err := <-back; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Update = %v, want %v, or nil if it was quick", err, context.Canceled)
		}
		return tx.Put("a", nil)
	})
}
