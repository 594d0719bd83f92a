package directory

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// InlinePolicy is a policy that is part of a user, group or role. Its name is
// unique in that, and case matters in it: AWS names the kinds of names in which it
// does not, and this is none of them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type InlinePolicy struct {
	Account ids.Account  `cbor:"1,keyasint"`
	Owner   ids.EntityID `cbor:"2,keyasint"`
	Name    string       `cbor:"3,keyasint"`
	Text    Document     `cbor:"4,keyasint"`
}

// HeldPolicy is what the record of its owner says of an inline policy, so that a
// listing, and the decision about a caller who has none, reads nothing else.
type HeldPolicy struct {
	Name string `cbor:"1,keyasint"`
	Size int    `cbor:"2,keyasint"` // of the document, as quotas count it
}

func inlineKey(a ids.Account, owner ids.EntityID, name string) string {
	return inlinePolicies + string(a) + "/" + string(owner) + "/" + name
}

// InlinePolicy returns the entity's policy of that name, or nil.
func (e *Entity) InlinePolicy(r store.Reader, name string) (*InlinePolicy, error) {
	return get[InlinePolicy](r, inlineKey(e.Account, e.ID, name))
}

// PutInline stores a policy of was, new or in the place of the one of that name,
// and was as it is then.
func (k Kind[T, P]) PutInline(tx store.Tx, was P, name string, text Document) error {
	e := was.Common()
	p := &InlinePolicy{Account: e.Account, Owner: e.ID, Name: name, Text: text}
	if err := put(tx, inlineKey(e.Account, e.ID, name), p); err != nil {
		return err
	}
	held := append(e.inlineBut(name), HeldPolicy{name, text.Size()})
	slices.SortFunc(held, func(a, b HeldPolicy) int { return strings.Compare(a.Name, b.Name) })
	return k.holdInline(tx, was, held)
}

// DeleteInline removes the policy of was that has this name, and stores was as it is then.
func (k Kind[T, P]) DeleteInline(tx store.Tx, was P, name string) error {
	e := was.Common()
	if err := tx.Delete(inlineKey(e.Account, e.ID, name)); err != nil {
		return err
	}
	return k.holdInline(tx, was, e.inlineBut(name))
}

// inlineBut is a copy of the list without the policy of that name.
func (e *Entity) inlineBut(name string) []HeldPolicy {
	return slices.DeleteFunc(slices.Clone(e.Inline), func(p HeldPolicy) bool { return p.Name == name })
}

func (k Kind[T, P]) holdInline(tx store.Tx, was P, held []HeldPolicy) error {
	changed := *was
	P(&changed).Common().Inline = held
	return k.Put(tx, was, &changed)
}

// inlinePolicy makes sure that the owner of a policy lists it as it is.
func (c *checker) inlinePolicy(key string, value []byte) error {
	p, err := decode[InlinePolicy](key, value)
	if err != nil {
		return err
	}
	if inlineKey(p.Account, p.Owner, p.Name) != key {
		c.problem("%s: holds policy %s of %s", key, p.Name, p.Owner)
	}
	e, err := BearerByID(c.r, p.Account, p.Owner)
	if err != nil {
		return err
	}
	if e == nil {
		c.problem("%s: its owner does not exist", key)
	} else if !slices.Contains(e.Inline, HeldPolicy{p.Name, p.Text.Size()}) {
		c.problem("%s: its owner does not list it as it is", key)
	}
	return nil
}

// holdsInline makes sure that the policies an entity lists are there.
func (c *checker) holdsInline(key string, e *Entity) error {
	for _, held := range e.Inline {
		p, err := e.InlinePolicy(c.r, held.Name)
		if err != nil {
			return err
		}
		if p == nil {
			c.problem("%s: lists policy %s, which does not exist", key, held.Name)
		}
	}
	return nil
}
