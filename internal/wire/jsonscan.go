package wire

import "strings"

// A scanner reads JSON text from left to right. AWS says nothing about text
// that is not JSON: such a refusal has no detail.
type scanner struct {
	text string
	pos  int
}

var errSyntax = malformed("")

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// accept steps over c if it comes next.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) literal(word string) error {
	if !strings.HasPrefix(s.text[s.pos:], word) {
		return errSyntax
	}
	s.pos += len(word)
	return nil
}

// number reads a number and returns its text.
func (s *scanner) number() (string, error) {
	start := s.pos
	s.sign("-")
	if zero := s.pos < len(s.text) && s.text[s.pos] == '0'; zero {
		s.pos++
	} else if !s.digits() {
		return "", errSyntax
	}
	if s.sign(".") && !s.digits() {
		return "", errSyntax
	}
	if s.sign("eE") {
		s.sign("+-")
		if !s.digits() {
			return "", errSyntax
		}
	}
	return s.text[start:s.pos], nil
}

func (s *scanner) sign(any string) bool {
	if s.pos == len(s.text) || strings.IndexByte(any, s.text[s.pos]) < 0 {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}

// skip steps over any value. Its strings are read as strictly as others.
func (s *scanner) skip(depth int) error {
	if depth > maxDepth {
		return malformed(tooDeep)
	}
	switch c := s.peek(); c {
	case '{':
		return s.object(func(string) error { return s.skip(depth + 1) })
	case '[':
		return s.array(func() error { return s.skip(depth + 1) })
	case '"':
		_, err := s.str()
		return err
	default:
		return s.bare(c)
	}
}

// bare steps over a number, true, false or null.
func (s *scanner) bare(c byte) error {
	switch c {
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	_, err := s.number()
	return err
}

// object reads an object, calling member at each value.
func (s *scanner) object(member func(name string) error) error {
	s.pos++
	if s.accept('}') {
		return nil
	}
	for {
		name, err := s.str()
		if err != nil {
			return err
		}
		if !s.accept(':') {
			return errSyntax
		}
		if err := member(name); err != nil {
			return err
		}
		if s.accept('}') {
			return nil
		}
		if !s.accept(',') {
			return errSyntax
		}
	}
}

// array reads an array, calling element at each value.
func (s *scanner) array(element func() error) error {
	s.pos++
	if s.accept(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.accept(']') {
			return nil
		}
		if !s.accept(',') {
			return errSyntax
		}
	}
}
