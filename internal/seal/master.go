package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// MasterPrefix begins a master key in text, so that one lying about is known for
// what it is. The number is the form's version.
const MasterPrefix = "iamd-master-key-v1:"

const (
	masterSize = 32
	idSize     = 8
)

// ErrNotMaster reports text that is no master key. Like every error here it does
// not repeat the text.
var ErrNotMaster = errors.New("not a master key (want one line: 32 bytes in base64, with or without " + MasterPrefix + " before them)")

// A Master wraps keyrings. It is safe for concurrent use, and printing or logging
// one shows its id alone.
type Master struct {
	id   [idSize]byte
	aead tink.AEAD
}

// ParseMaster reads a master key from text, as the environment and key files
// have it: 32 bytes in base64, after MasterPrefix or on their own. Line ends
// after it are ignored.
func ParseMaster(text string) (*Master, error) {
	text = strings.TrimPrefix(strings.TrimRight(text, "\r\n"), MasterPrefix)
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	// The decoder skips line ends within the text; the second length does not.
	if err != nil || len(key) != masterSize || len(text) != base64.StdEncoding.EncodedLen(masterSize) {
		return nil, ErrNotMaster
	}
	return newMaster(key)
}

// NewMasterText makes a new master key, in the form that ParseMaster reads.
func NewMasterText() string {
	var key [masterSize]byte
	rand.Read(key[:]) // never fails
	return MasterPrefix + base64.StdEncoding.EncodeToString(key[:])
}

// RemoteMaster is a master key that stays where it is: a, from a Tink KMS client,
// has it do the work, and uri is the key's name there. Keyrings are wrapped and
// opened at start and at rotation only, so no call waits for the network.
func RemoteMaster(uri string, a tink.AEAD) *Master {
	sum := sha256.Sum256([]byte("iamd remote master key " + uri))
	m := &Master{aead: a}
	copy(m.id[:], sum[:])
	return m
}

// ID tells master keys apart. It is safe to show.
func (m *Master) ID() string { return hex.EncodeToString(m.id[:]) }

// newMaster derives what wraps and what identifies from key, so that neither
// says anything about the other or about keys derived later for other ends.
func newMaster(key []byte) (*Master, error) {
	wrap, err := hkdf.Key(sha256.New, key, nil, "iamd master key: wrap", 32)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	id, err := hkdf.Key(sha256.New, key, nil, "iamd master key: id", idSize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	a, err := subtle.NewAESGCM(wrap)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Master{id: [idSize]byte(id), aead: a}, nil
}
