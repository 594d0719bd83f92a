package directory

import (
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// A Bearing is an identity-based policy that bears on somebody.
type Bearing struct {
	// Name is the ARN of a managed policy, or the name of an inline one.
	Name string
	// Managed is the policy if it is a managed one.
	Managed *Policy
	// Holder is who has it: the user or role itself, or a group that the user is in.
	Holder *Entity
	Text   Document
}

// PoliciesOf are the policies that bear on a user, group or role: its own inline and
// attached ones, and then those of the user's groups.
func PoliciesOf(r store.Reader, id ids.EntityID, a ids.Account) ([]Bearing, error) {
	if u, err := Users.ByID(r, a, id); err != nil || u != nil {
		if err != nil {
			return nil, err
		}
		return policiesOfUser(r, u)
	}
	e, err := BearerByID(r, a, id)
	if err != nil || e == nil {
		return nil, err
	}
	return appendBearings(nil, r, e)
}

func policiesOfUser(r store.Reader, u *User) ([]Bearing, error) {
	list, err := appendBearings(nil, r, u.Common())
	if err != nil || len(u.Groups) == 0 {
		return list, err
	}
	groups, err := GroupsOf(r, u)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if list, err = appendBearings(list, r, g.Common()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func appendBearings(list []Bearing, r store.Reader, e *Entity) ([]Bearing, error) {
	list = slices.Grow(list, len(e.Inline)+len(e.Attached))
	for _, held := range e.Inline {
		p, err := e.InlinePolicy(r, held.Name)
		if err == nil && p == nil {
			err = fmt.Errorf("%s lists policy %s, which does not exist", e.ID, held.Name)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Bearing{Name: p.Name, Holder: e, Text: p.Text})
	}
	for _, id := range e.Attached {
		b, err := e.ManagedBearing(r, id)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// ManagedBearing is a managed policy that e has attached, or as its boundary, in its
// default version.
func (e *Entity) ManagedBearing(r store.Reader, id ids.EntityID) (Bearing, error) {
	p, err := e.UsedPolicy(r, id)
	if err != nil {
		return Bearing{}, err
	}
	text, err := PolicyText(r, p, p.Default)
	return Bearing{Name: p.ARN(), Managed: p, Holder: e, Text: text}, err
}
