package iam_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// counted is a store that counts the keys that Views read.
type counted struct {
	store.Store
	keys int
}

func (s *counted) View(ctx context.Context, fn func(store.Reader) error) error {
	return s.Store.View(ctx, func(r store.Reader) error { return fn(&countedReader{r, s}) })
}

type countedReader struct {
	store.Reader
	s *counted
}

func (r *countedReader) Get(key string) ([]byte, bool, error) {
	r.s.keys++
	return r.Reader.Get(key)
}

func (r *countedReader) Scan(from, to string) iter.Seq2[store.Pair, error] {
	return r.count(r.Reader.Scan(from, to))
}

func (r *countedReader) ScanBack(from, to string) iter.Seq2[store.Pair, error] {
	return r.count(r.Reader.ScanBack(from, to))
}

func (r *countedReader) count(seq iter.Seq2[store.Pair, error]) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		for pair, err := range seq {
			r.s.keys++
			if !yield(pair, err) {
				return
			}
		}
	}
}

// A page of ListUsers reads about as many keys as it lists users, the last page as the
// first, with and without a path.
func TestListUsersReadsWhatItLists(t *testing.T) {
	const users, size = 10_000, 100
	w := optest.New(t, withQuotas(t, fmt.Sprintf("UsersPerAccount=%d", users)))
	for i := range users {
		createUser(w, fmt.Sprintf("user-%05d", i), "/eng/")
	}
	reads := &counted{Store: w.Store}
	w.Store = reads
	for _, path := range []*string{nil, new("/"), new("/eng/")} {
		in := &shape.ListUsersRequest{PathPrefix: path, MaxItems: new(int32(size))}
		seen := map[string]bool{}
		for more := true; more; {
			reads.keys = 0
			out := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", in)
			// An index entry and a record for each user, and one more to see that there is one.
			if most := 2*size + 2; reads.keys < size || reads.keys > most {
				t.Fatalf("the page after %d users reads %d keys, want %d at most", len(seen), reads.keys, most)
			}
			for _, u := range out.Users {
				seen[*u.UserName] = true
			}
			more, in.Marker = *out.IsTruncated, out.Marker
		}
		if len(seen) != users {
			t.Errorf("the pages have %d users, want %d", len(seen), users)
		}
	}
}
