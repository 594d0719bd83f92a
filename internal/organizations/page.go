package organizations

import (
	"encoding/base64"
	"iter"
)

// mostPage is the most items on a page, and how many there are on one unless the
// caller wants fewer.
const mostPage = 20

// mostSifted is how many items one page looks at, so that it never costs as much as
// the whole list. AWS's own pages may be short, too, and promise more.
const mostSifted = 2000

// page is one page of the items of seq that are wanted, and the token of the next;
// nil on the last. cursor says where the list has got to with an item.
func page[T any](seq iter.Seq2[T, error], most *int32, cursor func(T) string, wanted func(T) bool) (items []T, next *string, err error) {
	limit := mostPage
	if most != nil {
		limit = int(*most)
	}
	items = []T{}
	var last T // the one before item
	seen := 0
	for item, err := range seq {
		if err != nil {
			return nil, nil, err
		}
		take := wanted(item)
		if take && len(items) == limit || seen == mostSifted {
			return items, new(base64.RawURLEncoding.EncodeToString([]byte(cursor(last)))), nil
		}
		if take {
			items = append(items, item)
		}
		last = item
		seen++
	}
	return items, nil, nil
}

func all[T any](T) bool { return true }

var errToken = invalidInput("INVALID_NEXT_TOKEN", "You specified an invalid next token.")

// cursorOf reads the token of a page; "" for none.
func cursorOf(token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil || len(b) == 0 || len(b) > 36 {
		return "", errToken
	}
	return string(b), nil
}

// noToken refuses a token for a list that always comes whole.
func noToken(token *string) error {
	if token != nil {
		return errToken
	}
	return nil
}
