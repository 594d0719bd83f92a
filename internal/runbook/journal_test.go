package runbook

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestJournal(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "[a]", "iamd")
	j, err := NewJournal(folder, "a", "digest", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("s3cret", 50_000) // more than is sealed at one time
	for _, e := range []*entry{
		{Kind: "begin", Inputs: map[string]any{"n": 3, "l": []any{"a"}}, Caller: "1"},
		{Kind: "start", Step: "x"},
		{Kind: "done", Step: "x", Result: map[string]any{"A": long, "N": 7, "F": 0.5}, Secrets: []string{long}},
		{Kind: "start", Step: "y"},
	} {
		if err := j.write(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenJournal(folder, "a", "digest", j.Run()); err == nil || !strings.Contains(err.Error(), "it is going on") {
		t.Errorf("a run that goes on was opened: %v", err)
	}
	if err := j.Close(false); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(j.path)
	if err != nil || bytes.Contains(text, []byte("s3cret")) {
		t.Errorf("a secret is in the journal (%v)", err)
	}
	for _, path := range []string{j.path, filepath.Join(folder, "journal.key")} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if runs, err := Unfinished(folder, "a"); err != nil || !reflect.DeepEqual(runs, []string{j.Run()}) {
		t.Errorf("got %v, %v", runs, err)
	}
	if _, err := OpenJournal(folder, "a", "other", j.Run()); err == nil || !strings.Contains(err.Error(), "the runbook has changed since the run began") {
		t.Errorf("got %v", err)
	}
	// A line that was being written counts for nothing; the next one is whole.
	for range 2 {
		if err := os.WriteFile(j.path, append(bytes.Clone(text), "AAAA"...), 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := OpenJournal(folder, "a", "digest", j.Run())
		if err != nil {
			t.Fatal(err)
		}
		if got := again.done["x"]; got == nil || got.Result.(map[string]any)["A"] != long || got.Result.(map[string]any)["N"] != 7 || !again.started["y"] {
			t.Errorf("got %.100v", again.done)
		}
		if !reflect.DeepEqual(again.begun.Inputs, map[string]any{"n": 3, "l": []any{"a"}}) {
			t.Errorf("got %v", again.begun.Inputs)
		}
		if err := again.write(&entry{Kind: "done", Step: "y"}); err != nil {
			t.Fatal(err)
		}
		if err := again.Close(false); err != nil {
			t.Fatal(err)
		}
	}
	// One that was changed, or whose lines stand elsewhere, is refused.
	lines := bytes.SplitAfter(text, []byte("\n"))
	swapped := bytes.Join([][]byte{lines[0], lines[2], lines[1], lines[3], lines[4]}, nil)
	if err := os.WriteFile(j.path, swapped, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(folder, "a", "digest", j.Run()); err == nil {
		t.Error("a journal with swapped lines was opened")
	}
}
