// Package objects keeps the bytes of S3's objects in files, sealed. A file is written once,
// under a name that was never used, and is whole as soon as it has that name; which ones
// there ought to be, records in the store say.
package objects

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// A file is made of
//
//	magic                       8 bytes
//	length of the owner         2 bytes, big-endian
//	owner                       CBOR
//	AES256-GCM-HKDF of Tink's   what is stored, in segments of 64 KiB; its associated data is
//	                            the file's ID
const (
	magic       = "iamdobj1"
	maxOwner    = 8 << 10
	segmentSize = 64 << 10
	keySize     = 32
)

// Owner says whose bytes a file has, so that one that nobody knows of is found out.
type Owner struct {
	Bucket string `cbor:"1,keyasint"`
	Key    string `cbor:"2,keyasint"`
	Upload string `cbor:"3,keyasint,omitempty"` // of a part of an upload
}

// File is one that there is.
type File struct {
	ID       string
	Modified time.Time
}

// place is where files are: a folder, or memory.
type place interface {
	// create makes a file that has its name when close is called with nil, and is gone
	// again with an error.
	create(id string) (w io.Writer, close func(error) error, err error)
	open(id string) (io.ReadCloser, error)
	remove(id string) error
	all() iter.Seq2[File, error]
}

// Files are all the files. They are safe for concurrent use.
type Files struct {
	place
	// held is locked for reading while a file is being removed, and for writing while none
	// may be.
	held sync.RWMutex
}

// NewKey makes the key of one object's files.
func NewKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key
}

func cipher(key []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
}

// ErrTooLarge reports that there was more to write than was allowed.
var ErrTooLarge = errors.New("objects: more bytes than allowed")

// Write makes a file of what src has, up to its end, and at most most bytes. An error of
// src is returned as it is, and leaves no file.
func (f *Files) Write(id string, owner Owner, key []byte, src io.Reader, most int64) (size int64, err error) {
	head, err := header(owner)
	if err != nil {
		return 0, err
	}
	w, finish, err := f.create(id)
	if err != nil {
		return 0, fmt.Errorf("objects: %w", err)
	}
	defer func() { err = finish(err) }()
	c, err := cipher(key)
	if err != nil {
		return 0, fmt.Errorf("objects: %w", err)
	}
	if _, err := w.Write(head); err != nil {
		return 0, fmt.Errorf("objects: %w", err)
	}
	sealed, err := c.NewEncryptingWriter(w, []byte(id))
	if err != nil {
		return 0, fmt.Errorf("objects: %w", err)
	}
	size, err = io.Copy(sealed, io.LimitReader(src, most+1))
	switch {
	case err != nil:
		return size, err
	case size > most:
		return size, ErrTooLarge
	}
	return size, sealed.Close()
}

func header(owner Owner) ([]byte, error) {
	text, err := cbor.Marshal(owner)
	if err != nil || len(text) > maxOwner {
		return nil, fmt.Errorf("objects: an owner that cannot be written: %w", err)
	}
	return append(binary.BigEndian.AppendUint16([]byte(magic), uint16(len(text))), text...), nil
}

// ErrDamaged reports a file that is not as it was written.
var ErrDamaged = errors.New("objects: the file is damaged")

// readHeader reads whose a file is.
func readHeader(r io.Reader) (owner Owner, err error) {
	head := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, head); err != nil || !bytes.HasPrefix(head, []byte(magic)) {
		return owner, ErrDamaged
	}
	text := make([]byte, min(int(binary.BigEndian.Uint16(head[len(magic):])), maxOwner))
	if _, err := io.ReadFull(r, text); err != nil || cbor.Unmarshal(text, &owner) != nil {
		return owner, ErrDamaged
	}
	return owner, nil
}

// reader reads what a file holds.
type reader struct {
	io.Reader
	file io.Closer
}

func (r *reader) Close() error { return r.file.Close() }

// Open reads a file from the byte at offset on. fs.ErrNotExist says that it is not there.
func (f *Files) Open(id string, key []byte, offset int64) (_ io.ReadCloser, err error) {
	file, err := f.open(id)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	src := bufio.NewReaderSize(file, segmentSize)
	if _, err := readHeader(src); err != nil {
		return nil, err
	}
	c, err := cipher(key)
	if err != nil {
		return nil, err
	}
	plain, err := c.NewDecryptingReader(src, []byte(id))
	if err != nil {
		return nil, ErrDamaged
	}
	// Segments are opened one after the other: skipping is reading.
	if _, err := io.CopyN(io.Discard, plain, offset); err != nil {
		return nil, ErrDamaged
	}
	return &reader{plain, file}, nil
}

// Owner says whose a file is.
func (f *Files) Owner(id string) (Owner, error) {
	file, err := f.open(id)
	if err != nil {
		return Owner{}, err
	}
	defer file.Close()
	return readHeader(file)
}

// Remove removes a file; one that is not there is no error.
func (f *Files) Remove(id string) error {
	f.held.RLock()
	defer f.held.RUnlock()
	if err := f.remove(id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("objects: %w", err)
	}
	return nil
}

// All yields every file there is, whole or not, in no order.
func (f *Files) All() iter.Seq2[File, error] { return f.all() }

// Holding calls fn while no file is removed.
func (f *Files) Holding(fn func() error) error {
	f.held.Lock()
	defer f.held.Unlock()
	return fn()
}

// Has reports whether a file is there, and is one.
func (f *Files) Has(id string) bool {
	_, err := f.Owner(id)
	return err == nil
}
