package objects

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// folder is a place on disk: <the first two characters of an ID>/<ID>, and the same with
// unfinished behind it while it is being written.
type folder struct{ dir string }

const unfinished = ".unfinished"

// OpenFolder opens the files in a folder, which is made if it is not there.
func OpenFolder(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	return &Files{place: folder{dir}}, nil
}

func (f folder) path(id string) string { return filepath.Join(f.dir, id[:2], id) }

func (f folder) create(id string) (io.Writer, func(error) error, error) {
	path := f.path(id)
	err := os.Mkdir(filepath.Dir(path), 0o700)
	switch {
	case err == nil:
		err = syncFolder(f.dir)
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(path+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return file, func(failed error) error {
		if failed == nil {
			failed = file.Sync()
		}
		if err := file.Close(); failed == nil {
			failed = err
		}
		if failed == nil {
			failed = os.Rename(path+unfinished, path)
		}
		if failed == nil {
			return syncFolder(filepath.Dir(path))
		}
		_ = os.Remove(path + unfinished) // or else a sweep does
		return failed
	}, nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) open(id string) (io.ReadCloser, error) { return os.Open(f.path(id)) }

func (f folder) remove(id string) error { return os.Remove(f.path(id)) }

func (f folder) all() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed meanwhile
			}
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && !yield(File{ID: d.Name(), Modified: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return err
		})
		if err != nil {
			yield(File{}, err)
		}
	}
}

// Unfinished reports whether a file has not been written to its end.
func (f File) Unfinished() bool { return strings.HasSuffix(f.ID, unfinished) }

// CopyFolder copies the files of a folder into another, by links where it can: a file never
// changes. What is unfinished is left out, and what vanishes meanwhile.
func CopyFolder(from, to string, link bool) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case strings.HasSuffix(path, unfinished), link && os.Link(path, target) == nil:
			return nil
		}
		return copyFile(path, target)
	})
	if err != nil {
		return fmt.Errorf("objects: copying %s to %s: %w", from, to, err)
	}
	return nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}
