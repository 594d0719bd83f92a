package directory

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Entity is what users, and whatever else has a path and a name of its own, have
// in common. It takes the numbers 1 to 9 of a record.
type Entity struct {
	ID      ids.EntityID `cbor:"1,keyasint"` // never used again
	Account ids.Account  `cbor:"2,keyasint"`
	Name    string       `cbor:"3,keyasint"` // as given: case is kept, and ignored in comparisons
	Path    string       `cbor:"4,keyasint"` // begins and ends with "/"
	Created Millis       `cbor:"5,keyasint"`
	Tags    []Tag        `cbor:"6,keyasint,omitempty"`
	Inline  []HeldPolicy `cbor:"7,keyasint,omitempty"` // of users, groups and roles: see InlinePolicy

	Boundary ids.EntityID   `cbor:"8,keyasint,omitempty"` // of users and roles: the policy that is their permissions boundary
	Attached []ids.EntityID `cbor:"9,keyasint,omitempty"` // of users, groups and roles: the managed policies attached to them
}

// Tag is a tag of any entity. Keys are unique ignoring case.
type Tag struct {
	Key   string `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`
}

// Common is e: every record that embeds an Entity has it.
func (e *Entity) Common() *Entity { return e }

// Record is a pointer to a T, which embeds an Entity.
type Record[T any] interface {
	*T
	Common() *Entity
}

// Kind is where the entities of one kind are kept: each under its ID, with an
// index of names, which are unique ignoring case, and one of paths.
type Kind[T any, P Record[T]] struct {
	space string // the first part of the keys, without a slash
	arn   arn.Kind
}

// Noun is what AWS calls one of these entities in its texts: "user".
func (k Kind[T, P]) Noun() string { return k.space }

func (k Kind[T, P]) key(a ids.Account, id ids.EntityID) string {
	return k.space + "/" + string(a) + "/" + string(id)
}

func (k Kind[T, P]) nameKey(a ids.Account, name string) string {
	return k.space + "name/" + string(a) + "/" + strings.ToLower(name)
}

// pathKey keeps path and name apart, by a character that neither has and that comes
// before all that they have: a listing below /a must not find a user /ann.
func (k Kind[T, P]) pathKey(a ids.Account, path, name string) string {
	return k.pathSpace(a) + placeBelow(path, name)
}

func (k Kind[T, P]) pathSpace(a ids.Account) string { return k.space + "path/" + string(a) }

func placeBelow(path, name string) string { return path + " " + strings.ToLower(name) }

// ARN is the ARN of an entity of this path and name, whether there is one or not.
func (k Kind[T, P]) ARN(a ids.Account, path, name string) string {
	return owner(a).Entity(arn.Entity{Kind: k.arn, Path: path, Name: name}).String()
}

// ByID returns the entity, or nil.
func (k Kind[T, P]) ByID(r store.Reader, a ids.Account, id ids.EntityID) (P, error) {
	return get[T](r, k.key(a, id))
}

// ByName returns the entity of that name, ignoring case, or nil.
func (k Kind[T, P]) ByName(r store.Reader, a ids.Account, name string) (P, error) {
	key := k.nameKey(a, name)
	id, ok, err := r.Get(key)
	if err != nil || !ok {
		return nil, err
	}
	return k.follow(r, a, key, id)
}

// follow goes from an index entry to what it must lead to.
func (k Kind[T, P]) follow(r store.Reader, a ids.Account, index string, id []byte) (P, error) {
	rec, err := k.ByID(r, a, ids.EntityID(id))
	if err == nil && rec == nil {
		err = fmt.Errorf("index %s leads to no %s", index, k.space)
	}
	return rec, err
}

// Put stores rec with its indexes. was is the record that it replaces, nil for a
// new one; the caller has made sure that the name is free.
func (k Kind[T, P]) Put(tx store.Tx, was, rec P) error {
	e := rec.Common()
	if err := put(tx, k.key(e.Account, e.ID), rec); err != nil {
		return err
	}
	var indexes []string
	old := &Entity{}
	if was == nil {
		if err := addCount(tx, e.Account, k.Counted(), +1); err != nil {
			return err
		}
	} else {
		old = was.Common()
		if old.sameIndexes(e) {
			return nil
		}
		indexes = k.indexes(old)
	}
	if err := putIndexes(tx, indexes, k.indexes(e), e.ID); err != nil {
		return err
	}
	return countUses(tx, old, e)
}

