package iam

import (
	"encoding/base64"
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
	return sifted(seq, maxItems, cursor, func(T) bool { return true })
}

// mostSifted is how many items sifted looks at, so that one page never costs as
// much as the whole list. AWS's own pages may be short, too, and promise more:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
const mostSifted = 2000

// sifted is paged for a list of which only some items are wanted.
func sifted[T any](seq iter.Seq2[T, error], maxItems *int32, cursor func(T) string, wanted func(T) bool) (page[T], error) {
	limit := defaultPage
	if maxItems != nil {
		limit = int(*maxItems)
	}
	p := page[T]{items: []T{}}
	var last T // the one before item
	seen := 0
	for item, err := range seq {
		if errors.Is(err, directory.ErrCursor) {
			return page[T]{}, errMarker
		}
		if err != nil {
			return page[T]{}, err
		}
		take := wanted(item)
		if take && len(p.items) == limit || seen == mostSifted {
			p.more = true
			p.marker = markerOf(cursor(last))
			break
		}
		if take {
			p.items = append(p.items, item)
		}
		last = item
		seen++
	}
	return p, nil
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

// markerOf is what cursorOf reads.
func markerOf(cursor string) *string {
	return new(base64.RawURLEncoding.EncodeToString([]byte(cursor)))
}

// cursorOf reads a marker that an earlier page returned; "" for none.
func cursorOf(marker *string) (string, error) {
	if marker == nil {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*marker)
	if err != nil || len(b) == 0 {
		return "", errMarker
	}
	return string(b), nil
}

// after yields the items of a short list, sorted by cursor, that follow the one
// that after stands for, whether it is still there or not.
func afterCursor[T any](items []T, after string, cursor func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if (after == "" || cursor(item) > after) && !yield(item, nil) {
				return
			}
		}
	}
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
