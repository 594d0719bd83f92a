package authn

import (
	"errors"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
)

// errSessionOver is the answer to a session whose user, role or account is gone.
var errSessionOver = &awserr.Refusal{Kind: awserr.BadToken}

// confirmSession says whose a session is. It is over with the user or role that it is
// of: another of the same name has another ID.
func (a *Authenticator) confirmSession(r store.Reader, s *directory.Session) (op.Principal, error) {
	if a.EndWithKey && s.Began != "" {
		if _, err := goodKey(r, s.Began); err != nil {
			return op.Principal{}, endedWith(err)
		}
	}
	if err := checkOpen(r, s.Account, awserr.BadToken); err != nil {
		return op.Principal{}, err
	}
	p, err := bearerOf(r, s)
	p.Session = s
	return p, err
}

// endedWith is errSessionOver for a key that is not good.
func endedWith(err error) error {
	if _, refused := errors.AsType[*awserr.Refusal](err); refused {
		return errSessionOver
	}
	return err
}

// confirmStanding says who somebody is who signed earlier. It is over with the user,
// role or account, but not with the key.
func (a *Authenticator) confirmStanding(r store.Reader, s *directory.Standing) (op.Principal, error) {
	if s.Session != nil {
		return a.confirmSession(r, s.Session)
	}
	if err := checkOpen(r, s.Account, awserr.BadToken); err != nil {
		return op.Principal{}, err
	}
	if s.User == "" {
		return rootOf(s.Account, s.KeyID), nil
	}
	u, err := directory.Users.ByID(r, s.Account, s.User)
	if err != nil || u == nil {
		return op.Principal{}, gone(err)
	}
	return userOf(u, s.KeyID), nil
}

func bearerOf(r store.Reader, s *directory.Session) (op.Principal, error) {
	switch {
	case s.OfRole():
		role, err := directory.Roles.ByID(r, s.Account, s.Of)
		if err != nil || role == nil {
			return op.Principal{}, gone(err)
		}
		return op.Principal{
			Kind:    op.RoleSession,
			Account: s.Account,
			ARN:     role.SessionARN(s.Name),
			ID:      string(s.Of) + ":" + s.Name,
			KeyID:   s.KeyID,
			Bearer:  role.Common(),
		}, nil
	case s.Of == "":
		root, err := directory.GetAccount(r, s.Account)
		if err != nil || root == nil {
			return op.Principal{}, gone(err)
		}
		return federated(rootOf(s.Account, s.KeyID), s), nil
	}
	u, err := directory.Users.ByID(r, s.Account, s.Of)
	if err != nil || u == nil {
		return op.Principal{}, gone(err)
	}
	return federated(userOf(u, s.KeyID), s), nil
}

func gone(err error) error {
	if err != nil {
		return err
	}
	return errSessionOver
}

// federated is p, or the federated user that p vouches for.
func federated(p op.Principal, s *directory.Session) op.Principal {
	if s.Kind == directory.FederatedSession {
		p.Kind, p.Name = op.FederatedUser, ""
		p.ARN, p.ID = directory.FederatedUserARN(s.Account, s.Name), string(s.Account)+":"+s.Name
	}
	return p
}
