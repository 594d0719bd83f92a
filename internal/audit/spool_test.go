//go:build unix

package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// collector is a sink in memory that can fail.
type collector struct {
	mu     sync.Mutex
	lines  bytes.Buffer
	writes int
	err    error
}

func (c *collector) Write(_ context.Context, lines []byte, n int, _ bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	if got := bytes.Count(lines, []byte("\n")); got != n {
		return fmt.Errorf("%d lines, and n is %d", got, n)
	}
	c.writes++
	c.lines.Write(lines)
	return nil
}

func (c *collector) Close() error { return nil }

func (c *collector) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

func openSpool(t *testing.T, path string, to Sink, written func(string) bool) *Spool {
	t.Helper()
	s, err := OpenSpool(t.Context(), SpoolConfig{Path: path, To: to, Written: written, Report: func(error) {}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func spoolLine(i int) []byte { return fmt.Appendf(nil, `{"n":1,"eventID":"%06d"}`+"\n", i) }

func TestSpoolGathers(t *testing.T) {
	to := &collector{}
	s := openSpool(t, filepath.Join(t.TempDir(), "spool"), to, nil)
	const callers, each = 8, 20_000 // about 4 MiB: the halves change places several times
	var wg sync.WaitGroup
	for w := range callers {
		wg.Go(func() {
			for i := range each {
				if err := s.Write(t.Context(), spoolLine(w*each+i), 1, false); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(to.lines.String()) {
		seen[line] = true
	}
	if len(seen) != callers*each || strings.Count(to.lines.String(), "\n") != callers*each {
		t.Errorf("%d lines, want %d", len(seen), callers*each)
	}
	if to.writes > callers*each/100 {
		t.Errorf("%d writes for %d lines", to.writes, callers*each)
	}
	if err := s.Write(t.Context(), spoolLine(0), 1, false); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a write after Close: %v", err)
	}
}

// What a process left when it was killed is moved by the next one, once.
func TestSpoolAfterACrash(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "spool"), filepath.Join(dir, "copy")
	to := &collector{}
	to.fail(errors.New("not now")) // so that the lines stay in the spool
	s := openSpool(t, path, to, nil)
	for i := range 3 {
		if err := s.Write(t.Context(), spoolLine(i), 1, false); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path) // as the kernel would have it after a kill
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[halfHeader+len(spoolLine(0)):], "garbage!") // as a power cut might have it
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = s.Close() // it reports that the lines could not be moved

	after := &collector{}
	next := openSpool(t, copied, after, func(id string) bool { return id == "000000" })
	if got, want := after.lines.String(), string(spoolLine(2)); got != want {
		t.Errorf("moved %q, want %q", got, want)
	}
	if err := next.Write(t.Context(), spoolLine(7), 1, false); err != nil {
		t.Fatal(err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	again := &collector{}
	if err := openSpool(t, copied, again, nil).Close(); err != nil || again.lines.Len() != 0 {
		t.Errorf("moved again: %q (%v)", &again.lines, err)
	}
}

// While the other sink fails nothing is taken; nothing that was taken is lost.
func TestSpoolOfAFailingSink(t *testing.T) {
	to := &collector{}
	full := errors.New("disk full")
	to.fail(full)
	failed := make(chan error, 1)
	s, err := OpenSpool(t.Context(), SpoolConfig{
		Path: filepath.Join(t.TempDir(), "spool"), To: to,
		Report: func(err error) {
			select {
			case failed <- err:
			default:
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), spoolLine(1), 1, false); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, full) {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), spoolLine(2), 1, false); !errors.Is(err, full) {
		t.Errorf("a write while the sink fails: %v", err)
	}
	to.fail(nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := to.lines.String(), string(spoolLine(1)); got != want {
		t.Errorf("moved %q, want %q", got, want)
	}
}

func BenchmarkSpool(b *testing.B) {
	files, err := OpenFiles(FileConfig{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	s, err := OpenSpool(b.Context(), SpoolConfig{Path: filepath.Join(b.TempDir(), "spool"), To: files, Report: func(error) {}})
	if err != nil {
		b.Fatal(err)
	}
	line := append(bytes.Repeat([]byte("x"), 900), '\n')
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Write(b.Context(), line, 1, false); err != nil {
				b.Fatal(err)
			}
		}
	})
	if err := errors.Join(s.Close(), files.Close()); err != nil {
		b.Fatal(err)
	}
}
