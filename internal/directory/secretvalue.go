package directory

import (
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// valueKey is own between the two, in one piece: it is made for each reading.
func (s *Secret) valueKey(version string) string {
	return secretValues + string(s.Account) + "/" + s.Region + "/" + s.Name + "\x00" + s.Suffix + "\x00" + version
}

// PutSecretValue stores the value of a version of s, sealed so that it opens only as that.
func PutSecretValue(tx store.Tx, ring *seal.Keyring, s *Secret, version string, value []byte) error {
	key := s.valueKey(version)
	sealed, err := ring.Seal(value, key)
	if err != nil {
		return err
	}
	return tx.Put(key, sealed)
}

// SecretValue is the value of a version that s, which is no replica, has.
func SecretValue(r store.Reader, ring *seal.Keyring, s *Secret, version string) ([]byte, error) {
	key := s.valueKey(version)
	sealed, ok, err := r.Get(key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%q does not exist", key)
	}
	value, err := ring.Open(sealed, key)
	if err != nil {
		err = fmt.Errorf("%q: %w", key, err)
	}
	return value, err
}

// DeleteSecretValue removes the value of a version that s has no more.
func DeleteSecretValue(tx store.Tx, s *Secret, version string) error {
	return tx.Delete(s.valueKey(version))
}

// How much of each kind SweepSecrets does in one transaction, which writes up to five keys
// for a secret and one for a value.
const (
	secretsSwept = 10
	valuesSwept  = 40
)

// SecretsToSweep reports whether SweepSecrets has anything to do.
func SecretsToSweep(r store.Reader, now Millis) (bool, error) {
	for _, err := range r.Scan(secretsDue, secretsDue+TimeKey(now+1)) {
		return err == nil, err
	}
	for _, err := range r.Scan(secretsGone, store.PrefixEnd(secretsGone)) {
		return err == nil, err
	}
	return false, nil
}

// SweepSecrets deletes secrets whose time has come, and values of those that are gone: as
// many as one transaction may. It reports whether there may be more.
func SweepSecrets(tx store.Tx, now Millis) (more bool, err error) {
	var due []*Secret
	for pair, err := range tx.Scan(secretsDue, secretsDue+TimeKey(now+1)) {
		if err != nil {
			return false, err
		}
		if len(due) == secretsSwept {
			more = true
			break
		}
		s, err := secretDue(tx, pair.Key)
		if err != nil {
			return false, err
		}
		due = append(due, s)
	}
	for _, s := range due {
		if err := DeleteSecret(tx, s); err != nil {
			return false, err
		}
	}
	moreValues, err := sweepValues(tx)
	return more || moreValues, err
}

// secretDue goes from an entry of the index to the secret that it must lead to.
func secretDue(r store.Reader, index string) (*Secret, error) {
	part := strings.SplitN(index, "/", 5)
	if len(part) < 5 {
		return nil, fmt.Errorf("index %s leads to no secret", index)
	}
	s, err := GetSecret(r, ids.Account(part[2]), part[3], part[4])
	if err == nil && (s == nil || s.dueKey() != index) {
		err = fmt.Errorf("index %s leads to no such secret", index)
	}
	return s, err
}

// sweepValues removes values of secrets that are gone, and then the mark that they are to.
func sweepValues(tx store.Tx) (more bool, err error) {
	var keys []string
	for gone, err := range tx.Scan(secretsGone, store.PrefixEnd(secretsGone)) {
		if err != nil {
			return false, err
		}
		prefix := secretValues + strings.TrimPrefix(gone.Key, secretsGone) + "\x00"
		for value, err := range tx.Scan(prefix, store.PrefixEnd(prefix)) {
			if err != nil {
				return false, err
			}
			if len(keys) >= valuesSwept {
				return true, deleteAll(tx, keys)
			}
			keys = append(keys, value.Key)
		}
		if len(keys) >= valuesSwept {
			return true, deleteAll(tx, keys)
		}
		keys = append(keys, gone.Key)
	}
	return false, deleteAll(tx, keys)
}

func deleteAll(tx store.Tx, keys []string) error {
	for _, key := range keys {
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// A Use is that something was used. It is noted without a write of its own, and kept by
// the day. Those that are equal are one.
type Use interface {
	Key() string                        // orders uses
	Own() Use                           // a copy that keeps nothing else in memory
	Keep(tx store.Tx, day Millis) error // writes at most two records; what was used may be gone by now
}

// SecretUse is a reading of a secret's value.
type SecretUse struct {
	Account      ids.Account
	Region       string // where it was read
	Name, Suffix string
	Version      string
}

// Key implements Use.
func (u SecretUse) Key() string {
	return strings.Join([]string{string(u.Account), u.Name, u.Suffix, u.Region, u.Version}, "\x00")
}

// Own implements Use.
func (u SecretUse) Own() Use {
	return SecretUse{
		ids.Account(strings.Clone(string(u.Account))), strings.Clone(u.Region),
		strings.Clone(u.Name), strings.Clone(u.Suffix), strings.Clone(u.Version),
	}
}

// Keep implements Use: the secret, its version and its primary know the day.
func (u SecretUse) Keep(tx store.Tx, day Millis) error {
	s, err := GetSecret(tx, u.Account, u.Region, u.Name)
	if err != nil || s == nil || s.Suffix != u.Suffix {
		return err
	}
	changed := *s
	changed.Accessed = max(s.Accessed, day)
	changed.accessVersion(u.Version, day)
	if err := PutSecret(tx, s, &changed); err != nil || !s.IsReplica() {
		return err
	}
	p, err := PrimaryOf(tx, s)
	if err != nil {
		return err
	}
	primary := *p
	primary.accessVersion(u.Version, day)
	return PutSecret(tx, p, &primary)
}

func (s *Secret) accessVersion(id string, day Millis) {
	versions := append([]SecretVersion(nil), s.Versions...)
	s.Versions = versions
	if v := s.Version(id); v != nil {
		v.Accessed = max(v.Accessed, day)
	}
}
