package main

import (
	"fmt"
	"regexp"
	"strings"
)

// toRE2 rewrites a Java regular expression for Go, where the same characters
// mean something else, and refuses what Go cannot compile.
func toRE2(java string) (string, error) {
	t := translation{in: java}
	for t.in != "" && t.err == nil {
		t.next()
	}
	if t.err != nil {
		return "", fmt.Errorf("pattern %s: %w", java, t.err)
	}
	re := t.out.String()
	if _, err := regexp.Compile(re); err != nil {
		return "", fmt.Errorf("pattern %s: %w", java, err)
	}
	return re, nil
}

type translation struct {
	in    string // what is left
	out   strings.Builder
	class bool // inside […]
	err   error
}

func (t *translation) next() {
	switch c := t.in[0]; {
	case c == '\\':
		t.escape()
	case t.class && (c == '[' || strings.HasPrefix(t.in, "&&")):
		t.err = fmt.Errorf("union or intersection of classes")
	case c == '[':
		t.class = true
		t.take(1, "[")
	case c == ']':
		t.class = false
		t.take(1, "]")
	case c == '.' && !t.class:
		// Java's dot stops at every line terminator, Go's at \n only.
		t.take(1, `[^\n\r\x{85}\x{2028}\x{2029}]`)
	default:
		t.take(1, t.in[:1])
	}
}

// escape translates a backslash and what belongs to it.
func (t *translation) escape() {
	if len(t.in) < 2 {
		t.err = fmt.Errorf("lone backslash")
		return
	}
	switch t.in[1] {
	case 'u':
		// Exactly four digits: \u10000 is the character \u1000 and a zero.
		if len(t.in) < 6 {
			t.err = fmt.Errorf(`short \u`)
			return
		}
		t.take(6, `\x{`+t.in[2:6]+`}`)
	case 's':
		// Java's white space includes the vertical tab.
		t.take(2, t.either(`\t-\r `, `[\t-\r ]`))
	case 'S':
		t.take(2, t.either(`\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{10FFFF}`, `[^\t-\r ]`))
	default:
		t.take(2, t.in[:2])
	}
}

// either picks the form for inside or outside a class.
func (t *translation) either(inside, outside string) string {
	if t.class {
		return inside
	}
	return outside
}

func (t *translation) take(n int, out string) {
	t.out.WriteString(out)
	t.in = t.in[n:]
}
