package directory

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Group is a group of users. Who is in it, the records of users say, and an index
// of them.
type Group struct {
	Entity
}

// Groups is where groups are kept.
var Groups = Kind[Group, *Group]{"group", arn.Group}

// ARN names the group; it changes with its path and name.
func (g *Group) ARN() string { return Groups.ARN(g.Account, g.Path, g.Name) }

// Join puts u into a group that it is not in.
func Join(tx store.Tx, u *User, g *Group) error {
	changed := *u
	changed.Groups = append(slices.Clone(u.Groups), g.ID)
	if err := tx.Put(pairKey(members, u.Account, g.ID, u.ID), []byte(u.ID)); err != nil {
		return err
	}
	return Users.Put(tx, u, &changed)
}

// Leave undoes Join.
func Leave(tx store.Tx, u *User, g *Group) error {
	changed := *u
	changed.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(id ids.EntityID) bool { return id == g.ID })
	if err := tx.Delete(pairKey(members, u.Account, g.ID, u.ID)); err != nil {
		return err
	}
	return Users.Put(tx, u, &changed)
}

// Users yields the group's users in the order of their IDs, from the first behind after.
func (g *Group) Users(r store.Reader, after ids.EntityID) iter.Seq2[*User, error] {
	return related(r, Users, g.Account, scanPairs(r, pairKey(members, g.Account, g.ID, ""), after))
}

// HasUsers reports whether anybody is in the group.
func (g *Group) HasUsers(r store.Reader) (bool, error) {
	return hasAny(scanPairs(r, pairKey(members, g.Account, g.ID, ""), ""))
}

// GroupsOf are the groups that u is in, in the order in which it joined them.
func GroupsOf(r store.Reader, u *User) ([]*Group, error) {
	groups := make([]*Group, len(u.Groups))
	for i, id := range u.Groups {
		g, err := Groups.ByID(r, u.Account, id)
		if err != nil {
			return nil, err
		}
		if g == nil {
			return nil, fmt.Errorf("user %s is in group %s, which does not exist", u.ID, id)
		}
		groups[i] = g
	}
	return groups, nil
}

// inGroups makes sure that the groups of a user exist and know of it.
func (c *checker) inGroups(key string, u *User) error {
	for _, id := range u.Groups {
		g, err := Groups.ByID(c.r, u.Account, id)
		if err != nil {
			return err
		}
		if g == nil {
			c.problem("%s: is in group %s, which does not exist", key, id)
		}
		index := pairKey(members, u.Account, id, u.ID)
		if user, _, err := c.r.Get(index); err != nil {
			return err
		} else if ids.EntityID(user) != u.ID {
			c.problem("%s: index %s leads to %q", key, index, user)
		}
	}
	return nil
}

// member makes sure that a user that is said to be in a group says so, too.
func (c *checker) member(key string, value []byte) error {
	account, rest, _ := strings.Cut(strings.TrimPrefix(key, members), "/")
	group, user, _ := strings.Cut(rest, "/")
	u, err := Users.ByID(c.r, ids.Account(account), ids.EntityID(user))
	if err == nil && (u == nil || u.ID != ids.EntityID(value) || !slices.Contains(u.Groups, ids.EntityID(group))) {
		c.problem("%s: leads to %q, which is no user in this group", key, value)
	}
	return err
}
