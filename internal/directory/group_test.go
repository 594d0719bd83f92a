package directory

import (
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/ids/idstest"
	"github.com/iamd-project/iamd/internal/store"
)

const plainPolicy = `{"Statement": []}`

// fillGroup is fill with a group that ann and bob are in, and an inline policy of
// both ann and the group.
func fillGroup(t *testing.T) (*filled, *Group) {
	f := fill(t)
	g := &Group{Entity: Entity{ID: idstest.Source(t.Name()).EntityID(ids.Group), Account: f.ann.Account, Name: "Devs", Path: "/"}}
	f.update(func(tx store.Tx) (err error) {
		must(t, Groups.Put(tx, nil, g))
		must(t, Users.PutInline(tx, f.ann, "p", plainPolicy))
		must(t, Groups.PutInline(tx, g, "p", plainPolicy))
		g, err = Groups.ByID(tx, g.Account, g.ID)
		must(t, err)
		for _, u := range []**User{&f.ann, &f.bob} {
			*u, err = Users.ByID(tx, g.Account, (*u).ID)
			must(t, err)
			must(t, Join(tx, *u, g))
			*u, err = Users.ByID(tx, g.Account, (*u).ID)
			must(t, err)
		}
		return nil
	})
	return f, g
}

func TestCheckFindsNothingInGroups(t *testing.T) {
	f, _ := fillGroup(t)
	if r := f.check(); r.Found != 0 {
		t.Errorf("problems %q", r.Problems)
	}
}

func TestCheckFindsInGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(f *filled, g *Group, tx store.Tx) error
		want   string
	}{
		"group without its name": {func(f *filled, g *Group, tx store.Tx) error {
			return tx.Delete(Groups.nameKey(g.Account, "devs"))
		}, "index groupname/123456789012/devs leads to"},
		"member who does not say so": {func(f *filled, g *Group, tx store.Tx) error {
			u := *f.ann
			u.Groups = nil
			return Users.Put(tx, f.ann, &u)
		}, "which is no user in this group"},
		"member whom the group does not know": {func(f *filled, g *Group, tx store.Tx) error {
			return tx.Delete(pairKey(members, g.Account, g.ID, f.bob.ID))
		}, "index member/"},
		"member who does not exist": {func(f *filled, g *Group, tx store.Tx) error { return Users.Delete(tx, f.bob) }, "which is no user in this group"},
		"member of no group":        {func(f *filled, g *Group, tx store.Tx) error { return Groups.Delete(tx, g) }, "which does not exist"},
		"policy without its text": {func(f *filled, g *Group, tx store.Tx) error {
			return tx.Delete(inlineKey(g.Account, g.ID, "p"))
		}, "lists policy p, which does not exist"},
		"policy that nobody lists": {func(f *filled, g *Group, tx store.Tx) error { return Groups.holdInline(tx, g, nil) }, "does not list it as it is"},
		"policy of another size": {func(f *filled, g *Group, tx store.Tx) error {
			return Groups.holdInline(tx, g, []HeldPolicy{{"p", 1}})
		}, "does not list it as it is"},
		"policy without its owner": {func(f *filled, g *Group, tx store.Tx) error { return Users.Delete(tx, f.ann) }, "its owner does not exist"},
		"policy in a wrong place": {func(f *filled, g *Group, tx store.Tx) error {
			return put(tx, inlineKey(g.Account, g.ID, "q"), &InlinePolicy{Account: g.Account, Owner: g.ID, Name: "p", Text: plainPolicy})
		}, "holds policy p of"},
	} {
		t.Run(name, func(t *testing.T) {
			f, g := fillGroup(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, g, tx) })
			r := f.check()
			if r.Found == 0 || !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("%d problems %q, want one with %q", r.Found, r.Problems, tc.want)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	f, g := fillGroup(t)
	users := []*User{f.ann, f.bob}
	slices.SortFunc(users, func(a, b *User) int { return strings.Compare(string(a.ID), string(b.ID)) })
	f.update(func(tx store.Tx) error {
		if got := usersOf(t, tx, g, ""); !slices.Equal(got, []string{users[0].Name, users[1].Name}) {
			t.Errorf("users of the group: %v", got)
		}
		if got := usersOf(t, tx, g, users[0].ID); !slices.Equal(got, []string{users[1].Name}) {
			t.Errorf("users behind the first: %v", got)
		}
		for _, u := range users {
			has, err := g.HasUsers(tx)
			must(t, err)
			groups, err := GroupsOf(tx, u)
			must(t, err)
			if !has || len(groups) != 1 || groups[0].ID != g.ID {
				t.Errorf("%s is in %v, the group has users %v", u.Name, groups, has)
			}
			must(t, Leave(tx, u, g))
		}
		has, err := g.HasUsers(tx)
		if has {
			t.Error("the group has users when all left")
		}
		return err
	})
}

func usersOf(t *testing.T, r store.Reader, g *Group, after ids.EntityID) (names []string) {
	t.Helper()
	for u, err := range g.Users(r, after) {
		must(t, err)
		names = append(names, u.Name)
	}
	return names
}
