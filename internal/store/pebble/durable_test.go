package pebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/iamd-project/iamd/internal/store"
)

// A journal is a load on a store whose state says by itself whether it is right:
// commit i puts i under "n" and something under "c/i".
type journal struct {
	s    *Store
	told atomic.Uint64 // the largest i that an Update or a View has told anybody
	stop atomic.Bool
	wg   sync.WaitGroup
}

func (j *journal) tell(i uint64) {
	for old := j.told.Load(); i > old && !j.told.CompareAndSwap(old, i); old = j.told.Load() {
	}
}

func (j *journal) start(t *testing.T, writers, readers int) {
	loop := func(step func() (uint64, error)) {
		j.wg.Go(func() {
			for !j.stop.Load() {
				i, err := step()
				if err != nil {
					t.Error(err)
					return
				}
				j.tell(i)
			}
		})
	}
	for range writers {
		loop(func() (i uint64, err error) {
			err = j.s.Update(context.Background(), func(tx store.Tx) error {
				i = tx.Seq() + 1
				if err := tx.Put("n", []byte(strconv.FormatUint(i, 10))); err != nil {
					return err
				}
				return tx.Put(fmt.Sprintf("c/%08d", i), make([]byte, i%2000))
			})
			return i, err
		})
	}
	for range readers {
		loop(func() (i uint64, err error) {
			err = j.s.View(context.Background(), func(r store.Reader) (err error) {
				i, err = journalled(r)
				return err
			})
			return i, err
		})
	}
}

func (j *journal) end() {
	j.stop.Store(true)
	j.wg.Wait()
}

// journalled returns how far a journal got.
func journalled(r store.Reader) (uint64, error) {
	v, ok, err := r.Get("n")
	if err != nil || !ok {
		return 0, err
	}
	i, err := strconv.ParseUint(string(v), 10, 64)
	if err == nil && i != r.Seq() {
		err = fmt.Errorf("n is %d after commit %d", i, r.Seq())
	}
	return i, err
}

// checkJournal looks whether s holds all commits up to some number, at least
// floor, and nothing of later ones.
func checkJournal(t *testing.T, s *Store, floor uint64) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		n, err := journalled(r)
		if err != nil {
			return err
		}
		if n < floor {
			t.Errorf("it has the commits up to %d, and %d was told", n, floor)
		}
		i := uint64(0)
		for p, err := range r.Scan("c/", store.PrefixEnd("c/")) {
			i++
			if want := fmt.Sprintf("c/%08d", i); err != nil || p.Key != want || uint64(len(p.Value)) != i%2000 {
				return fmt.Errorf("got %s with %d bytes, %v; want %s", p.Key, len(p.Value), err, want)
			}
		}
		if i != n {
			t.Errorf("it has %d records of %d commits", i, n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCrash cuts the power again and again, under load: a disk that keeps what
// was synced, and some of what wasn't, has all that anybody was told.
func TestCrash(t *testing.T) {
	disk := vfs.NewCrashableMem()
	s, err := Open("data", Options{fs: slowLog(disk)})
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{s: s}
	j.start(t, 6, 2)
	for round := range 20 {
		floor := j.told.Load()
		crashed := disk.CrashClone(vfs.CrashCloneCfg{
			UnsyncedDataPercent: round % 3 * 50,
			RNG:                 rand.New(rand.NewPCG(uint64(round), 1)),
		})
		for range 2 { // and once more, right after it was opened
			again, err := Open("data", Options{fs: crashed})
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			checkJournal(t, again, floor)
			floor = max(floor, again.current.Load().seq)
			next := crashed.CrashClone(vfs.CrashCloneCfg{})
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
			crashed = next
		}
	}
	j.end()
	checkJournal(t, s, j.told.Load())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNothingIsToldBeforeItIsDurable holds a sync of the log back and looks at
// who answers meanwhile. When the sync fails in the end, everybody who would
// have told of the commit must not.
func TestNothingIsToldBeforeItIsDurable(t *testing.T) {
	for _, outcome := range []error{nil, errors.New("disk on fire")} {
		t.Run(fmt.Sprint(outcome), func(t *testing.T) {
			var held atomic.Bool
			release := make(chan struct{})
			s, err := Open("data", Options{Logger: slog.New(slog.DiscardHandler), fs: failSyncs(vfs.NewMem(), func() error {
				if !held.Load() {
					return nil
				}
				<-release
				return outcome
			})})
			if err != nil {
				t.Fatal(err)
			}
			held.Store(true)

			wrote := begin(s, func(tx store.Tx) error { return tx.Put("a", nil) })
			mine := errors.New("a is there")
			look := func(result error) func(store.Tx) error {
				return func(tx store.Tx) error {
					if _, ok, err := tx.Get("a"); err != nil || !ok || tx.Seq() != 1 {
						t.Errorf("the next Update sees a: %v, %v, after commit %d", ok, err, tx.Seq())
					}
					return result
				}
			}
			read := begin(s, look(nil))
			refused := begin(s, look(mine))

			isThere := func() (ok bool) {
				if err := s.View(t.Context(), func(r store.Reader) (err error) {
					_, ok, err = r.Get("a")
					if ok != (r.Seq() == 1) {
						t.Errorf("a is there: %v, after commit %d", ok, r.Seq())
					}
					return err
				}); err != nil {
					t.Error(err)
				}
				return ok
			}
			for range 2 {
				if isThere() {
					t.Error("a View shows a commit that isn't durable")
				}
			}
			for _, done := range []chan error{wrote, read, refused} {
				select {
				case err := <-done:
					t.Errorf("an Update returned %v before the log was synced", err)
					done <- err
				default:
				}
			}
			close(release)

			want := map[chan error]error{wrote: nil, read: nil, refused: mine}
			for done, want := range want {
				if outcome != nil {
					want = store.ErrUncertain
				}
				if err := <-done; !errors.Is(err, want) {
					t.Errorf("an Update returned %v, want %v", err, want)
				}
			}
			if isThere() != (outcome == nil) {
				t.Errorf("a View shows the commit: %v", outcome != nil)
			}
			if outcome != nil {
				checkFailed(t, s)
			}
			if err := s.Close(); (err != nil) != (outcome != nil) {
				t.Errorf("Close = %v", err)
			}
		})
	}
}

// begin starts an Update and returns when it has the turn, so that the next one
// that is begun comes after it.
func begin(s *Store, fn func(store.Tx) error) (done chan error) {
	inTurn := make(chan struct{})
	done = make(chan error, 1)
	go func() {
		done <- s.Update(context.Background(), func(tx store.Tx) error {
			close(inTurn)
			return fn(tx)
		})
	}()
	<-inTurn
	return done
}

// checkFailed looks whether a store whose log failed takes no more writes.
func checkFailed(t *testing.T, s *Store) {
	err := s.Update(t.Context(), func(store.Tx) error {
		t.Error("Update called its function after a commit had failed")
		return nil
	})
	if !errors.Is(err, ErrFailed) || errors.Is(err, store.ErrUncertain) {
		t.Errorf("Update after a commit had failed = %v, want %v", err, ErrFailed)
	}
	if st, err := s.Stats(); err != nil || !errors.Is(st.Failed, ErrFailed) {
		t.Errorf("Stats = %+v, %v", st, err)
	}
	if err := s.Backup(t.Context(), t.TempDir()); err == nil {
		t.Error("Backup of a failed store has no error")
	}
}
