package pebble

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/iamd-project/iamd/internal/store"
)

// A view is the snapshot after one commit. Any number of Views share it: it
// doesn't change, so it serves as their Reader itself.
type view struct {
	s    *Store
	seq  uint64
	snap *pebble.Snapshot

	// refs counts the Views that have it, and one more for being current or on
	// the way there. Nobody can take it up again from zero.
	refs atomic.Int64
}

// newView takes the snapshot after commit seq. The caller must know that no
// other commit is applied, by having the turn.
func (s *Store) newView(seq uint64) *view {
	v := &view{s: s, seq: seq, snap: s.db.NewSnapshot()}
	v.refs.Store(1)
	return v
}

func (v *view) retain() bool {
	for {
		n := v.refs.Load()
		if n == 0 {
			return false
		}
		if v.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (v *view) release() {
	if v.refs.Add(-1) == 0 {
		v.snap.Close()
	}
}

// view takes the published view; the caller is inside the gate, and releases it.
func (s *Store) view() *view {
	for {
		if v := s.current.Load(); v.retain() {
			return v
		} // else it was replaced and let go since we loaded it: the next is there
	}
}

// publish makes v, whose commit is durable, the view that Views read, unless a
// later one is there. It takes over the caller's reference.
func (s *Store) publish(v *view) {
	s.publishing.Lock()
	old := s.current.Load()
	if old.seq > v.seq {
		old = v
	} else {
		s.current.Store(v)
	}
	s.publishing.Unlock()
	old.release()
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.gate.enter() {
		return store.ErrClosed
	}
	defer s.gate.leave()
	v := s.view()
	defer v.release()
	return fn(v)
}

func (v *view) Seq() uint64 { return v.seq }

func (v *view) Get(key string) ([]byte, bool, error) { return v.s.read(v.snap, v.seq, key) }

func (v *view) Scan(from, to string) iter.Seq2[store.Pair, error] {
	return scan(v.snap, from, to, (*pebble.Iterator).First, (*pebble.Iterator).Next)
}

func (v *view) ScanBack(from, to string) iter.Seq2[store.Pair, error] {
	return scan(v.snap, from, to, (*pebble.Iterator).Last, (*pebble.Iterator).Prev)
}

// read returns the value that key has in r, which holds the commits up to seq.
func (s *Store) read(r pebble.Reader, seq uint64, key string) ([]byte, bool, error) {
	if rec, known := s.cache.get(seq, key); known {
		return rec.value, rec.found, nil
	}
	rec, err := fetch(r, key)
	if err != nil {
		return nil, false, fmt.Errorf("reading %q: %w", key, err)
	}
	s.cache.fill(seq, key, rec)
	return rec.value, rec.found, nil
}

func fetch(r pebble.Reader, key string) (record, error) {
	v, closer, err := r.Get(dataKey(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return record{}, nil
	}
	if err != nil {
		return record{}, err
	}
	defer closer.Close()
	return record{value: slices.Clone(v), found: true}, nil
}

// scan yields the pairs of r from first on by next.
func scan(r pebble.Reader, from, to string, first, next func(*pebble.Iterator) bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		if from >= to {
			return
		}
		it, err := r.NewIter(&pebble.IterOptions{LowerBound: dataKey(from), UpperBound: dataKey(to)})
		if err != nil {
			yield(store.Pair{}, fmt.Errorf("reading from %q: %w", from, err))
			return
		}
		defer it.Close()
		for ok := first(it); ok; ok = next(it) {
			v, err := it.ValueAndErr()
			if err != nil {
				break // which it.Error has, too
			}
			if !yield(store.Pair{Key: string(it.Key()[1:]), Value: v}, nil) {
				return
			}
		}
		if err := it.Error(); err != nil {
			yield(store.Pair{}, fmt.Errorf("reading from %q: %w", from, err))
		}
	}
}
