package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Report is what Check found.
type Report struct {
	Accounts, Users, AccessKeys int
	Found                       int      // how many problems there are
	Problems                    []string // the first thousand of them
}

const mostProblems = 1000

// Check reads everything that is stored and compares each record with its
// indexes, each index with its record, and each sealed secret with the keyring.
func Check(ctx context.Context, r store.Reader, ring *seal.Keyring) (*Report, error) {
	c := &checker{r: r, ring: ring, report: &Report{}}
	for pair, err := range r.Scan("\x00", "\xff") {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := c.check(pair.Key, pair.Value); err != nil {
			c.problem("%s: %v", pair.Key, err)
		}
	}
	return c.report, nil
}

// checker checks one key at a time. An error that a check returns is a problem
// of that key, too.
type checker struct {
	r      store.Reader
	ring   *seal.Keyring
	report *Report
}

func (c *checker) problem(format string, args ...any) {
	c.report.Found++
	if len(c.report.Problems) < mostProblems {
		c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
	}
}

func (c *checker) check(key string, value []byte) error {
	space, rest, _ := strings.Cut(key, "/")
	switch space + "/" {
	case accounts:
		return c.account(key, value)
	case users:
		return c.user(key, value)
	case userNames, userPaths:
		return c.userIndex(key, string(value))
	case keys:
		return c.accessKey(key, value)
	case ownKeys:
		return c.ownKeys(key, rest)
	case keysUsed:
		return c.lastUsed(key, ids.KeyID(rest), value)
	case Outbox, "sys/":
	default:
		c.problem("%s: a key that iamd does not know", key)
	}
	return nil
}

func (c *checker) account(key string, value []byte) error {
	c.report.Accounts++
	a, err := decode[Account](key, value)
	if err == nil && accountKey(a.ID) != key {
		c.problem("%s: holds account %s", key, a.ID)
	}
	return err
}

func (c *checker) user(key string, value []byte) error {
	c.report.Users++
	u, err := decode[User](key, value)
	if err != nil {
		return err
	}
	if userKey(u.Account, u.ID) != key {
		c.problem("%s: holds user %s of account %s", key, u.ID, u.Account)
	}
	for _, index := range []string{userNameKey(u.Account, u.Name), userPathKey(u.Account, u.Path, u.Name)} {
		id, ok, err := c.r.Get(index)
		if err != nil {
			return err
		}
		if !ok || ids.EntityID(id) != u.ID {
			c.problem("%s: index %s leads to %q", key, index, id)
		}
	}
	return c.mustHaveAccount(key, u.Account)
}

func (c *checker) mustHaveAccount(key string, id ids.Account) error {
	a, err := GetAccount(c.r, id)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, id)
	}
	return err
}

func (c *checker) userIndex(key, id string) error {
	_, rest, _ := strings.Cut(key, "/")
	account, _, _ := strings.Cut(rest, "/")
	u, err := UserByID(c.r, ids.Account(account), ids.EntityID(id))
	if err != nil {
		return err
	}
	if u == nil || (userNameKey(u.Account, u.Name) != key && userPathKey(u.Account, u.Path, u.Name) != key) {
		c.problem("%s: leads to %q, which is no such user", key, id)
	}
	return nil
}

func (c *checker) accessKey(key string, value []byte) error {
	c.report.AccessKeys++
	k, err := decode[AccessKey](key, value)
	if err != nil {
		return err
	}
	if keyKey(k.ID) != key {
		c.problem("%s: holds access key %s", key, k.ID)
	}
	own, err := ownKeyIDs(c.r, k.Account, k.Owner)
	if err != nil {
		return err
	}
	if !slices.Contains(own, k.ID) {
		c.problem("%s: not in the index of its owner's keys", key)
	}
	if _, err := k.OpenSecret(c.ring); err != nil {
		c.problem("%s: its secret cannot be opened", key)
	}
	if k.IsRoot() {
		return c.mustHaveAccount(key, k.Account)
	}
	u, err := UserByID(c.r, k.Account, ids.EntityID(k.Owner))
	if err == nil && u == nil {
		c.problem("%s: its user %s does not exist", key, k.Owner)
	}
	return err
}

func (c *checker) ownKeys(key, rest string) error {
	account, owner, _ := strings.Cut(rest, "/")
	own, err := ownKeyIDs(c.r, ids.Account(account), Owner(owner))
	if err != nil {
		return err
	}
	if len(own) > 2 {
		c.problem("%s: %d access keys of one owner", key, len(own))
	}
	for _, id := range own {
		k, err := GetAccessKey(c.r, id)
		if err != nil {
			return err
		}
		if k == nil || ownKeysKey(k.Account, k.Owner) != key {
			c.problem("%s: leads to %s, which is no access key of this owner", key, id)
		}
	}
	return nil
}

func (c *checker) lastUsed(key string, id ids.KeyID, value []byte) error {
	if _, err := decode[LastUsed](key, value); err != nil {
		return err
	}
	k, err := GetAccessKey(c.r, id)
	if err == nil && k == nil {
		c.problem("%s: its access key does not exist", key)
	}
	return err
}
