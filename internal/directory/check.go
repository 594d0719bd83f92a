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
	spaces := c.spaces()
	for pair, err := range r.Scan("\x00", "\xff") {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		space, _, _ := strings.Cut(pair.Key, "/")
		check := spaces[space+"/"]
		if check == nil {
			c.problem("%s: a key that iamd does not know", pair.Key)
		} else if err := check(pair.Key, pair.Value); err != nil {
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

	counted []Counted // what an account counts: spaces lists it
}

type spaceCheck func(key string, value []byte) error

// spaces has a check for each first part of a key.
func (c *checker) spaces() map[string]spaceCheck {
	nothing := func(string, []byte) error { return nil }
	spaces := map[string]spaceCheck{
		"sys/":   nothing,
		Outbox:   nothing,
		accounts: c.account,
		counts:   c.countsOf,
		keys:     c.accessKey,
		keysUsed: c.lastUsed,
	}
	addKind(c, spaces, Users, func(key string, u *User) error {
		c.report.Users++
		if err := c.inGroups(key, u); err != nil {
			return err
		}
		return c.holder(key, u)
	})
	addKind(c, spaces, Groups, func(string, *Group) error { return nil })
	spaces[members], spaces[inlinePolicies] = c.member, c.inlinePolicy
	addKind(c, spaces, Roles, func(string, *Role) error { return nil })
	addKind(c, spaces, InstanceProfiles, c.instanceProfile)
	spaces[profilesOf], spaces[roleDeletions] = c.profileOf, c.roleDeletion
	spaces[accesses], spaces[accessJobs] = c.accessed, c.accessJob
	addPolicies(c, spaces)
	addOrganizations(c, spaces)
	addCredentialSpaces(c, spaces)
	addProviderSpaces(c, spaces)
	addSecretSpaces(c, spaces)
	addReports(c, spaces)
	addDelegations(c, spaces)
	addParameters(c, spaces)
	addStacks(c, spaces)
	addObjects(c, spaces)
	spaces[kept] = c.kept
	return spaces
}

// addKind adds the checks of a kind of entities and its indexes; more checks what
// only this kind has.
func addKind[T any, P Record[T]](c *checker, spaces map[string]spaceCheck, k Kind[T, P], more func(key string, rec P) error) {
	c.counted = append(c.counted, k.Counted())
	index := func(key string, value []byte) error { return checkIndex(c, k, key, string(value)) }
	spaces[k.space+"name/"], spaces[k.space+"path/"] = index, index
	spaces[k.space+"/"] = func(key string, value []byte) error {
		rec, err := checkEntity(c, k, key, value)
		if err != nil {
			return err
		}
		return more(key, rec)
	}
}

func (c *checker) problem(format string, args ...any) {
	c.report.Found++
	if len(c.report.Problems) < mostProblems {
		c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
	}
}

// checkEntity compares an entity with its indexes.
func checkEntity[T any, P Record[T]](c *checker, k Kind[T, P], key string, value []byte) (P, error) {
	rec, err := decode[T](key, value)
	if err != nil {
		return nil, err
	}
	e := P(rec).Common()
	if k.key(e.Account, e.ID) != key {
		c.problem("%s: holds %s of account %s", key, e.ID, e.Account)
	}
	for _, index := range k.indexes(e) {
		id, ok, err := c.r.Get(index)
		if err != nil {
			return nil, err
		}
		if !ok || ids.EntityID(id) != e.ID {
			c.problem("%s: index %s leads to %q", key, index, id)
		}
	}
	if err := c.holdsInline(key, e); err != nil {
		return nil, err
	}
	a, err := GetAccount(c.r, e.Account)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, e.Account)
	}
	return rec, err
}

// checkIndex compares an entry of an index with the entity that it leads to.
func checkIndex[T any, P Record[T]](c *checker, k Kind[T, P], key, id string) error {
	_, rest, _ := strings.Cut(key, "/")
	account, _, _ := strings.Cut(rest, "/")
	rec, err := k.ByID(c.r, ids.Account(account), ids.EntityID(id))
	if err != nil {
		return err
	}
	if rec != nil {
		for _, index := range k.indexes(rec.Common()) {
			if index == key {
				return nil
			}
		}
	}
	c.problem("%s: leads to %q, which is no such %s", key, id, k.space)
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
	} else if !slices.ContainsFunc(h.HeldKeys(), func(held HeldKey) bool { return held.ID == k.ID }) {
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
	u, err := Users.ByID(c.r, k.Account, ids.EntityID(k.Owner))
	if u == nil {
		return nil, err
	}
	return u, err
}

// holder makes sure that the keys a record lists are there and its own.
func (c *checker) holder(key string, h Holder) error {
	if n := len(h.HeldKeys()); n > 2 {
		c.problem("%s: %d access keys", key, n)
	}
	for _, held := range h.HeldKeys() {
		k, err := GetAccessKey(c.r, held.ID)
		if err != nil {
			return err
		}
		if k == nil || k.Owner != h.Owner() || k.Account != h.account() {
			c.problem("%s: lists %s, which is no access key of its own", key, held.ID)
		} else if k.held() != held {
			c.problem("%s: lists %s otherwise than it is", key, held.ID)
		}
	}
	return nil
}

func (c *checker) lastUsed(key string, value []byte) error {
	if _, err := decode[LastUsed](key, value); err != nil {
		return err
	}
	k, err := GetAccessKey(c.r, ids.KeyID(strings.TrimPrefix(key, keysUsed)))
	if err == nil && k == nil {
		c.problem("%s: its access key does not exist", key)
	}
	return err
}
