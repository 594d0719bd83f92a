//go:build unix

package runbook

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps a second run off a journal. The system lets go of it when the run ends, however.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errors.New("it is going on")
	}
	return err
}
