package directory

import (
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/password"
	"github.com/iamd-project/iamd/internal/store"
)

// LoginProfile is a user's password, hashed.
type LoginProfile struct {
	Account       ids.Account     `cbor:"1,keyasint"`
	User          ids.EntityID    `cbor:"2,keyasint"`
	Created       Millis          `cbor:"3,keyasint"`
	Changed       Millis          `cbor:"4,keyasint"` // when the password was last set
	ResetRequired bool            `cbor:"5,keyasint"`
	Passwords     []password.Hash `cbor:"6,keyasint"` // newest first: the one that is good, and those before it
}

func loginProfileKey(a ids.Account, user ids.EntityID) string {
	return loginProfiles + string(a) + "/" + string(user)
}

// GetLoginProfile returns the user's login profile, or nil.
func GetLoginProfile(r store.Reader, u *User) (*LoginProfile, error) {
	return get[LoginProfile](r, loginProfileKey(u.Account, u.ID))
}

// PutLoginProfile stores p, which is of a user without one, or in the place of the one it has.
func PutLoginProfile(tx store.Tx, p *LoginProfile) error {
	return put(tx, loginProfileKey(p.Account, p.User), p)
}

// DeleteLoginProfile removes the user's login profile and its past passwords.
func DeleteLoginProfile(tx store.Tx, u *User) error {
	return tx.Delete(loginProfileKey(u.Account, u.ID))
}

// loginProfile makes sure that the user is there.
func (c *checker) loginProfile(key string, value []byte) error {
	p, err := decode[LoginProfile](key, value)
	if err != nil {
		return err
	}
	if loginProfileKey(p.Account, p.User) != key {
		c.problem("%s: holds the login profile of %s", key, p.User)
	}
	if len(p.Passwords) == 0 {
		c.problem("%s: has no password", key)
	}
	return c.userExists(key, p.Account, p.User)
}

// userExists makes sure that whom a record belongs to is there.
func (c *checker) userExists(key string, a ids.Account, id ids.EntityID) error {
	u, err := Users.ByID(c.r, a, id)
	if err == nil && u == nil {
		c.problem("%s: its user %s does not exist", key, id)
	}
	return err
}
