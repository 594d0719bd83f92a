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

// verifications are the benchmarks of package sigv4 that row 4 is about.
var verifications = []struct {
	benchmark   string
	what        string
	limit       func() limit.Cost
	nanoseconds float64
	allocations float64 // 0: no target
}{
	{"BenchmarkVerify", "one SigV4 verification, key cached", limit.VerifyCached, 1500, 3},
	{"BenchmarkVerifyColdKey", "one SigV4 verification, key derived", limit.VerifyDerived, 5000, 0},
}

// verification is row 4: package sigv4 against the least work that a verification is.
func (b *bench) verification(ctx context.Context) error {
	program := filepath.Join(b.temp, "sigv4.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./sigv4")
	build.Dir, build.Stderr = b.root, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the benchmarks of sigv4: %w", err)
	}
	for _, v := range verifications {
		var ours, allocations, bound []float64
		meter := proc.Start(0)
		us := func(ctx context.Context) error {
			cost, err := runBenchmark(ctx, program, filepath.Join(b.root, "sigv4"), v.benchmark)
			ours, allocations = append(ours, cost.Nanoseconds), append(allocations, cost.Allocations)
			return err
		}
		least := func(context.Context) error {
			bound = append(bound, v.limit().Nanoseconds)
			return nil
		}
		if err := b.turns(ctx, us, least); err != nil {
			return err
		}
		f := figure{Row: 4, Against: "least work", Noise: meter.Stop().Noise}
		b.report(f.named("%s", v.what).value("ns", ours, bound, atMost(v.nanoseconds)))
		if v.allocations > 0 {
			b.report(f.named("  its allocations").value("", allocations, nil, atMost(v.allocations)))
		}
	}
	return nil
}

// runBenchmark runs one benchmark of a test program once, in its package's folder.
func runBenchmark(ctx context.Context, program, dir, name string) (limit.Cost, error) {
	cmd := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^"+name+"$", "-test.benchmem")
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
	return limit.Cost{}, fmt.Errorf("sigv4 has no %s", name)
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
