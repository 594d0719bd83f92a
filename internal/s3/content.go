package s3

import (
	"errors"
	"io"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/objects"
)

// content is an io.ReadCloser of some of an object's bytes. Its files are opened as they
// are needed: those of an object that is gone stay for a while.
type content struct {
	files  *objects.Files
	key    []byte
	pieces []directory.Piece // that are still to be read
	skip   int64             // how many bytes of them to leave out
	left   int64             // how many to read
	open   io.ReadCloser     // the piece before pieces; nil before the first
}

func (c *content) Read(p []byte) (int, error) {
	for {
		if c.left == 0 {
			return 0, io.EOF
		}
		if c.open == nil {
			if err := c.next(); err != nil {
				return 0, err
			}
		}
		n, err := c.open.Read(p[:min(int64(len(p)), c.left)])
		c.left -= int64(n)
		if errors.Is(err, io.EOF) {
			err = c.Close()
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// next opens the next piece of which something is wanted.
func (c *content) next() error {
	for len(c.pieces) > 0 && c.skip >= c.pieces[0].Size {
		c.skip -= c.pieces[0].Size
		c.pieces = c.pieces[1:]
	}
	if len(c.pieces) == 0 {
		return io.ErrUnexpectedEOF
	}
	file, err := c.files.Open(c.pieces[0].File, c.key, c.skip)
	c.pieces, c.skip, c.open = c.pieces[1:], 0, file
	if err != nil {
		c.open = nil // not a typed nil in an interface
	}
	return err
}

// Close implements io.Closer.
func (c *content) Close() error {
	if c.open == nil {
		return nil
	}
	err := c.open.Close()
	c.open = nil
	return err
}
