package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestAppend(t *testing.T) {
	dir := t.TempDir()
	files, err := OpenFiles(FileConfig{Dir: dir, MaxSize: 20 << 10}) // a score of records
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	trail := NewTrail(files)

	const callers, each = 16, 50
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				r := with(func(r *Record) { r.EventID = fmt.Sprintf("%d-%d", caller, i) })
				if err := trail.Append(t.Context(), r); err != nil {
					t.Error(err)
				}
				// It is there before Append returns.
				if i == each-1 && !idsIn(t, dir)[r.EventID] {
					t.Errorf("%s is not in the files", r.EventID)
				}
			}
		})
	}
	wg.Wait()
	if got := len(idsIn(t, dir)); got != callers*each {
		t.Errorf("%d records, want %d", got, callers*each)
	}
	if names, _ := list(dir); len(names) < callers*each/25 {
		t.Errorf("%d files: no rotation", len(names))
	}
}

// idsIn reads a folder, and fails if a record is there twice.
func idsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	ids := make(map[string]bool)
	for _, id := range eventIDsIn(t, dir) {
		if ids[id] {
			t.Errorf("%s is there twice", id)
		}
		ids[id] = true
	}
	return ids
}

func eventIDsIn(t *testing.T, dir string) (ids []string) {
	t.Helper()
	err := Read(dir, func(line []byte) error {
		var r struct{ EventID string }
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		ids = append(ids, r.EventID)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return ids
}

func TestAppendFails(t *testing.T) {
	broken := errors.New("broken")
	sink := &memory{fail: broken}
	trail := NewTrail(sink)
	if err := trail.Append(t.Context(), alice()); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	sink.fail = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // a caller who hangs up has a record all the same
	if err := trail.Append(ctx, alice()); err != nil {
		t.Error(err)
	}
	if err := trail.Append(ctx, with(func(r *Record) { r.EventID = "" })); err == nil {
		t.Error("appended a record without an event ID")
	}
	if len(sink.ids) != 1 {
		t.Errorf("%d records in the sink, want 1", len(sink.ids))
	}
}

// memory is a Sink that keeps event IDs.
type memory struct {
	mu     sync.Mutex
	ids    []string
	synced int // how many of ids
	fail   error
}

func (m *memory) Write(ctx context.Context, lines []byte, n int, sync bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.fail, ctx.Err()); err != nil {
		return err
	}
	before := len(m.ids)
	for line := range strings.Lines(string(lines)) {
		m.ids = append(m.ids, eventID([]byte(line)))
	}
	if len(m.ids)-before != n {
		return fmt.Errorf("%d lines said to be %d", len(m.ids)-before, n)
	}
	if sync {
		m.synced = len(m.ids)
	}
	return nil
}

func (m *memory) Close() error { return nil }

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func (m *memory) records() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ids[:m.synced]
}

func TestStream(t *testing.T) {
	var out strings.Builder
	w := &limited{w: &out, left: 5}
	s := NewStream(w)
	if err := s.Write(t.Context(), []byte("{1}\n{2}\n"), 2, true); err == nil {
		t.Error("no error for half a line")
	}
	w.left = 100
	if err := s.Write(t.Context(), []byte("{3}\n"), 1, true); err != nil {
		t.Error(err)
	}
	if got, want := out.String(), "{1}\n{\n{3}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// limited is a writer with room for so many bytes.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n, _ := l.w.Write(b[:min(l.left, len(b))])
	l.left -= n
	if n < len(b) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// BenchmarkAppend has a bare write(2) of the same bytes to compare with.
func BenchmarkAppend(b *testing.B) {
	files, err := OpenFiles(FileConfig{Dir: b.TempDir(), MaxSize: 8 << 20, KeepFiles: 2})
	if err != nil {
		b.Fatal(err)
	}
	defer files.Close()
	trail := NewTrail(files)
	line := append(alice().AppendJSON(nil), '\n')
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := files.Write(context.Background(), line, 1, false); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(max(1, clients/runtime.GOMAXPROCS(0)))
			b.RunParallel(func(pb *testing.PB) {
				r := alice()
				for pb.Next() {
					if err := trail.Append(context.Background(), r); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
