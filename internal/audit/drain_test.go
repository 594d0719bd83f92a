package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
)

// drain starts a Drain that the end of the test stops.
func drain(t testing.TB, c DrainConfig) *Drain {
	d := StartDrain(c)
	t.Cleanup(func() { d.Close(context.Background()) })
	return d
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, sink := openStore(t), new(memory)
		stage(t, s, "left")
		d := drain(t, DrainConfig{Store: s, Sink: sink, Poll: time.Hour})
		time.Sleep(time.Second)
		if got := sink.records(); !slices.Equal(got, []string{"left"}) {
			t.Errorf("after the start: %q", got)
		}

		stage(t, s, "a")
		d.Wake()
		stage(t, s, "b")
		d.Wake()
		time.Sleep(99 * time.Millisecond)
		if got := sink.records(); len(got) != 1 {
			t.Errorf("did not gather: %q", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := sink.records(); !slices.Equal(got, []string{"left", "a", "b"}) {
			t.Errorf("after a wake: %q", got)
		}
		if got := staged(t, s); len(got) > 0 {
			t.Errorf("still in the outbox: %q", got)
		}

		stage(t, s, "c") // whose commit nobody told of
		time.Sleep(time.Hour)
		if got := sink.records(); len(got) != 4 {
			t.Errorf("after a poll: %q", got)
		}

		stage(t, s, "d")
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := sink.records(); len(got) != 5 || len(staged(t, s)) > 0 {
			t.Errorf("after Close: %q", got)
		}
	})
}

func TestDrainFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		s, sink := &flaky{Store: openStore(t)}, &memory{fail: full}
		var told atomic.Int32
		d := drain(t, DrainConfig{Store: s, Sink: sink, Report: func(error) { told.Add(1) }})
		stage(t, s, "a")
		time.Sleep(3500 * time.Millisecond)
		if n := told.Load(); n < 3 || n > 5 || !errors.Is(d.Err(), full) {
			t.Errorf("told %d times, %v", n, d.Err())
		}
		if got := staged(t, s); len(got) != 1 {
			t.Errorf("outbox holds %q", got)
		}

		// The store fails now, after the sink has had the record: once only.
		s.fail.Store(true)
		sink.setFail(nil)
		time.Sleep(3 * time.Second)
		s.fail.Store(false)
		stage(t, s, "b")
		time.Sleep(2 * time.Second)
		if got := sink.records(); !slices.Equal(got, []string{"a", "b"}) || d.Err() != nil {
			t.Errorf("got %q, %v", got, d.Err())
		}
	})
}

// flaky is a store whose Updates can fail.
type flaky struct {
	store.Store
	fail atomic.Bool
}

func (f *flaky) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.fail.Load() {
		return store.ErrUncertain
	}
	return f.Store.Update(ctx, fn)
}

// TestDrainCloseIsBounded closes a drain whose sink does not come back.
func TestDrainCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t)
		stage(t, s, "a")
		d := StartDrain(DrainConfig{Store: s, Sink: stuck{}})
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if err := d.Close(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

type stuck struct{ Sink }

func (stuck) Write(ctx context.Context, _ []byte, _ int, _ bool) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestDrainAfterCrash ends a process after each part of a round.
func TestDrainAfterCrash(t *testing.T) {
	s, dir := &flaky{Store: openStore(t)}, t.TempDir()
	files := openFiles(t, FileConfig{Dir: dir})
	stage(t, s, "a")
	stage(t, s, "b", "c")

	s.fail.Store(true) // between the sink and the deletions
	first := drain(t, DrainConfig{Store: s, Sink: files})
	for first.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	first.Close(t.Context())
	s.fail.Store(false)
	stage(t, s, "d")

	second := drain(t, DrainConfig{Store: s, Sink: files, Written: WrittenIn(dir)})
	if err := second.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := eventIDsIn(t, dir); !slices.Equal(got, []string{"a", "b", "c", "d"}) || len(staged(t, s)) > 0 {
		t.Errorf("with Written: got %q", got)
	}

	// Without it, as where the sink can not be asked, records appear again but
	// none is missing.
	stage(t, s, "e")
	s.fail.Store(true)
	third := drain(t, DrainConfig{Store: s, Sink: files})
	third.Close(t.Context())
	s.fail.Store(false)
	if err := drain(t, DrainConfig{Store: s, Sink: files}).Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := eventIDsIn(t, dir); !slices.Equal(got, []string{"a", "b", "c", "d", "e", "e"}) {
		t.Errorf("without Written: got %q", got)
	}
}

// TestDrainMany has changes staged by many while a drain runs, and more than a
// round takes before it starts.
func TestDrainMany(t *testing.T) {
	s, dir := openStore(t), t.TempDir()
	files := openFiles(t, FileConfig{Dir: dir, MaxSize: 256 << 10})
	for i := range 25 {
		var ids []string
		for j := range 90 {
			ids = append(ids, fmt.Sprintf("before-%02d-%02d", i, j))
		}
		stage(t, s, ids...)
	}
	d := drain(t, DrainConfig{Store: s, Sink: files, Linger: time.Millisecond})
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for i := range 50 {
				stage(t, s, fmt.Sprintf("%d-%02d", writer, i))
				d.Wake()
			}
		})
	}
	wg.Wait()
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(idsIn(t, dir)); got != 25*90+8*50 {
		t.Errorf("%d records", got)
	}
	if got := staged(t, s); len(got) > 0 {
		t.Errorf("%d left", len(got))
	}
}

// BenchmarkDrain measures changes at 64 writers on a real disk: bare, with a
// record staged, and with the outbox drained as well. The last must keep up.
func BenchmarkDrain(b *testing.B) {
	for _, mode := range []string{"bare", "staged", "drained"} {
		b.Run(mode, func(b *testing.B) {
			s, err := pebble.Open(b.TempDir(), pebble.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			files, err := OpenFiles(FileConfig{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer files.Close()
			wake := func() {}
			if mode == "drained" {
				d := drain(b, DrainConfig{Store: s, Sink: files, Report: func(err error) { b.Error(err) }})
				wake = d.Wake
				defer func() {
					start := time.Now()
					d.Close(context.Background())
					b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-behind")
				}()
			}
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range 64 {
				wg.Go(func() {
					r := alice()
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						r.EventID = fmt.Sprintf("b0f8c3a2-1b1c-4c5e-9d52-%012d", i)
						err := s.Update(context.Background(), func(tx store.Tx) error {
							if mode != "bare" {
								if err := Stage(tx, r); err != nil {
									return err
								}
							}
							return tx.Put(r.EventID, make([]byte, 300))
						})
						if err != nil {
							b.Error(err)
						}
						wake()
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}
