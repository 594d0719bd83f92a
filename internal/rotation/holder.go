package rotation

import (
	"errors"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Holder is the user whose key the current value of s is to hold, and the key, if there is
// one yet; for nobody, it says why.
func Holder(r store.Reader, ring *seal.Keyring, s *directory.Secret) (u *directory.User, key ids.KeyID, why string, err error) {
	v := s.Staged(current)
	if v == nil {
		return nil, "", ErrNoKey.Error(), nil
	}
	value, err := directory.SecretValue(r, ring, s, v.ID)
	if err != nil {
		return nil, "", "", err
	}
	k, err := ReadKey(value)
	if err != nil {
		return nil, "", err.Error(), nil
	}
	u, err = holder(r, s.Account, k)
	if known, ok := errors.AsType[failure](err); ok {
		return nil, "", string(known), nil
	}
	return u, k.ID, "", err
}

// holder is whose key k is, or is to be: both its name and its key, if they are there,
// must be one user's.
func holder(r store.Reader, a ids.Account, k *Key) (u *directory.User, err error) {
	if k.User != "" {
		if u, err = directory.Users.ByName(r, a, k.User); err != nil {
			return nil, err
		}
		if u == nil {
			return nil, fail("The secret is for user %s, who does not exist.", k.User)
		}
	}
	if k.ID == "" {
		return u, nil
	}
	key, err := directory.GetAccessKey(r, k.ID)
	switch {
	case err != nil:
		return nil, err
	case key != nil && (key.IsRoot() || key.Account != a):
		return nil, fail("The access key in the secret is no user's of the account.")
	case key == nil && u == nil:
		return nil, fail("The access key in the secret does not exist, and it does not say whose it should be.")
	case key == nil:
		return u, nil
	case u != nil && key.Owner != u.Owner():
		return nil, notOf(u)
	}
	return directory.KeyUser(r, key)
}

func notOf(u *directory.User) error {
	return fail("The access key in the secret is not one of user %s.", u.Name)
}
