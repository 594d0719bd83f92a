package directory

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Secret is a secret of Secrets Manager in one region. Its name never changes. Its
// values are kept beside it.
//
// A replica is a record of its own that has little to say: what it does not share with
// the primary secret. Everything else is read there, so that it cannot be behind.
type Secret struct {
	Account ids.Account `cbor:"1,keyasint"`
	Region  string      `cbor:"2,keyasint"`
	Name    string      `cbor:"3,keyasint"` // case counts
	Suffix  string      `cbor:"4,keyasint"` // ends its ARN; others that had its name had another

	Created  Millis `cbor:"5,keyasint"`
	Changed  Millis `cbor:"6,keyasint"`
	Accessed Millis `cbor:"7,keyasint,omitempty"` // the day on which a value was last read here
	Deleted  Millis `cbor:"8,keyasint,omitempty"` // when its deletion was asked for
	Due      Millis `cbor:"9,keyasint,omitempty"` // when it goes for good; zero for never

	KMSKey  string `cbor:"10,keyasint,omitempty"` // as it was given; "" is the service's own
	Primary string `cbor:"11,keyasint,omitempty"` // of a replica: the region of its primary secret

	// What a replica has not.
	Token       string          `cbor:"12,keyasint,omitempty"` // of the request that made it
	Description string          `cbor:"13,keyasint,omitempty"`
	Type        string          `cbor:"14,keyasint,omitempty"`
	Tags        []Tag           `cbor:"15,keyasint,omitempty"` // case counts in their keys
	Policy      Document        `cbor:"16,keyasint,omitempty"` // "" for none
	Versions    []SecretVersion `cbor:"17,keyasint,omitempty"` // oldest first
	Replicas    []SecretReplica `cbor:"18,keyasint,omitempty"` // by region
	Rotation    *SecretRotation `cbor:"19,keyasint,omitempty"`
}

// SecretVersion is what is known of one value of a secret.
type SecretVersion struct {
	ID       string   `cbor:"1,keyasint"` // case counts
	Created  Millis   `cbor:"2,keyasint"`
	Accessed Millis   `cbor:"3,keyasint,omitempty"` // the day on which it was last read in any region
	Stages   []string `cbor:"4,keyasint,omitempty"` // no two versions have the same; without any it is deprecated
	KMSKey   string   `cbor:"5,keyasint,omitempty"`
	Binary   bool     `cbor:"6,keyasint,omitempty"`
}

// SecretReplica is a region that a secret is replicated to.
type SecretReplica struct {
	Region string `cbor:"1,keyasint"`
	KMSKey string `cbor:"2,keyasint,omitempty"`
	Failed string `cbor:"3,keyasint,omitempty"` // why there is no replica there
}

func secretKey(a ids.Account, region, name string) string {
	return secrets + string(a) + "/" + region + "/" + name
}

func secretCountKey(a ids.Account, region string) string {
	return secretCounts + string(a) + "/" + region
}

// TimeKey orders moments as text.
func TimeKey(m Millis) string { return fmt.Sprintf("%013d", int64(m)) }

func secretsMadeKey(a ids.Account, region string) string {
	return secretsMade + string(a) + "/" + region + "/"
}

func (s *Secret) key() string { return secretKey(s.Account, s.Region, s.Name) }

func (s *Secret) madeKey() string {
	return secretsMadeKey(s.Account, s.Region) + TimeKey(s.Created) + "/" + s.Name
}

func (s *Secret) dueKey() string {
	return secretsDue + TimeKey(s.Due) + "/" + strings.TrimPrefix(s.key(), secrets)
}

// own is what in the key of a value names its secret.
func (s *Secret) own() string {
	return string(s.Account) + "/" + s.Region + "/" + s.Name + "\x00" + s.Suffix
}

const secretARNStart = "arn:aws:secretsmanager:"

// ARN names the secret; that of a replica differs from its primary's in the region.
func (s *Secret) ARN() string {
	return secretARNStart + s.Region + ":" + string(s.Account) + ":secret:" + s.Name + "-" + s.Suffix
}

// SecretARN begins the ARN of any secret of that name.
func SecretARN(a ids.Account, region, name string) string {
	return secretARNStart + region + ":" + string(a) + ":secret:" + name
}

// IsReplica reports whether the secret follows one in another region.
func (s *Secret) IsReplica() bool { return s.Primary != "" }

// Version is the version of that ID, or nil.
func (s *Secret) Version(id string) *SecretVersion {
	for i := range s.Versions {
		if s.Versions[i].ID == id {
			return &s.Versions[i]
		}
	}
	return nil
}

// Staged is the version that has the label, or nil.
func (s *Secret) Staged(stage string) *SecretVersion {
	for i := range s.Versions {
		if slices.Contains(s.Versions[i].Stages, stage) {
			return &s.Versions[i]
		}
	}
	return nil
}

// GetSecret returns the secret, whose time may have come, or nil.
func GetSecret(r store.Reader, a ids.Account, region, name string) (*Secret, error) {
	return get[Secret](r, secretKey(a, region, name))
}

