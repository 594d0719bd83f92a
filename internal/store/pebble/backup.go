package pebble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/iamd-project/iamd/internal/store"
)

// Backup makes dir, which must be missing or empty, a copy of the store as of
// one commit: every Update that returned before is in it. It appears whole or,
// after an error or a crash, not at all. Views go on all the while; Updates wait
// for as long as it takes to link the tables and copy the log, which is bounded.
//
// The copy is a data folder like any other. On the same file system it shares
// the tables with the store by hard links: it costs no space at first, and does
// not protect from a bad disk.
func (s *Store) Backup(ctx context.Context, dir string) error {
	if !s.gate.enter() {
		return store.ErrClosed
	}
	defer s.gate.leave()
	if err := s.backup(ctx, dir); err != nil {
		return fmt.Errorf("backing up to %s: %w", dir, err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, dir string) error {
	if !s.backingUp.TryLock() {
		return errors.New("another backup is being made")
	}
	defer s.backingUp.Unlock()
	if err := mustBeEmpty(dir); err != nil {
		return err
	}
	defer s.fs.RemoveAll(s.stage())
	if err := s.checkpoint(ctx); err != nil {
		return err
	}
	return place(dir, func(tmp string) error {
		return copyFolder(ctx, s.fs, s.stage(), tmp, s.fs == vfs.Default)
	})
}

// stage is where a checkpoint is made: on the store's own file system, so that
// writers wait for links and not for copies.
func (s *Store) stage() string { return s.fs.PathJoin(s.dir, "checkpoint") }

// checkpoint fills the stage. It has the turn meanwhile, and waits until the log
// is quiet: Pebble copies it by reading, and a log that grows under the copy can
// come out with a hole, which is refused as damage when it is opened.
func (s *Store) checkpoint(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if <-s.last.done; s.last.err != nil {
		return s.last.err
	}
	if err := s.db.Checkpoint(s.stage()); err != nil {
		return err
	}
	return writeFormat(s.fs, s.stage())
}

// Restore makes a data folder at to, which must be missing or empty, from the
// backup at from, which it only reads. All records are read once from the copy
// before it takes its place.
func Restore(from, to string) error {
	if err := restore(from, to); err != nil {
		return fmt.Errorf("restoring %s to %s: %w", from, to, err)
	}
	return nil
}

func restore(from, to string) error {
	if err := mustBeEmpty(to); err != nil {
		return err
	}
	marked, err := checkFolder(vfs.Default, from)
	if err != nil {
		return err
	}
	if !marked {
		return errors.New("the backup is empty")
	}
	return place(to, func(tmp string) error {
		// No links: the backup must not change when the store does.
		if err := copyFolder(context.Background(), vfs.Default, from, tmp, false); err != nil {
			return err
		}
		return readAll(tmp)
	})
}

// readAll opens the store in dir and reads every record, so that every checksum
// is looked at.
func readAll(dir string) error {
	s, err := Open(dir, Options{Logger: slog.New(slog.DiscardHandler)}) // we return the error
	if err != nil {
		return err
	}
	it, err := s.db.NewIter(nil)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	for ok := it.First(); ok; ok = it.Next() {
	}
	return errors.Join(it.Close(), s.Close())
}

// mustBeEmpty refuses a folder with anything in it.
func mustBeEmpty(dir string) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && len(files) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	return err
}

// place makes the folder dir by filling one beside it and renaming that, so that
// it is whole as soon as it is there. After a crash the one beside it remains.
func place(dir string, fill func(tmp string) error) error {
	parent := filepath.Dir(dir)
	tmp, err := os.MkdirTemp(parent, filepath.Base(dir)+".unfinished-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing is there any more when all went well
	if err := fill(tmp); err != nil {
		return err
	}
	if err := syncFolder(vfs.Default, tmp); err != nil {
		return err
	}
	// Removes only an empty folder, which rename would not replace everywhere.
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return err
	}
	return syncFolder(vfs.Default, parent)
}

// copyFolder puts the files of one folder into another, all of them durable, and no folders.
// Tables, which are synced and never change, it links if it may and can.
func copyFolder(ctx context.Context, fsys vfs.FS, from, to string, link bool) error {
	files, err := fsys.List(from)
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		src, dst := fsys.PathJoin(from, name), filepath.Join(to, name)
		if info, err := fsys.Stat(src); err == nil && info.IsDir() {
			continue // not the store's
		}
		if name == "LOCK" || link && strings.HasSuffix(name, ".sst") && os.Link(src, dst) == nil {
			continue
		}
		if err := copyFile(fsys, src, dst); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(fsys vfs.FS, from, to string) error {
	src, err := fsys.Open(from)
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
