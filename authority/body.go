package authority

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/iamd-project/iamd/sigv4"
)

// checked is a body that is compared with its hash at its end.
type checked struct {
	io.ReadCloser
	want sigv4.PayloadHash
	sum  hash.Hash
}

func newChecked(body io.ReadCloser, want sigv4.PayloadHash) *checked {
	return &checked{body, want, sha256.New()}
}

// Read never returns io.EOF for another body than the one that was signed.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != string(c.want) {
		err = ErrBody
	}
	return n, err
}
