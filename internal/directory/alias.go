package directory

import (
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

func accountAliasKey(a ids.Account) string { return accountAliases + string(a) }

func aliasKey(alias string) string { return aliases + alias }

// AccountAlias is the account's alias, "" for none.
func AccountAlias(r store.Reader, a ids.Account) (string, error) {
	alias, _, err := r.Get(accountAliasKey(a))
	return string(alias), err
}

// AliasAccount is the account of that alias, "" for none: no two accounts of a
// server have the same.
func AliasAccount(r store.Reader, alias string) (ids.Account, error) {
	a, _, err := r.Get(aliasKey(alias))
	return ids.Account(a), err
}

// PutAccountAlias gives the account an alias, which is free, in the place of any
// that it has.
func PutAccountAlias(tx store.Tx, a ids.Account, alias string) error {
	if err := DeleteAccountAlias(tx, a); err != nil {
		return err
	}
	if err := tx.Put(aliasKey(alias), []byte(a)); err != nil {
		return err
	}
	return tx.Put(accountAliasKey(a), []byte(alias))
}

// DeleteAccountAlias takes the account's alias away, if it has one.
func DeleteAccountAlias(tx store.Tx, a ids.Account) error {
	alias, err := AccountAlias(tx, a)
	if err != nil || alias == "" {
		return err
	}
	if err := tx.Delete(aliasKey(alias)); err != nil {
		return err
	}
	return tx.Delete(accountAliasKey(a))
}

// accountAlias makes sure that the account is there and the alias leads back to it.
func (c *checker) accountAlias(key string, value []byte) error {
	id := ids.Account(strings.TrimPrefix(key, accountAliases))
	a, err := GetAccount(c.r, id)
	if err != nil {
		return err
	}
	if a == nil {
		c.problem("%s: its account does not exist", key)
	}
	if back, err := AliasAccount(c.r, string(value)); err != nil || back != id {
		c.problem("%s: alias %s is %q's", key, value, back)
	}
	return nil
}

// alias makes sure that the account has the alias.
func (c *checker) alias(key string, value []byte) error {
	alias, err := AccountAlias(c.r, ids.Account(value))
	if err == nil && aliasKey(alias) != key {
		c.problem("%s: account %s has alias %q", key, value, alias)
	}
	return err
}
