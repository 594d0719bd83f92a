package directory

import (
	"fmt"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// InstanceProfile hands a role to machines.
type InstanceProfile struct {
	Entity
	Role ids.EntityID `cbor:"10,keyasint,omitempty"` // the role in it; "" for none
}

// InstanceProfiles is where instance profiles are kept.
var InstanceProfiles = Kind[InstanceProfile, *InstanceProfile]{"instanceprofile", arn.InstanceProfile}

// ARN names the instance profile.
func (p *InstanceProfile) ARN() string { return InstanceProfiles.ARN(p.Account, p.Path, p.Name) }

// FillProfile puts a role into an empty instance profile.
func FillProfile(tx store.Tx, p *InstanceProfile, role *Role) error {
	changed := *p
	changed.Role = role.ID
	if err := tx.Put(pairKey(profilesOf, p.Account, role.ID, p.ID), []byte(p.ID)); err != nil {
		return err
	}
	return InstanceProfiles.Put(tx, p, &changed)
}

// EmptyProfile undoes FillProfile.
func EmptyProfile(tx store.Tx, p *InstanceProfile) error {
	changed := *p
	changed.Role = ""
	if err := tx.Delete(pairKey(profilesOf, p.Account, p.Role, p.ID)); err != nil {
		return err
	}
	return InstanceProfiles.Put(tx, p, &changed)
}

// RoleIn is the role in an instance profile, or nil.
func RoleIn(r store.Reader, p *InstanceProfile) (*Role, error) {
	if p.Role == "" {
		return nil, nil
	}
	role, err := Roles.ByID(r, p.Account, p.Role)
	if err == nil && role == nil {
		err = fmt.Errorf("instance profile %s has role %s, which does not exist", p.ID, p.Role)
	}
	return role, err
}

// InstanceProfiles yields the instance profiles that the role is in, in the order
// of their IDs, from the first behind after.
func (role *Role) InstanceProfiles(r store.Reader, after ids.EntityID) iter.Seq2[*InstanceProfile, error] {
	return related(r, InstanceProfiles, role.Account, scanPairs(r, pairKey(profilesOf, role.Account, role.ID, ""), after))
}

// InProfile reports whether the role is in any instance profile.
func (role *Role) InProfile(r store.Reader) (bool, error) {
	return hasAny(scanPairs(r, pairKey(profilesOf, role.Account, role.ID, ""), ""))
}

// instanceProfile makes sure that the role in a profile exists and knows of it.
func (c *checker) instanceProfile(key string, p *InstanceProfile) error {
	if p.Role == "" {
		return nil
	}
	role, err := Roles.ByID(c.r, p.Account, p.Role)
	if err != nil {
		return err
	}
	if role == nil {
		c.problem("%s: its role %s does not exist", key, p.Role)
	}
	index := pairKey(profilesOf, p.Account, p.Role, p.ID)
	id, _, err := c.r.Get(index)
	if err == nil && ids.EntityID(id) != p.ID {
		c.problem("%s: index %s leads to %q", key, index, id)
	}
	return err
}

// profileOf makes sure that a profile that is said to have a role says so, too.
func (c *checker) profileOf(key string, value []byte) error {
	account, _, _ := strings.Cut(strings.TrimPrefix(key, profilesOf), "/")
	p, err := InstanceProfiles.ByID(c.r, ids.Account(account), ids.EntityID(value))
	if err == nil && (p == nil || pairKey(profilesOf, p.Account, p.Role, p.ID) != key) {
		c.problem("%s: leads to %q, which is no instance profile of this role", key, value)
	}
	return err
}