// sameIndexes reports whether e and other have the same indexes.
func (e *Entity) sameIndexes(other *Entity) bool {
	return e.Name == other.Name && e.Path == other.Path && e.Boundary == other.Boundary && slices.Equal(e.Attached, other.Attached)
}

// putIndexes makes the indexes of an entity those of now, which were those of old.
func putIndexes(tx store.Tx, old, now []string, id ids.EntityID) error {
	for _, index := range old {
		if slices.Contains(now, index) {
			continue
		}
		if err := tx.Delete(index); err != nil {
			return err
		}
	}
	for _, index := range now {
		if slices.Contains(old, index) {
			continue
		}
		if err := tx.Put(index, []byte(id)); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes rec and its indexes, and nothing that belongs to it.
func (k Kind[T, P]) Delete(tx store.Tx, rec P) error {
	e := rec.Common()
	if err := putIndexes(tx, k.indexes(e), nil, e.ID); err != nil {
		return err
	}
	if err := countUses(tx, e, &Entity{}); err != nil {
		return err
	}
	if err := addCount(tx, e.Account, k.Counted(), -1); err != nil {
		return err
	}
	return tx.Delete(k.key(e.Account, e.ID))
}

// indexes are the keys that lead to e: by its name, by its path, and from the
// policies that it uses.
func (k Kind[T, P]) indexes(e *Entity) []string {
	indexes := []string{k.nameKey(e.Account, e.Name), k.pathKey(e.Account, e.Path, e.Name)}
	for _, policy := range e.Attached {
		indexes = append(indexes, pairKey(attachments, e.Account, policy, e.ID))
	}
	if e.Boundary != "" {
		indexes = append(indexes, pairKey(boundaries, e.Account, e.Boundary, e.ID))
	}
	return indexes
}

// List yields the entities whose path begins with prefix. Below "/" they come in
// the order of their names, below any other prefix in that of path and name;
// either way a listing costs what it yields. It begins after the one that cursor,
// from Cursor with the same prefix, stands for; "" begins at the first.
func (k Kind[T, P]) List(r store.Reader, a ids.Account, prefix, cursor string) iter.Seq2[P, error] {
	space := k.nameKey(a, "")
	from := space
	if prefix != "/" {
		space, from = k.pathSpace(a), k.pathSpace(a)+prefix
	}
	to := store.PrefixEnd(from)
	return func(yield func(P, error) bool) {
		if cursor != "" {
			at, err := k.place(r, a, cursor)
			if err != nil {
				yield(nil, err)
				return
			}
			from = space + at + "\x00"
		}
		for pair, err := range r.Scan(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			rec, err := k.follow(r, a, pair.Key, pair.Value)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// ErrCursor reports a cursor that leads nowhere.
var ErrCursor = errors.New("directory: no such cursor")

// maxCursor is the longest cursor, in bytes: IAM takes markers of 320 characters.
const maxCursor = 200

// Cursor says where a listing below prefix has got to with rec, which may be gone
// when the listing goes on, unless its path is very long.
func (k Kind[T, P]) Cursor(prefix string, rec P) string {
	e := rec.Common()
	at := strings.ToLower(e.Name)
	if prefix != "/" {
		at = placeBelow(e.Path, e.Name)
	}
	if len(at) > maxCursor {
		return "\x00" + string(e.ID)
	}
	return at
}

// place is where in the index of paths or names a cursor points.
func (k Kind[T, P]) place(r store.Reader, a ids.Account, cursor string) (string, error) {
	id, long := strings.CutPrefix(cursor, "\x00")
	if !long {
		return cursor, nil
	}
	rec, err := k.ByID(r, a, ids.EntityID(id))
	if err != nil {
		return "", err
	}
	if rec == nil {
		return "", ErrCursor
	}
	return placeBelow(rec.Common().Path, rec.Common().Name), nil
}
