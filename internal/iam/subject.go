package iam

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
)

// subject is whose credentials a call is about: a user, or the account's root.
type subject struct {
	directory.Holder
	name *string         // as replies show it: root has none
	tags []directory.Tag // of a user
}

// subjectOf finds the subject of a call that may leave UserName out, which then
// means whoever signed it.
func subjectOf(c *op.Call, name *string) (subject, error) {
	if name != nil {
		u, err := mustUser(c, *name)
		if err != nil {
			return subject{}, err
		}
		return userSubject(u), nil
	}
	switch c.Caller.Kind {
	case op.Root:
		return rootSubject(c, c.Caller.Account)
	case op.User:
		u, err := mustUser(c, c.Caller.Name)
		if err != nil {
			return subject{}, err
		}
		return userSubject(u), nil
	default:
		return subject{}, validationError("Must specify userName when calling with non-User credentials")
	}
}

func userSubject(u *directory.User) subject {
	return subject{Holder: u, name: &u.Name, tags: u.Tags}
}

func rootSubject(c *op.Call, a ids.Account) (subject, error) {
	root, err := directory.GetAccount(c.Snap, a)
	if err != nil {
		return subject{}, err
	}
	return subject{Holder: root}, nil
}

// needSubject is a permission on the subject.
func needSubject(c *op.Call, action string, name *string) ([]op.Need, error) {
	if name != nil {
		return needUser(c, action, *name)
	}
	s, err := subjectOf(c, nil)
	if err != nil {
		return nil, err
	}
	return needOn(action, s.ARN(), s.tags), nil
}

func needUser(c *op.Call, action, name string) ([]op.Need, error) {
	return needEntity(c, directory.Users, action, name)
}

func mustUser(c *op.Call, name string) (*directory.User, error) {
	return mustEntity(c, directory.Users, name)
}
