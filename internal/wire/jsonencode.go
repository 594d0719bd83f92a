package wire

import (
	"encoding/base64"
	"reflect"
	"unicode/utf8"
)

// appendObject appends a structure as JSON, its members in order of their names.
func appendObject(buf []byte, n *node, v reflect.Value) []byte {
	buf = append(buf, '{')
	empty := true
	for i := range n.fields {
		f := &n.fields[i]
		member, ok := f.present(v.Field(f.index))
		if !ok {
			continue
		}
		if !empty {
			buf = append(buf, ',')
		}
		empty = false
		buf = append(buf, f.key...)
		buf = appendJSON(buf, f.node, member)
	}
	return append(buf, '}')
}

// appendJSON appends a value that is there.
func appendJSON(buf []byte, n *node, v reflect.Value) []byte {
	switch n.kind {
	case kindString:
		return appendQuoted(buf, v.String())
	case kindTime:
		return appendEpoch(buf, timeIn(v))
	case kindBlob:
		buf = append(buf, '"')
		buf = base64.StdEncoding.AppendEncode(buf, v.Bytes())
		return append(buf, '"')
	case kindStruct:
		return appendObject(buf, n.structure(), v)
	case kindList:
		return appendArray(buf, n, v)
	case kindMap:
		return appendMap(buf, n, v)
	}
	return n.appendScalar(buf, v)
}

func appendArray(buf []byte, n *node, v reflect.Value) []byte {
	buf = append(buf, '[')
	for i := range v.Len() {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendElement(buf, n.elem, v.Index(i))
	}
	return append(buf, ']')
}

func appendMap(buf []byte, n *node, v reflect.Value) []byte {
	buf = append(buf, '{')
	for i, k := range sortedKeys(v) {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendQuoted(buf, k.String())
		buf = append(buf, ':')
		buf = appendElement(buf, n.elem, v.MapIndex(k))
	}
	return append(buf, '}')
}

// appendElement appends a list's element or a map's value, null if it is absent.
func appendElement(buf []byte, n *node, v reflect.Value) []byte {
	v, ok := n.present(v)
	if !ok {
		return append(buf, "null"...)
	}
	return appendJSON(buf, n, v)
}

// appendQuoted appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendQuoted(buf []byte, s string) []byte {
	buf = append(buf, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && !(r == utf8.RuneError && size == 1) {
			i += size
			continue
		}
		buf = append(buf, s[done:i]...)
		buf = appendEscape(buf, r)
		i += size
		done = i
	}
	buf = append(buf, s[done:]...)
	return append(buf, '"')
}

func appendEscape(buf []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(buf, '\\', byte(r))
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	case utf8.RuneError:
		return append(buf, "\uFFFD"...)
	}
	const digits = "0123456789abcdef"
	return append(buf, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
}
