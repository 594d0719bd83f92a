package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// past is what Past and Memory have in common.
type past interface {
	Back(before string, until time.Time, fn func(line []byte) bool) (string, error)
}

// backwards reads all of p in pages of n lines.
func backwards(t *testing.T, p past, n int) (lines []string) {
	t.Helper()
	for at, first := "", true; first || at != ""; first = false {
		page := 0
		next, err := p.Back(at, time.Now(), func(line []byte) bool {
			if page == n {
				return false
			}
			page++
			lines = append(lines, string(line))
			return true
		})
		if err != nil || next != "" && page != n {
			t.Fatalf("after %d lines: %d on a page (%v)", len(lines), page, err)
		}
		at = next
	}
	return lines
}

func TestBack(t *testing.T) {
	dir := t.TempDir()
	files, err := OpenFiles(FileConfig{Dir: dir, MaxSize: 600 << 10})
	if err != nil {
		t.Fatal(err)
	}
	memory := NewMemory(files, 64<<20)
	var want []string
	for i := range 60 { // in three files, and several blocks of each; two lines in a write
		var lines string
		for _, n := range []int{2 * i, 2*i + 1} {
			line := fmt.Sprintf(`{"n":%d,"x":"%s"}`, n, strings.Repeat("x", n*257%MaxRecord))
			want = append(want, line)
			lines += line + "\n"
		}
		if err := memory.Write(t.Context(), []byte(lines), 2, false); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(want)
	for _, n := range []int{1, 7, 1000} {
		for name, p := range map[string]past{"files": PastIn(dir), "memory": memory} {
			if got := backwards(t, p, n); !slices.Equal(got, want) {
				t.Errorf("%s in pages of %d: %d lines, want %d", name, n, len(got), len(want))
			}
		}
	}
	if names, _ := list(dir); len(names) < 3 {
		t.Errorf("%d files", len(names))
	}
	for _, bad := range []string{"x", "1", "-1.2", "1.-2", "01.2", "1.2x", "99999999999999999999.1"} {
		for _, p := range []past{PastIn(dir), memory} {
			if _, err := p.Back(bad, time.Now(), func([]byte) bool { return true }); err != ErrPlace {
				t.Errorf("place %s: %v", bad, err)
			}
		}
	}
	if err := memory.Close(); err != nil {
		t.Error(err)
	}
}

// A line that is not finished, or a file that came later, is not the past's.
func TestBackLeavesOut(t *testing.T) {
	dir := t.TempDir()
	early := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, text := range map[string]string{
		fileName(early, 1):                   "{\"n\":1}\n{\"n\":",
		fileName(early.Add(24*time.Hour), 2): "{\"n\":2}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	_, err := PastIn(dir).Back("", early.Add(time.Hour), func(line []byte) bool { got = append(got, string(line)); return true })
	if err != nil || fmt.Sprint(got) != `[{"n":1}]` {
		t.Errorf("got %s (%v)", got, err)
	}
}

// A Memory forgets the oldest.
func TestMemoryForgets(t *testing.T) {
	m := NewMemory(NewStream(&strings.Builder{}), 20)
	for i := range 10 {
		if err := m.Write(t.Context(), []byte(fmt.Sprintf("{\"n\":%d}\n", i)), 1, false); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(backwards(t, m, 1)); got != `[{"n":9} {"n":8}]` {
		t.Errorf("it has %s", got)
	}
	if next, err := m.Back("0.8", time.Now(), func([]byte) bool { t.Error("there was more"); return true }); next != "" || err != nil {
		t.Errorf("behind what is forgotten comes %q (%v)", next, err)
	}
}
