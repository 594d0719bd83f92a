package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Owner is whose an access key is: a user's ID, or the account itself for root.
type Owner string

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

// RootOwner owns the keys of an account's root user.
func RootOwner(a ids.Account) Owner { return Owner(a) }

// IsRoot reports whether the key is the root user's.
func (k *AccessKey) IsRoot() bool { return k.Owner == RootOwner(k.Account) }

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

// PutAccessKey stores k, which replaces a key of the same ID and owner.
func PutAccessKey(tx store.Tx, k *AccessKey) error {
	if err := put(tx, keyKey(k.ID), k); err != nil {
		return err
	}
	own, err := ownKeyIDs(tx, k.Account, k.Owner)
	if err != nil || slices.Contains(own, k.ID) {
		return err
	}
	return putOwnKeyIDs(tx, k.Account, k.Owner, append(own, k.ID))
}

// DeleteAccessKey removes k and all that is known of its use.
func DeleteAccessKey(tx store.Tx, k *AccessKey) error {
	own, err := ownKeyIDs(tx, k.Account, k.Owner)
	if err != nil {
		return err
	}
	own = slices.DeleteFunc(own, func(id ids.KeyID) bool { return id == k.ID })
	if err := putOwnKeyIDs(tx, k.Account, k.Owner, own); err != nil {
		return err
	}
	if err := tx.Delete(keyUsedKey(k.ID)); err != nil {
		return err
	}
	return tx.Delete(keyKey(k.ID))
}

// AccessKeysOf returns the owner's keys, oldest first: there are few.
func AccessKeysOf(r store.Reader, a ids.Account, owner Owner) ([]*AccessKey, error) {
	own, err := ownKeyIDs(r, a, owner)
	if err != nil {
		return nil, err
	}
	found := make([]*AccessKey, len(own))
	for i, id := range own {
		if found[i], err = GetAccessKey(r, id); err != nil {
			return nil, err
		}
		if found[i] == nil {
			return nil, fmt.Errorf("index %s leads to no access key %s", ownKeysKey(a, owner), id)
		}
	}
	return found, nil
}

func ownKeyIDs(r store.Reader, a ids.Account, owner Owner) ([]ids.KeyID, error) {
	raw, _, err := r.Get(ownKeysKey(a, owner))
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	own := make([]ids.KeyID, 0, 2)
	for id := range strings.FieldsSeq(string(raw)) {
		own = append(own, ids.KeyID(id))
	}
	return own, nil
}

func putOwnKeyIDs(tx store.Tx, a ids.Account, owner Owner, own []ids.KeyID) error {
	key := ownKeysKey(a, owner)
	if len(own) == 0 {
		return tx.Delete(key)
	}
	var raw []byte
	for i, id := range own {
		if i > 0 {
			raw = append(raw, ' ')
		}
		raw = append(raw, id...)
	}
	return tx.Put(key, raw)
}

// GetLastUsed returns the key's last use, or nil for a key never used.
func GetLastUsed(r store.Reader, keyID ids.KeyID) (*LastUsed, error) {
	return get[LastUsed](r, keyUsedKey(keyID))
}

// PutLastUsed stores the key's last use.
func PutLastUsed(tx store.Tx, keyID ids.KeyID, u *LastUsed) error {
	return put(tx, keyUsedKey(keyID), u)
}

// NewAccessKey makes an active key for owner, with a secret that it returns and
// keeps only sealed.
func NewAccessKey(tx store.Tx, src ids.Source, ring *seal.Keyring, a ids.Account, owner Owner, now time.Time) (*AccessKey, ids.SecretKey, error) {
	id, err := freeKeyID(tx, src, a)
	if err != nil {
		return nil, "", err
	}
	key := &AccessKey{ID: id, Account: a, Owner: owner, Active: true, Created: At(now)}
	secret := src.SecretKey()
	if err := key.SealSecret(ring, secret); err != nil {
		return nil, "", err
	}
	return key, secret, PutAccessKey(tx, key)
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
	u, err := UserByID(r, key.Account, ids.EntityID(key.Owner))
	if err == nil && u == nil {
		err = fmt.Errorf("access key %s belongs to no user", key.ID)
	}
	return u, err
}
