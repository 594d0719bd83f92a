package server

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
)

const (
	compatFile  = "../../COMPAT.md"
	compatBegin = "<!-- operations: generated from the registry by `make generate` -->\n"
	compatEnd   = "<!-- end of operations -->\n"
)

// TestCompat keeps the list of operations in COMPAT.md what the registry says.
func TestCompat(t *testing.T) {
	text, err := os.ReadFile(compatFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), compatBegin)
	_, after, closed := strings.Cut(rest, compatEnd)
	if !found || !closed {
		t.Fatalf("%s has no place for the operations", compatFile)
	}
	want := before + compatBegin + operationsList() + compatEnd + after
	if os.Getenv("UPDATE_COMPAT") != "" {
		if err := os.WriteFile(compatFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s does not list the operations as they are: run make generate", compatFile)
	}
}

func operationsList() string {
	var b strings.Builder
	b.WriteString("\n| service | built | operations |\n|---|---|---|\n")
	for _, s := range Services() {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", s.Shape.Title, len(s.Operations), len(s.Shape.Operations))
	}
	for _, s := range Services() {
		built, missing := splitBuilt(s)
		fmt.Fprintf(&b, "\n**%s.** ", s.Shape.Title)
		var parts []string
		if len(built) > 0 {
			parts = append(parts, "Built: "+strings.Join(built, ", ")+".\n")
		}
		for _, w := range s.Without {
			parts = append(parts, "No "+w.Feature+": "+strings.Join(slices.Sorted(slices.Values(w.Operations)), ", ")+".\n")
			missing = slices.DeleteFunc(missing, func(name string) bool { return slices.Contains(w.Operations, name) })
		}
		if len(missing) > 0 {
			parts = append(parts, "Not yet built: "+strings.Join(missing, ", ")+".\n")
		}
		b.WriteString(strings.Join(parts, "\n"))
	}
	b.WriteString("\n")
	return b.String()
}

func splitBuilt(s op.Service) (built, missing []string) {
	for _, o := range s.Operations {
		built = append(built, o.Name)
	}
	slices.Sort(built)
	for _, o := range s.Shape.Operations {
		if !slices.Contains(built, o.Name) {
			missing = append(missing, o.Name)
		}
	}
	return built, missing
}
