package pebble

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

func mustOpen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustPut(t testing.TB, s *Store, key, value string) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Put(key, []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, text)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := mustOpen(t, dir)
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("the folder has %v, %v, want mode 0700", fi.Mode(), err)
	}
	_, err := Open(dir, Options{})
	wantError(t, err, "data folder "+dir+" is in use by another iamd")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir)
}

func TestFormats(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"of a newer iamd", "FORMAT", "iamd store 2\n", "written by a newer iamd: its format is 2, this one knows up to 1"},
		{"of a newer Pebble", "marker.format-version.000099.999", "", "written by a newer iamd: its Pebble format is 999, this one knows up to"},
		{"another FORMAT", "FORMAT", "1.2.3", "is not an iamd data folder: its FORMAT file says"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := mustOpen(t, dir).Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, Options{})
			wantError(t, err, c.want)
		})
	}
}

func TestForeignFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	wantError(t, err, "is not an iamd data folder: it has no FORMAT file, but thesis.tex")
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("the folder has %d files now, want 1", len(files))
	}
}

// TestBegunFolder opens what a crash leaves in the first moments of a folder.
func TestBegunFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"LOCK", "FORMAT.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustPut(t, mustOpen(t, dir), "a", "1")
}

func TestInMemory(t *testing.T) {
	for range 2 { // the same name twice is two stores
		s, err := Open("", Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		mustPut(t, s, "a", "1")
		if st, err := s.Stats(); err != nil || st.Seq != 1 {
			t.Errorf("Stats = %+v, %v, want Seq 1", st, err)
		}
		checkBackup(t, s)
	}
}

func TestBackup(t *testing.T) { checkBackup(t, mustOpen(t, t.TempDir())) }

func checkBackup(t *testing.T, s *Store) {
	mustPut(t, s, "a", "1")
	to := filepath.Join(t.TempDir(), "backup")
	if err := s.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "a", "2")
	wantError(t, s.Backup(t.Context(), to), "is not empty")

	dir := filepath.Join(t.TempDir(), "data")
	for range 2 { // it can be done again, the backup is unchanged
		if err := Restore(to, dir); err != nil {
			t.Fatal(err)
		}
		wantError(t, Restore(to, dir), "is not empty")
		r := mustOpen(t, dir)
		if err := r.View(t.Context(), func(rd store.Reader) error {
			v, _, err := rd.Get("a")
			if string(v) != "1" {
				t.Errorf("the restored store has a=%s, want 1", v)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		mustPut(t, r, "b", "3")
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBackupUnderLoad wants each backup to have all that was told before it.
func TestBackupUnderLoad(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	j := &journal{s: s}
	j.start(t, 4, 1)
	for i := range 3 {
		floor := j.told.Load()
		to, dir := filepath.Join(t.TempDir(), fmt.Sprint(i)), filepath.Join(t.TempDir(), "data")
		if err := s.Backup(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		if i == 0 { // so that later backups have tables in them
			if err := s.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := Restore(to, dir); err != nil {
			t.Fatal(err)
		}
		r := mustOpen(t, dir)
		checkJournal(t, r, floor)
		r.Close()
	}
	j.end()
	checkJournal(t, s, j.told.Load())
}

// TestRestoreRefuses restores what is not, or no longer, a backup: an error, and
// nothing where the data folder would be.
func TestRestoreRefuses(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	mustPut(t, s, "a", strings.Repeat("x", 1000))
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(backup string) error{
		"missing": os.RemoveAll,
		"newer": func(b string) error {
			return os.WriteFile(filepath.Join(b, "FORMAT"), []byte("iamd store 7\n"), 0o600)
		},
		"unmarked": func(b string) error { return os.Remove(filepath.Join(b, "FORMAT")) },
		"damaged": func(b string) error {
			tables, err := filepath.Glob(filepath.Join(b, "*.sst"))
			if err != nil || len(tables) == 0 {
				return fmt.Errorf("tables %v, %v", tables, err)
			}
			data, err := os.ReadFile(tables[0])
			if err != nil {
				return err
			}
			data[10] ^= 1
			if err := os.Remove(tables[0]); err != nil { // it may be a link to the store's
				return err
			}
			return os.WriteFile(tables[0], data, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			backup := filepath.Join(t.TempDir(), "backup")
			if err := s.Backup(t.Context(), backup); err != nil {
				t.Fatal(err)
			}
			if err := spoil(backup); err != nil {
				t.Fatal(err)
			}
			if err := Restore(backup, filepath.Join(parent, "data")); err == nil {
				t.Error("Restore has no error")
			}
			if files, _ := os.ReadDir(parent); len(files) != 0 {
				t.Errorf("it leaves %v", files)
			}
		})
	}
}
