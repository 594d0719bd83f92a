package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

// A data folder holds Pebble's files and FORMAT, which says whose it is:
//
//	iamd store 1
//
// It is a file so that it can be read before Pebble touches anything, and it is
// written first, so that a folder without it is not ours.
const (
	formatFile = "FORMAT"
	formatText = "iamd store %d\n"
	format     = 1
)

// pebbleFormat is the format of Pebble's own files. It is named, not "newest",
// so that a new version of the library doesn't make going back impossible.
const pebbleFormat = pebble.FormatTableFormatV6

// lockFolder makes dir a data folder unless it is one, checks that this version
// can read it, and takes it for this process.
func lockFolder(fsys vfs.FS, dir string) (*pebble.Lock, error) {
	if err := makeFolder(fsys, dir); err != nil {
		return nil, fmt.Errorf("making data folder %s: %w", dir, err)
	}
	if _, err := checkFolder(fsys, dir); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(dir, fsys)
	if err != nil {
		return nil, lockError(dir, err)
	}
	// Once more under the lock: another process may just have made it.
	marked, err := checkFolder(fsys, dir)
	if err == nil && !marked {
		err = writeFormat(fsys, dir)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// lockError tells a lock that somebody has from one that could not be tried.
func lockError(dir string, err error) error {
	var path *fs.PathError
	var errno syscall.Errno
	held := !errors.As(err, &path) && (!errors.As(err, &errno) || errno == syscall.EAGAIN || errno == syscall.EACCES)
	if held {
		return fmt.Errorf("data folder %s is in use by another iamd", dir)
	}
	return fmt.Errorf("locking data folder %s: %w", dir, err)
}

// makeFolder makes dir and its parents, for the owner's eyes only, and sees to
// it that they outlive a crash. A folder that is there keeps its mode.
func makeFolder(fsys vfs.FS, dir string) error {
	if _, err := fsys.Stat(dir); err == nil {
		return nil
	}
	parent := fsys.PathDir(dir)
	if parent != dir {
		if err := makeFolder(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(fsys, parent)
}

func syncFolder(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkFolder says whether dir is marked as a data folder, and refuses it when
// it is somebody else's or too new. An empty one is fine and not marked.
func checkFolder(fsys vfs.FS, dir string) (marked bool, err error) {
	files, err := fsys.List(dir)
	if err != nil {
		return false, fmt.Errorf("reading data folder %s: %w", dir, err)
	}
	if !slices.Contains(files, formatFile) {
		for _, f := range files {
			if f != "LOCK" && f != formatFile+".tmp" { // what a crash right at the start leaves
				return false, fmt.Errorf("%s is not an iamd data folder: it has no %s file, but %s", dir, formatFile, f)
			}
		}
		return false, nil
	}
	return true, checkFormats(fsys, dir)
}

func checkFormats(fsys vfs.FS, dir string) error {
	text, err := readFile(fsys, fsys.PathJoin(dir, formatFile))
	if err != nil {
		return fmt.Errorf("reading data folder %s: %w", dir, err)
	}
	var have int
	if _, err := fmt.Sscanf(text, formatText, &have); err != nil {
		return fmt.Errorf("%s is not an iamd data folder: its %s file says %.40q", dir, formatFile, text)
	}
	if have > format {
		return fmt.Errorf("data folder %s was written by a newer iamd: its format is %d, this one knows up to %d", dir, have, format)
	}
	version, err := atomicfs.ReadMarker(fsys, dir, "format-version") // of Pebble
	if err != nil {
		return fmt.Errorf("reading data folder %s: %w", dir, err)
	}
	if v, _ := strconv.ParseUint(version, 10, 64); v > uint64(pebbleFormat) {
		return fmt.Errorf("data folder %s was written by a newer iamd: its Pebble format is %d, this one knows up to %d", dir, v, pebbleFormat)
	}
	return nil
}

func writeFormat(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, formatFile)
	f, err := fsys.Create(name+".tmp", vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, formatText, format)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := fsys.Rename(name+".tmp", name); err != nil {
		return err
	}
	return syncFolder(fsys, dir)
}

func readFile(fsys vfs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}
