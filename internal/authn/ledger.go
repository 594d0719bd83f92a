package authn

import (
	"context"
	"slices"
	"sync"

	"github.com/iamd-project/iamd/internal/store"
)

// A ledger remembers the latest under each key and writes it down in batches, so
// that a request costs no write.
type ledger[K comparable, V any] struct {
	batch   int // the most keys in one transaction
	compare func(a, b K) int
	// keep writes a batch, whose keys are in order. Whoever an entry is about may be
	// gone by then.
	keep func(tx store.Tx, keys []K, seen map[K]V) error

	mu   sync.Mutex
	seen map[K]V
}

// note replaces what is known under a key by what change makes of it. own copies a
// key that is new, and may lie in the memory of a request. When more distinct keys are
// noted between two writes than there is room for, the newest are left out. It reports
// whether it is time to write.
func (l *ledger[K, V]) note(key K, own func(K) K, change func(V) V) (crowded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	value, known := l.seen[key]
	if known || len(l.seen) < usageMost {
		if !known {
			key = own(key)
		}
		if l.seen == nil {
			l.seen = map[K]V{}
		}
		l.seen[key] = change(value)
	}
	return len(l.seen) >= usageMost/2
}

// flush writes down what is remembered now.
func (l *ledger[K, V]) flush(ctx context.Context, s store.Store) error {
	l.mu.Lock()
	seen := l.seen
	l.seen = make(map[K]V, min(len(seen), usageMost))
	l.mu.Unlock()

	keys := make([]K, 0, len(seen))
	for key := range seen {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, l.compare)
	for batch := range slices.Chunk(keys, l.batch) {
		if err := s.Update(ctx, func(tx store.Tx) error { return l.keep(tx, batch, seen) }); err != nil {
			return err
		}
	}
	return nil
}
