package organizations

import (
	"iter"

	"github.com/iamd-project/iamd/internal/op"
)

// mostPage is the most items on a page, and how many there are on one unless the
// caller wants fewer.
const mostPage = 20

// page is one page of the items of list that are wanted.
func page[T any](list iter.Seq2[T, error], most *int32, cursor func(T) string, wanted func(T) bool) (items []T, next *string, err error) {
	limit := mostPage
	if most != nil {
		limit = int(*most)
	}
	p, err := op.PageOf(list, limit, cursor, wanted)
	return p.Items, p.Next, err
}

var errToken = invalidInput("INVALID_NEXT_TOKEN", "You specified an invalid next token.")

// cursorOf reads the token of a page; "" for none.
func cursorOf(token *string) (string, error) {
	cursor, ok := op.Cursor(token)
	if !ok || len(cursor) > 36 {
		return "", errToken
	}
	return cursor, nil
}

// noToken refuses a token for a list that always comes whole.
func noToken(token *string) error {
	if token != nil {
		return errToken
	}
	return nil
}
