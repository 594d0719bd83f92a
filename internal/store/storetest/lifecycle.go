package storetest

import (
	"errors"
	"runtime"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

func testReopen(t *testing.T, r *rig) {
	r.want("")
	for i := range 4 {
		r.put("a", string(rune('0'+i)))
		r.reopen()
		r.want("a=" + string(rune('0'+i)))
		if n := r.seq(); n != uint64(i+1) {
			t.Errorf("Seq = %d after %d commits", n, i+1)
		}
	}
	r.update(func(tx store.Tx) error { return tx.Delete("a") })
	r.reopen()
	r.want("")
}

// testClose closes the store under a View: new transactions are turned away, the
// View goes on, and Close returns after it.
func testClose(t *testing.T, r *rig) {
	r.put("a", "1", "b", "2")
	closed := make(chan error, 1)
	r.view(func(rd store.Reader) error {
		go func() { closed <- r.Close() }()
		for { // until Close has begun, which is not for us to see
			err := r.Update(t.Context(), func(store.Tx) error { return nil })
			if errors.Is(err, store.ErrClosed) {
				break
			}
			if err != nil {
				t.Fatalf("Update while closing = %v, want nil or %v", err, store.ErrClosed)
			}
			runtime.Gosched()
		}
		if got, err := pairs(rd.Scan("a", "z")); err != nil || got != "a=1 b=2" {
			t.Errorf("the View sees %q, %v", got, err)
		}
		select {
		case err := <-closed:
			t.Errorf("Close = %v, though a View is running", err)
		default:
		}
		return nil
	})
	if err := <-closed; err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := r.View(t.Context(), func(store.Reader) error { t.Error("View called its function"); return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View of a closed store = %v, want %v", err, store.ErrClosed)
	}
	if err := r.Update(t.Context(), func(store.Tx) error { t.Error("Update called its function"); return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update of a closed store = %v, want %v", err, store.ErrClosed)
	}
	r.open()
	r.want("a=1 b=2")
}

// testUncertain has a commit fail: what it wrote is there whole or not at all, and
// as soon as a View has shown it, it stays.
func testUncertain(t *testing.T, r *rig) {
	r.put("a", "1", "b", "1")
	r.FailCommits()
	err := r.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.Put("a", []byte("2")); err != nil {
			return err
		}
		return tx.Put("b", []byte("2"))
	})
	if !errors.Is(err, store.ErrUncertain) {
		t.Fatalf("Update = %v, want %v", err, store.ErrUncertain)
	}
	const before, after = "a=1 b=1", "a=2 b=2"
	shown := r.all()
	if shown != before && shown != after {
		t.Errorf("a View shows %q, want %q or %q", shown, before, after)
	}
	r.Close() // may report the failure once more
	r.open()
	found := r.all()
	if found != before && found != after || shown == after && found != after {
		t.Errorf("opened again it has %q, and a View showed %q", found, shown)
	}
	if want := map[string]uint64{before: 1, after: 2}[found]; r.seq() != want {
		t.Errorf("Seq = %d with %q", r.seq(), found)
	}
	r.put("c", "3")
	r.reopen()
	r.want(found + " c=3")
}
