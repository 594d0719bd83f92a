package iam

import (
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// inline is the inline policies of one kind of entities.
type inline[T any, P directory.Record[T]] struct {
	kind  directory.Kind[T, P]
	quota string // characters in all policies of one entity
	// changeable finds an entity whose policies its account may change.
	changeable func(c *op.Call, name string) (P, error)
}

var (
	userInline  = inline[directory.User, *directory.User]{directory.Users, inlinePolicySizePerUser, mustUser}
	groupInline = inline[directory.Group, *directory.Group]{directory.Groups, inlinePolicySizePerGroup, mustGroup}
	roleInline  = inline[directory.Role, *directory.Role]{directory.Roles, inlinePolicySizePerRole, mustOwnRole}
)

// put makes a policy or replaces the one of that name.
func (i inline[T, P]) put(c *op.Call, owner, name, text string) (*op.None, error) {
	rec, err := i.changeable(c, owner)
	if err != nil {
		return nil, err
	}
	if err := checkDocument(text, policy.Identity); err != nil {
		return nil, err
	}
	document := directory.Document(text)
	size := document.Size()
	for _, other := range rec.Common().Inline {
		if other.Name != name {
			size += other.Size
		}
	}
	if most := c.Quota(i.quota); size > most {
		return nil, awserr.New(409, "LimitExceeded", "Maximum policy size of %d bytes exceeded for %s %s",
			most, i.kind.Noun(), rec.Common().Name)
	}
	return &op.None{}, i.kind.PutInline(c.Tx, rec, name, document)
}

// get is a policy, its document encoded, and the name of its owner.
func (i inline[T, P]) get(c *op.Call, owner, name string) (ownerName, document string, err error) {
	rec, err := mustEntity(c, i.kind, owner)
	if err != nil {
		return "", "", err
	}
	p, err := rec.Common().InlinePolicy(c.Snap, name)
	if err != nil {
		return "", "", err
	}
	if p == nil {
		return "", "", i.noSuch(name)
	}
	return rec.Common().Name, encodeDocument(p.Text), nil
}

// list is a page of the names of the policies, in their order.
func (i inline[T, P]) list(c *op.Call, owner string, marker *string, maxItems *int32) (page[string], error) {
	rec, err := mustEntity(c, i.kind, owner)
	if err != nil {
		return page[string]{}, err
	}
	cursor, err := cursorOf(marker)
	if err != nil {
		return page[string]{}, err
	}
	var names []string
	for _, p := range rec.Common().Inline {
		names = append(names, p.Name)
	}
	name := func(name string) string { return name }
	return paged(op.After(names, cursor, name), maxItems, name)
}

func (i inline[T, P]) delete(c *op.Call, owner, name string) (*op.None, error) {
	rec, err := i.changeable(c, owner)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(rec.Common().Inline, func(p directory.HeldPolicy) bool { return p.Name == name }) {
		return nil, i.noSuch(name)
	}
	return &op.None{}, i.kind.DeleteInline(c.Tx, rec, name)
}

func (i inline[T, P]) noSuch(name string) error {
	return noSuchEntity("The %s policy with name %s cannot be found.", i.kind.Noun(), name)
}

// hasInline is what the tables of conflicts ask.
func hasInline[T any, P directory.Record[T]](_ *op.Call, rec P) (bool, error) {
	return len(rec.Common().Inline) > 0, nil
}