// PrimaryOf is the secret that has what s says: s itself, or the one that it is a
// replica of.
func PrimaryOf(r store.Reader, s *Secret) (*Secret, error) {
	if !s.IsReplica() {
		return s, nil
	}
	p, err := GetSecret(r, s.Account, s.Primary, s.Name)
	if err == nil && p == nil {
		err = fmt.Errorf("%s is a replica of a secret that does not exist", s.key())
	}
	return p, err
}

// PutSecret stores s. was is what it was before, nil for a new secret, whose name the
// caller has made sure is free, and whose suffix is by FreeSecretSuffix.
func PutSecret(tx store.Tx, was, s *Secret) error {
	if was == nil {
		if err := tx.Put(s.madeKey(), []byte(s.Name)); err != nil {
			return err
		}
		if err := countSecrets(tx, s, 1); err != nil {
			return err
		}
		was = &Secret{}
	}
	if was.Due != s.Due {
		if err := moveDue(tx, was, s); err != nil {
			return err
		}
	}
	if err := moveRotation(tx, was, s); err != nil {
		return err
	}
	return put(tx, s.key(), s)
}

func moveDue(tx store.Tx, was, s *Secret) error {
	if was.Due != 0 {
		if err := tx.Delete(was.dueKey()); err != nil {
			return err
		}
	}
	if s.Due == 0 {
		return nil
	}
	return tx.Put(s.dueKey(), []byte(s.Name))
}

// DeleteSecret removes s. Its values, which can be many, cannot be read any more, and
// SweepSecrets takes them away.
func DeleteSecret(tx store.Tx, s *Secret) error {
	if err := moveDue(tx, s, &Secret{}); err != nil {
		return err
	}
	if err := moveRotation(tx, s, &Secret{}); err != nil {
		return err
	}
	if err := ForgetRotationCalls(tx, s); err != nil {
		return err
	}
	if err := tx.Delete(s.madeKey()); err != nil {
		return err
	}
	if err := countSecrets(tx, s, -1); err != nil {
		return err
	}
	if len(s.Versions) > 0 {
		if err := tx.Put(secretsGone+s.own(), nil); err != nil {
			return err
		}
	}
	return tx.Delete(s.key())
}

// CountSecrets is how many secrets an account has in a region.
func CountSecrets(r store.Reader, a ids.Account, region string) (int, error) {
	key := secretCountKey(a, region)
	raw, ok, err := r.Get(key)
	if err != nil || !ok {
		return 0, err
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		err = fmt.Errorf("%s: %w", key, err)
	}
	return n, err
}

func countSecrets(tx store.Tx, s *Secret, by int) error {
	n, err := CountSecrets(tx, s.Account, s.Region)
	if err != nil {
		return err
	}
	if n+by == 0 {
		return tx.Delete(secretCountKey(s.Account, s.Region))
	}
	return tx.Put(secretCountKey(s.Account, s.Region), []byte(strconv.Itoa(n+by)))
}

// FreeSecretSuffix draws until it finds one that no secret of the name had whose values
// are still there.
func FreeSecretSuffix(r store.Reader, src ids.Source, s Secret) (string, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for range 100 {
		s.Suffix = src.Letters(letters, 6)
		_, taken, err := r.Get(secretsGone + s.own())
		if err != nil || !taken {
			return s.Suffix, err
		}
	}
	return "", fmt.Errorf("no free suffix for %s", s.key())
}

// SecretsByName yields the secrets of an account in a region in the order of their names,
// or the other way round, from the one behind the name after, which "" is before.
func SecretsByName(r store.Reader, a ids.Account, region, after string, back bool) iter.Seq2[*Secret, error] {
	prefix := secretKey(a, region, "")
	return func(yield func(*Secret, error) bool) {
		for pair, err := range scanFrom(r, prefix, after, back) {
			var s *Secret
			if err == nil {
				s, err = GetSecret(r, a, region, strings.TrimPrefix(pair.Key, prefix))
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// SecretsByAge yields them oldest first, or the other way round, from the one behind
// that which after, from SecretAge, stands for.
func SecretsByAge(r store.Reader, a ids.Account, region, after string, back bool) iter.Seq2[*Secret, error] {
	return func(yield func(*Secret, error) bool) {
		for pair, err := range scanFrom(r, secretsMadeKey(a, region), after, back) {
			var s *Secret
			if err == nil {
				s, err = GetSecret(r, a, region, string(pair.Value))
			}
			if err == nil && s == nil {
				err = fmt.Errorf("index %s leads to no secret", pair.Key)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// SecretAge says where SecretsByAge has got to with s.
func SecretAge(s *Secret) string { return TimeKey(s.Created) + "/" + s.Name }

// scanFrom yields the pairs below prefix behind after, in either direction.
func scanFrom(r store.Reader, prefix, after string, back bool) iter.Seq2[store.Pair, error] {
	from, to := prefix, store.PrefixEnd(prefix)
	switch {
	case back && after != "":
		to = prefix + after
	case after != "":
		from = prefix + after + "\x00"
	}
	if back {
		return r.ScanBack(from, to)
	}
	return r.Scan(from, to)
}
