package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Counts says how many there are of a kind in an account. It is stored, since
// counting anew would cost as much as there are.
type Counts map[Counted]int

// Counted is a space of keys whose entries are counted: its first part, with a
// slash, which the account follows.
type Counted string

// What is counted. Kinds of entities are, all of them: see Kind.Counted.
const (
	MFADevices      Counted = mfaDevices
	MFADevicesInUse Counted = mfaAssigned
	PoliciesInUse   Counted = policyUses // the account's own and AWS's, as any entity's
	Buckets         Counted = bucketsOf
	Stacks          Counted = stackNames // that are not deleted, of all regions
)

func countsKey(a ids.Account) string { return counts + string(a) }

// CountsOf are those of the account. The caller must not change them.
func CountsOf(r store.Reader, a ids.Account) (Counts, error) {
	n, err := get[Counts](r, countsKey(a))
	if err != nil || n == nil {
		return nil, err
	}
	return *n, nil
}

// Counted is what is counted of these entities.
func (k Kind[T, P]) Counted() Counted { return Counted(k.space + "/") }

// addCount adds to the count of what.
func addCount(tx store.Tx, a ids.Account, what Counted, add int) error {
	was, err := CountsOf(tx, a)
	if err != nil {
		return err
	}
	n := maps.Clone(was)
	if n == nil {
		n = Counts{}
	}
	if n[what] += add; n[what] == 0 {
		delete(n, what)
	}
	return put(tx, countsKey(a), n)
}

// counts counts all of an account again.
func (c *checker) counts(key string, a ids.Account) error {
	stored, err := CountsOf(c.r, a)
	if err != nil {
		return err
	}
	found := Counts{}
	for _, what := range c.counted {
		space := string(what) + string(a) + "/"
		for _, err := range c.r.Scan(space, store.PrefixEnd(space)) {
			if err != nil {
				return err
			}
			found[what]++
		}
	}
	both := maps.Clone(found)
	maps.Copy(both, stored)
	for _, what := range slices.Sorted(maps.Keys(both)) {
		if stored[what] != found[what] {
			c.problem("%s: counts %d of %s where there are %d", key, stored[what], what, found[what])
		}
	}
	return nil
}

// countsOf makes sure that the account is there, whose check counts again.
func (c *checker) countsOf(key string, _ []byte) error {
	a, err := GetAccount(c.r, ids.Account(strings.TrimPrefix(key, counts)))
	if err == nil && a == nil {
		err = fmt.Errorf("its account does not exist")
	}
	return err
}
