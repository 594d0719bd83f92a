package iam

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// subject is whose credentials a call is about: a user, or the account's root.
type subject struct {
	directory.Holder
	name *string // as replies show it: root has none
	arn  string
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
		root, err := directory.GetAccount(c.Snap, c.Caller.Account)
		if err != nil {
			return subject{}, err
		}
		return subject{Holder: root, arn: root.RootARN()}, nil
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
	return subject{Holder: u, name: &u.Name, arn: u.ARN()}
}

// needSubject is a permission on the subject. A user that does not exist has no
// path: the permission is asked on the name alone, and Run says that it is missing.
func needSubject(c *op.Call, action string, name *string) ([]op.Need, error) {
	if name != nil {
		return needUser(c, action, *name)
	}
	s, err := subjectOf(c, nil)
	if err != nil {
		return nil, err
	}
	return need(action, s.arn), nil
}

func needUser(c *op.Call, action, name string) ([]op.Need, error) {
	u, err := directory.Users.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return need(action, directory.Users.ARN(c.Caller.Account, "/", name)), nil
	}
	return need(action, u.ARN()), nil
}

func mustUser(c *op.Call, name string) (*directory.User, error) {
	u, err := directory.Users.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && u == nil {
		err = noSuchEntity("The user with name %s cannot be found.", name)
	}
	return u, err
}
