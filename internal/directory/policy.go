package directory

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Policy is a managed policy: one of the account's own, or one of AWS's, which
// are the same in every account and are not stored (see AWSPolicies). A policy is
// never renamed. What its versions say is kept apart from it.
type Policy struct {
	Entity
	Description *string         `cbor:"10,keyasint,omitempty"`
	Default     int             `cbor:"11,keyasint"` // the version that counts
	Last        int             `cbor:"12,keyasint"` // the highest number given out, and never again
	Versions    []PolicyVersion `cbor:"13,keyasint"` // oldest first
	Updated     Millis          `cbor:"14,keyasint"` // when the newest version was made
}

// PolicyVersion is what a policy's record says of one of its versions.
type PolicyVersion struct {
	Number  int    `cbor:"1,keyasint"`
	Created Millis `cbor:"2,keyasint"`
}

// Policies is where the accounts' own policies are kept.
var Policies = Kind[Policy, *Policy]{"policy", arn.Policy}

// ARN names the policy.
func (p *Policy) ARN() string { return Policies.ARN(p.Account, p.Path, p.Name) }

// Version is the place of a version in p.Versions.
func (p *Policy) Version(number int) (at int, ok bool) {
	return slices.BinarySearchFunc(p.Versions, number, func(v PolicyVersion, n int) int { return cmp.Compare(v.Number, n) })
}

// FindPolicy returns the policy of that name, which may be AWS's, or nil.
func FindPolicy(r store.Reader, name arn.ARN) (*Policy, error) {
	if name.Account == string(AWS) {
		return awsPolicies().byARN[name.String()], nil
	}
	e, _ := name.Entity()
	p, err := Policies.ByName(r, ids.Account(name.Account), e.Name)
	if err != nil || p == nil || p.ARN() != name.String() {
		return nil, err
	}
	return p, nil
}

// PolicyByID returns the policy of that ID, which may be AWS's, or nil.
func PolicyByID(r store.Reader, a ids.Account, id ids.EntityID) (*Policy, error) {
	p, err := Policies.ByID(r, a, id)
	if err == nil && p == nil {
		p = awsPolicies().byID[id]
	}
	return p, err
}

// PolicyText is what one of p's versions says.
func PolicyText(r store.Reader, p *Policy, number int) (Document, error) {
	if p.Account == AWS {
		return awsText(p), nil
	}
	key := policyTextKey(p, number)
	text, err := get[Document](r, key)
	if err == nil && text == nil {
		err = fmt.Errorf("there is no %s", key)
	}
	if err != nil {
		return "", err
	}
	return *text, nil
}

// AddPolicyVersion stores p with one more version, in the place of was; nil for a
// new policy, whose first version has to be the default.
func AddPolicyVersion(tx store.Tx, was, p *Policy, text Document, asDefault bool, now time.Time) (*Policy, error) {
	changed := *p
	changed.Last++
	changed.Updated = At(now)
	changed.Versions = append(slices.Clone(p.Versions), PolicyVersion{changed.Last, changed.Updated})
	if asDefault {
		changed.Default = changed.Last
	}
	if err := put(tx, policyTextKey(p, changed.Last), text); err != nil {
		return nil, err
	}
	return &changed, Policies.Put(tx, was, &changed)
}

// DeletePolicyVersion removes the version of that number, which is not the default.
func DeletePolicyVersion(tx store.Tx, was *Policy, number int) error {
	changed := *was
	changed.Versions = slices.DeleteFunc(slices.Clone(was.Versions), func(v PolicyVersion) bool { return v.Number == number })
	if err := tx.Delete(policyTextKey(was, number)); err != nil {
		return err
	}
	return Policies.Put(tx, was, &changed)
}

// DeletePolicy removes the policy and its versions.
func DeletePolicy(tx store.Tx, p *Policy) error {
	for _, v := range p.Versions {
		if err := tx.Delete(policyTextKey(p, v.Number)); err != nil {
			return err
		}
	}
	return Policies.Delete(tx, p)
}
