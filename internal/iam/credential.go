package iam

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// userOf finds the user whose credentials a call is about. The call may leave
// UserName out and then means its caller, which for root is no user: nil.
func userOf(c *op.Call, name *string) (*directory.User, error) {
	s, err := subjectOf(c, name)
	if err != nil {
		return nil, err
	}
	u, _ := s.Holder.(*directory.User)
	return u, nil
}

// mustUserOf is userOf for what root can't have.
func mustUserOf(c *op.Call, name *string) (*directory.User, error) {
	u, err := userOf(c, name)
	if err == nil && u == nil {
		err = errMustSpecifyUser
	}
	return u, err
}

var errMustSpecifyUser = validationError("Must specify userName when calling with non-User credentials")

// pageOfCredentials lists a user's credentials, oldest first; nobody has none.
func pageOfCredentials[T any, P directory.CredentialRecord[T]](c *op.Call, k directory.CredentialKind[T, P], u *directory.User, marker *string, maxItems *int32) (page[P], error) {
	cursor, err := cursorOf(marker)
	if err != nil {
		return page[P]{}, err
	}
	var all []P
	if u != nil {
		if all, err = k.Of(c.Snap, u); err != nil {
			return page[P]{}, err
		}
	}
	return paged(op.After(all, cursor, credentialCursor[T, P]), maxItems, credentialCursor[T, P])
}

func credentialCursor[T any, P directory.CredentialRecord[T]](rec P) string {
	cr := rec.Common()
	return fmt.Sprintf("%015d/%s", int64(cr.Created), cr.ID)
}

// newCredential is what a new credential of any kind begins with.
func newCredential(c *op.Call, u *directory.User, id string) directory.Credential {
	return directory.Credential{ID: id, Account: u.Account, User: u.ID, Created: directory.At(c.Now)}
}

// setStatus stores a copy of was that has the status.
func setStatus[T any, P directory.CredentialRecord[T]](c *op.Call, k directory.CredentialKind[T, P], was P, status string) (*op.None, error) {
	changed := *was
	P(&changed).Common().Inactive = status != "Active"
	return &op.None{}, k.Put(c.Tx, &changed)
}
