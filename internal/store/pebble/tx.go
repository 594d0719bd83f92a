package pebble

import (
	"iter"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/iamd-project/iamd/internal/store"
)

// tx is the transaction that has the turn.
type tx struct {
	s   *Store
	seq uint64 // of the last commit, which s.db has and nothing after it

	// The writes so far, twice: by key for Get and for the cache, and, from the
	// first one on, in a batch on top of the database for scans and the log.
	writes map[string]record
	batch  *pebble.Batch

	count, bytes int
	refused      error // of the first write over a limit: it dooms the transaction
}

// end lets go of a batch that was not sent.
func (x *tx) end() {
	if x.batch != nil {
		x.batch.Close()
	}
	x.s = nil // so that a use after the end is caught at once
}

func (x *tx) Seq() uint64 { return x.seq }

func (x *tx) Get(key string) ([]byte, bool, error) {
	if rec, ok := x.writes[key]; ok {
		return rec.value, rec.found, nil
	}
	return x.s.read(x.s.db, x.seq, key)
}

func (x *tx) Scan(from, to string) iter.Seq2[store.Pair, error] {
	return scan(x.reader(), from, to, (*pebble.Iterator).First, (*pebble.Iterator).Next)
}

func (x *tx) ScanBack(from, to string) iter.Seq2[store.Pair, error] {
	return scan(x.reader(), from, to, (*pebble.Iterator).Last, (*pebble.Iterator).Prev)
}

// reader is the database with this transaction's writes on top.
func (x *tx) reader() pebble.Reader {
	if x.batch != nil {
		return x.batch
	}
	return x.s.db
}

func (x *tx) Put(key string, value []byte) error {
	if err := x.admit(key, value); err != nil {
		return err
	}
	x.writes[key] = record{value: slices.Clone(value), found: true}
	return x.batch.Set(dataKey(key), value, nil)
}

func (x *tx) Delete(key string) error {
	if err := x.admit(key, nil); err != nil {
		return err
	}
	x.writes[key] = record{}
	return x.batch.Delete(dataKey(key), nil)
}

// admit counts a write against the limits and makes room for it.
func (x *tx) admit(key string, value []byte) error {
	if x.refused != nil {
		return x.refused
	}
	x.count++
	x.bytes += len(key) + len(value)
	if key == "" || len(key) > store.MaxKey || len(value) > store.MaxValue ||
		x.count > store.MaxWrites || x.bytes > store.MaxBytes {
		x.refused = store.ErrTooLarge
		return x.refused
	}
	if x.batch == nil {
		x.batch = x.s.db.NewIndexedBatch()
		x.writes = make(map[string]record)
	}
	return nil
}
