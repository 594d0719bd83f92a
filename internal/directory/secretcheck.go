package directory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// addSecretSpaces adds the checks of secrets and their values.
func addSecretSpaces(c *checker, spaces map[string]spaceCheck) {
	spaces[secrets], spaces[secretValues] = c.secret, c.secretValue
	spaces[secretsMade], spaces[secretsDue] = c.secretMade, c.secretDue
	spaces[rotationsDue], spaces[rotatedKeys] = c.rotationDue, c.rotatedKey
	spaces[secretCounts], spaces[secretsGone] = c.secretCount, c.secretGone
}

// secret compares a secret with its indexes, its values and its replicas.
func (c *checker) secret(key string, value []byte) error {
	s, err := decode[Secret](key, value)
	if err != nil {
		return err
	}
	if s.key() != key {
		c.problem("%s: holds secret %s of account %s in %s", key, s.Name, s.Account, s.Region)
	}
	indexes := []string{s.madeKey()}
	if s.Due != 0 {
		indexes = append(indexes, s.dueKey())
	}
	indexes = append(indexes, s.keyedKeys()...)
	if index := s.rotationKey(); index != "" {
		indexes = append(indexes, index)
	}
	for _, index := range indexes {
		name, ok, err := c.r.Get(index)
		if err != nil {
			return err
		}
		if !ok || string(name) != s.Name {
			c.problem("%s: index %s leads to %q", key, index, name)
		}
	}
	if n, err := CountSecrets(c.r, s.Account, s.Region); err != nil || n == 0 {
		c.problem("%s: is not counted (%v)", key, err)
	}
	c.secretVersions(key, s)
	if err := c.secretReplicas(key, s); err != nil {
		return err
	}
	a, err := GetAccount(c.r, s.Account)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, s.Account)
	}
	return err
}

// secretVersions makes sure that values open, and that exactly one is current.
func (c *checker) secretVersions(key string, s *Secret) {
	stages := map[string]int{}
	for _, v := range s.Versions {
		for _, stage := range v.Stages {
			stages[stage]++
		}
		if _, err := SecretValue(c.r, c.ring, s, v.ID); err != nil {
			c.problem("%s: the value of version %s cannot be opened", key, v.ID)
		}
	}
	if len(s.Versions) > 0 && stages["AWSCURRENT"] == 0 {
		c.problem("%s: no version is current", key)
	}
	for stage, n := range stages {
		if n > 1 {
			c.problem("%s: %d versions have the label %s", key, n, stage)
		}
	}
}

// secretReplicas makes sure that primaries and replicas know each other.
func (c *checker) secretReplicas(key string, s *Secret) error {
	for _, replica := range s.Replicas {
		r, err := GetSecret(c.r, s.Account, replica.Region, s.Name)
		if err != nil {
			return err
		}
		if is := r != nil && r.Primary == s.Region && r.Suffix == s.Suffix; is != (replica.Failed == "") {
			c.problem("%s: its replica in %s is otherwise than it lists", key, replica.Region)
		}
	}
	if !s.IsReplica() {
		return nil
	}
	p, err := PrimaryOf(c.r, s)
	if err != nil {
		return err
	}
	if p.Suffix != s.Suffix || !slices.ContainsFunc(p.Replicas, func(r SecretReplica) bool { return r.Region == s.Region }) {
		c.problem("%s: its primary secret does not list it", key)
	}
	return nil
}

func (c *checker) secretMade(key string, value []byte) error {
	part := strings.SplitN(key, "/", 5)
	if len(part) == 5 {
		s, err := GetSecret(c.r, ids.Account(part[1]), part[2], part[4])
		if err != nil {
			return err
		}
		if s != nil && s.madeKey() == key && s.Name == string(value) {
			return nil
		}
	}
	c.problem("%s: leads to %q, which is no such secret", key, value)
	return nil
}

func (c *checker) secretDue(key string, value []byte) error {
	s, err := secretDue(c.r, key)
	if err == nil && s.Name != string(value) {
		c.problem("%s: leads to %q", key, value)
	}
	return err
}

// secretCount counts again.
func (c *checker) secretCount(key string, value []byte) error {
	prefix := secrets + strings.TrimPrefix(key, secretCounts) + "/"
	n := 0
	for _, err := range c.r.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return err
		}
		n++
	}
	if string(value) != strconv.Itoa(n) {
		c.problem("%s: counts %s where there are %d", key, value, n)
	}
	return nil
}

// secretValue makes sure that a secret has that version, or is gone.
func (c *checker) secretValue(key string, _ []byte) error {
	s, version, err := c.secretOf(strings.TrimPrefix(key, secretValues))
	if err != nil {
		return err
	}
	if s != nil && s.Version(version) != nil {
		return nil
	}
	own := key[len(secretValues):max(len(secretValues), strings.LastIndex(key, "\x00"))]
	_, gone, err := c.r.Get(secretsGone + own)
	if err == nil && !gone {
		c.problem("%q: no secret has this version", key)
	}
	return err
}

// secretGone makes sure that the secret is.
func (c *checker) secretGone(key string, _ []byte) error {
	s, _, err := c.secretOf(strings.TrimPrefix(key, secretsGone) + "\x00")
	if err == nil && s != nil {
		c.problem("%q: the secret is still there", key)
	}
	return err
}

// secretOf is the secret that the key of a value is about, or nil, and the version.
func (c *checker) secretOf(own string) (*Secret, string, error) {
	place, rest, _ := strings.Cut(own, "\x00")
	suffix, version, _ := strings.Cut(rest, "\x00")
	part := strings.SplitN(place, "/", 3)
	if len(part) < 3 {
		return nil, "", nil
	}
	s, err := GetSecret(c.r, ids.Account(part[0]), part[1], part[2])
	if s != nil && s.Suffix != suffix {
		s = nil
	}
	return s, version, err
}
