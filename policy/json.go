package policy

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is more than any policy has: a condition's values are six deep.
const maxDepth = 8

// A node is a JSON value that knows where it stands in the text.
type node struct {
	// kind is the value's first byte, with '0' for every number and 't' for false, too.
	kind byte
	// text is a string's content, or a number, true or false as written.
	text   string
	fields []field
	items  []node
	// before is where the token before this one ended; start and end are the
	// value's own first byte and the one after its last.
	before, start, end int
}

type field struct {
	name  string
	value node
}

// consumed is where AWS's parser, which reads a string only when it is asked
// for it, stands once it has seen that this value begins.
func (n *node) consumed() int {
	if n.kind == '0' || n.kind == 't' || n.kind == 'n' {
		return n.end
	}
	return n.start + 1
}

// readJSON returns the only value of a text. It reports false if the text is not
// JSON, not UTF-8, or deeper than a policy can be.
func readJSON(text string) (node, bool) {
	if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
		return node{}, false
	}
	r := jsonReader{text: text}
	n := r.value(0)
	return n, !r.tooDeep
}

// A jsonReader walks over a text that is known to be JSON.
type jsonReader struct {
	text    string
	at      int
	tooDeep bool
}

func (r *jsonReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// skip passes over one byte of punctuation and the space before it, if it is next.
func (r *jsonReader) skip(c byte) bool {
	at := r.at
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	r.at = at
	return false
}

func (r *jsonReader) value(depth int) node {
	n := node{before: r.at}
	r.space()
	n.start = r.at
	switch n.kind = r.text[r.at]; n.kind {
	case '{':
		r.object(&n, depth+1)
	case '[':
		r.array(&n, depth+1)
	case '"':
		n.text = r.string()
	default:
		for r.at < len(r.text) && strings.IndexByte(",]} \t\r\n", r.text[r.at]) < 0 {
			r.at++
		}
		n.text = r.text[n.start:r.at]
		n.kind = scalarKind(n.kind)
	}
	n.end = r.at
	return n
}

func scalarKind(first byte) byte {
	switch first {
	case 't', 'f':
		return 't'
	case 'n':
		return 'n'
	}
	return '0'
}

func (r *jsonReader) object(n *node, depth int) {
	r.at++
	for !r.tooDeep && !r.skip('}') {
		r.skip(',')
		r.space()
		name := r.string()
		r.skip(':')
		n.fields = append(n.fields, field{name, r.nested(depth)})
	}
}

func (r *jsonReader) array(n *node, depth int) {
	r.at++
	for first := true; !r.tooDeep && !r.skip(']'); first = false {
		before := r.at
		r.skip(',')
		item := r.nested(depth)
		if !first {
			item.before = before
		}
		n.items = append(n.items, item)
	}
}

func (r *jsonReader) nested(depth int) node {
	if depth > maxDepth {
		r.tooDeep = true
		return node{}
	}
	return r.value(depth)
}

// string reads a string, whose opening quote is next.
func (r *jsonReader) string() string {
	start, plain := r.at, true
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			plain = false
			r.at++
		}
	}
	r.at++
	quoted := r.text[start:r.at]
	if plain {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // it is valid: the whole text is
	return s
}
