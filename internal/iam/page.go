package iam

import (
	"errors"
	"iter"
	"strconv"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// defaultPage is how many items a list returns when MaxItems is left out.
const defaultPage = 100

// page is one page of a list, as every list operation returns it.
type page[T any] struct {
	items  []T
	more   bool
	marker *string // nil on the last page
}

// paged takes one page off seq. cursor says where the list has got to with an
// item; it becomes the marker that cursorOf gives back.
func paged[T any](seq iter.Seq2[T, error], maxItems *int32, cursor func(T) string) (page[T], error) {
	return sifted(seq, maxItems, cursor, op.All)
}

// sifted is paged for a list of which only some items are wanted.
func sifted[T any](seq iter.Seq2[T, error], maxItems *int32, cursor func(T) string, wanted func(T) bool) (page[T], error) {
	limit := defaultPage
	if maxItems != nil {
		limit = int(*maxItems)
	}
	p, err := op.PageOf(seq, limit, cursor, wanted)
	if errors.Is(err, directory.ErrCursor) {
		err = errMarker
	}
	return page[T]{items: p.Items, more: p.Next != nil, marker: p.Next}, err
}

// pageOfKind is one page of the entities whose path begins with a prefix.
func pageOfKind[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], pathPrefix, marker *string, maxItems *int32) (page[P], error) {
	cursor, err := cursorOf(marker)
	if err != nil {
		return page[P]{}, err
	}
	prefix := pathOf(pathPrefix)
	return paged(k.List(c.Snap, c.Caller.Account, prefix, cursor), maxItems, func(rec P) string { return k.Cursor(prefix, rec) })
}

var errMarker = validationError("Invalid Marker.")

// cursorOf reads a marker that an earlier page returned; "" for none.
func cursorOf(marker *string) (string, error) {
	cursor, ok := op.Cursor(marker)
	if !ok {
		return "", errMarker
	}
	return cursor, nil
}

// countCursor reads a marker of a page of what a request itself lists, by place: where
// to go on.
func countCursor(marker *string) (int, error) {
	cursor, err := cursorOf(marker)
	if err != nil || cursor == "" {
		return 0, err
	}
	last, err := strconv.Atoi(cursor)
	if err != nil || last < 0 {
		return 0, errMarker
	}
	return last + 1, nil
}

// countFrom yields the numbers from first up to end, without end.
func countFrom(first, end int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := first; i < end; i++ {
			if !yield(i, nil) {
				return
			}
		}
	}
}
