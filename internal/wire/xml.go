package wire

import (
	"encoding/base64"
	"reflect"
	"strings"
	"unicode/utf8"
)

var memberTags, valueTags = tagsOf("member"), tagsOf("value")

// xmlWriter appends replies in XML.
type xmlWriter struct {
	buf  []byte
	time string // layout
}

// members appends the members of a structure that are there, in the order of
// their names.
func (w *xmlWriter) members(n *node, v reflect.Value) {
	for i := range n.fields {
		if f := &n.fields[i]; f.where == inElement {
			w.member(f, v.Field(f.index))
		}
	}
}

// member appends a member; a list has its own way with elements.
func (w *xmlWriter) member(f *field, v reflect.Value) {
	if f.kind != kindList {
		w.value(f.node, v, f.tags)
		return
	}
	if v.IsNil() {
		return
	}
	item := f.item
	if f.flat {
		item = f.tags
	} else if v.Len() == 0 {
		w.buf = append(w.buf, f.empty...)
		return
	} else {
		w.buf = append(w.buf, f.open...)
	}
	for i := range v.Len() {
		w.value(f.elem, v.Index(i), item)
	}
	if !f.flat {
		w.buf = append(w.buf, f.close...)
	}
}

// value appends one value between its tags, or nothing if it is absent.
func (w *xmlWriter) value(n *node, v reflect.Value, t tags) {
	v, ok := n.present(v)
	if !ok {
		return
	}
	start := len(w.buf)
	w.buf = append(w.buf, t.open...)
	if n.kind == kindStruct && n.structure().attributes {
		w.attributes(n.structure(), v)
	}
	inner := len(w.buf)
	w.content(n, v)
	if len(w.buf) == inner {
		w.buf = append(w.buf[:start], t.empty...)
		return
	}
	w.buf = append(w.buf, t.close...)
}

// attributes goes back into the tag that was opened last. The one prefix that S3 has is XML
// Schema's.
func (w *xmlWriter) attributes(n *node, v reflect.Value) {
	w.buf = append(w.buf[:len(w.buf)-1], ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`...)
	for i := range n.fields {
		f := &n.fields[i]
		if value, there := f.present(v.Field(f.index)); there && f.where == inAttribute {
			w.buf = append(append(append(w.buf, ' '), f.at...), `="`...)
			w.content(f.node, value)
			w.buf = append(w.buf, '"')
		}
	}
	w.buf = append(w.buf, '>')
}

func (w *xmlWriter) content(n *node, v reflect.Value) {
	switch n.kind {
	case kindString:
		w.buf = appendText(w.buf, v.String())
	case kindTime:
		w.buf = appendISO(w.buf, timeIn(v), w.time)
	case kindBlob:
		w.buf = base64.StdEncoding.AppendEncode(w.buf, v.Bytes())
	case kindStruct:
		w.members(n.structure(), v)
	case kindList:
		for i := range v.Len() {
			w.value(n.elem, v.Index(i), memberTags)
		}
	case kindMap:
		for _, k := range sortedKeys(v) {
			w.buf = append(w.buf, "<entry><key>"...)
			w.buf = appendText(w.buf, k.String())
			w.buf = append(w.buf, "</key>"...)
			w.value(n.elem, v.MapIndex(k), valueTags)
			w.buf = append(w.buf, "</entry>"...)
		}
	default:
		w.buf = n.appendScalar(w.buf, v)
	}
}

// plainXML marks the bytes that need no thought inside an XML element.
var plainXML = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = strings.IndexByte(`&<>"'`, byte(c)) < 0
	}
	t['\t'], t['\n'] = true, true
	return t
}()

// appendText appends s as the content of an XML element. What XML cannot hold
// (most control characters, bytes that are not UTF-8) becomes U+FFFD.
func appendText(buf []byte, s string) []byte {
	done := 0
	for i := 0; i < len(s); {
		if plainXML[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if escaped := xmlEscape(r, size); escaped != "" {
			buf = append(buf, s[done:i]...)
			buf = append(buf, escaped...)
			done = i + size
		}
		i += size
	}
	return append(buf, s[done:]...)
}

// xmlEscape returns what stands for a rune of size bytes; "" for itself.
func xmlEscape(r rune, size int) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&quot;"
	case '\'':
		return "&#39;"
	case '\r':
		return "&#13;"
	case utf8.RuneError:
		if size > 1 {
			return "" // it was sent as U+FFFD
		}
		return "\uFFFD"
	case 0xFFFE, 0xFFFF:
		return "\uFFFD"
	}
	if r < 0x20 {
		return "\uFFFD"
	}
	return ""
}
