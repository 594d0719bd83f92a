package audit

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/internal/store/storetest"
)

func openStore(t testing.TB) store.Store {
	t.Helper()
	s, err := pebble.Open("data", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// stage makes a change with a record of each ID.
func stage(t testing.TB, s store.Store, ids ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		for _, id := range ids {
			if err := Stage(tx, with(func(r *Record) { r.EventID = id })); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// staged is the event IDs in the outbox, in order.
func staged(t testing.TB, s store.Store) (ids []string) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		for p, err := range r.Scan(OutboxPrefix, store.PrefixEnd(OutboxPrefix)) {
			if err != nil {
				return err
			}
			if id := eventID(append(p.Value, "\n"...)); id != eventIDOf(p.Key) {
				return fmt.Errorf("%s holds the record of %s", p.Key, id)
			}
			ids = append(ids, eventIDOf(p.Key))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestStage(t *testing.T) {
	s := storetest.Twice(openStore(t))
	var want []string
	for i := range 12 { // past 9: numbers, not digits, order them
		id := fmt.Sprintf("%c", 'z'-i)
		stage(t, s, id)
		want = append(want, id)
	}
	stage(t, s, "a", "b")
	if got := staged(t, s); !slices.Equal(got, append(want, "a", "b")) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStageAborted(t *testing.T) {
	s := openStore(t)
	refused := errors.New("refused")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if err := Stage(tx, alice()); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if got := staged(t, s); len(got) > 0 {
		t.Errorf("%q stayed", got)
	}
}

func TestStageNeedsAnID(t *testing.T) {
	err := openStore(t).Update(t.Context(), func(tx store.Tx) error { return Stage(tx, new(Record)) })
	if !errors.Is(err, errNoEventID) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkStage(b *testing.B) {
	r := alice()
	b.ReportAllocs()
	for b.Loop() {
		if err := Stage(discard{}, r); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is a transaction that Stage may write to.
type discard struct{ store.Tx }

func (discard) Seq() uint64              { return 41 }
func (discard) Put(string, []byte) error { return nil }
