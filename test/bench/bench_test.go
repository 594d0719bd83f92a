package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/iamd-project/iamd/test/bench/limit"
)

// The harness starts its own program for the ceiling, which in a test is this one, and the test has it
// start this one in iamd's place too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "ceiling") {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		run := map[string]func(context.Context, []string) error{"serve": standIn, "ceiling": runCeiling}[os.Args[1]]
		if err := run(ctx, os.Args[2:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// standIn serves as iamd would, as far as the harness can see.
func standIn(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("serve", flag.ExitOnError)
	listen := f.String("listen", "", "")
	data := f.String("data", "", "")
	f.String("quota", "", "") // nothing is limited
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*data, 0o700); err != nil {
		return err
	}
	key := "[default]\naws_access_key_id = " + limit.ExampleKey + "\naws_secret_access_key = " + limit.ExampleSecret + "\n"
	if err := os.WriteFile(filepath.Join(*data, "credentials"), []byte(key), 0o600); err != nil {
		return err
	}
	return runCeiling(ctx, []string{"-listen", *listen, "-verify", "-log", filepath.Join(*data, "log")})
}

func TestHarness(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := options{root: "../..", iamd: self, dir: t.TempDir(), rows: []int{1, 2, 3, 6, 7}, runs: 2, duration: 20 * time.Millisecond, users: 20}
	figures, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f.Ours <= 0 && f.Unit != "us" { // CPU time has ticks of 10 ms
			t.Errorf("row %d, %s: %v", f.Row, f.Name, f.Ours)
		}
	}
	if want := 6 + 3 + 6 + 2 + 3; len(figures) != want {
		t.Errorf("%d figures, want %d", len(figures), want)
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	var table bytes.Buffer
	if err := printTable(&table, figures); err != nil {
		t.Fatal(err)
	}
	if want := "CreateAccessKey, durable, 128 clients"; !strings.Contains(table.String(), want) {
		t.Errorf("no %q in\n%s", want, &table)
	}
	if _, err := writeJSON(o, figures); err != nil {
		t.Error(err)
	}
}

func TestHarnessStopsWhatItStarted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	o := options{root: "../..", iamd: self, dir: t.TempDir(), rows: []int{1}, runs: 100, duration: time.Second, users: 20}
	if _, err := run(ctx, o); err == nil {
		t.Error("no error from an interrupted run")
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestParseBenchmark(t *testing.T) {
	got, err := parseBenchmark("BenchmarkVerify-2   1000000   1234.5 ns/op   56 B/op   3 allocs/op\n")
	if want := (limit.Cost{Nanoseconds: 1234.5, Allocations: 3}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := parseBenchmark("BenchmarkVerify-2 --- FAIL"); err == nil {
		t.Error("accepted a line without a figure")
	}
}

func TestRatio(t *testing.T) {
	f := figure{}.ratio("/s", []float64{80, 40, 90}, []float64{100, 50, 100}, atLeast(.75))
	if f.Ours != 80 || f.Limit != 100 || f.Ratio != .8 || !f.Met {
		t.Errorf("got %+v", f)
	}
	f = figure{}.value("ms", []float64{120}, nil, atMost(100))
	if f.Ours != 120 || f.Met {
		t.Errorf("got %+v", f)
	}
}
