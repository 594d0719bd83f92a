package iam

import (
	"encoding/base64"
	"errors"
	"iter"

	"github.com/iamd-project/iamd/internal/directory"
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
	limit := defaultPage
	if maxItems != nil {
		limit = int(*maxItems)
	}
	p := page[T]{items: []T{}}
	for item, err := range seq {
		if errors.Is(err, directory.ErrCursor) {
			return page[T]{}, errMarker
		}
		if err != nil {
			return page[T]{}, err
		}
		if len(p.items) == limit {
			p.more = true
			p.marker = new(base64.RawURLEncoding.EncodeToString([]byte(cursor(p.items[limit-1]))))
			break
		}
		p.items = append(p.items, item)
	}
	return p, nil
}

var errMarker = validationError("Invalid Marker.")

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
			if cursor(item) > after && !yield(item, nil) {
				return
			}
		}
	}
}
