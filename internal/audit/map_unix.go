//go:build unix

package audit

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// mapFile maps the first size bytes of a file, which is made longer if need be.
// All of it is written first, so that the disk has room for what is put there.
func mapFile(path string, size int64) (*os.File, []byte, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	at, err := f.Seek(0, io.SeekEnd)
	if err == nil && at < size {
		_, err = f.Write(make([]byte, size-at))
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	memory, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, memory, nil
}

func unmapFile(memory []byte) error { return syscall.Munmap(memory) }
