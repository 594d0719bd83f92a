package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rows are those of the table of limits that can be measured here, by its numbers.
var rows = []struct {
	number  int
	what    string
	measure func(*bench, context.Context) error
}{
	{1, "reads against bare net/http", (*bench).reads},
	{2, "reads with many users", (*bench).manyUsers},
	{3, "durable writes against the disk", (*bench).writes},
	{4, "one SigV4 verification", (*bench).verification},
	{5, "one policy decision", (*bench).decision},
	{6, "start of an empty store", (*bench).emptyStart},
	{7, "start and memory with many users", (*bench).fullStart},
	{8, "calls of a user whose policies decide, and sessions", (*bench).authorized},
	{9, "secret values against bare net/http", (*bench).secretValues},
	{10, "stacks against the same calls one by one", (*bench).stacks},
}

// options of a run; flags set them.
type options struct {
	root     string        // of the project
	iamd     string        // the program
	dir      string        // where results go, and data while it runs: its disk is the one measured
	rows     []int         // empty for all
	runs     int           // of each figure
	duration time.Duration // of each of these
	users    int           // that "many" means
}

// bench is one run of the harness.
type bench struct {
	options
	temp    string
	servers []*server // running
	few     *server   // an iamd with 100 users, once a row needed it
	many    *server   // an iamd with options.users users, likewise
	figures []figure
}

func runBench(ctx context.Context, args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	figures, failure := run(ctx, o)
	if len(figures) == 0 {
		return failure
	}
	if err := printTable(os.Stdout, figures); err != nil {
		return err
	}
	path, err := writeJSON(o, figures)
	if err == nil {
		fmt.Println("\n" + path)
	}
	return errors.Join(failure, err)
}

func parseOptions(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	f.StringVar(&o.root, "root", ".", "the project's root")
	f.StringVar(&o.iamd, "iamd", "bin/iamd", "the program to measure, from the root")
	f.StringVar(&o.dir, "dir", "test/bench/results", "results, and data while it runs, from the root: its disk is the one measured")
	f.IntVar(&o.runs, "runs", 5, "runs of each figure; the median counts")
	f.DurationVar(&o.duration, "duration", 3*time.Second, "length of each run")
	f.IntVar(&o.users, "users", 100_000, "how many users are many")
	only := f.String("rows", "", "rows to measure, such as 1,3; all if empty")
	quick := f.Bool("quick", false, "one short run of each, at most 2000 users: to see that it works")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *quick {
		o.runs, o.duration, o.users = 1, 500*time.Millisecond, min(o.users, 2000)
	}
	root, err := filepath.Abs(o.root)
	if err != nil {
		return o, err
	}
	o.root = root
	for _, p := range []*string{&o.iamd, &o.dir} {
		if !filepath.IsAbs(*p) {
			*p = filepath.Join(root, *p)
		}
	}
	for n := range strings.SplitSeq(*only, ",") {
		if n == "" {
			continue
		}
		row, err := strconv.Atoi(n)
		if err != nil {
			return o, fmt.Errorf("-rows %s: %w", *only, err)
		}
		o.rows = append(o.rows, row)
	}
	return o, nil
}

// run measures the rows asked for, and says what it has measured when one fails. Nothing it started or
// wrote remains, whatever happens.
func run(ctx context.Context, o options) (figures []figure, err error) {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return nil, err
	}
	b := &bench{options: o}
	if b.temp, err = os.MkdirTemp(o.dir, "data-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.temp)
	defer func() { err = errors.Join(err, b.stopAll()) }()
	for _, row := range rows {
		if len(o.rows) > 0 && !slices.Contains(o.rows, row.number) {
			continue
		}
		progress("row %d: %s", row.number, row.what)
		if err := row.measure(b, ctx); err != nil {
			return b.figures, fmt.Errorf("row %d: %w", row.number, err)
		}
	}
	return b.figures, nil
}

// turns calls the functions one after another, b.runs times over, so that a noisy neighbour hits all of
// them alike.
func (b *bench) turns(ctx context.Context, measure ...func(context.Context) error) error {
	for range b.runs {
		for _, f := range measure {
			if err := f(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
