package directory

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Account is an AWS account. Its root user is the account itself.
type Account struct {
	ID      ids.Account `cbor:"1,keyasint"`
	Name    string      `cbor:"2,keyasint,omitempty"` // two may have the same
	Created Millis      `cbor:"3,keyasint"`
	Keys    []HeldKey   `cbor:"4,keyasint,omitempty"` // root's access keys, oldest first
	Email   string      `cbor:"5,keyasint,omitempty"` // no two have the same, ignoring case

	Organization OrganizationID `cbor:"6,keyasint,omitempty"` // the one it is in, "" for none
	Joined       Millis         `cbor:"7,keyasint,omitempty"` // when it came into the organization
	Tags         []Tag          `cbor:"8,keyasint,omitempty"` // given by the organization; case counts in their keys
	Closed       Millis         `cbor:"9,keyasint,omitempty"` // zero while it is open

	// LongTokens says that the global endpoint's session tokens are of version 2,
	// good in all regions.
	LongTokens bool `cbor:"10,keyasint,omitempty"`
}

// ARN is that of the account's root user.
func (a *Account) ARN() string { return RootARN(a.ID) }

// RootARN is the ARN of an account's root user.
func RootARN(a ids.Account) string { return owner(a).Root().String() }

// owner is what the ARNs of an account's entities have in common.
func owner(a ids.Account) arn.Owner { return arn.Owner{Partition: "aws", Account: string(a)} }

// DefaultEmail is the address of an account that was given none, since AWS's
// clients count on one. Nothing can be sent to it.
// https://www.rfc-editor.org/rfc/rfc2606#section-2
func DefaultEmail(a ids.Account) string { return "root@" + string(a) + ".invalid" }

func accountNameKey(name string, a ids.Account) string {
	return accountNames + strings.ToLower(name) + "\x00" + string(a)
}

func accountEmailKey(email string) string { return accountEmails + strings.ToLower(email) }

// GetAccount returns the account, or nil.
func GetAccount(r store.Reader, id ids.Account) (*Account, error) {
	return get[Account](r, accountKey(id))
}

// AccountClosed reports whether the account is closed: nobody in it may call
// anything.
func AccountClosed(r store.Reader, id ids.Account) (bool, error) {
	a, err := GetAccount(r, id)
	return a != nil && a.Closed != 0, err
}

// Accounts yields all accounts in the order of their IDs, from the first behind
// after, which "" is before.
func Accounts(r store.Reader, after ids.Account) iter.Seq2[*Account, error] {
	return accountsIn(r, accounts, after)
}

// AccountsNamed yields the accounts of that name, ignoring case.
func AccountsNamed(r store.Reader, name string) iter.Seq2[*Account, error] {
	return accountsIn(r, accountNameKey(name, ""), "")
}

// accountsIn yields the accounts whose IDs end the keys that begin with prefix.
func accountsIn(r store.Reader, prefix string, after ids.Account) iter.Seq2[*Account, error] {
	return func(yield func(*Account, error) bool) {
		for id, err := range scanPairs(r, prefix, ids.EntityID(after)) {
			var a *Account
			if err == nil {
				a, err = mustAccount(r, prefix, ids.Account(id))
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// mustAccount goes from an index entry to the account that it must lead to.
func mustAccount(r store.Reader, index string, id ids.Account) (*Account, error) {
	a, err := GetAccount(r, id)
	if err == nil && a == nil {
		err = fmt.Errorf("index %s leads to no account %s", index, id)
	}
	return a, err
}

// AccountByEmail returns the account that has the address, ignoring case, or nil.
func AccountByEmail(r store.Reader, email string) (*Account, error) {
	key := accountEmailKey(email)
	id, ok, err := r.Get(key)
	if err != nil || !ok {
		return nil, err
	}
	return mustAccount(r, key, ids.Account(id))
}

// FreeAccount draws until it finds a number that is not taken.
func FreeAccount(r store.Reader, src ids.Source) (ids.Account, error) {
	for range 100 {
		id := src.Account()
		taken, err := GetAccount(r, id)
		if err != nil || taken == nil {
			return id, err
		}
	}
	return "", fmt.Errorf("no free account number")
}

// TokenVersion is the version of the session tokens of the global endpoint.
func (a *Account) TokenVersion() int32 {
	if a.LongTokens {
		return 2
	}
	return 1
}

// RootUser stands for the root user where the credentials of users are looked up,
// which are kept under the account for it. It is no user that is stored.
func (a *Account) RootUser() *User {
	return &User{Entity: Entity{ID: ids.EntityID(a.ID), Account: a.ID}}
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

// PutAccount stores a with its indexes, new or in the place of the one of its ID;
// the caller has made sure that the address is free.
func PutAccount(tx store.Tx, a *Account) error {
	was, err := GetAccount(tx, a.ID)
	if err != nil {
		return err
	}
	var old []string
	if was != nil {
		old = was.indexes()
	}
	if err := putIndexes(tx, old, a.indexes(), ids.EntityID(a.ID)); err != nil {
		return err
	}
	return put(tx, accountKey(a.ID), a)
}

// indexes are the keys that lead to a.
func (a *Account) indexes() (keys []string) {
	if a.Name != "" {
		keys = append(keys, accountNameKey(a.Name, a.ID))
	}
	if a.Email != "" {
		keys = append(keys, accountEmailKey(a.Email))
	}
	if a.Organization != "" {
		keys = append(keys, memberAccountKey(a.Organization, a.ID))
	}
	return keys
}

// account compares an account with its indexes, its keys and its organization.
func (c *checker) account(key string, value []byte) error {
	c.report.Accounts++
	a, err := decode[Account](key, value)
	if err != nil {
		return err
	}
	if accountKey(a.ID) != key {
		c.problem("%s: holds account %s", key, a.ID)
	}
	for _, index := range a.indexes() {
		if id, _, err := c.r.Get(index); err != nil || ids.Account(id) != a.ID {
			c.problem("%s: index %q leads to %q", key, index, id)
		}
	}
	if err := c.organizationOf(key, a); err != nil {
		return err
	}
	if err := c.counts(key, a.ID); err != nil {
		return err
	}
	return c.holder(key, a)
}

// accountIndex compares an entry of an index with the account that it leads to.
func (c *checker) accountIndex(key string, value []byte) error {
	a, err := GetAccount(c.r, ids.Account(value))
	if err == nil && (a == nil || !slices.Contains(a.indexes(), key)) {
		c.problem("%q: leads to %q, which is no such account", key, value)
	}
	return err
}
