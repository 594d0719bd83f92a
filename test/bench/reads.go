package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/iamd-project/iamd/test/bench/load"
)

const (
	readClients = 32
	fewUsers    = 100
	userPrefix  = "user-"
)

var readOps = []load.Op{load.GetCallerIdentity, load.GetUser, load.ListAccessKeys}

// results of several runs of one thing.
type results []load.Result

func (rs results) each(f func(load.Result) float64) []float64 {
	out := make([]float64, len(rs))
	for i, r := range rs {
		out[i] = f(r)
	}
	return out
}

func perSecond(r load.Result) float64 { return r.OpsPerSecond }
func serverCPU(r load.Result) float64 { return r.ServerCPU }
func p50(r load.Result) float64       { return r.P50 }
func noise(r load.Result) float64     { return r.Noise }

// reads is row 1: each operation, and a bare net/http server that sends as many bytes.
func (b *bench) reads(ctx context.Context) error {
	ours, err := b.withFew(ctx)
	if err != nil {
		return err
	}
	for _, op := range readOps {
		if err := b.againstBare(ctx, figure{Row: 1}, ours, op, atLeast(.75), atMost(1.4)); err != nil {
			return err
		}
	}
	return nil
}

// againstBare measures an operation and a bare net/http server that sends as many bytes, in turns.
func (b *bench) againstBare(ctx context.Context, f figure, ours *server, op load.Op, rate, cpu target) error {
	reply, err := load.Call(ours.Target, op, load.UserName(userPrefix, 0))
	if err != nil {
		return err
	}
	bare, err := b.startCeiling(ctx, ours.Target, "-reply-bytes", strconv.Itoa(len(reply)))
	if err != nil {
		return err
	}
	config := b.readConfig(op, fewUsers)
	var us, limit results
	if err := b.turns(ctx, us.add(ours, config), limit.add(bare, config)); err != nil {
		return err
	}
	if err := b.stop(bare); err != nil {
		return err
	}
	f.Against, f.Noise = "bare net/http", noiseOf(us, limit)
	b.report(f.named("%s%s, %d clients", op, f.Name, readClients).ratio("/s", us.each(perSecond), limit.each(perSecond), rate))
	b.report(f.named("  server CPU a request").ratio("us", us.each(serverCPU), limit.each(serverCPU), cpu))
	return nil
}

// manyUsers is row 2: each operation with many users, and with 100.
func (b *bench) manyUsers(ctx context.Context) error {
	few, err := b.withFew(ctx)
	if err != nil {
		return err
	}
	many, err := b.withMany(ctx)
	if err != nil {
		return err
	}
	for _, op := range readOps {
		var big, small results
		if err := b.turns(ctx, big.add(many, b.readConfig(op, b.users)), small.add(few, b.readConfig(op, fewUsers))); err != nil {
			return err
		}
		f := figure{Row: 2, Against: fmt.Sprintf("%d users", fewUsers), Noise: noiseOf(big, small)}
		b.report(f.named("%s, p50 with %d users", op, b.users).ratio("ms", big.each(p50), small.each(p50), atMost(1.2)))
	}
	return nil
}

func (b *bench) readConfig(op load.Op, users int) load.Config {
	return load.Config{Op: op, Clients: readClients, Warmup: b.duration / 4, Duration: b.duration, Prefix: userPrefix, Users: users}
}

// add returns a function that does a run and keeps its result.
func (rs *results) add(s *server, c load.Config) func(context.Context) error {
	return func(ctx context.Context) error {
		r, err := load.Run(ctx, s.Target, c)
		*rs = append(*rs, r)
		return err
	}
}
