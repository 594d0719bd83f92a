package wire

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string. One without escapes is a part of the text, not a copy.
func (s *scanner) str() (string, error) {
	if !s.accept('"') {
		return "", errSyntax
	}
	start := s.pos
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return s.text[start : s.pos-1], nil
		case c == '\\':
			return s.escaped(start)
		case c < 0x20:
			return "", errSyntax
		}
	}
	return "", errSyntax
}

// escaped reads the rest of a string that began at start and has an escape.
func (s *scanner) escaped(start int) (string, error) {
	out := []byte(s.text[start:s.pos])
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		s.pos++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", errSyntax
		case c != '\\':
			out = append(out, c)
			continue
		}
		r, ok := s.escape()
		if !ok {
			return "", errSyntax
		}
		out = utf8.AppendRune(out, r)
	}
	return "", errSyntax
}

// escape reads what follows a backslash. Half a surrogate pair is U+FFFD.
func (s *scanner) escape() (rune, bool) {
	if s.pos == len(s.text) {
		return 0, false
	}
	c := s.text[s.pos]
	s.pos++
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			return 0, false
		}
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	r, ok := s.hex4()
	if !ok || r == 0 {
		return 0, false // NUL: see clean
	}
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if after := s.pos; strings.HasPrefix(s.text[s.pos:], `\u`) {
		s.pos += 2
		low, ok := s.hex4()
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			return pair, true
		}
		s.pos = after
	}
	return utf8.RuneError, true
}

func (s *scanner) hex4() (r rune, ok bool) {
	if len(s.text)-s.pos < 4 {
		return 0, false
	}
	for range 4 {
		h := hex[s.text[s.pos]]
		if h < 0 {
			return 0, false
		}
		r = r<<4 | rune(h)
		s.pos++
	}
	return r, true
}
