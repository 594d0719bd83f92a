package directory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids/idstest"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
)

// filled is a store with an account, two users and three keys.
type filled struct {
	t        *testing.T
	store    store.Store
	ring     *seal.Keyring
	ann, bob *User
	key      *AccessKey // ann's
}

func fill(t *testing.T) *filled {
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ring, err := seal.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	f := &filled{t: t, store: db, ring: ring}
	src, now := idstest.Source(t.Name()), time.Unix(1e9, 0)
	f.ann = &User{Entity: Entity{ID: src.EntityID("AIDA"), Account: "123456789012", Name: "Ann", Path: "/", Created: At(now)}}
	f.bob = &User{Entity: Entity{ID: src.EntityID("AIDA"), Account: "123456789012", Name: "Bob", Path: "/eng/", Created: At(now)}}
	f.update(func(tx store.Tx) (err error) {
		root := &Account{ID: "123456789012", Name: "Main", Email: "main@example.com", Created: At(now), Organization: "o-1", Joined: At(now)}
		must(t, PutAccount(tx, root))
		must(t, PutOrganization(tx, &Organization{ID: "o-1", Management: root.ID, Root: "r-1"}))
		must(t, PutAccountCreation(tx, &AccountCreation{ID: "car-1", Organization: "o-1", Account: root.ID}))
		must(t, Users.Put(tx, nil, f.ann))
		must(t, Users.Put(tx, nil, f.bob))
		f.key, _, err = NewAccessKey(tx, src, ring, f.ann, now)
		must(t, err)
		_, _, err = NewAccessKey(tx, src, ring, f.bob, now)
		must(t, err)
		_, _, err = NewAccessKey(tx, src, ring, root, now)
		must(t, err)
		f.ann, err = Users.ByID(tx, f.ann.Account, f.ann.ID)
		must(t, err)
		f.bob, err = Users.ByID(tx, f.bob.Account, f.bob.ID)
		must(t, err)
		return PutLastUsed(tx, f.key.ID, &LastUsed{Date: At(now), Service: "iam", Region: "us-east-1"})
	})
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *filled) update(fn func(store.Tx) error) {
	f.t.Helper()
	must(f.t, f.store.Update(f.t.Context(), fn))
}

func (f *filled) check() (report *Report) {
	f.t.Helper()
	must(f.t, f.store.View(f.t.Context(), func(r store.Reader) (err error) {
		report, err = Check(f.t.Context(), r, f.ring)
		return err
	}))
	return report
}

func TestCheckFindsNothing(t *testing.T) {
	r := fill(t).check()
	if got := fmt.Sprint(r.Accounts, r.Users, r.AccessKeys, r.Found, r.Problems); got != "1 2 3 0 []" {
		t.Errorf("report %s", got)
	}
}

