package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/explain"
	"github.com/iamd-project/iamd/internal/objects"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
)

// What a data folder holds, beside the client files:
//
//	store/        the database
//	objects/      the bytes of S3's objects, sealed
//	audit/        audit records, one JSON object a line, and a spool of the latest
//	master.key    the master key, unless it is kept elsewhere
//	control.sock  where a running server takes orders from the commands
const (
	storeFolder = "store"
	filesFolder = "objects"
	auditFolder = "audit"
	spoolFile   = "spool" // in the audit folder
	masterFile  = "master.key"
	socketFile  = "control.sock"
)

// data is an open data folder: the store, and the keyring that opens its secrets.
type data struct {
	folder  Folder
	store   *pebble.Store
	objects *objects.Files
	keyring atomic.Pointer[seal.Keyring]
}

// openData opens a data folder. A folder, a store or a master key that is not
// there is made only if create is set.
func openData(f Folder, create bool, log *slog.Logger) (_ *data, err error) {
	d := &data{folder: f}
	if !f.Ephemeral {
		if err := prepareFolder(f.Path, create); err != nil {
			return nil, err
		}
	}
	d.store, err = pebble.Open(d.path(storeFolder), pebble.Options{InMemory: f.Ephemeral, Logger: log})
	if err != nil {
		return nil, err
	}
	if err := d.openKeyring(create); err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	d.objects = objects.InMemory()
	if !f.Ephemeral {
		if d.objects, err = objects.OpenFolder(d.path(filesFolder)); err != nil {
			return nil, errors.Join(err, d.store.Close())
		}
	}
	return d, nil
}

func prepareFolder(path string, create bool) error {
	if create {
		return os.MkdirAll(path, 0o700)
	}
	if _, err := os.Stat(filepath.Join(path, storeFolder)); err != nil {
		return fmt.Errorf("%s holds no store: has 'iamd serve' been started with this data folder?", path)
	}
	return nil
}

func (d *data) path(name string) string { return filepath.Join(d.folder.Path, name) }

// Keyring is the keyring in force: a rotation puts another in its place.
func (d *data) Keyring() *seal.Keyring { return d.keyring.Load() }

// Close closes the store.
func (d *data) Close() error { return d.store.Close() }

// Backup copies the store into dir, and then the files of objects: each that the store's
// copy knows of is there, for none is removed meanwhile.
func (d *data) Backup(ctx context.Context, dir string) error {
	return d.objects.Holding(func() error {
		if err := d.store.Backup(ctx, dir); err != nil || d.folder.Ephemeral {
			return err
		}
		return objects.CopyFolder(d.path(filesFolder), filepath.Join(dir, filesFolder), true)
	})
}

// Doctor checks the store, and the files of objects against it.
func (d *data) Doctor(ctx context.Context) (report *directory.Report, err error) {
	err = d.objects.Holding(func() error {
		return d.store.View(ctx, func(r store.Reader) error {
			if report, err = directory.Check(ctx, r, d.Keyring()); err != nil {
				return err
			}
			return directory.CheckFiles(r, report, d.objects.Has)
		})
	})
	return report, err
}

// Explain decides about a request, and says why.
func (d *data) Explain(ctx context.Context, q *explain.Question) (answer *explain.Answer, err error) {
	err = d.store.View(ctx, func(r store.Reader) error {
		answer, err = explain.Ask(r, q)
		return err
	})
	return answer, err
}

// Restore makes a data folder from a backup of a store.
func Restore(backup, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := pebble.Restore(backup, filepath.Join(folder, storeFolder)); err != nil {
		return err
	}
	files := filepath.Join(backup, filesFolder)
	if _, err := os.Stat(files); errors.Is(err, fs.ErrNotExist) {
		return nil // of a time before there were any
	}
	return objects.CopyFolder(files, filepath.Join(folder, filesFolder), false)
}
