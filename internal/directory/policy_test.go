package directory

import (
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// withPolicy adds a policy that ann has attached, and bob as his boundary.
func withPolicy(t *testing.T) (f *filled, p *Policy) {
	f = fill(t)
	f.update(func(tx store.Tx) (err error) {
		p = &Policy{Entity: Entity{ID: "ANPAJ", Account: f.ann.Account, Name: "P", Path: "/", Created: 1}}
		p, err = AddPolicyVersion(tx, nil, p, "{}", true, time.Unix(1, 0))
		must(t, err)
		must(t, Users.Attach(tx, f.ann, p.ID))
		must(t, Users.SetBoundary(tx, f.bob, p.ID))
		return nil
	})
	return f, p
}

func TestCheckFindsNothingWithPolicies(t *testing.T) {
	f, _ := withPolicy(t)
	if r := f.check(); r.Found != 0 {
		t.Errorf("%q", r.Problems)
	}
}

func TestCheckFindsDamagedPolicies(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(f *filled, p *Policy, tx store.Tx) error
		want   string
	}{
		"policy without its name": {func(_ *filled, p *Policy, tx store.Tx) error {
			return tx.Delete(Policies.nameKey(p.Account, "p"))
		}, "index policyname/123456789012/p leads to"},
		"policy without its text": {func(_ *filled, p *Policy, tx store.Tx) error {
			return tx.Delete(policyTextKey(p, 1))
		}, "there is no policytext/123456789012/ANPAJ/1"},
		"text of no version": {func(_ *filled, p *Policy, tx store.Tx) error {
			return put(tx, policyTextKey(p, 7), Document("{}"))
		}, "its policy does not list it"},
		"default that is not there": {func(_ *filled, p *Policy, tx store.Tx) error {
			changed := *p
			changed.Default = 9
			return Policies.Put(tx, p, &changed)
		}, "its default version v9 does not exist"},
		"attachment without its way back": {func(f *filled, p *Policy, tx store.Tx) error {
			return tx.Delete(pairKey(attachments, p.Account, p.ID, f.ann.ID))
		}, "index attachedto/123456789012/ANPAJ/"},
		"boundary without its way back": {func(f *filled, p *Policy, tx store.Tx) error {
			return tx.Delete(pairKey(boundaries, p.Account, p.ID, f.bob.ID))
		}, "index boundaryof/123456789012/ANPAJ/"},
		"way back to one that does not use it": {func(f *filled, p *Policy, tx store.Tx) error {
			return tx.Put(pairKey(attachments, p.Account, p.ID, f.bob.ID), []byte(f.bob.ID))
		}, "which is no such user"},
		"wrong count": {func(_ *filled, p *Policy, tx store.Tx) error {
			return put(tx, policyUseKey(p.Account, p.ID), PolicyUse{Attached: 3})
		}, "counts {Attached:3 Boundary:0} where there are {Attached:1 Boundary:1}"},
		"no count": {func(_ *filled, p *Policy, tx store.Tx) error {
			return tx.Delete(policyUseKey(p.Account, p.ID))
		}, "the uses of the policy are not counted"},
		"use of a policy that is gone": {func(_ *filled, p *Policy, tx store.Tx) error {
			return DeletePolicy(tx, p)
		}, "the policy does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			f, p := withPolicy(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, p, tx) })
			r := f.check()
			if r.Found == 0 || !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("%d problems %q, want one with %q", r.Found, r.Problems, tc.want)
			}
		})
	}
}

// Attachments to AWS's policies are stored under these IDs, for ever.
func TestAWSPolicyIDs(t *testing.T) {
	seen := map[ids.EntityID]bool{}
	for _, p := range AWSPolicies() {
		if len(p.ID) != 21 || seen[p.ID] {
			t.Errorf("%s has the ID %s", p.ARN(), p.ID)
		}
		seen[p.ID] = true
	}
	if id := awsPolicyID("AdministratorAccess"); id != "ANPAA34SN6YCLNSZWWPS7" {
		t.Errorf("AdministratorAccess has the ID %s", id)
	}
}
