package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/iamd-project/iamd/internal/runbook"
	"github.com/iamd-project/iamd/runbooks"
)

// listRunbooks lists those that come with iamd.
func listRunbooks(w io.Writer) error {
	files, err := runbooks.Files.ReadDir(".")
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range files {
		text, err := runbooks.Files.ReadFile(f.Name())
		if err != nil {
			return err
		}
		book, err := runbook.Parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		first, _, _ := strings.Cut(book.Description, "\n")
		fmt.Fprintf(t, "%s\t%s\n", book.Name, first)
	}
	return t.Flush()
}

// runbookHelp says what a runbook takes, does and comes to.
func runbookHelp(w io.Writer, name string, book *runbook.Runbook) error {
	fmt.Fprintf(w, "Usage: iamd run %s [flags] [--input NAME=VALUE...]\n\n%s\n", name, strings.TrimSpace(book.Description))
	if len(book.Inputs.Names) > 0 {
		fmt.Fprint(w, "\nInputs:\n")
	}
	for _, n := range book.Inputs.Names {
		in := book.Inputs.Values[n]
		fmt.Fprintf(w, "  %s (%s", n, in.Type)
		if len(in.Enum) > 0 {
			fmt.Fprintf(w, ": %s", strings.Join(in.Enum, ", "))
		}
		if in.Default == nil {
			fmt.Fprint(w, ", required")
		} else if text, err := json.Marshal(in.Default); err == nil {
			fmt.Fprintf(w, ", default %s", text)
		}
		fmt.Fprintf(w, ")\n      %s\n", in.Description)
	}
	fmt.Fprint(w, "\nSteps:\n")
	showSteps(w, book.Steps)
	if len(book.Always) > 0 {
		fmt.Fprint(w, "\nClean-up, whatever happens:\n")
		showSteps(w, book.Always)
	}
	if len(book.Outputs.Names) > 0 {
		fmt.Fprint(w, "\nOutputs:\n")
	}
	for _, n := range book.Outputs.Names {
		fmt.Fprintf(w, "  %s\n      %s\n", n, book.Outputs.Values[n].Description)
	}
	fmt.Fprint(w, "\n'iamd run --help' has the flags.\n")
	return nil
}

func showSteps(w io.Writer, steps []*runbook.Step) {
	for _, s := range steps {
		what := s.Call
		switch {
		case s.Set.Given():
			what = "sets a value"
		case s.Fail.Given():
			what = "fails"
		}
		fmt.Fprintf(w, "  %s: %s\n", s.ID, what)
		if s.Description != "" {
			fmt.Fprintf(w, "      %s\n", s.Description)
		}
	}
}

// progress tells of steps as they come: each has a line, which on a terminal begins with it.
func progress(w io.Writer, dry bool) func(*runbook.StepReport, bool) {
	live := false
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return func(s *runbook.StepReport, ended bool) {
		name := s.ID
		if s.Item != nil {
			name += " " + itemText(s.Item)
		}
		switch {
		case !ended && live:
			fmt.Fprintf(w, "  …  %s %s\r", name, s.Call)
			return
		case !ended:
			return
		case live:
			fmt.Fprint(w, "\x1b[K")
		}
		line := fmt.Sprintf("%s %s", strings.TrimSpace(name+" "+s.Call), s.Status)
		switch {
		case s.Before:
			line += " before"
		case s.Call != "" && s.Status != runbook.Skipped && !(dry && s.Status == runbook.Planned):
			line += fmt.Sprintf(" in %s", s.Ended.Sub(s.Started).Round(time.Millisecond))
		}
		if s.Error != "" {
			line += ": " + s.Error
		}
		fmt.Fprintln(w, printable(line))
	}
}

func itemText(item any) string {
	text, err := json.Marshal(item)
	if err != nil || len(text) > 60 {
		return "…"
	}
	return string(text)
}

// printPlan prints what a dry run would have done.
func printPlan(w io.Writer, report *runbook.Report) error {
	planned := 0
	for _, s := range report.Steps {
		if s.Status != runbook.Planned {
			continue
		}
		planned++
		with, err := json.Marshal(s.Parameters)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: would call %s %s\n", s.ID, s.Call, printable(string(with)))
	}
	if planned == 0 {
		fmt.Fprintln(w, "Nothing would be changed.")
	}
	return nil
}
