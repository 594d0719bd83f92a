package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// keyFile is where the master key is when it does not come from the environment.
func (d *data) keyFile() seal.KeyFile {
	if d.folder.MasterKeyFile != "" {
		return seal.KeyFile(d.folder.MasterKeyFile)
	}
	return seal.KeyFile(d.path(masterFile))
}

// masterPlace says where the master key is, for people.
func (d *data) masterPlace() string {
	switch {
	case d.folder.Ephemeral:
		return "memory"
	case d.folder.MasterKey != "":
		return "IAMD_MASTER_KEY"
	}
	return string(d.keyFile())
}

// openKeyring unwraps the stored keyring, or makes the first one. It fails on a
// wrong master key, so that one is noticed at start and not at first use.
func (d *data) openKeyring(create bool) error {
	wrapped, err := readKeyset(context.Background(), d.store)
	if err != nil {
		return err
	}
	ring, err := d.unwrap(wrapped)
	if wrapped == nil {
		if !create {
			return fmt.Errorf("%s holds no keyring", d.folder.Path)
		}
		ring, err = d.firstKeyring()
	}
	if err != nil && d.folder.MasterKey != "" {
		err = fmt.Errorf("master key in IAMD_MASTER_KEY: %w", err) // of a file, the error names it
	}
	d.keyring.Store(ring)
	return err
}

func (d *data) unwrap(wrapped []byte) (*seal.Keyring, error) {
	if wrapped == nil {
		return nil, nil
	}
	if d.folder.MasterKey == "" {
		return d.keyFile().Open(wrapped)
	}
	masters, err := d.folder.environmentKeys()
	if err != nil {
		return nil, err
	}
	return seal.OpenKeyring(wrapped, masters...)
}

// environmentKeys are the master keys in the environment: the one in force and,
// around a rotation, the one that is to follow, either of which may open the
// keyring until whoever starts the server has put the new one in its place.
func (f Folder) environmentKeys() ([]*seal.Master, error) {
	master, err := seal.ParseMaster(f.MasterKey)
	if err != nil || f.NewMasterKey == "" {
		return []*seal.Master{master}, err
	}
	next, err := seal.ParseMaster(f.NewMasterKey)
	if err != nil {
		return nil, fmt.Errorf("IAMD_NEW_MASTER_KEY: %w", err)
	}
	return []*seal.Master{master, next}, nil
}

// firstKeyring makes and stores the keyring of a new store.
func (d *data) firstKeyring() (*seal.Keyring, error) {
	master, err := d.firstMaster()
	if err != nil {
		return nil, err
	}
	var ring *seal.Keyring
	err = d.store.Update(context.Background(), func(tx store.Tx) error {
		wrapped, there, err := tx.Get(directory.KeysetKey)
		if err != nil {
			return err
		}
		if there { // made meanwhile by another node of the same store
			ring, err = seal.OpenKeyring(wrapped, master)
			return err
		}
		if ring, err = seal.NewKeyring(); err != nil {
			return err
		}
		if wrapped, err = ring.Wrap(master); err != nil {
			return err
		}
		return tx.Put(directory.KeysetKey, wrapped)
	})
	return ring, err
}

func (d *data) firstMaster() (*seal.Master, error) {
	switch {
	case d.folder.Ephemeral:
		return seal.ParseMaster(seal.NewMasterText())
	case d.folder.MasterKey != "":
		return seal.ParseMaster(d.folder.MasterKey)
	case d.folder.MasterKeyFile != "":
		return d.keyFile().Read() // a file that was named must be there
	}
	return d.keyFile().Ensure()
}

func readKeyset(ctx context.Context, s store.Store) (wrapped []byte, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		raw, ok, err := r.Get(directory.KeysetKey)
		if ok {
			wrapped = append([]byte{}, raw...)
		}
		return err
	})
	return wrapped, err
}

// RotateMasterKey puts a new master key, and a new data key, in force and says
// where the master key is. newKey is needed when the old one came from the
// environment, and must be empty when it came from a file.
func (d *data) RotateMasterKey(ctx context.Context, newKey string) (string, error) {
	if d.folder.MasterKey == "" {
		if newKey != "" {
			return "", errors.New("IAMD_NEW_MASTER_KEY is for a key that comes from IAMD_MASTER_KEY; this one is in " + d.masterPlace())
		}
		_, err := d.keyFile().Rotate(func(from, to *seal.Master) error { return d.rewrap(ctx, from, to) })
		return d.masterPlace(), err
	}
	if newKey == "" {
		return "", errors.New("the master key comes from IAMD_MASTER_KEY: give the new one in IAMD_NEW_MASTER_KEY")
	}
	from, err := seal.ParseMaster(d.folder.MasterKey)
	if err != nil {
		return "", err
	}
	to, err := seal.ParseMaster(newKey)
	if err != nil {
		return "", fmt.Errorf("IAMD_NEW_MASTER_KEY: %w", err)
	}
	return "IAMD_NEW_MASTER_KEY: start the server with it as IAMD_MASTER_KEY from now on", d.rewrap(ctx, from, to)
}

// rewrap stores the keyring, with a new data key, under another master key.
func (d *data) rewrap(ctx context.Context, from, to *seal.Master) error {
	var ring *seal.Keyring
	err := d.store.Update(ctx, func(tx store.Tx) error {
		wrapped, _, err := tx.Get(directory.KeysetKey)
		if err != nil {
			return err
		}
		was, err := seal.OpenKeyring(wrapped, from, to)
		if err != nil {
			return err
		}
		if ring, err = was.Rotate(); err != nil {
			return err
		}
		if wrapped, err = ring.Wrap(to); err != nil {
			return err
		}
		return tx.Put(directory.KeysetKey, wrapped)
	})
	if err == nil {
		d.keyring.Store(ring)
	}
	return err
}
