package client

import (
	"context"
	"fmt"
	"reflect"
)

// maxPages bounds a listing that is followed to its end.
const maxPages = 1000

// CallAll is Call, page after page, for an operation whose reply comes in pages: the Reply
// has the lists of all of them, and says of none that there is more. For any other
// operation it is Call.
func (c *Client) CallAll(ctx context.Context, r Request) (*Reply, error) {
	pages := r.Operation.Pages
	whole, err := c.Call(ctx, r)
	if pages == nil || err != nil {
		return whole, err
	}
	for page, last := 1, whole; ; page++ {
		next := member(last.Output, pages.Output)
		if next.IsZero() || scalarText(next) == "" {
			endPages(whole.Output, pages.More)
			return whole, nil
		}
		if page == maxPages {
			return whole, fmt.Errorf("the listing has over %d pages", maxPages)
		}
		r.Input = copyOf(r.Input)
		member(r.Input, pages.Input).Set(next)
		if last, err = c.Call(ctx, r); err != nil {
			return last, err
		}
		for _, name := range pages.Results {
			list := member(whole.Output, name)
			list.Set(reflect.AppendSlice(list, member(last.Output, name)))
		}
		member(whole.Output, pages.Output).Set(member(last.Output, pages.Output))
	}
}

// endPages says that there is no more.
func endPages(out any, more string) {
	if more == "" {
		return
	}
	m := member(out, more)
	if m.Kind() == reflect.Pointer {
		m.Set(reflect.New(m.Type().Elem()))
		return
	}
	m.SetBool(false)
}

// member is a member of the structure that v points to.
func member(v any, name string) reflect.Value {
	s := reflect.ValueOf(v).Elem()
	m, ok := find(membersOf(s.Type()), name)
	if !ok {
		panic(fmt.Sprintf("client: the model's pages name %s, which %s has not", name, s.Type()))
	}
	return s.Field(m.index)
}

// copyOf copies a request, whose callers may still hold it.
func copyOf(in any) any {
	c := reflect.New(reflect.TypeOf(in).Elem())
	c.Elem().Set(reflect.ValueOf(in).Elem())
	return c.Interface()
}
