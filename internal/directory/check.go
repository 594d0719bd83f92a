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
	if err != nil {
		return err
	}
	if accountKey(a.ID) != key {
		c.problem("%s: holds account %s", key, a.ID)
	}
	return c.holder(key, a)
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
	if a, err := GetAccount(c.r, u.Account); err != nil {
		return err
	} else if a == nil {
		c.problem("%s: account %s does not exist", key, u.Account)
	}
	return c.holder(key, u)
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
	if _, err := k.OpenSecret(c.ring); err != nil {
		c.problem("%s: its secret cannot be opened", key)
	}
	h, err := c.holderOf(k)
	if err != nil {
		return err
	}
	if h == nil {
		c.problem("%s: its owner %s does not exist", key, k.Owner)
	} else if !slices.Contains(h.held(), k.ID) {
		c.problem("%s: its owner %s does not list it", key, k.Owner)
	}
	return nil
}

// holderOf is whose key it is; nil for nobody's.
func (c *checker) holderOf(k *AccessKey) (Holder, error) {
	if k.IsRoot() {
		a, err := GetAccount(c.r, k.Account)
		if a == nil {
			return nil, err // not a typed nil in an interface
		}
		return a, err
	}
	u, err := UserByID(c.r, k.Account, ids.EntityID(k.Owner))
	if u == nil {
		return nil, err
	}
	return u, err
}

// holder makes sure that the keys a record lists are there and its own.
func (c *checker) holder(key string, h Holder) error {
	if n := len(h.held()); n > 2 {
		c.problem("%s: %d access keys", key, n)
	}
	for _, id := range h.held() {
		k, err := GetAccessKey(c.r, id)
		if err != nil {
			return err
		}
		if k == nil || k.Owner != h.Owner() || k.Account != h.account() {
			c.problem("%s: lists %s, which is no access key of its own", key, id)
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
