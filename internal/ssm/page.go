package ssm

import (
	"iter"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
)

// The most items on a page, and how many there are on one unless the caller wants fewer.
const (
	mostPage   = 50
	mostByPath = 10
)

var errToken = awserr.New(400, "InvalidNextToken", "The specified token isn't valid.")

// page is one page of the items of list that are wanted.
func page[T any](list iter.Seq2[T, error], asked *int32, most int, cursor func(T) string, wanted func(T) bool) (op.Page[T], error) {
	if asked != nil {
		most = int(*asked)
	}
	return op.PageOf(list, most, cursor, wanted)
}

// cursorOf reads the token of a page, whose cursors begin with prefix; "" for none.
func cursorOf(token *string, prefix string) (string, error) {
	cursor, ok := op.Cursor(token)
	if !ok || len(cursor) > mostARN || cursor != "" && !strings.HasPrefix(cursor, prefix) {
		return "", errToken
	}
	return cursor, nil
}
