package directory

import (
	"fmt"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// What entities have to do with each other is written twice. The record of the one
// that has few of the others lists them: a user its groups, since deciding about
// the user must not cost a scan. A pair of IDs is the key that finds it from the
// other: the users in a group. IDs, because a rename doesn't change them.

func pairKey(space string, a ids.Account, one, other ids.EntityID) string {
	return space + string(a) + "/" + string(one) + "/" + string(other)
}

// scanPairs yields the second IDs of the pairs that begin with prefix, in their
// order, from the first behind after, which "" is before.
func scanPairs(r store.Reader, prefix string, after ids.EntityID) iter.Seq2[ids.EntityID, error] {
	from := prefix
	if after != "" {
		from += string(after) + "\x00"
	}
	return func(yield func(ids.EntityID, error) bool) {
		for pair, err := range r.Scan(from, store.PrefixEnd(prefix)) {
			if !yield(ids.EntityID(strings.TrimPrefix(pair.Key, prefix)), err) {
				return
			}
		}
	}
}

// hasAny reports whether seq yields anything.
func hasAny(seq iter.Seq2[ids.EntityID, error]) (bool, error) {
	for _, err := range seq {
		return err == nil, err
	}
	return false, nil
}

// related yields the entities of these IDs.
func related[T any, P Record[T]](r store.Reader, k Kind[T, P], a ids.Account, seq iter.Seq2[ids.EntityID, error]) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for id, err := range seq {
			var rec P
			if err == nil {
				rec, err = k.ByID(r, a, id)
			}
			if err == nil && rec == nil {
				err = fmt.Errorf("a key leads to %s %s, which does not exist", k.space, id)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}
