package directory

import (
	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Account is an AWS account. Its root user is the account itself.
type Account struct {
	ID      ids.Account `cbor:"1,keyasint"`
	Name    string      `cbor:"2,keyasint,omitempty"`
	Created Millis      `cbor:"3,keyasint"`
	Keys    []HeldKey   `cbor:"4,keyasint,omitempty"` // root's access keys, oldest first
}

// ARN is that of the account's root user.
func (a *Account) ARN() string { return RootARN(a.ID) }

// RootARN is the ARN of an account's root user.
func RootARN(a ids.Account) string { return owner(a).Root().String() }

// owner is what the ARNs of an account's entities have in common.
func owner(a ids.Account) arn.Owner { return arn.Owner{Partition: "aws", Account: string(a)} }

// GetAccount returns the account, or nil.
func GetAccount(r store.Reader, id ids.Account) (*Account, error) {
	return get[Account](r, accountKey(id))
}

// Owner is what root's access keys belong to.
func (a *Account) Owner() Owner { return Owner(a.ID) }

func (a *Account) account() ids.Account { return a.ID }

// HeldKeys are the access keys, oldest first.
func (a *Account) HeldKeys() []HeldKey { return a.Keys }

func (a *Account) hold(tx store.Tx, keys []HeldKey) error {
	changed := *a
	changed.Keys = keys
	return PutAccount(tx, &changed)
}

// PutAccount stores a.
func PutAccount(tx store.Tx, a *Account) error { return put(tx, accountKey(a.ID), a) }