// Each way in which a record and its indexes can disagree is found.
func TestCheckFinds(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(f *filled, tx store.Tx) error
		want   string
	}{
		"user without its name": {func(f *filled, tx store.Tx) error { return tx.Delete(Users.nameKey(f.ann.Account, "ann")) }, "index username/123456789012/ann leads to"},
		"user without its path": {func(f *filled, tx store.Tx) error { return tx.Delete(Users.pathKey(f.bob.Account, "/eng/", "bob")) }, "index userpath/123456789012/eng/ bob leads to"},
		"name of another user": {func(f *filled, tx store.Tx) error {
			return tx.Put(Users.nameKey(f.ann.Account, "ann"), []byte(f.bob.ID))
		}, "which is no such user"},
		"name of nobody":               {func(f *filled, tx store.Tx) error { return tx.Put(Users.nameKey(f.ann.Account, "eve"), []byte("AIDA")) }, "which is no such user"},
		"user without account":         {func(f *filled, tx store.Tx) error { return tx.Delete(accountKey(f.ann.Account)) }, "account 123456789012 does not exist"},
		"user that cannot be read":     {func(f *filled, tx store.Tx) error { return tx.Put(Users.key(f.ann.Account, f.ann.ID), []byte{0xff}) }, "record user/"},
		"key that nobody lists":        {func(f *filled, tx store.Tx) error { return f.ann.hold(tx, nil) }, "does not list it"},
		"user without its key":         {func(f *filled, tx store.Tx) error { return tx.Delete(keyKey(f.key.ID)) }, "which is no access key of its own"},
		"last use without its key":     {func(f *filled, tx store.Tx) error { return tx.Delete(keyKey(f.key.ID)) }, "its access key does not exist"},
		"key without its user":         {func(f *filled, tx store.Tx) error { return Users.Delete(tx, f.ann) }, "does not exist"},
		"key with another's secret":    {swapSecrets, "its secret cannot be opened"},
		"a key listed as it is not":    {func(f *filled, tx store.Tx) error { return f.ann.hold(tx, []HeldKey{{ID: f.key.ID}}) }, "otherwise than it is"},
		"a third key of one owner":     {thirdKey, "3 access keys"},
		"a key that nobody knows":      {func(f *filled, tx store.Tx) error { return tx.Put("mystery/1", nil) }, "a key that iamd does not know"},
		"account without its name":     {func(f *filled, tx store.Tx) error { return tx.Delete(accountNameKey("main", "123456789012")) }, "leads to \"\""},
		"account without its address":  {func(f *filled, tx store.Tx) error { return tx.Delete(accountEmailKey("MAIN@example.com")) }, "index \"accountemail/main@example.com\" leads to"},
		"address of nobody":            {func(f *filled, tx store.Tx) error { return tx.Put(accountEmailKey("x"), []byte("1")) }, "which is no such account"},
		"account that nobody lists":    {func(f *filled, tx store.Tx) error { return tx.Delete(memberAccountKey("o-1", "123456789012")) }, "organizationmember/o-1/123456789012"},
		"account without organization": {func(f *filled, tx store.Tx) error { return tx.Delete(organizationKey("o-1")) }, "organization o-1 does not exist"},
		"organization without manager": {func(f *filled, tx store.Tx) error {
			return PutOrganization(tx, &Organization{ID: "o-2", Management: "123456789012"})
		}, "which manages it, is not in it"},
		"a request that made nothing": {func(f *filled, tx store.Tx) error {
			return PutAccountCreation(tx, &AccountCreation{ID: "car-2", Account: "1"})
		}, "account 1 does not exist"},
		"root's key that is not listed": {func(f *filled, tx store.Tx) error {
			a, err := GetAccount(tx, "123456789012")
			must(f.t, err)
			return a.hold(tx, nil)
		}, "does not list it"},
		"a count that is wrong":     {func(f *filled, tx store.Tx) error { return addCount(tx, f.ann.Account, Users.Counted(), +1) }, "counts 3 of user/ where there are 2"},
		"counts that are missing":   {func(f *filled, tx store.Tx) error { return tx.Delete(countsKey(f.ann.Account)) }, "counts 0 of user/ where there are 2"},
		"counts of no account":      {func(f *filled, tx store.Tx) error { return tx.Put(countsKey("000000000000"), nil) }, "its account does not exist"},
		"a report without a chunk":  {lostChunk, "there is no reportchunk/123456789012/000000"},
		"a chunk without a report":  {func(f *filled, tx store.Tx) error { return tx.Put(reportChunkKey(f.ann.Account, 0), nil) }, "belongs to no report"},
		"a report said to be going": {func(f *filled, tx store.Tx) error { return tx.Put(reportPendingKey(f.ann.Account), nil) }, "there is no report"},
		"a delegation not indexed":  {lostWorkflow, "index delegationworkflow/123456789012/w leads to"},
		"an index to no delegation": {func(f *filled, tx store.Tx) error { return tx.Put(delegationWorkflowKey(f.ann.Account, "w"), nil) }, "no such delegation request"},
		"an account in a wrong place": {func(f *filled, tx store.Tx) error {
			return put(tx, "account/000000000000", &Account{ID: f.ann.Account})
		}, "holds account 123456789012"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fill(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx) })
			r := f.check()
			if r.Found == 0 || !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("%d problems %q, want one with %q", r.Found, r.Problems, tc.want)
			}
		})
	}
}

// swapSecrets gives ann's key the sealed secret of one of bob's.
func swapSecrets(f *filled, tx store.Tx) error {
	other, err := GetAccessKey(tx, f.bob.Keys[0].ID)
	if err != nil {
		return err
	}
	k := *f.key
	k.Sealed = other.Sealed
	return PutAccessKey(tx, f.ann, &k)
}

// lostChunk makes a report complete and takes its chunk away.
func lostChunk(f *filled, tx store.Tx) error {
	rep, err := BeginReport(tx, nil, f.ann.Account, time.Unix(1, 0))
	if err != nil {
		return err
	}
	if err := rep.AddChunk(tx, []byte("x"), "", true, time.Unix(2, 0)); err != nil {
		return err
	}
	return tx.Delete(reportChunkKey(f.ann.Account, 0))
}

func lostWorkflow(f *filled, tx store.Tx) error {
	d := &DelegationRequest{ID: "d", Requestor: f.ann.Account, Workflow: "w"}
	if err := PutDelegationRequest(tx, nil, d); err != nil {
		return err
	}
	return tx.Delete(delegationWorkflowKey(d.Requestor, d.Workflow))
}

func thirdKey(f *filled, tx store.Tx) error {
	for range 2 {
		if _, _, err := NewAccessKey(tx, idstest.Source("more"), f.ring, f.ann, time.Unix(1, 0)); err != nil {
			return err
		}
		var err error
		if f.ann, err = Users.ByID(tx, f.ann.Account, f.ann.ID); err != nil {
			return err
		}
	}
	return nil
}
