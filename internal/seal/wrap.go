package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// A wrapped keyring:
//
//	1 byte    the version of this form, 1
//	8 bytes   the id of the master key that wrapped it
//	the rest  Tink's encoding of the keyset, encrypted by the master key
//
// The first nine bytes, after wrapPurpose, are the ciphertext's associated data,
// so no byte can change unnoticed and nothing else the master key may have
// encrypted passes for a keyring.
const (
	wrapPurpose = "iamd keyring "
	wrapVersion = 1
	wrapHeader  = 1 + idSize
)

var (
	// ErrWrongMaster reports that a keyring was wrapped by a master key other than
	// those at hand.
	ErrWrongMaster = errors.New("the master key does not open this data")
	// ErrNotKeyring reports bytes that no version of this package has wrapped, or
	// a later one did.
	ErrNotKeyring = errors.New("seal: not a keyring, or one of a newer version")
)

// Wrap encrypts the keyring for storage.
//
// Whoever replaces a stored keyring reads the old one in the same transaction:
// another node may have added a data key in the meantime, and losing it would
// leave values that nobody can read. Rewrap is made for that.
func (k *Keyring) Wrap(m *Master) ([]byte, error) {
	header := append([]byte{wrapVersion}, m.id[:]...)
	var c ciphertext
	if err := k.handle.WriteWithAssociatedData(&c, m.aead, wrapAAD(header)); err != nil {
		return nil, fmt.Errorf("seal: wrapping the keyring with %s: %w", m, err)
	}
	return append(header, c...), nil
}

// OpenKeyring unwraps a stored keyring with whichever of the masters wrapped it.
// There is more than one while the master key is being replaced.
func OpenKeyring(wrapped []byte, masters ...*Master) (*Keyring, error) {
	if len(wrapped) < wrapHeader || wrapped[0] != wrapVersion {
		return nil, ErrNotKeyring
	}
	header, c := wrapped[:wrapHeader:wrapHeader], ciphertext(wrapped[wrapHeader:])
	for _, m := range masters {
		if !bytes.Equal(m.id[:], header[1:]) {
			continue
		}
		h, err := keyset.ReadWithAssociatedData(&c, m.aead, wrapAAD(header))
		if err != nil {
			return nil, fmt.Errorf("seal: opening the keyring with %s: %w", m, err)
		}
		return fromHandle(h)
	}
	return nil, fmt.Errorf("%w: it needs master key %x, not %s", ErrWrongMaster, header[1:], names(masters))
}

// Rewrap moves a stored keyring from one master key to another. Given what it
// returned before, it does nothing, so it may be run again.
func Rewrap(wrapped []byte, from, to *Master) ([]byte, error) {
	k, err := OpenKeyring(wrapped, from, to)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(wrapped[1:wrapHeader], to.id[:]) {
		return wrapped, nil
	}
	return k.Wrap(to)
}

func wrapAAD(header []byte) []byte { return append([]byte(wrapPurpose), header...) }

func names(masters []*Master) string {
	ids := make([]string, len(masters))
	for i, m := range masters {
		ids[i] = m.ID()
	}
	return strings.Join(ids, " or ")
}

// ciphertext is how Tink hands over an encrypted keyset. Tink's own writers add a
// description of the keys that nothing authenticates; this one leaves it out.
type ciphertext []byte

var errCleartext = errors.New("seal: a keyset is not stored in the clear")

func (c *ciphertext) WriteEncrypted(k *tinkpb.EncryptedKeyset) error {
	*c = k.GetEncryptedKeyset()
	return nil
}

func (c *ciphertext) ReadEncrypted() (*tinkpb.EncryptedKeyset, error) {
	return &tinkpb.EncryptedKeyset{EncryptedKeyset: *c}, nil
}

func (*ciphertext) Write(*tinkpb.Keyset) error    { return errCleartext }
func (*ciphertext) Read() (*tinkpb.Keyset, error) { return nil, errCleartext }
