package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/iamd-project/iamd/test/bench/load"
	"github.com/iamd-project/iamd/test/bench/proc"
)

// emptyStart is row 6: from nothing to the first /readyz, each time in a new data folder.
func (b *bench) emptyStart(ctx context.Context) error {
	n := 0
	folder := func() string {
		n++
		return filepath.Join(b.temp, fmt.Sprint("empty", n))
	}
	return b.starts(ctx, 6, "empty store", folder, 100, 50)
}

// fullStart is row 7: memory after load on many users, and starts with their data.
func (b *bench) fullStart(ctx context.Context) error {
	s, err := b.withMany(ctx)
	if err != nil {
		return err
	}
	var loads results
	for _, op := range readOps {
		if err := loads.add(s, b.readConfig(op, b.users))(ctx); err != nil {
			return err
		}
	}
	if err := b.stop(s); err != nil {
		return err
	}
	b.many = nil
	what := fmt.Sprintf("%d users", b.users)
	rss := loads.each(func(r load.Result) float64 { return r.ServerRSS })
	b.report(figure{Row: 7, Noise: noiseOf(loads)}.named("RSS after load, %s", what).value("MiB", rss, nil, atMost(300)))
	return b.starts(ctx, 7, what, func() string { return s.data }, 500, 300)
}

// starts starts and stops an iamd, b.runs times.
func (b *bench) starts(ctx context.Context, row int, what string, folder func() string, milliseconds, mebibytes float64) error {
	var ready, rss []float64
	meter := proc.Start(0)
	once := func(ctx context.Context) error {
		s, err := b.startIAMD(ctx, folder())
		if err != nil {
			return err
		}
		_, bytes := proc.Of(s.PID)
		ready = append(ready, s.ready.Seconds()*1000)
		rss = append(rss, float64(bytes)/(1<<20))
		return b.stop(s)
	}
	if err := b.turns(ctx, once); err != nil {
		return err
	}
	f := figure{Row: row, Noise: meter.Stop().Noise}
	b.report(f.named("start to ready, %s", what).value("ms", ready, nil, atMost(milliseconds)))
	b.report(f.named("RSS after start, %s", what).value("MiB", rss, nil, atMost(mebibytes)))
	return nil
}
