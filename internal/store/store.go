// Package store is the one door to durable state: an ordered map from string
// keys to byte values, read and written in serializable transactions.
package store

import (
	"context"
	"errors"
	"iter"
)

// Limits that every implementation enforces, so that a transaction which fits
// the embedded store also fits etcd under its default settings. Sizes are in
// bytes; a transaction's size is that of all keys and values it writes.
const (
	MaxKey    = 1024
	MaxValue  = 128 << 10
	MaxWrites = 100
	MaxBytes  = 1 << 20
)

var (
	// ErrTooLarge reports a key, value or transaction over the limits above.
	ErrTooLarge = errors.New("store: over a size limit")
	// ErrUncertain reports that a commit was sent and its outcome is unknown.
	ErrUncertain = errors.New("store: commit outcome unknown")
	// ErrClosed reports a transaction begun after Close.
	ErrClosed = errors.New("store: closed")
)

// A Store runs transactions. It is safe for concurrent use.
type Store interface {
	// View calls fn once with a snapshot at least as new as any Update that
	// returned before View was called, and never newer than what is durable.
	// The Reader and the values it gave are fn's only until fn returns.
	View(ctx context.Context, fn func(Reader) error) error

	// Update calls fn and, if it returns nil, commits what it wrote; when Update
	// returns nil the commit is durable. Updates behave as if run one after
	// another. fn may be called again when another commit got in first, so its
	// only effects are those made through the Tx. An error of fn commits nothing
	// and is returned as it is. A ctx that ends before the commit was sent
	// commits nothing; after that, Update waits for the outcome.
	Update(ctx context.Context, fn func(Tx) error) error

	// Close waits for the transactions that are running.
	Close() error
}

// A Reader is a consistent snapshot. It is for one goroutine.
type Reader interface {
	// Get returns the value of key. The slice must not be changed, and is valid
	// until the transaction ends.
	Get(key string) (value []byte, ok bool, err error)
	// Scan yields the pairs with from <= key < to in key order.
	Scan(from, to string) iter.Seq2[Pair, error]
	// ScanBack yields the same pairs in the opposite order.
	ScanBack(from, to string) iter.Seq2[Pair, error]
	// Seq numbers the commit this snapshot was taken after; commits count up by one.
	Seq() uint64
}

// A Tx is a Reader that sees its own writes.
type Tx interface {
	Reader
	// Put stores value under key; it keeps no reference to value.
	Put(key string, value []byte) error
	// Delete removes key; an absent one is no error.
	Delete(key string) error
}

// Pair is one entry of a Scan. Its Value is valid until the next step.
type Pair struct {
	Key   string
	Value []byte
}

// PrefixEnd returns the first key after all keys that start with prefix, for
// use as the upper bound of a Scan.
func PrefixEnd(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return "\xff\xff\xff\xff"
}
