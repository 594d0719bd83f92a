package directory

import (
	"cmp"
	"slices"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Credential is what the credentials have in common that a user has a few of and
// that are found through the user alone: all but access keys. It takes the numbers
// 1 to 9 of a record.
type Credential struct {
	ID       string       `cbor:"1,keyasint"`
	Account  ids.Account  `cbor:"2,keyasint"`
	User     ids.EntityID `cbor:"3,keyasint"`
	Inactive bool         `cbor:"4,keyasint"`
	Created  Millis       `cbor:"5,keyasint"`
}

// Common is cr: every record that embeds a Credential has it.
func (cr *Credential) Common() *Credential { return cr }

// CredentialRecord is a pointer to a T, which embeds a Credential.
type CredentialRecord[T any] interface {
	*T
	Common() *Credential
}

// CredentialKind is where the credentials of one kind are kept.
type CredentialKind[T any, P CredentialRecord[T]] struct {
	space string // the first part of the keys, with a slash
}

func (k CredentialKind[T, P]) key(a ids.Account, user ids.EntityID, id string) string {
	return k.space + string(a) + "/" + string(user) + "/" + id
}

// Get returns the user's credential of that ID, or nil.
func (k CredentialKind[T, P]) Get(r store.Reader, u *User, id string) (P, error) {
	return get[T](r, k.key(u.Account, u.ID, id))
}

// Of returns the user's credentials, oldest first.
func (k CredentialKind[T, P]) Of(r store.Reader, u *User) ([]P, error) {
	var all []P
	space := k.key(u.Account, u.ID, "")
	for pair, err := range r.Scan(space, store.PrefixEnd(space)) {
		if err != nil {
			return nil, err
		}
		rec, err := decode[T](pair.Key, pair.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	slices.SortFunc(all, func(a, b P) int {
		x, y := a.Common(), b.Common()
		return cmp.Or(cmp.Compare(x.Created, y.Created), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// Any reports whether the user has any.
func (k CredentialKind[T, P]) Any(r store.Reader, u *User) (bool, error) {
	space := k.key(u.Account, u.ID, "")
	for _, err := range r.Scan(space, store.PrefixEnd(space)) {
		return err == nil, err
	}
	return false, nil
}

// Put stores rec, new or in the place of the one of its ID.
func (k CredentialKind[T, P]) Put(tx store.Tx, rec P) error {
	cr := rec.Common()
	return put(tx, k.key(cr.Account, cr.User, cr.ID), rec)
}

// Delete removes rec.
func (k CredentialKind[T, P]) Delete(tx store.Tx, rec P) error {
	cr := rec.Common()
	return tx.Delete(k.key(cr.Account, cr.User, cr.ID))
}

// addCredentials adds the check of a kind of credentials; more checks what only
// this kind has.
func addCredentials[T any, P CredentialRecord[T]](c *checker, spaces map[string]spaceCheck, k CredentialKind[T, P], more func(key string, rec P) error) {
	spaces[k.space] = func(key string, value []byte) error {
		rec, err := decode[T](key, value)
		if err != nil {
			return err
		}
		cr := P(rec).Common()
		if k.key(cr.Account, cr.User, cr.ID) != key {
			c.problem("%s: holds %s of user %s", key, cr.ID, cr.User)
		}
		if err := more(key, rec); err != nil {
			return err
		}
		return c.userExists(key, cr.Account, cr.User)
	}
}

// Status is the credential's status in AWS's words.
func (cr *Credential) Status() string {
	if cr.Inactive {
		return "Inactive"
	}
	return "Active"
}
