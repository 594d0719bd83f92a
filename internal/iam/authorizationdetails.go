package iam

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func authorizationDetailsOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetAccountAuthorizationDetails", needGetAccountAuthorizationDetails, getAccountAuthorizationDetails),
	}
}

func needGetAccountAuthorizationDetails(*op.Call, *shape.GetAccountAuthorizationDetailsRequest) ([]op.Need, error) {
	return need("GetAccountAuthorizationDetails", "*"), nil
}

// mostDetailBytes is how much of documents a page takes in before it ends, so that
// its cost does not depend on how long they are.
const mostDetailBytes = 1 << 20

func getAccountAuthorizationDetails(_ context.Context, c *op.Call, in *shape.GetAccountAuthorizationDetailsRequest) (*shape.GetAccountAuthorizationDetailsResponse, error) {
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	d := newDetails(c)
	n, limit, last := 0, int(orElse(in.MaxItems, defaultPage)), ""
	for item, err := range detailsAfter(c, in.Filter, cursor) {
		if errors.Is(err, directory.ErrCursor) {
			return nil, errMarker
		}
		if err != nil {
			return nil, err
		}
		if n == limit || d.bytes > mostDetailBytes {
			d.out.IsTruncated, d.out.Marker = new(true), op.Token(last)
			break
		}
		if err := item.add(d); err != nil {
			return nil, err
		}
		n, last = n+1, item.cursor
	}
	return d.out, nil
}

// detail is one item of a page: where a listing goes on behind it, and what puts
// it into the reply.
type detail struct {
	cursor string
	add    func(*details) error
}

// detailLists are the lists of the reply, in the order in which pages go through
// them, by what a filter calls their items.
var detailLists = []struct {
	filter string
	after  func(c *op.Call, cursor string) iter.Seq2[detail, error]
}{
	{shape.EntityTypeUser, detailsOfKind(directory.Users, (*details).user)},
	{shape.EntityTypeGroup, detailsOfKind(directory.Groups, (*details).group)},
	{shape.EntityTypeRole, detailsOfKind(directory.Roles, (*details).role)},
	{shape.EntityTypeLocalManagedPolicy, detailsOfKind(directory.Policies, (*details).policy)},
	{shape.EntityTypeAWSManagedPolicy, detailsOfAWSPolicies},
}

// detailsAfter yields the items that a filter lets through, behind the one that
// cursor stands for. No filter lets all through.
func detailsAfter(c *op.Call, filter []string, cursor string) iter.Seq2[detail, error] {
	list, after, _ := strings.Cut(cursor, "/")
	return func(yield func(detail, error) bool) {
		begun := cursor == ""
		for _, l := range detailLists {
			from := ""
			if l.filter == list {
				begun, from = true, after
			}
			if !begun || len(filter) > 0 && !slices.Contains(filter, l.filter) {
				continue
			}
			for item, err := range l.after(c, from) {
				item.cursor = l.filter + "/" + item.cursor
				if !yield(item, err) || err != nil {
					return
				}
			}
		}
		if !begun {
			yield(detail{}, directory.ErrCursor)
		}
	}
}

func detailsOfKind[T any, P directory.Record[T]](k directory.Kind[T, P], add func(*details, P) error) func(*op.Call, string) iter.Seq2[detail, error] {
	return func(c *op.Call, cursor string) iter.Seq2[detail, error] {
		return func(yield func(detail, error) bool) {
			for rec, err := range k.List(c.Snap, c.Caller.Account, "/", cursor) {
				var item detail
				if err == nil {
					item = detail{k.Cursor("/", rec), func(d *details) error { return add(d, rec) }}
				}
				if !yield(item, err) {
					return
				}
			}
		}
	}
}

// detailsOfAWSPolicies are those that the account uses: the others say nothing of it.
func detailsOfAWSPolicies(c *op.Call, cursor string) iter.Seq2[detail, error] {
	return func(yield func(detail, error) bool) {
		for p, err := range directory.UsedAWSPolicies(c.Snap, c.Caller.Account, ids.EntityID(cursor)) {
			var item detail
			if err == nil {
				item = detail{string(p.ID), func(d *details) error { return d.policy(p) }}
			}
			if !yield(item, err) {
				return
			}
		}
	}
}
