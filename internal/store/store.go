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
// bytes; a key has at least one. A transaction's writes are its calls of Put and
// Delete, and its size is that of all their keys and values: writing a key twice
// counts twice.
const (
	MaxKey    = 1024
	MaxValue  = 128 << 10
	MaxWrites = 100
	MaxBytes  = 1 << 20
)

var (
	// ErrTooLarge reports a key, value or transaction outside the limits above.
	ErrTooLarge = errors.New("store: over a size limit")
	// ErrUncertain reports that a commit was sent and its outcome is unknown: it
	// will turn out to have happened whole or not at all. It may be a commit that
	// the transaction read rather than its own.
	ErrUncertain = errors.New("store: commit outcome unknown")
	// ErrClosed reports a transaction begun after Close.
	ErrClosed = errors.New("store: closed")
)

// A Store runs transactions. It is safe for concurrent use. A function that was
// given to Update must not call Update, and none may call Close.
type Store interface {
	// View calls fn once with a snapshot at least as new as any Update that
	// returned before View was called, and never newer than what is durable.
	// The Reader and the values it gave are fn's only until fn returns. An error
	// of fn is returned as it is. A ctx that has ended returns its error, and fn
	// is not called.
	View(ctx context.Context, fn func(Reader) error) error

	// Update calls fn and, if it returns nil, commits what it wrote; when Update
	// returns nil the commit is durable. Updates behave as if run one after
	// another. fn may be called again when another commit got in first, so its
	// only effects are those made through the Tx. An error of fn commits nothing
	// and is returned as it is. A ctx that ends before the commit was sent
	// commits nothing; after that, Update waits for the outcome.
	//
	// fn may read commits that are not durable yet. Update doesn't return what it
	// made of them, be it nil or fn's error, before they are.
	Update(ctx context.Context, fn func(Tx) error) error

	// Close waits for the transactions that are running. Later ones, and their
	// functions are not called, return ErrClosed.
	Close() error
}

// A Reader is a consistent snapshot. It is for one goroutine.
type Reader interface {
	// Get returns the value of key. The slice must not be changed, and is valid
	// until the transaction ends.
	Get(key string) (value []byte, ok bool, err error)
	// Scan yields the pairs with from <= key < to in key order, as they were when
	// it began. After an error it yields nothing more.
	Scan(from, to string) iter.Seq2[Pair, error]
	// ScanBack yields the same pairs in the opposite order.
	ScanBack(from, to string) iter.Seq2[Pair, error]
	// Seq numbers the commit this snapshot was taken after. Commits count up by
	// one, from 1 in an empty store; a transaction that wrote nothing, or failed,
	// is no commit.
	Seq() uint64
}

// A Tx is a Reader that sees its own writes. If it commits, its number is Seq()+1.
type Tx interface {
	Reader
	// Put stores value under key; it keeps no reference to value. Once a Put or
	// Delete is over a limit, it and all later ones return ErrTooLarge, and so
	// does Update, even if its function returns nil: nothing is committed.
	Put(key string, value []byte) error
	// Delete removes key; an absent one is no error.
	Delete(key string) error
}

// Pair is one entry of a Scan. Its Value must not be changed, and is valid until
// the next step.
type Pair struct {
	Key   string
	Value []byte
}

// PrefixEnd returns the first key after all keys that start with prefix, for
// use as the upper bound of a Scan. There is none for the empty prefix and those
// of 0xff bytes only: they get one that is after all text.
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
