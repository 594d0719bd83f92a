package directory

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// User is an IAM user.
type User struct {
	ID      ids.EntityID `cbor:"1,keyasint"` // AIDA…; never used again
	Account ids.Account  `cbor:"2,keyasint"`
	Name    string       `cbor:"3,keyasint"` // as given: case is kept, and ignored in comparisons
	Path    string       `cbor:"4,keyasint"` // begins and ends with "/"
	Created Millis       `cbor:"5,keyasint"`
	Tags    []Tag        `cbor:"6,keyasint,omitempty"`
	Keys    []ids.KeyID  `cbor:"7,keyasint,omitempty"` // oldest first
}

// Tag is a tag of any entity. Keys are unique ignoring case.
type Tag struct {
	Key   string `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`
}

// ARN names the user; it changes with its path and name.
func (u *User) ARN() string { return UserARN(u.Account, u.Path, u.Name) }

// Owner is what the user's access keys belong to.
func (u *User) Owner() Owner { return Owner(u.ID) }

func (u *User) account() ids.Account { return u.Account }
func (u *User) held() []ids.KeyID    { return u.Keys }

func (u *User) hold(tx store.Tx, keys []ids.KeyID) error {
	changed := *u
	changed.Keys = keys
	return PutUser(tx, u, &changed)
}

// UserARN is the ARN of a user of this path and name, whether there is one or not.
func UserARN(a ids.Account, path, name string) string {
	return owner(a).Entity(arn.Entity{Kind: arn.User, Path: path, Name: name}).String()
}

// UserByID returns the user, or nil.
func UserByID(r store.Reader, a ids.Account, id ids.EntityID) (*User, error) {
	return get[User](r, userKey(a, id))
}

// UserByName returns the user of that name, ignoring case, or nil.
func UserByName(r store.Reader, a ids.Account, name string) (*User, error) {
	key := userNameKey(a, name)
	id, ok, err := r.Get(key)
	if err != nil || !ok {
		return nil, err
	}
	return userOf(r, a, key, id)
}

// userOf follows an index entry, which must lead to a user.
func userOf(r store.Reader, a ids.Account, index string, id []byte) (*User, error) {
	u, err := UserByID(r, a, ids.EntityID(id))
	if err == nil && u == nil {
		err = fmt.Errorf("index %s leads to no user", index)
	}
	return u, err
}

// PutUser stores u with its indexes. was is the record that it replaces, nil
// for a new user; the caller has made sure that the name is free.
func PutUser(tx store.Tx, was, u *User) error {
	if err := put(tx, userKey(u.Account, u.ID), u); err != nil {
		return err
	}
	if was != nil {
		if was.Name == u.Name && was.Path == u.Path {
			return nil
		}
		if err := deleteUserIndexes(tx, was); err != nil {
			return err
		}
	}
	if err := tx.Put(userNameKey(u.Account, u.Name), []byte(u.ID)); err != nil {
		return err
	}
	return tx.Put(userPathKey(u.Account, u.Path, u.Name), []byte(u.ID))
}

// DeleteUser removes u and its indexes, and nothing that belongs to u.
func DeleteUser(tx store.Tx, u *User) error {
	if err := deleteUserIndexes(tx, u); err != nil {
		return err
	}
	return tx.Delete(userKey(u.Account, u.ID))
}

func deleteUserIndexes(tx store.Tx, u *User) error {
	if err := tx.Delete(userNameKey(u.Account, u.Name)); err != nil {
		return err
	}
	return tx.Delete(userPathKey(u.Account, u.Path, u.Name))
}

// Users yields the users whose path begins with prefix. Below "/" they come in
// the order of their names, below any other prefix in that of path and name;
// either way a listing costs what it yields. It begins after the user that
// cursor, from UserCursor with the same prefix, stands for; "" begins at the first.
func Users(r store.Reader, a ids.Account, prefix, cursor string) iter.Seq2[*User, error] {
	space := userNames + string(a) + "/"
	from := space
	if prefix != "/" {
		space, from = userPaths+string(a), userPaths+string(a)+prefix
	}
	to := store.PrefixEnd(from)
	return func(yield func(*User, error) bool) {
		if cursor != "" {
			at, err := cursorPlace(r, a, cursor)
			if err != nil {
				yield(nil, err)
				return
			}
			from = space + at + "\x00"
		}
		for pair, err := range r.Scan(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			u, err := userOf(r, a, pair.Key, pair.Value)
			if !yield(u, err) || err != nil {
				return
			}
		}
	}
}

// ErrCursor reports a cursor that leads nowhere.
var ErrCursor = errors.New("directory: no such cursor")

// maxCursor is the longest cursor, in bytes: IAM takes markers of 320 characters.
const maxCursor = 200

// UserCursor says where a listing below prefix has got to with u. The user may be
// gone when the listing goes on, unless its path is very long.
func UserCursor(prefix string, u *User) string {
	at := strings.ToLower(u.Name)
	if prefix != "/" {
		at = u.Path + at
	}
	if len(at) > maxCursor {
		return "\x00" + string(u.ID)
	}
	return at
}

// cursorPlace is where in the index of paths or names a cursor points.
func cursorPlace(r store.Reader, a ids.Account, cursor string) (string, error) {
	id, long := strings.CutPrefix(cursor, "\x00")
	if !long {
		return cursor, nil
	}
	u, err := UserByID(r, a, ids.EntityID(id))
	if err != nil {
		return "", err
	}
	if u == nil {
		return "", ErrCursor
	}
	return u.Path + strings.ToLower(u.Name), nil
}
