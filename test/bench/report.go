package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// A figure is one line of the table: medians of several runs.
type figure struct {
	Row     int     `json:"row"`
	Name    string  `json:"name"`
	Unit    string  `json:"unit,omitempty"`
	Ours    float64 `json:"ours"`
	Against string  `json:"against,omitempty"`
	Limit   float64 `json:"limit,omitempty"`
	Ratio   float64 `json:"ratio,omitempty"` // of each pair of runs, then the median
	Target  target  `json:"target,omitzero"`
	Met     bool    `json:"met"`
	Noise   float64 `json:"noise_cores"` // CPU used by others, the worst of the runs

	OurRuns   []float64 `json:"our_runs"`
	LimitRuns []float64 `json:"limit_runs,omitempty"`
}

// A target bounds the ratio, or the value itself where that is what counts.
type target struct {
	Least   float64 `json:"least,omitzero"`
	Most    float64 `json:"most,omitzero"`
	OfValue bool    `json:"of_value,omitzero"`
	None    bool    `json:"none,omitzero"` // it must be 0
}

func atLeast(v float64) target { return target{Least: v} }
func atMost(v float64) target  { return target{Most: v} }

var noTarget target

func (t target) met(v float64) bool {
	if t.None {
		return v == 0
	}
	return v >= t.Least && (t.Most == 0 || v <= t.Most)
}

func (t target) String() string {
	switch {
	case t.None:
		return "0"
	case t.Least > 0:
		return ">= " + number(t.Least)
	case t.Most > 0:
		return "<= " + number(t.Most)
	}
	return ""
}

func (f figure) named(format string, args ...any) figure {
	f.Name = fmt.Sprintf(format, args...)
	return f
}

// ratio fills the figure from runs made in turns; the target is about the ratio.
func (f figure) ratio(unit string, ours, limit []float64, t target) figure {
	f.Unit, f.Target = unit, t
	f.OurRuns, f.LimitRuns = ours, limit
	f.Ours = median(ours)
	if limit != nil {
		f.Limit, f.Ratio = median(limit), median(quotients(ours, limit))
	}
	f.Met = t.met(f.Ratio)
	return f
}

// value is the same with a target for the value itself; limit may be nil.
func (f figure) value(unit string, ours, limit []float64, t target) figure {
	t.OfValue = true
	f = f.ratio(unit, ours, limit, t)
	f.Met = t.met(f.Ours)
	return f
}

// quotients of the pairs; without those whose limit was too small to be measured.
func quotients(a, b []float64) []float64 {
	var out []float64
	for i := range a {
		if b[i] > 0 {
			out = append(out, a[i]/b[i])
		}
	}
	return out
}

// median of v; 0 of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// noiseOf is the worst noise of any of the runs.
func noiseOf(all ...results) float64 {
	worst := 0.0
	for _, rs := range all {
		worst = max(worst, slices.Max(rs.each(noise)))
	}
	return worst
}

func (b *bench) report(f figure) {
	b.figures = append(b.figures, f)
	line := "  " + f.Name + ": " + number(f.Ours) + " " + f.Unit
	if f.Limit > 0 {
		line += ", " + number(f.Ratio) + " x " + f.Against
	}
	progress("%s", line)
}

func printTable(w io.Writer, figures []figure) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\nrow\twhat\tours\tlimit\t\tratio\ttarget\tmet\tnoise")
	for _, f := range figures {
		limit, ratio, met, target := "", "", "", f.Target.String()
		if f.Limit > 0 {
			limit, ratio = number(f.Limit)+" "+f.Unit, number(f.Ratio)
		}
		if target != "" {
			met = map[bool]string{true: "yes", false: "NO"}[f.Met]
			if f.Target.OfValue {
				target += " " + f.Unit
			}
		}
		fmt.Fprintf(tw, "%d\t%s\t%s %s\t%s\t%s\t%s\t%s\t%s\t%.2f\n", f.Row, f.Name, number(f.Ours), f.Unit, limit, f.Against, ratio, target, met, f.Noise)
	}
	fmt.Fprintf(tw, "noise: cores that other processes used meanwhile, of %d; above 0.2 or so, measure again\n", runtime.NumCPU())
	return tw.Flush()
}

// number shows three digits or the whole part, whichever is longer.
func number(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func writeJSON(o options, figures []figure) (path string, err error) {
	now := time.Now().UTC()
	out, err := json.MarshalIndent(map[string]any{
		"time":     now.Format(time.RFC3339),
		"go":       runtime.Version(),
		"cpus":     runtime.NumCPU(),
		"runs":     o.runs,
		"duration": o.duration.String(),
		"users":    o.users,
		"figures":  figures,
	}, "", "  ")
	if err != nil {
		return "", err
	}
	path = filepath.Join(o.dir, now.Format("20060102-150405")+".json")
	return path, os.WriteFile(path, append(out, '\n'), 0o644)
}
