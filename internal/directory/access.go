package directory

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Accessed is when a user or role last called the operations of one service.
type Accessed struct {
	Account ids.Account  `cbor:"1,keyasint"`
	Entity  ids.EntityID `cbor:"2,keyasint"`
	Service string       `cbor:"3,keyasint"` // its namespace: "iam"
	Actions []Access     `cbor:"4,keyasint"` // by name, at least one
}

// Access is the last call of an operation.
type Access struct {
	Action string `cbor:"1,keyasint"` // without the namespace: "CreateUser"
	Date   Millis `cbor:"2,keyasint"`
	Region string `cbor:"3,keyasint"`
}

// Last is the latest of all.
func (a *Accessed) Last() Access {
	return slices.MaxFunc(a.Actions, func(x, y Access) int { return cmp.Compare(x.Date, y.Date) })
}

func accessedKey(a ids.Account, id ids.EntityID, service string) string {
	return accesses + string(a) + "/" + string(id) + "/" + service
}

// AccessedBy yields what is known of a user or role, in the order of the services.
func AccessedBy(r store.Reader, e *Entity) iter.Seq2[*Accessed, error] {
	from := accessedKey(e.Account, e.ID, "")
	return func(yield func(*Accessed, error) bool) {
		for pair, err := range r.Scan(from, store.PrefixEnd(from)) {
			var a *Accessed
			if err == nil {
				a, err = decode[Accessed](pair.Key, pair.Value)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// LastAccess is when and where a user or role was last active; nil for never.
func LastAccess(r store.Reader, e *Entity) (*Access, error) {
	var last *Access
	for accessed, err := range AccessedBy(r, e) {
		if err != nil {
			return nil, err
		}
		if a := accessed.Last(); last == nil || a.Date > last.Date {
			last = &a
		}
	}
	return last, nil
}

// AddAccesses adds to what is known of a user or role and a service, unless it has
// been deleted. Of two calls of an operation the later one is kept.
func AddAccesses(tx store.Tx, a ids.Account, id ids.EntityID, service string, add []Access) error {
	e, err := BearerByID(tx, a, id)
	if err != nil || e == nil {
		return err
	}
	key := accessedKey(a, id, service)
	was, err := get[Accessed](tx, key)
	if err != nil {
		return err
	}
	now := &Accessed{Account: a, Entity: id, Service: service}
	if was != nil {
		now.Actions = slices.Clone(was.Actions)
	}
	for _, x := range add {
		at, known := slices.BinarySearchFunc(now.Actions, x.Action, func(y Access, name string) int { return strings.Compare(y.Action, name) })
		switch {
		case !known:
			now.Actions = slices.Insert(now.Actions, at, x)
		case now.Actions[at].Date < x.Date:
			now.Actions[at] = x
		}
	}
	return put(tx, key, now)
}

// ForgetAccesses removes what is known of a user or role that is being deleted.
func ForgetAccesses(tx store.Tx, e *Entity) error {
	from := accessedKey(e.Account, e.ID, "")
	for pair, err := range tx.Scan(from, store.PrefixEnd(from)) {
		if err != nil {
			return err
		}
		if err := tx.Delete(pair.Key); err != nil {
			return err
		}
	}
	return nil
}

// accessed makes sure that it is known of somebody who exists.
func (c *checker) accessed(key string, value []byte) error {
	a, err := decode[Accessed](key, value)
	if err != nil {
		return err
	}
	if accessedKey(a.Account, a.Entity, a.Service) != key {
		c.problem("%s: holds %s of %s", key, a.Service, a.Entity)
	}
	if len(a.Actions) == 0 {
		c.problem("%s: names no operation", key)
	}
	e, err := BearerByID(c.r, a.Account, a.Entity)
	if err == nil && e == nil {
		c.problem("%s: its user or role does not exist", key)
	}
	return err
}
