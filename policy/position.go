package policy

import (
	"fmt"
	"unicode/utf8"
)

// A Position is a place in a document's text. Both numbers begin at 1; columns
// count characters. The zero Position is nowhere.
type Position struct{ Line, Column int }

func (p Position) String() string { return fmt.Sprintf("(%d,%d)", p.Line, p.Column) }

// A cursor turns byte offsets into positions. It goes on from the last one, so
// that the positions of a whole text cost one walk over it.
type cursor struct {
	text   string
	offset int
	at     Position
}

// position returns the position of the character at an offset.
func (c *cursor) position(offset int) Position {
	if offset < c.offset || c.at.Line == 0 {
		c.offset, c.at = 0, Position{1, 1}
	}
	for c.offset < offset {
		r, n := utf8.DecodeRuneInString(c.text[c.offset:])
		c.offset += n
		c.at.Column++
		if r == '\n' {
			c.at = Position{c.at.Line + 1, 1}
		}
	}
	return c.at
}
