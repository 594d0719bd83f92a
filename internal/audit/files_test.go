package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func openFiles(t *testing.T, c FileConfig) *Files {
	t.Helper()
	s, err := OpenFiles(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func write(t *testing.T, s Sink, line string) {
	t.Helper()
	if err := s.Write(t.Context(), []byte(line+"\n"), 1, true); err != nil {
		t.Fatal(err)
	}
}

func linesIn(t *testing.T, dir string) (lines []string) {
	t.Helper()
	if err := Read(dir, func(b []byte) error { lines = append(lines, string(b)); return nil }); err != nil {
		t.Error(err)
	}
	return lines
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := list(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.name)
	}
	return names
}

func TestFilesByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "audit")
		s := openFiles(t, FileConfig{Dir: dir})
		write(t, s, `1`)
		time.Sleep(24*time.Hour - time.Second)
		write(t, s, `2`)
		time.Sleep(time.Second)
		write(t, s, `3`)
		s.Close()

		time.Sleep(time.Hour)
		s = openFiles(t, FileConfig{Dir: dir}) // goes on with the last
		write(t, s, `4`)
		time.Sleep(23 * time.Hour)
		write(t, s, `5`)

		want := []string{"iamd-audit-20000101T000000Z-0001.jsonl", "iamd-audit-20000102T000000Z-0002.jsonl", "iamd-audit-20000103T000000Z-0003.jsonl"}
		if got := namesIn(t, dir); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := linesIn(t, dir); !slices.Equal(got, []string{"1", "2", "3", "4", "5"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestFilesModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	openFiles(t, FileConfig{Dir: dir})
	for path, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Join(dir, namesIn(t, dir)[0]): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: got %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
}

func TestFilesKept(t *testing.T) {
	line := `"` + strings.Repeat("x", 97) + `"` // 100 bytes with its newline
	for _, c := range []struct {
		keep FileConfig
		want int
	}{
		{FileConfig{}, 10},
		{FileConfig{KeepFiles: 3}, 3},
		{FileConfig{KeepBytes: 400}, 5}, // and the new one, empty when they were counted
		{FileConfig{KeepBytes: 1}, 1},
		{FileConfig{KeepFiles: 2, KeepBytes: 1000}, 2},
	} {
		c.keep.Dir, c.keep.MaxSize = t.TempDir(), 150
		other := filepath.Join(c.keep.Dir, "notes.jsonl")
		if err := os.WriteFile(other, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openFiles(t, c.keep)
		for range 10 {
			write(t, s, line)
		}
		if got := len(namesIn(t, c.keep.Dir)); got != c.want {
			t.Errorf("%+v: %d files, want %d", c.keep, got, c.want)
		}
		if _, err := os.Stat(other); err != nil {
			t.Errorf("removed somebody else's file: %v", err)
		}
	}
}

func TestFilesRepair(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 10<<10) + `"}`
	for _, c := range []struct{ left, want string }{
		{"", ""},
		{"{}\n", "{}\n"},
		{"{}\n{\"a\":", "{}\n"},
		{"{\"a\":", ""},
		{"{}\n{\"a\":1}", "{}\n{\"a\":1}\n"},
		{"{}\n\x00\x00\x00", "{}\n"},
		{long + "\n" + long[:9<<10], long + "\n"},
		{long, long + "\n"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, fileName(noon, 7))
		if err := os.WriteFile(path, []byte(c.left), 0o600); err != nil {
			t.Fatal(err)
		}
		s := openFiles(t, FileConfig{Dir: dir, Now: func() time.Time { return noon }})
		write(t, s, `"new"`)
		if got, _ := os.ReadFile(path); string(got) != c.want+"\"new\"\n" {
			t.Errorf("%.20q: got %.40q, want %.40q", c.left, got, c.want)
		}
	}
}

// fault is a file that fails when told to.
type fault struct {
	file
	left      int // bytes of room on the disk
	stuck     bool
	syncFails bool
}

func (f *fault) Write(b []byte) (int, error) {
	n, err := f.file.Write(b[:min(f.left, len(b))])
	f.left -= n
	if n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, err
}

func (f *fault) Truncate(n int64) error {
	if f.stuck {
		return syscall.EIO
	}
	return f.file.Truncate(n)
}

func (f *fault) Sync() error {
	if f.syncFails {
		return syscall.EIO
	}
	return f.file.Sync()
}

// faulty opens Files whose first file is in the test's hands.
func faulty(t *testing.T) (*Files, *fault, string) {
	dir := t.TempDir()
	s := openFiles(t, FileConfig{Dir: dir})
	f := &fault{file: s.f, left: 1 << 20}
	s.f = f
	return s, f, dir
}

func TestFullDisk(t *testing.T) {
	s, f, dir := faulty(t)
	write(t, s, `"a"`)
	f.left, f.stuck = 4, true
	for range 3 {
		if err := s.Write(t.Context(), []byte("\"b\"\n\"c\"\n"), 2, false); err == nil {
			t.Fatal("no error for half of what was to be written")
		}
	}
	f.left, f.stuck = 1<<20, false
	write(t, s, `"d"`)
	if got := linesIn(t, dir); !slices.Equal(got, []string{`"a"`, `"d"`}) {
		t.Errorf("got %q", got)
	}
}

// TestSyncFails: what the disk lost may never be reported again, so the lines
// are to be written again, and elsewhere.
func TestSyncFails(t *testing.T) {
	s, f, dir := faulty(t)
	f.syncFails = true
	if err := s.Write(t.Context(), []byte("1\n"), 1, true); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v", err)
	}
	write(t, s, "1")
	if got := len(namesIn(t, dir)); got != 2 {
		t.Errorf("%d files, want 2", got)
	}
}

