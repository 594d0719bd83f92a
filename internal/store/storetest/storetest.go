// Package storetest holds the one suite that every store must pass whole, and
// Twice, with which services show that their functions can be run again.
package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// A Harness holds the data of one store, none at first.
type Harness struct {
	// Open opens a store on the data, which is not open already.
	Open func() (store.Store, error)

	// FailCommits makes commits that are sent from now until the next Open end
	// with store.ErrUncertain, whether they happen or not.
	FailCommits func()
}

// Run holds the stores that fresh makes to the contract in package store. What
// fresh registers for the end of a test comes after its stores are closed.
func Run(t *testing.T, fresh func(testing.TB) Harness) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *rig)
	}{
		{"GetPutDelete", testGetPutDelete},
		{"Scan", testScan},
		{"ScanStops", testScanStops},
		{"ScanIsASnapshot", testScanIsASnapshot},
		{"OwnWrites", testOwnWrites},
		{"ValuesNotAliased", testValuesNotAliased},
		{"ManyKeys", testManyKeys},

		{"Limits", testLimits},
		{"OverTheLimitDooms", testOverTheLimitDooms},

		{"ErrorCommitsNothing", testErrorCommitsNothing},
		{"PanicCommitsNothing", testPanicCommitsNothing},
		{"RunAgain", testRunAgain},
		{"Seq", testSeq},
		{"Cancelled", testCancelled},
		{"CancelledWhileWaiting", testCancelledWhileWaiting},

		{"Counters", testCounters},
		{"History", testHistory},
		{"WriteSkew", testWriteSkew},
		{"Phantoms", testPhantoms},
		{"DeletedKey", testDeletedKey},
		{"StableReader", testStableReader},
		{"WholeCommits", testWholeCommits},
		{"ReadYourWrites", testReadYourWrites},

		{"Reopen", testReopen},
		{"Close", testClose},
		{"Uncertain", testUncertain},
		{"Model", testModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &rig{Harness: fresh(t), t: t}
			r.open()
			t.Cleanup(func() { r.Close() })
			c.test(t, r)
		})
	}
}

// Twice runs every Update function two times and throws the first result away,
// so that a function with effects outside its Tx shows itself in any test.
func Twice(s store.Store) store.Store { return twice{s} }

type twice struct{ store.Store }

var errDiscard = errors.New("discard the first run")

func (s twice) Update(ctx context.Context, fn func(store.Tx) error) error {
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errDiscard
	})
	if !errors.Is(err, errDiscard) {
		return err
	}
	return s.Store.Update(ctx, fn)
}
