// Package seal encrypts values before they are stored.
//
// A [Keyring] holds the data keys, which encrypt values with AES-256-GCM. The
// keyring is itself stored, wrapped by a [Master] key that is not; so the whole
// cluster shares one keyring, and changing the master key means wrapping the
// keyring again and nothing else. A [KeyFile] keeps a master key on disk and
// replaces it in a way that survives a crash.
//
// Replacing a master key that comes from the environment takes a second variable
// beside the first. Nodes are started with the new key in it and open the keyring
// with either, see [OpenKeyring]; then one transaction puts the keyring through
// [Rewrap]; then the nodes are restarted with the new key alone. Whenever a node
// stops on this way, it has the key it needs to start again.
//
// The cryptography and its randomness are Tink's: nonces and keys come from
// crypto/rand and cannot be injected, so sealing the same value twice never gives
// the same bytes.
//
// What this package does not do is wipe memory. Go moves and copies values as it
// likes and Tink keeps its keys for as long as they are in use, so whoever can
// read the process's memory can read the keys and any secret it handled lately.
// Sealing protects disks, backups and the traffic of the store.
package seal

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// MaxPlaintext is the most that Seal takes, in bytes. It leaves room for the
// largest value of Secrets Manager (64 KiB) in any encoding of ours, and a sealed
// value stays under store.MaxValue.
const MaxPlaintext = 96 << 10

// Overhead is how much longer a sealed value is than its plaintext.
const Overhead = prefixSize + 12 + 16 // Tink's prefix, nonce, tag

// prefixSize is that of what Tink puts before a ciphertext: the byte 1 and the
// data key's id in four bytes, big-endian.
const prefixSize = 5

var (
	// ErrTooLarge reports a plaintext over MaxPlaintext.
	ErrTooLarge = errors.New("seal: plaintext too large")
	// ErrUnknownKey reports a value sealed under a data key that the keyring lacks.
	// If it came from this cluster's store, the keyring was rotated since it was
	// opened: open it anew.
	ErrUnknownKey = errors.New("seal: sealed under a data key that this keyring does not have")
	// ErrDamaged reports a value that was changed, cut, or moved to another place
	// since it was sealed.
	ErrDamaged = errors.New("seal: value damaged or not from this place")
)

// A Keyring seals with its newest data key and opens with any of its keys. It
// never changes and is safe for concurrent use; Rotate makes a new one.
//
// One data key is good for 2^32 seals, since nonces are random. At a thousand
// writes in every second that is seven weeks: rotate busy stores now and then.
type Keyring struct {
	handle *keyset.Handle
	aead   tink.AEAD
	ids    map[uint32]bool
}

// NewKeyring makes a keyring with one new data key.
func NewKeyring() (*Keyring, error) { return withNewKey(keyset.NewManager()) }

// Rotate returns a keyring with a new data key to seal with and all of k's keys
// to open with. Store it, wrapped, before sealing anything with it.
func (k *Keyring) Rotate() (*Keyring, error) {
	return withNewKey(keyset.NewManagerFromHandle(k.handle))
}

// Seal encrypts plaintext. Only Open with the same place gives it back; place is
// the store key that the result will be stored under, so that a record copied
// over another one does not open.
func (k *Keyring) Seal(plaintext []byte, place string) ([]byte, error) {
	if len(plaintext) > MaxPlaintext {
		return nil, ErrTooLarge
	}
	sealed, err := k.aead.Encrypt(plaintext, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open gives back what was sealed for place. Its errors are ErrUnknownKey and
// ErrDamaged.
func (k *Keyring) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < Overhead || len(sealed) > MaxPlaintext+Overhead || sealed[0] != 1 {
		return nil, ErrDamaged
	}
	if !k.ids[binary.BigEndian.Uint32(sealed[1:prefixSize])] {
		return nil, ErrUnknownKey
	}
	plaintext, err := k.aead.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, ErrDamaged
	}
	return plaintext, nil
}

func withNewKey(m *keyset.Manager) (*Keyring, error) {
	params, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink,
	})
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	id, err := m.AddNewKeyFromParameters(params)
	if err != nil {
		return nil, fmt.Errorf("seal: new data key: %w", err)
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("seal: new data key: %w", err)
	}
	h, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return fromHandle(h)
}

func fromHandle(h *keyset.Handle) (*Keyring, error) {
	a, err := aead.New(h)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	k := &Keyring{handle: h, aead: a, ids: map[uint32]bool{}}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		k.ids[e.KeyID()] = true
	}
	return k, nil
}
