package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A KeyFile is the path of a file that holds one master key and is readable to
// its owner alone. Its errors name the file and never say what is in it.
//
// While the key is being replaced, the new one waits in a second file, Next:
//
//	             file  Next  keyring wrapped by
//	at rest      old         old
//	key made     old   new   old
//	committed    old   new   new
//	at rest      new         new
//
// The stored keyring says which key wrapped it, so a crash in any row is put
// right by Open. A key in Next is never deleted, only renamed: the outcome of a
// commit may be unknown, and another node may be about to need it. The next
// Rotate uses the key it finds there; whoever wants a fresh one deletes it first.
//
// A backup opens with the key of its day; keep old keys as long as old backups.
type KeyFile string

// Next is where the new key waits during a rotation. In a cluster, where every
// node has its own copy of the file, put the same new key into Next on each of
// them, rotate on one, and restart or Open the others at leisure.
func (f KeyFile) Next() KeyFile { return f + ".next" }

// Read reads the master key, which must be nobody else's to read: a file with any
// permission for group or others is refused. A missing file is fs.ErrNotExist.
func (f KeyFile) Read() (*Master, error) {
	m, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("master key file %s: %w", f, err)
	}
	return m, nil
}

// Ensure reads the file's key, or makes a file with a new one if there is none.
// Either way the key is on disk when Ensure returns, so that a keyring wrapped by
// it may be stored. Where one is stored already, use Open, which makes nothing.
func (f KeyFile) Ensure() (*Master, error) {
	m, err := f.Read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text := NewMasterText()
		if err := f.write(text + "\n"); err != nil {
			return nil, fmt.Errorf("making master key file %s: %w", f, err)
		}
		return ParseMaster(text)
	case err != nil:
		return nil, err
	}
	// It may be in memory only: its maker died, or was a plain copy.
	if err := f.sync(); err != nil {
		return nil, fmt.Errorf("master key file %s: %w", f, err)
	}
	return m, nil
}

// Open opens a stored keyring with the file's key or, if a rotation was cut short
// after its commit, with the key in Next, which then becomes the file's.
func (f KeyFile) Open(wrapped []byte) (*Keyring, error) {
	k, err := f.open(wrapped)
	if !errors.Is(err, ErrWrongMaster) && !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	k, nextErr := f.Next().open(wrapped)
	if errors.Is(nextErr, fs.ErrNotExist) {
		return nil, err
	}
	if nextErr != nil {
		return nil, fmt.Errorf("%w; %w", err, nextErr)
	}
	// The data opens, so a folder that cannot be written is no reason to stay down.
	// The next Open tries again.
	_ = f.promote()
	return k, nil
}

// Rotate replaces the file's master key by the one in Next, which it makes unless
// one is waiting there, and returns the new key. In between it calls rewrap,
// which runs the stored keyring through [Rewrap] in one transaction and returns
// when that is durable. If rewrap fails, or the process dies, both files stay and
// Rotate may be called again.
func (f KeyFile) Rotate(rewrap func(from, to *Master) error) (*Master, error) {
	from, err := f.Read()
	if err != nil {
		return nil, err
	}
	to, err := f.Next().Ensure()
	if err != nil {
		return nil, err
	}
	if from.id == to.id {
		return nil, fmt.Errorf("master key file %s: holds the same key as %s", f.Next(), f)
	}
	if err := rewrap(from, to); err != nil {
		return nil, err
	}
	if err := f.promote(); err != nil {
		return nil, fmt.Errorf("the data is under the new master key now, but that is still in %s: %w", f.Next(), err)
	}
	return to, nil
}

func (f KeyFile) open(wrapped []byte) (*Keyring, error) {
	m, err := f.Read()
	if err != nil {
		return nil, err
	}
	k, err := OpenKeyring(wrapped, m)
	if err != nil {
		return nil, fmt.Errorf("master key file %s: %w", f, err)
	}
	return k, nil
}

func (f KeyFile) read() (*Master, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return nil, bare(err)
	}
	defer file.Close()
	// Ask the open file, not the path, which may have come to mean another one.
	info, err := file.Stat()
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > 1024 {
		return nil, ErrNotMaster
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("others may use it (mode %04o); chmod 600 it", perm)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, bare(err)
	}
	return ParseMaster(string(text))
}

// write creates the file, which must not exist, and returns when it and its
// directory entry are on disk. It appears whole: a crash may leave a file of
// another name, which nothing reads.
func (f KeyFile) write(text string) error {
	file, err := os.CreateTemp(filepath.Dir(string(f)), filepath.Base(string(f))+".*.unfinished") // its mode is 0600
	if err != nil {
		return bare(err)
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = bare(os.Link(file.Name(), string(f))) // unlike a rename, replaces nothing
	}
	if err = errors.Join(err, os.Remove(file.Name())); err != nil {
		return err
	}
	return syncDir(f)
}

// promote makes Next the file.
func (f KeyFile) promote() error {
	if err := f.Next().sync(); err != nil {
		return err
	}
	if err := os.Rename(string(f.Next()), string(f)); err != nil {
		return err
	}
	return syncDir(f)
}

// sync makes the file and its name durable. The file is opened to read, because
// one that is managed elsewhere may allow no more; Windows would not sync that.
func (f KeyFile) sync() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	file, err := os.Open(string(f))
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return syncDir(f)
}

// syncDir makes a change of names durable. Windows has no such call.
func syncDir(f KeyFile) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(filepath.Dir(string(f)))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// bare takes the operation and the path, which our messages have, off an error.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}
