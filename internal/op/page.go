package op

import (
	"encoding/base64"
	"iter"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T     // never nil
	Next  *string // where the next page begins; nil on the last
}

// MostSifted is how many items one page looks at, so that it never costs as much as
// the whole list. AWS's own pages may be short, too, and promise more:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
const MostSifted = 2000

// PageOf takes one page of at most limit items off a list of which only those are
// wanted that wanted says. cursor says where the list has got to with an item; it
// becomes the token that Cursor reads.
func PageOf[T any](list iter.Seq2[T, error], limit int, cursor func(T) string, wanted func(T) bool) (Page[T], error) {
	p := Page[T]{Items: []T{}}
	var last T // the one before item
	seen := 0
	for item, err := range list {
		if err != nil {
			return Page[T]{}, err
		}
		take := wanted(item)
		if take && len(p.Items) == limit || seen == MostSifted {
			p.Next = Token(cursor(last))
			break
		}
		if take {
			p.Items = append(p.Items, item)
		}
		last = item
		seen++
	}
	return p, nil
}

// All wants every item of a list.
func All[T any](T) bool { return true }

// Token is what Cursor reads.
func Token(cursor string) *string {
	return new(base64.RawURLEncoding.EncodeToString([]byte(cursor)))
}

// Cursor reads a token that an earlier page returned; "" for none. It reports false
// for one that no page can have returned.
func Cursor(token *string) (cursor string, ok bool) {
	if token == nil {
		return "", true
	}
	b, err := base64.RawURLEncoding.DecodeString(*token)
	return string(b), err == nil && len(b) > 0
}

// After yields the items of a short list, sorted by cursor, that follow the one that
// after stands for, whether it is still there or not.
func After[T any](items []T, after string, cursor func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if (after == "" || cursor(item) > after) && !yield(item, nil) {
				return
			}
		}
	}
}
