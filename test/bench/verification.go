package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/test/bench/limit"
	"github.com/iamd-project/iamd/test/bench/proc"
)

// A micro is a benchmark of one of the public packages.
type micro struct {
	pkg, benchmark string
	what           string
	limit          func() limit.Cost // the least work there is to it; nil if nobody knows
	nanoseconds    float64           // the target
	allocations    float64
	countsNone     bool // the target is no allocation at all; otherwise 0 is no target
}

var verifications = []micro{
	{pkg: "sigv4", benchmark: "BenchmarkVerify", what: "one SigV4 verification, key cached", limit: limit.VerifyCached, nanoseconds: 1500, allocations: 3},
	{pkg: "sigv4", benchmark: "BenchmarkVerifyColdKey", what: "one SigV4 verification, key derived", limit: limit.VerifyDerived, nanoseconds: 5000},
}

var decisions = []micro{
	{pkg: "policy", benchmark: "BenchmarkDecide/last", what: "one decision, 5 policies of 10 statements", nanoseconds: 1000, countsNone: true},
	{pkg: "policy", benchmark: "BenchmarkDecide/variables/last", what: "one decision, with conditions and variables", nanoseconds: 2000, countsNone: true},
	{pkg: "policy", benchmark: "BenchmarkReasons/variables/last", what: "the same with its reasons", nanoseconds: 0, countsNone: true},
}

// verification is row 4: package sigv4 against the least work that a verification is.
func (b *bench) verification(ctx context.Context) error { return b.micros(ctx, 4, verifications) }

// decision is row 5: package policy.
func (b *bench) decision(ctx context.Context) error { return b.micros(ctx, 5, decisions) }

func (b *bench) micros(ctx context.Context, row int, list []micro) error {
	for _, m := range list {
		program := filepath.Join(b.temp, m.pkg+".test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./"+m.pkg)
		build.Dir, build.Stderr = b.root, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the benchmarks of %s: %w", m.pkg, err)
		}
		if err := b.micro(ctx, row, m, program); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) micro(ctx context.Context, row int, m micro, program string) error {
	var ours, allocations, bound []float64
	meter := proc.Start(0)
	us := func(ctx context.Context) error {
		cost, err := runBenchmark(ctx, program, filepath.Join(b.root, m.pkg), m.benchmark)
		ours, allocations = append(ours, cost.Nanoseconds), append(allocations, cost.Allocations)
		return err
	}
	least := func(context.Context) error {
		if m.limit != nil {
			bound = append(bound, m.limit().Nanoseconds)
		}
		return nil
	}
	if err := b.turns(ctx, us, least); err != nil {
		return err
	}
	f := figure{Row: row, Noise: meter.Stop().Noise}
	if m.limit != nil {
		f.Against = "least work"
	}
	t := noTarget
	if m.nanoseconds > 0 {
		t = atMost(m.nanoseconds)
	}
	b.report(f.named("%s", m.what).value("ns", ours, bound, t))
	if m.allocations > 0 || m.countsNone {
		b.report(f.named("  its allocations").value("", allocations, nil, target{Most: m.allocations, None: m.countsNone}))
	}
	return nil
}

// runBenchmark runs one benchmark of a test program once, in its package's folder.
func runBenchmark(ctx context.Context, program, dir, name string) (limit.Cost, error) {
	pattern := "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
	cmd := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", pattern, "-test.benchmem")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return limit.Cost{}, fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, name) {
			return parseBenchmark(line)
		}
	}
	return limit.Cost{}, fmt.Errorf("there is no %s", name)
}

// parseBenchmark reads a line such as "BenchmarkX-2  100  1234 ns/op  56 B/op  3 allocs/op".
func parseBenchmark(line string) (limit.Cost, error) {
	units := map[string]float64{}
	fields := strings.Fields(line)
	for i := 3; i < len(fields); i += 2 {
		n, err := strconv.ParseFloat(fields[i-1], 64)
		if err != nil {
			return limit.Cost{}, fmt.Errorf("benchmark line %q: %w", line, err)
		}
		units[fields[i]] = n
	}
	if units["ns/op"] == 0 {
		return limit.Cost{}, fmt.Errorf("benchmark line %q: no ns/op", line)
	}
	return limit.Cost{Nanoseconds: units["ns/op"], Allocations: units["allocs/op"]}, nil
}
