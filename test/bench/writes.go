package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/iamd-project/iamd/test/bench/limit"
	"github.com/iamd-project/iamd/test/bench/load"
)

// writes is row 3: durable CreateAccessKey against how often the same disk syncs. What a bare log behind
// net/http reaches is printed below it: the bound of any store that shares syncs.
func (b *bench) writes(ctx context.Context) error {
	ours, err := b.startIAMD(ctx, filepath.Join(b.temp, "writes"))
	if err != nil {
		return err
	}
	log, err := b.startCeiling(ctx, ours.Target, "-log", filepath.Join(b.temp, "log"))
	if err != nil {
		return err
	}
	for _, row := range []struct {
		clients int
		target  float64
	}{{1, .45}, {32, 2.5}, {128, 3.5}} {
		config, err := b.writeConfig(ctx, ours, row.clients)
		if err != nil {
			return err
		}
		bare := config
		bare.Fresh = 0
		bare.Op = load.CreateUser // one request a record, as there is nothing behind it
		var us, logged results
		var syncs []float64
		disk := func(ctx context.Context) error {
			rate, err := limit.Fdatasync(ctx, b.temp, b.duration/2)
			syncs = append(syncs, rate)
			return err
		}
		if err := b.turns(ctx, us.add(ours, config), disk, logged.add(log, bare)); err != nil {
			return err
		}
		f := figure{Row: 3, Against: "fdatasync", Noise: noiseOf(us, logged)}
		b.report(f.named("CreateAccessKey, durable, %d clients", row.clients).ratio("/s", us.each(perSecond), syncs, atLeast(row.target)))
		b.report(f.named("  a bare log over HTTP").ratio("/s", logged.each(perSecond), syncs, noTarget))
	}
	return errors.Join(b.stop(ours), b.stop(log))
}

// writeConfig tries the operation for a moment, to know how many users to make beforehand.
func (b *bench) writeConfig(ctx context.Context, s *server, clients int) (load.Config, error) {
	c := load.Config{Op: load.CreateAccessKey, Clients: clients, Warmup: b.duration / 8, Duration: b.duration / 4}
	r, err := load.Run(ctx, s.Target, c)
	if err != nil {
		return c, err
	}
	c.Duration = b.duration
	// A third of the trial's requests made users; without these, keys come up to 1.5 times as fast.
	keys := 1.5 * r.OpsPerSecond * (c.Warmup + c.Duration).Seconds()
	c.Fresh = clients + int(1.2*keys/2)
	return c, nil
}
