package directory

import (
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// PasswordPolicy is what an account asks of its users' passwords.
type PasswordPolicy struct {
	MinimumLength   int32 `cbor:"1,keyasint"`
	Symbols         bool  `cbor:"2,keyasint"` // whether one must have any
	Numbers         bool  `cbor:"3,keyasint"`
	Uppercase       bool  `cbor:"4,keyasint"`
	Lowercase       bool  `cbor:"5,keyasint"`
	UsersMayChange  bool  `cbor:"6,keyasint"` // each its own
	MaxAge          int32 `cbor:"7,keyasint"` // days; 0 for no end
	ReusePrevention int32 `cbor:"8,keyasint"` // how many of the last passwords may not come back
	HardExpiry      *bool `cbor:"9,keyasint"` // nil when never said
}

func passwordPolicyKey(a ids.Account) string { return passwordPolicies + string(a) }

// GetPasswordPolicy returns the account's password policy, or nil.
func GetPasswordPolicy(r store.Reader, a ids.Account) (*PasswordPolicy, error) {
	return get[PasswordPolicy](r, passwordPolicyKey(a))
}

// PutPasswordPolicy stores the account's password policy.
func PutPasswordPolicy(tx store.Tx, a ids.Account, p *PasswordPolicy) error {
	return put(tx, passwordPolicyKey(a), p)
}

// DeletePasswordPolicy removes it.
func DeletePasswordPolicy(tx store.Tx, a ids.Account) error {
	return tx.Delete(passwordPolicyKey(a))
}

func (c *checker) passwordPolicy(key string, value []byte) error {
	if _, err := decode[PasswordPolicy](key, value); err != nil {
		return err
	}
	a, err := GetAccount(c.r, ids.Account(strings.TrimPrefix(key, passwordPolicies)))
	if err == nil && a == nil {
		c.problem("%s: its account does not exist", key)
	}
	return err
}
