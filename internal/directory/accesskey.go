package directory

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Owner is whose an access key is: a user's ID, or the account itself for root.
type Owner string

// Holder is a user or an account, which stands for its root: whoever has access
// keys. Its record lists them, so that a listing reads nothing else.
type Holder interface {
	ARN() string
	Owner() Owner
	HeldKeys() []HeldKey // oldest first
	account() ids.Account
	hold(tx store.Tx, k []HeldKey) error // stores a copy that has these keys
}

// HeldKey is what the record of its holder says of an access key.
type HeldKey struct {
	ID      ids.KeyID `cbor:"1,keyasint"`
	Active  bool      `cbor:"2,keyasint"`
	Created Millis    `cbor:"3,keyasint"`
}

// Status is the key's status in AWS's words.
func (k HeldKey) Status() string {
	if k.Active {
		return "Active"
	}
	return "Inactive"
}

// AccessKey is a long-lived access key of a user or of an account's root.
type AccessKey struct {
	ID      ids.KeyID   `cbor:"1,keyasint"`
	Account ids.Account `cbor:"2,keyasint"`
	Owner   Owner       `cbor:"3,keyasint"`
	Active  bool        `cbor:"4,keyasint"`
	Created Millis      `cbor:"5,keyasint"`
	Sealed  []byte      `cbor:"6,keyasint"` // the secret, sealed to this record's key
}

// LastUsed is when an access key last signed a request, and for what.
type LastUsed struct {
	Date    Millis `cbor:"1,keyasint"`
	Service string `cbor:"2,keyasint"`
	Region  string `cbor:"3,keyasint"`
	Source  string `cbor:"4,keyasint,omitempty"` // the address that the request came from
}

// IsRoot reports whether the key is the root user's.
func (k *AccessKey) IsRoot() bool { return k.Owner == Owner(k.Account) }

// held is k as its holder lists it.
func (k *AccessKey) held() HeldKey { return HeldKey{k.ID, k.Active, k.Created} }

// SealSecret puts secret into k, sealed so that it opens only as k's.
func (k *AccessKey) SealSecret(ring *seal.Keyring, secret ids.SecretKey) (err error) {
	k.Sealed, err = ring.Seal([]byte(secret), keyKey(k.ID))
	return err
}

// OpenSecret returns the secret that SealSecret put in.
func (k *AccessKey) OpenSecret(ring *seal.Keyring) (ids.SecretKey, error) {
	plain, err := ring.Open(k.Sealed, keyKey(k.ID))
	if err != nil {
		return "", fmt.Errorf("access key %s: %w", k.ID, err)
	}
	return ids.SecretKey(plain), nil
}

// GetAccessKey returns the key, or nil.
func GetAccessKey(r store.Reader, id ids.KeyID) (*AccessKey, error) {
	return get[AccessKey](r, keyKey(id))
}

// AccessKeys yields all access keys behind after, "" for the first, in the order of their IDs.
func AccessKeys(r store.Reader, after ids.KeyID) iter.Seq2[*AccessKey, error] {
	return func(yield func(*AccessKey, error) bool) {
		for pair, err := range scanFrom(r, keys, string(after), false) {
			var k *AccessKey
			if err == nil {
				k, err = decode[AccessKey](pair.Key, pair.Value)
			}
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

// PutAccessKey stores k, which is h's: a new key, or in the place of the one of
// the same ID.
func PutAccessKey(tx store.Tx, h Holder, k *AccessKey) error {
	if err := put(tx, keyKey(k.ID), k); err != nil {
		return err
	}
	list := slices.Clone(h.HeldKeys())
	at := slices.IndexFunc(list, func(other HeldKey) bool { return other.ID == k.ID })
	if at < 0 {
		list = append(list, k.held())
	} else {
		list[at] = k.held()
	}
	return h.hold(tx, list)
}

// DeleteAccessKey removes k, which is h's, and all that is known of its use.
func DeleteAccessKey(tx store.Tx, h Holder, k *AccessKey) error {
	left := slices.DeleteFunc(slices.Clone(h.HeldKeys()), func(other HeldKey) bool { return other.ID == k.ID })
	if err := h.hold(tx, left); err != nil {
		return err
	}
	if err := tx.Delete(keyUsedKey(k.ID)); err != nil {
		return err
	}
	return tx.Delete(keyKey(k.ID))
}

// GetLastUsed returns the key's last use, or nil for a key never used.
func GetLastUsed(r store.Reader, keyID ids.KeyID) (*LastUsed, error) {
	return get[LastUsed](r, keyUsedKey(keyID))
}

// PutLastUsed stores the key's last use.
func PutLastUsed(tx store.Tx, keyID ids.KeyID, u *LastUsed) error {
	return put(tx, keyUsedKey(keyID), u)
}

// NewAccessKey makes an active key for h, with a secret that it returns and
// keeps only sealed.
func NewAccessKey(tx store.Tx, src ids.Source, ring *seal.Keyring, h Holder, now time.Time) (*AccessKey, ids.SecretKey, error) {
	id, err := freeKeyID(tx, src, h.account())
	if err != nil {
		return nil, "", err
	}
	key := &AccessKey{ID: id, Account: h.account(), Owner: h.Owner(), Active: true, Created: At(now)}
	secret := src.SecretKey()
	if err := key.SealSecret(ring, secret); err != nil {
		return nil, "", err
	}
	return key, secret, PutAccessKey(tx, h, key)
}

// freeKeyID draws until it finds an ID that is not taken, as ids.Source asks.
func freeKeyID(r store.Reader, src ids.Source, a ids.Account) (ids.KeyID, error) {
	for range 100 {
		id := src.AccessKeyID(a)
		taken, err := GetAccessKey(r, id)
		if err != nil || taken == nil {
			return id, err
		}
	}
	return "", fmt.Errorf("no free access key ID in account %s", a)
}

// KeyUser is the user that key belongs to. It must not be a root key.
func KeyUser(r store.Reader, key *AccessKey) (*User, error) {
	u, err := Users.ByID(r, key.Account, ids.EntityID(key.Owner))
	if err == nil && u == nil {
		err = fmt.Errorf("access key %s belongs to no user", key.ID)
	}
	return u, err
}
