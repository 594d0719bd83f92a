package client

import (
	"errors"
	"fmt"
	"strings"
)

// shorthand reads the AWS CLI's shorthand for a structure or map:
//
//	Key=Name,Value=Bob
//	Name=x,Values=a,b,c
//	Name=x,Values=[a,'b, too'],Rules={AutomaticallyAfterDays=30}
//
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
func shorthand(text string) (map[string]any, error) {
	s := shorthandReader{text: text}
	tree, err := s.pairs(0)
	if err == nil && s.text != "" {
		err = fmt.Errorf("unexpected %q", s.text[:1])
	}
	return tree, err
}

type shorthandReader struct{ text string }

var errDeepShorthand = errors.New("nested too deeply")

// next takes c if it comes next.
func (s *shorthandReader) next(c byte) bool {
	if s.text == "" || s.text[0] != c {
		return false
	}
	s.text = s.text[1:]
	return true
}

// pairs reads key=value pairs up to the end or a closing bracket.
func (s *shorthandReader) pairs(depth int) (map[string]any, error) {
	if depth > maxDepth {
		return nil, errDeepShorthand
	}
	tree := map[string]any{}
	for {
		key, ok := s.key()
		if !ok {
			return nil, fmt.Errorf("%q is not KEY=VALUE", s.text)
		}
		if _, twice := tree[key]; twice {
			return nil, fmt.Errorf("%s stands there twice", key)
		}
		value, err := s.values(depth)
		if err != nil {
			return nil, err
		}
		tree[key] = value
		if !s.next(',') {
			return tree, nil
		}
	}
}

// key reads a key and its equals sign.
func (s *shorthandReader) key() (string, bool) {
	s.text = strings.TrimLeft(s.text, " \n")
	end := strings.IndexAny(s.text, "=,[]{}'\"")
	if end <= 0 || s.text[end] != '=' {
		return "", false
	}
	key := s.text[:end]
	s.text = s.text[end+1:]
	return key, true
}

// values reads one value, or the several of Values=a,b: what follows a comma and is no
// key belongs to the value before it.
func (s *shorthandReader) values(depth int) (any, error) {
	first, err := s.value(depth)
	if err != nil {
		return nil, err
	}
	list := []any{first}
	for strings.HasPrefix(s.text, ",") {
		ahead := shorthandReader{text: s.text[1:]}
		if _, key := ahead.key(); key {
			break
		}
		s.text = s.text[1:]
		more, err := s.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, more)
	}
	if len(list) == 1 {
		return first, nil
	}
	return list, nil
}

func (s *shorthandReader) value(depth int) (any, error) {
	switch {
	case depth > maxDepth:
		return nil, errDeepShorthand
	case s.next('['):
		return s.list(depth + 1)
	case s.next('{'):
		tree, err := s.pairs(depth + 1)
		if err == nil && !s.next('}') {
			err = errors.New("a } is missing")
		}
		return tree, err
	case s.next('\''):
		return s.quoted('\'')
	case s.next('"'):
		return s.quoted('"')
	}
	return s.bare(depth), nil
}

func (s *shorthandReader) list(depth int) (any, error) {
	list := []any{}
	for !s.next(']') {
		if len(list) > 0 && !s.next(',') {
			return nil, errors.New("a ] is missing")
		}
		value, err := s.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// quoted reads up to the closing quote; a backslash takes away what the next character means.
func (s *shorthandReader) quoted(quote byte) (any, error) {
	var b strings.Builder
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == quote:
			s.text = s.text[i+1:]
			return b.String(), nil
		case c == '\\' && i+1 < len(s.text) && (s.text[i+1] == quote || s.text[i+1] == '\\'):
			i++
			b.WriteByte(s.text[i])
		default:
			b.WriteByte(c)
		}
	}
	return nil, errors.New("a quote is not closed")
}

// bare reads a value without quotes: up to a comma and, inside brackets, these.
func (s *shorthandReader) bare(depth int) string {
	ends := ","
	if depth > 0 {
		ends = ",]}"
	}
	var b strings.Builder
	i := 0
	for ; i < len(s.text) && strings.IndexByte(ends, s.text[i]) < 0; i++ {
		if s.text[i] == '\\' && i+1 < len(s.text) && s.text[i+1] == ',' {
			i++
		}
		b.WriteByte(s.text[i])
	}
	s.text = s.text[i:]
	return b.String()
}
