package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/iamd-project/iamd/test/bench/load"
)

// withFew is an iamd with few users, withMany one with many; both stay for the rows to come.
func (b *bench) withFew(ctx context.Context) (*server, error) {
	return b.withUsers(ctx, &b.few, "few", fewUsers)
}

func (b *bench) withMany(ctx context.Context) (*server, error) {
	return b.withUsers(ctx, &b.many, "many", b.users)
}

func (b *bench) withUsers(ctx context.Context, kept **server, name string, n int) (*server, error) {
	if *kept != nil {
		return *kept, nil
	}
	s, err := b.startIAMD(ctx, filepath.Join(b.temp, name))
	if err != nil {
		return nil, err
	}
	*kept = s
	return s, fill(ctx, s.Target, n)
}

// fill makes n users, and counts them aloud on a terminal.
func fill(ctx context.Context, t load.Target, n int) error {
	var done atomic.Int64
	start := time.Now()
	stop := countAloud(&done, n)
	err := load.Fill(ctx, t, userPrefix, n, &done)
	stop()
	if err == nil {
		progress("  made %d users with two keys each in %.1f s", n, time.Since(start).Seconds())
	}
	return err
}

func countAloud(done *atomic.Int64, n int) (stop func()) {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func() {}
	}
	tick, end, ended := time.NewTicker(time.Second/4), make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(os.Stderr, "\r  %d of %d users", done.Load(), n)
			case <-end:
				fmt.Fprint(os.Stderr, "\r")
				return
			}
		}
	}()
	return func() { tick.Stop(); close(end); <-ended }
}