func TestNoFolderToRotateIn(t *testing.T) {
	s, _, _ := faulty(t)
	s.c.MaxSize = 1
	write(t, s, "1")
	good := s.create
	s.create = func(string) (file, error) { return nil, syscall.ENOSPC }
	if err := s.Write(t.Context(), []byte("2\n"), 1, false); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	s.create = good
	write(t, s, "2")
}

func TestFilesClosed(t *testing.T) {
	s := openFiles(t, FileConfig{Dir: t.TempDir()})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if err := s.Write(t.Context(), []byte("1\n"), 1, false); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestSyncedAndOther mixes both kinds of writes over many small files.
func TestSyncedAndOther(t *testing.T) {
	dir := t.TempDir()
	s := openFiles(t, FileConfig{Dir: dir, MaxSize: 64})
	var wg sync.WaitGroup
	for writer := range 4 {
		wg.Go(func() {
			for i := range 50 {
				line := fmt.Sprintf("\"%d-%d\"\n", writer, i)
				if err := s.Write(t.Context(), []byte(line), 1, writer == 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lines := linesIn(t, dir)
	slices.Sort(lines)
	if n := len(slices.Compact(lines)); n != 200 {
		t.Errorf("%d lines, want 200", n)
	}
}

func TestReadStopsAtDamage(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName(noon, 1)), []byte("1\n{\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := Read(dir, func([]byte) error { n++; return nil })
	if err == nil || !strings.Contains(err.Error(), "line 2") || n != 1 {
		t.Errorf("got %v after %d lines", err, n)
	}
}

func TestWrittenIn(t *testing.T) {
	dir := t.TempDir()
	s := openFiles(t, FileConfig{Dir: dir, MaxSize: 4 << 10})
	trail := NewTrail(s)
	for i := range 20 {
		r := with(func(r *Record) {
			r.EventID = fmt.Sprint("id-", i)
			r.UserAgent = `","eventID":"forged"`
		})
		if err := trail.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	written := WrittenIn(dir)
	if !written("id-0") || !written("id-19") || written("id-20") || written("forged") {
		t.Errorf("got %v", recentIDs(dir))
	}
}
