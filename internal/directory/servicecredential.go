package directory

import (
	"fmt"
	"iter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// ServiceCredential is a user's user name and password, or API key, for one service.
type ServiceCredential struct {
	Credential
	Service string `cbor:"10,keyasint"` // codecommit.amazonaws.com
	Name    string `cbor:"11,keyasint"` // the part that is no secret
	Sealed  []byte `cbor:"12,keyasint"` // the secret, sealed to this record's key
	Expires Millis `cbor:"13,keyasint,omitempty"`
}

// ServiceCredentials is where they are kept. PutServiceCredential and
// DeleteServiceCredential look after the index, too.
var ServiceCredentials = CredentialKind[ServiceCredential, *ServiceCredential]{serviceCredentials}

func (s *ServiceCredential) key() string { return ServiceCredentials.key(s.Account, s.User, s.ID) }

func (s *ServiceCredential) index() string {
	return serviceKey(s.Account, s.Service) + string(s.User) + "/" + s.ID
}

func serviceKey(a ids.Account, service string) string {
	return credentialsByService + string(a) + "/" + service + "/"
}

// SealSecret puts secret into s, sealed so that it opens only as s's.
func (s *ServiceCredential) SealSecret(ring *seal.Keyring, secret string) (err error) {
	s.Sealed, err = ring.Seal([]byte(secret), s.key())
	return err
}

// OpenSecret returns the secret that SealSecret put in.
func (s *ServiceCredential) OpenSecret(ring *seal.Keyring) (string, error) {
	plain, err := ring.Open(s.Sealed, s.key())
	if err != nil {
		return "", fmt.Errorf("service credential %s: %w", s.ID, err)
	}
	return string(plain), nil
}

// PutServiceCredential stores s, new or in the place of the one of its ID.
func PutServiceCredential(tx store.Tx, s *ServiceCredential) error {
	if err := tx.Put(s.index(), []byte(s.key())); err != nil {
		return err
	}
	return ServiceCredentials.Put(tx, s)
}

// DeleteServiceCredential removes s.
func DeleteServiceCredential(tx store.Tx, s *ServiceCredential) error {
	if err := tx.Delete(s.index()); err != nil {
		return err
	}
	return ServiceCredentials.Delete(tx, s)
}

// ListServiceCredentials yields those of all users of the account, or of them those
// for one service, from the first behind the place after, which "" is before.
func ListServiceCredentials(r store.Reader, a ids.Account, service, after string) iter.Seq2[*ServiceCredential, error] {
	return scanServiceCredentials(r, a, service, "", after)
}

// ListUserServiceCredentials yields those of one user, as ListServiceCredentials does.
func ListUserServiceCredentials(r store.Reader, u *User, service, after string) iter.Seq2[*ServiceCredential, error] {
	return scanServiceCredentials(r, u.Account, service, string(u.ID)+"/", after)
}

// scanServiceCredentials yields those whose place begins with prefix.
func scanServiceCredentials(r store.Reader, a ids.Account, service, prefix, after string) iter.Seq2[*ServiceCredential, error] {
	space := serviceCredentials + string(a) + "/"
	if service != "" {
		space = serviceKey(a, service)
	}
	from := space + prefix
	if after > prefix {
		from = space + after + "\x00"
	}
	return func(yield func(*ServiceCredential, error) bool) {
		for pair, err := range r.Scan(from, store.PrefixEnd(space+prefix)) {
			if err != nil {
				yield(nil, err)
				return
			}
			key := pair.Key
			if service != "" {
				key = string(pair.Value)
			}
			s, err := get[ServiceCredential](r, key)
			if err == nil && s == nil {
				err = fmt.Errorf("index %s leads to no service credential", pair.Key)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Place is where ListServiceCredentials goes on after s.
func (s *ServiceCredential) Place() string { return string(s.User) + "/" + s.ID }

// serviceCredential compares a credential with its index.
func (c *checker) serviceCredential(key string, s *ServiceCredential) error {
	if _, err := s.OpenSecret(c.ring); err != nil {
		c.problem("%s: its secret cannot be opened", key)
	}
	to, _, err := c.r.Get(s.index())
	if err == nil && string(to) != key {
		c.problem("%s: index %s leads to %q", key, s.index(), to)
	}
	return err
}

// serviceIndex makes sure that an entry of the index leads to its credential.
func (c *checker) serviceIndex(key string, value []byte) error {
	s, err := get[ServiceCredential](c.r, string(value))
	if err == nil && (s == nil || s.index() != key) {
		c.problem("%s: leads to %q, which is no such service credential", key, value)
	}
	return err
}
