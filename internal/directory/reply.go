package directory

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Reply is where the reply to a call is kept that may be made again and must not have
// its effect twice. Replies hold secrets, and so are sealed.
type Reply struct{ Token string }

func (p Reply) key() string { return replies + p.Token }

// Get is the reply, or nil.
func (p Reply) Get(r store.Reader, ring *seal.Keyring) ([]byte, error) {
	sealed, ok, err := r.Get(p.key())
	if err != nil || !ok {
		return nil, err
	}
	text, err := ring.Open(sealed, p.key())
	if err != nil {
		err = fmt.Errorf("%q: %w", p.key(), err)
	}
	return text, err
}

// Put keeps a reply in the transaction of its call.
func (p Reply) Put(tx store.Tx, ring *seal.Keyring, text []byte) error {
	sealed, err := ring.Seal(text, p.key())
	if err != nil {
		return err
	}
	return tx.Put(p.key(), sealed)
}

// Delete forgets the reply, once the call will not be made again.
func (p Reply) Delete(tx store.Tx) error { return tx.Delete(p.key()) }
