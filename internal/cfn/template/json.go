package template

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// jsonReader reads JSON and keeps where each value stands, which encoding/json does not.
type jsonReader struct {
	text      string
	size      size
	at        int
	lineStart int // of the line that at is in, as far as place has looked
	line      int
	placed    int
}

func readJSON(text string) (*tree.Node, error) {
	r := &jsonReader{text: text, line: 1}
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if r.space(); r.at < len(r.text) {
		return nil, r.malformed()
	}
	return n, nil
}

// malformed is the error at the byte that can't be there. AWS's reader has read that one
// by then and counts the column after it.
func (r *jsonReader) malformed() *Error {
	if r.at < len(r.text) {
		r.at++
	}
	line, column := r.place()
	return &Error{
		Message: formatError + "JSON not well-formed. " + place(line, column),
		Line:    line, Column: column,
	}
}

// place is where the reader stands. It only ever goes forward.
func (r *jsonReader) place() (line, column int) {
	passed := r.text[r.placed:r.at]
	if i := strings.LastIndexByte(passed, '\n'); i >= 0 {
		r.line += strings.Count(passed, "\n")
		r.lineStart = r.placed + i + 1
	}
	r.placed = r.at
	return r.line, r.at - r.lineStart + 1
}

func (r *jsonReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next is the next byte that is no space, or 0 at the end.
func (r *jsonReader) next() byte {
	if r.space(); r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *jsonReader) value(depth int) (*tree.Node, error) {
	c := r.next()
	line, column := r.place()
	n := &tree.Node{Line: line, Column: column}
	err := r.size.add(n, depth)
	if err != nil {
		return nil, err
	}
	switch {
	case c == '{':
		err = r.object(n, depth)
	case c == '[':
		err = r.list(n, depth)
	case c == '"':
		n.Kind = tree.String
		n.Text, err = r.quoted()
	default:
		err = r.word(n)
	}
	return n, err
}

func (r *jsonReader) object(n *tree.Node, depth int) error {
	n.Kind = tree.Map
	seen := map[string]int{}
	r.at++
	if r.next() == '}' {
		r.at++
		return nil
	}
	for {
		if r.next() != '"' {
			return r.malformed()
		}
		var f tree.Field
		var err error
		f.Line, f.Column = r.place()
		if f.Key, err = r.quoted(); err != nil {
			return err
		}
		if r.next() != ':' {
			return r.malformed()
		}
		r.at++
		if f.Value, err = r.value(depth + 1); err != nil {
			return err
		}
		put(n, seen, f)
		if more, err := r.more('}'); err != nil || !more {
			return err
		}
	}
}

func (r *jsonReader) list(n *tree.Node, depth int) error {
	n.Kind = tree.List
	r.at++
	if r.next() == ']' {
		r.at++
		return nil
	}
	for {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		if more, err := r.more(']'); err != nil || !more {
			return err
		}
	}
}

// more passes the comma or the end that follows a member or item.
func (r *jsonReader) more(end byte) (bool, error) {
	c := r.next()
	if c != ',' && c != end {
		return false, r.malformed()
	}
	r.at++
	return c == ',', nil
}

// quoted reads a string. What is between the quotes is encoding/json's to say.
func (r *jsonReader) quoted() (string, error) {
	start := r.at
	for r.at++; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			var s string
			if !utf8.ValidString(r.text[start:r.at]) || json.Unmarshal([]byte(r.text[start:r.at]), &s) != nil {
				r.at = start
				return "", r.malformed()
			}
			return s, nil
		case c == '\\':
			r.at++
		case c < ' ':
			return "", r.malformed()
		}
	}
	r.at = len(r.text)
	return "", r.malformed()
}

// word reads a number, true, false or null.
func (r *jsonReader) word(n *tree.Node) error {
	start := r.at
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n,:]}[{\"", r.text[r.at]) < 0 {
		r.at++
	}
	n.Text = r.text[start:r.at]
	switch {
	case n.Text == "null":
		n.Text = ""
	case n.Text == "true" || n.Text == "false":
		n.Kind = tree.Bool
	case isNumber(n.Text):
		n.Kind = tree.Number
	default:
		r.at = start
		return r.malformed()
	}
	return nil
}

// isNumber reports whether s is a number as JSON writes them.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') && json.Valid([]byte(s))
}
