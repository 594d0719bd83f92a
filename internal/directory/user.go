package directory

import (
	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// User is an IAM user.
type User struct {
	Entity
	Keys   []HeldKey      `cbor:"10,keyasint,omitempty"` // access keys, oldest first
	Groups []ids.EntityID `cbor:"11,keyasint,omitempty"` // those the user is in, in the order of joining
}

// Users is where users are kept.
var Users = Kind[User, *User]{"user", arn.User}

// ARN names the user; it changes with its path and name.
func (u *User) ARN() string { return Users.ARN(u.Account, u.Path, u.Name) }

// Owner is what the user's access keys belong to.
func (u *User) Owner() Owner { return Owner(u.ID) }

func (u *User) account() ids.Account { return u.Account }

// HeldKeys are the access keys, oldest first.
func (u *User) HeldKeys() []HeldKey { return u.Keys }

func (u *User) hold(tx store.Tx, keys []HeldKey) error {
	changed := *u
	changed.Keys = keys
	return Users.Put(tx, u, &changed)
}
