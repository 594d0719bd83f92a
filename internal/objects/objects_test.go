package objects_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/objects"
)

const id = "3f1c9a52-6b1e-4f7c-9a51-0c5d6e7f8a9b"

func both(t *testing.T, test func(t *testing.T, f *objects.Files)) {
	t.Run("folder", func(t *testing.T) {
		f, err := objects.OpenFolder(filepath.Join(t.TempDir(), "objects"))
		if err != nil {
			t.Fatal(err)
		}
		test(t, f)
	})
	t.Run("memory", func(t *testing.T) { test(t, objects.InMemory()) })
}

func TestFiles(t *testing.T) {
	both(t, func(t *testing.T, f *objects.Files) {
		text := strings.Repeat("0123456789", 50_000)
		owner, key := objects.Owner{Bucket: "b", Key: "k"}, objects.NewKey()
		n, err := f.Write(id, owner, key, strings.NewReader(text), int64(len(text)))
		if n != int64(len(text)) || err != nil {
			t.Fatal(n, err)
		}
		for _, offset := range []int{0, 1, 65_536, len(text) - 1, len(text)} {
			if got, err := read(f, key, int64(offset)); got != text[offset:] || err != nil {
				t.Errorf("from %d on: %d bytes, %v", offset, len(got), err)
			}
		}
		if _, err := read(f, objects.NewKey(), 0); err == nil {
			t.Error("another key opens it")
		}
		if got, err := f.Owner(id); got != owner || err != nil {
			t.Error(got, err)
		}
		if err := errors.Join(f.Remove(id), f.Remove(id)); err != nil {
			t.Error(err)
		}
		if _, err := read(f, key, 0); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

// What fails leaves nothing behind.
func TestFailedWrite(t *testing.T) {
	both(t, func(t *testing.T, f *objects.Files) {
		broken := errors.New("broken")
		for want, src := range map[error]io.Reader{
			broken:              io.MultiReader(strings.NewReader("abc"), &failing{broken}),
			objects.ErrTooLarge: strings.NewReader("abcdef"),
		} {
			if _, err := f.Write(id, objects.Owner{}, objects.NewKey(), src, 5); err != want {
				t.Errorf("%v, want %v", err, want)
			}
		}
		for file, err := range f.All() {
			t.Error(file, err)
		}
	})
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func read(f *objects.Files, key []byte, offset int64) (string, error) {
	r, err := f.Open(id, key, offset)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

// A file says nothing of what it holds, and is not opened when it was changed.
func TestSealed(t *testing.T) {
	dir := t.TempDir()
	f, err := objects.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := objects.NewKey()
	if _, err := f.Write(id, objects.Owner{Bucket: "b"}, key, strings.NewReader("a very secret secret"), 100); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, id[:2], id)
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("secret")) {
		t.Errorf("%q, %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	for i := range b {
		if i < 10 { // the head, without which it is not a file of ours
			continue
		}
		changed := bytes.Clone(b)
		changed[i] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(f, key, 0); err == nil && got != "a very secret secret" {
			t.Errorf("byte %d changed: %q", i, got)
		}
	}
}
