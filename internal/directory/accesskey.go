package directory

import (
	"fmt"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Owner is whose an access key is: a user's ID, or the account itself for root.
type Owner string

// Holder is a user or an account, which stands for its root: whoever has access
// keys. Its record lists them.
type Holder interface {
	Owner() Owner
	account() ids.Account
	held() []ids.KeyID                     // oldest first
	hold(tx store.Tx, k []ids.KeyID) error // stores a copy that has these keys
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
}

// IsRoot reports whether the key is the root user's.
func (k *AccessKey) IsRoot() bool { return k.Owner == Owner(k.Account) }

// Status is the key's status in AWS's words.
func (k *AccessKey) Status() string {
	if k.Active {
		return "Active"
	}
	return "Inactive"
}

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

// PutAccessKey stores k in the place of the key of the same ID and owner.
func PutAccessKey(tx store.Tx, k *AccessKey) error { return put(tx, keyKey(k.ID), k) }

// AddAccessKey stores a new key of h.
func AddAccessKey(tx store.Tx, h Holder, k *AccessKey) error {
	if err := PutAccessKey(tx, k); err != nil {
		return err
	}
	return h.hold(tx, append(slices.Clone(h.held()), k.ID))
}

// DeleteAccessKey removes k, which is h's, and all that is known of its use.
func DeleteAccessKey(tx store.Tx, h Holder, k *AccessKey) error {
	left := slices.DeleteFunc(slices.Clone(h.held()), func(id ids.KeyID) bool { return id == k.ID })
	if err := h.hold(tx, left); err != nil {
		return err
	}
	if err := tx.Delete(keyUsedKey(k.ID)); err != nil {
		return err
	}
	return tx.Delete(keyKey(k.ID))
}

// AccessKeysOf returns the keys of h, oldest first: there are few.
func AccessKeysOf(r store.Reader, h Holder) ([]*AccessKey, error) {
	held := h.held()
	found := make([]*AccessKey, len(held))
	for i, id := range held {
		k, err := GetAccessKey(r, id)
		if err != nil {
			return nil, err
		}
		if k == nil {
			return nil, fmt.Errorf("%s has no access key %s", h.Owner(), id)
		}
		found[i] = k
	}
	return found, nil
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
	return key, secret, AddAccessKey(tx, h, key)
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
