package directory

import (
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Outbound is an account as an issuer of tokens that others take. It stays when the
// account disables that, since tokens that are out can still be verified then.
type Outbound struct {
	Account  ids.Account  `cbor:"1,keyasint"`
	Issuer   string       `cbor:"2,keyasint"` // names the account in its issuer's URL
	Disabled bool         `cbor:"3,keyasint"`
	Enabled  Millis       `cbor:"4,keyasint"` // for the first time
	Keys     []SigningKey `cbor:"5,keyasint"`
}

// SigningKey is a key that an issuer signs tokens with.
type SigningKey struct {
	ID        string `cbor:"1,keyasint"`
	Algorithm string `cbor:"2,keyasint"` // as in tokens: "RS256", "ES384"
	Public    []byte `cbor:"3,keyasint"` // PKIX
	Sealed    []byte `cbor:"4,keyasint"` // PKCS #8, sealed to the record's key and this ID
}

func outboundKey(a ids.Account) string { return outbounds + string(a) }

func outboundIssuerKey(issuer string) string { return outboundIssuers + issuer }

// GetOutbound returns the account as an issuer; nil when it never was one.
func GetOutbound(r store.Reader, a ids.Account) (*Outbound, error) {
	return get[Outbound](r, outboundKey(a))
}

// OutboundByIssuer returns whom the name in an issuer's URL stands for, or nil.
func OutboundByIssuer(r store.Reader, issuer string) (*Outbound, error) {
	a, ok, err := r.Get(outboundIssuerKey(issuer))
	if err != nil || !ok {
		return nil, err
	}
	o, err := GetOutbound(r, ids.Account(a))
	if err == nil && o == nil {
		err = fmt.Errorf("index %s leads to no issuer", outboundIssuerKey(issuer))
	}
	return o, err
}

// PutOutbound stores o, new or with the Issuer that it had.
func PutOutbound(tx store.Tx, o *Outbound) error {
	if err := tx.Put(outboundIssuerKey(o.Issuer), []byte(o.Account)); err != nil {
		return err
	}
	return put(tx, outboundKey(o.Account), o)
}

func (o *Outbound) keyPlace(id string) string { return outboundKey(o.Account) + "/" + id }

// SealKey is a key of o, sealed so that it opens only as o's.
func (o *Outbound) SealKey(ring *seal.Keyring, k SigningKey, private []byte) (SigningKey, error) {
	sealed, err := ring.Seal(private, o.keyPlace(k.ID))
	k.Sealed = sealed
	return k, err
}

// OpenKey returns the private key that SealKey sealed.
func (o *Outbound) OpenKey(ring *seal.Keyring, k SigningKey) (private []byte, err error) {
	if private, err = ring.Open(k.Sealed, o.keyPlace(k.ID)); err != nil {
		err = fmt.Errorf("signing key %s of account %s: %w", k.ID, o.Account, err)
	}
	return private, err
}

// outbound makes sure that the account is there, its issuer leads back to it and
// its keys open.
func (c *checker) outbound(key string, value []byte) error {
	o, err := decode[Outbound](key, value)
	if err != nil {
		return err
	}
	if outboundKey(o.Account) != key {
		c.problem("%s: holds account %s", key, o.Account)
	}
	for _, k := range o.Keys {
		if _, err := o.OpenKey(c.ring, k); err != nil {
			c.problem("%s: signing key %s cannot be opened", key, k.ID)
		}
	}
	if back, _, err := c.r.Get(outboundIssuerKey(o.Issuer)); err != nil || ids.Account(back) != o.Account {
		c.problem("%s: issuer %s is %q's", key, o.Issuer, back)
	}
	a, err := GetAccount(c.r, o.Account)
	if err == nil && a == nil {
		c.problem("%s: its account does not exist", key)
	}
	return err
}

// outboundIssuer makes sure that the account has this issuer.
func (c *checker) outboundIssuer(key string, value []byte) error {
	o, err := GetOutbound(c.r, ids.Account(value))
	if err == nil && (o == nil || o.Issuer != strings.TrimPrefix(key, outboundIssuers)) {
		c.problem("%s: leads to %q, which has another issuer", key, value)
	}
	return err
}
