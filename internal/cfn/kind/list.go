package kind

import (
	"context"
	"slices"
)

// missing are those of list that others lacks, in list's order and each once.
func missing[T comparable](list, others []T) []T {
	var out []T
	for _, item := range list {
		if !slices.Contains(others, item) && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// ordered is what there is, in the order that the template had it: the order of most
// lists means nothing, and is not to be taken for a drift.
func ordered[T any](is, was []T, same func(a, b T) bool) []T {
	var out []T
	for _, w := range was {
		if at := slices.IndexFunc(is, func(i T) bool { return same(i, w) }); at >= 0 {
			out = append(out, is[at])
		}
	}
	for _, i := range is {
		if !slices.ContainsFunc(out, func(o T) bool { return same(i, o) }) {
			out = append(out, i)
		}
	}
	return out
}

func orderedNames(is, was []string) []string {
	return ordered(is, was, func(a, b string) bool { return a == b })
}

// eachPage makes a call again for page after page. take returns where the next page
// begins; nil after the last one.
func eachPage[Out any](ctx context.Context, api API, in any, marker **string, take func(*Out) *string) error {
	for {
		page, err := Do[Out](ctx, api, in)
		if err != nil {
			return err
		}
		if *marker = take(page); *marker == nil {
			return nil
		}
	}
}

// orNil is nil for a text that is not given.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orNone is "" for nil.
func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
