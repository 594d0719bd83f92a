package pebble

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/store"
	"golang.org/x/sys/unix"
)

// BenchmarkUpdate commits what a new access key is, a record of 300 bytes and an
// entry of an index, and puts the rate in proportion to that of the disk, which
// it measures just before and after: how often it syncs 4 KiB appended to a file.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 32, 64, 128} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := mustOpen(b, b.TempDir())
			value := make([]byte, 300)
			before := syncRate(b)
			b.ReportAllocs()
			b.ResetTimer()
			var n atomic.Int64
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					for n.Add(1) <= int64(b.N) {
						id := fmt.Sprintf("AKIA%016X", rand.Uint64())
						if err := s.Update(context.Background(), func(tx store.Tx) error {
							if _, _, err := tx.Get("k/" + id); err != nil {
								return err
							}
							if err := tx.Put("k/"+id, value); err != nil {
								return err
							}
							return tx.Put("i/u/"+id, []byte(id))
						}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			rate := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "updates/s")
			b.ReportMetric(rate/((before+syncRate(b))/2), "x-fdatasync")
		})
	}
}

func syncRate(b *testing.B) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	n, start := 0, time.Now()
	for time.Since(start) < 300*time.Millisecond {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkView reads one record of 100,000 in a View.
func BenchmarkView(b *testing.B) {
	const users = 100_000
	s := mustOpen(b, b.TempDir())
	keys := make([]string, users)
	for i := range keys {
		keys[i] = fmt.Sprintf("k/AKIA%016X", rand.Uint64())
	}
	for i := 0; i < users; i += store.MaxWrites {
		if err := s.Update(b.Context(), func(tx store.Tx) error {
			for _, key := range keys[i:][:store.MaxWrites] {
				if err := tx.Put(key, make([]byte, 300)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.db.Flush(); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		cached bool
		get    func(r store.Reader, i int) error
	}{
		{"empty", true, func(store.Reader, int) error { return nil }},
		{"hot", true, func(r store.Reader, i int) error {
			_, _, err := r.Get(keys[i%1000])
			return err
		}},
		{"cold", false, func(r store.Reader, i int) error {
			_, _, err := r.Get(keys[i*7919%users])
			return err
		}},
		{"absent", false, func(r store.Reader, i int) error {
			_, _, err := r.Get(keys[i%users] + "x")
			return err
		}},
		{"scan of 2", false, func(r store.Reader, i int) error {
			n := 0
			for _, err := range r.Scan(keys[i%1000], "z") {
				if n++; n == 2 || err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			cache := s.cache
			if !c.cached {
				s.cache = nil
			}
			defer func() { s.cache = cache }()
			b.ReportAllocs()
			var i atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := int(i.Add(1))
					if err := s.View(context.Background(), func(r store.Reader) error { return c.get(r, n) }); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c := newCache(1 << 20)
	c.fill(0, "k/AKIA0123456789ABCDEF", record{make([]byte, 300), true})
	b.ReportAllocs()
	for b.Loop() {
		c.get(0, "k/AKIA0123456789ABCDEF")
	}
}

// BenchmarkOpen opens an empty store.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		s, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
