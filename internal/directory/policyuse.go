package directory

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// PolicyUse counts what an account uses a policy for. It is stored, since a
// policy may be attached to any number of roles.
type PolicyUse struct {
	Attached int `cbor:"1,keyasint,omitempty"` // to users, groups and roles
	Boundary int `cbor:"2,keyasint,omitempty"` // of users and roles
}

// Any reports whether the policy is in use at all.
func (u PolicyUse) Any() bool { return u != PolicyUse{} }

// UseOf is what the account uses the policy for.
func UseOf(r store.Reader, a ids.Account, policy ids.EntityID) (PolicyUse, error) {
	u, err := get[PolicyUse](r, policyUseKey(a, policy))
	if err != nil || u == nil {
		return PolicyUse{}, err
	}
	return *u, nil
}

// Attach attaches a policy to was.
func (k Kind[T, P]) Attach(tx store.Tx, was P, policy ids.EntityID) error {
	changed := *was
	e := P(&changed).Common()
	e.Attached = append(slices.Clone(e.Attached), policy)
	return k.Put(tx, was, &changed)
}

// Detach undoes Attach.
func (k Kind[T, P]) Detach(tx store.Tx, was P, policy ids.EntityID) error {
	changed := *was
	e := P(&changed).Common()
	e.Attached = slices.DeleteFunc(slices.Clone(e.Attached), func(id ids.EntityID) bool { return id == policy })
	return k.Put(tx, was, &changed)
}

// SetBoundary gives was another permissions boundary; "" is none.
func (k Kind[T, P]) SetBoundary(tx store.Tx, was P, policy ids.EntityID) error {
	changed := *was
	P(&changed).Common().Boundary = policy
	return k.Put(tx, was, &changed)
}

// UsedPolicy is a policy that an entity has attached or as its boundary.
func (e *Entity) UsedPolicy(r store.Reader, id ids.EntityID) (*Policy, error) {
	p, err := PolicyByID(r, e.Account, id)
	if err == nil && p == nil {
		err = fmt.Errorf("%s uses policy %s, which does not exist", e.ID, id)
	}
	return p, err
}

// BearerByID returns the user, group or role of that ID, or nil. Its first letters
// say which of them it is.
func BearerByID(r store.Reader, a ids.Account, id ids.EntityID) (*Entity, error) {
	switch ids.Kind(id[:min(len(id), 4)]) {
	case ids.User:
		return commonByID(r, Users, a, id)
	case ids.Group:
		return commonByID(r, Groups, a, id)
	case ids.Role:
		return commonByID(r, Roles, a, id)
	}
	return nil, nil
}

func commonByID[T any, P Record[T]](r store.Reader, k Kind[T, P], a ids.Account, id ids.EntityID) (*Entity, error) {
	rec, err := k.ByID(r, a, id)
	if err != nil || rec == nil {
		return nil, err
	}
	return rec.Common(), nil
}

// AttachedTo yields the users, groups and roles that the policy is attached to, in
// the order of their IDs, and so kind by kind, from the first behind after.
func AttachedTo(r store.Reader, a ids.Account, policy, after ids.EntityID) iter.Seq2[*Entity, error] {
	return entities(r, a, scanPairs(r, pairKey(attachments, a, policy, ""), after))
}

// BoundaryOf yields the users and roles that the policy is the boundary of, as
// AttachedTo does.
func BoundaryOf(r store.Reader, a ids.Account, policy, after ids.EntityID) iter.Seq2[*Entity, error] {
	return entities(r, a, scanPairs(r, pairKey(boundaries, a, policy, ""), after))
}

func entities(r store.Reader, a ids.Account, seq iter.Seq2[ids.EntityID, error]) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		for id, err := range seq {
			var e *Entity
			if err == nil {
				e, err = BearerByID(r, a, id)
			}
			if err == nil && e == nil {
				err = fmt.Errorf("a policy is in use by %s, which does not exist", id)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// UsedAWSPolicies yields AWS's policies that the account uses, in the order of
// their IDs, from the first behind after.
func UsedAWSPolicies(r store.Reader, a ids.Account, after ids.EntityID) iter.Seq2[*Policy, error] {
	space := policyUseKey(a, "")
	from := policyUseKey(a, awsPolicyIDs)
	if after != "" {
		from = policyUseKey(a, after) + "\x00"
	}
	return func(yield func(*Policy, error) bool) {
		for pair, err := range r.Scan(from, store.PrefixEnd(policyUseKey(a, awsPolicyIDs))) {
			var p *Policy
			if err == nil {
				p, err = PolicyByID(r, a, ids.EntityID(strings.TrimPrefix(pair.Key, space)))
			}
			if err == nil && p == nil {
				err = fmt.Errorf("%s: there is no such policy", pair.Key)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// countUses counts the policies that now uses and was did not, and the other way
// round. Both are the same entity; one without uses stands for none.
func countUses(tx store.Tx, was, now *Entity) error {
	for _, policy := range without(now.Attached, was.Attached) {
		if err := count(tx, now.Account, policy, PolicyUse{Attached: +1}); err != nil {
			return err
		}
	}
	for _, policy := range without(was.Attached, now.Attached) {
		if err := count(tx, was.Account, policy, PolicyUse{Attached: -1}); err != nil {
			return err
		}
	}
	if was.Boundary == now.Boundary {
		return nil
	}
	if err := count(tx, was.Account, was.Boundary, PolicyUse{Boundary: -1}); err != nil {
		return err
	}
	return count(tx, now.Account, now.Boundary, PolicyUse{Boundary: +1})
}

// without is all of list that is not in other.
func without(list, other []ids.EntityID) (left []ids.EntityID) {
	for _, id := range list {
		if !slices.Contains(other, id) {
			left = append(left, id)
		}
	}
	return left
}

// count adds to the uses of a policy; "" is none.
func count(tx store.Tx, a ids.Account, policy ids.EntityID, add PolicyUse) error {
	if policy == "" {
		return nil
	}
	was, err := UseOf(tx, a, policy)
	if err != nil {
		return err
	}
	u := PolicyUse{was.Attached + add.Attached, was.Boundary + add.Boundary}
	if !u.Any() {
		if err := addCount(tx, a, PoliciesInUse, -1); err != nil {
			return err
		}
		return tx.Delete(policyUseKey(a, policy))
	}
	if !was.Any() {
		if err := addCount(tx, a, PoliciesInUse, +1); err != nil {
			return err
		}
	}
	return put(tx, policyUseKey(a, policy), u)
}
