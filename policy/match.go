package policy

import (
	"strings"
	"unicode/utf8"
)

// truth is yes, no, or that a variable has no value, so that it cannot be said.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// enough parts for any pattern that people write; longer ones with variables allocate.
const enoughParts = 16

// match compares a text with the pattern. Wildcards match no colon before fence.
func (p *pattern) match(s string, fence int, c Context) truth {
	if p.variables == 0 {
		return truthOf(match(p.parts, s, fence))
	}
	var room [enoughParts]part
	parts, ok := p.resolve(room[:0], c)
	if !ok {
		return unknown
	}
	return truthOf(match(parts, s, fence))
}

// match walks both sides once. Where they part, it goes back to the last star and
// lets it take more; an earlier star could gain nothing by taking more. The one
// exception is a star that must stop at a colon: then it is the last star that
// need not that takes more.
func match(parts []part, s string, fence int) bool {
	p, i := 0, 0
	var star, far retry
	for {
		if p == len(parts) {
			if i == len(s) {
				return true
			}
		} else if next := &parts[p]; next.op == many || next.op == manyHere {
			p++
			if p == len(parts) && next.op == many && i >= fence {
				return true
			}
			star = retry{part: p, from: i, here: next.op == manyHere}
			if !star.here {
				far = star
			}
			continue
		} else if n := next.length(s[i:], i < fence); n >= 0 {
			i += n
			p++
			continue
		}
		if !star.longer(parts, s, fence) {
			if star = far; !star.longer(parts, s, fence) {
				return false
			}
		}
		if !star.here {
			far = star
		}
		p, i = star.part, star.from
	}
}

// length is how much of s a part that is not a star matches, or -1.
func (p *part) length(s string, fenced bool) int {
	if p.op == literal {
		if strings.HasPrefix(s, p.text) {
			return len(p.text)
		}
		return -1
	}
	if s == "" || s[0] == ':' && (fenced || p.op == oneHere) {
		return -1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// A retry is a star that was passed: what follows it, and where that begins for
// now. The zero retry is no star.
type retry struct {
	part, from int
	here       bool
}

// longer lets the star take one more character, and as many more as it takes to
// come to the literal that follows.
func (r *retry) longer(parts []part, s string, fence int) bool {
	if r.part == 0 || r.from == len(s) {
		return false
	}
	if s[r.from] == ':' && (r.here || r.from < fence) {
		return false
	}
	_, n := utf8.DecodeRuneInString(s[r.from:])
	r.from += n
	if r.here || r.from < fence || r.part == len(parts) || parts[r.part].op != literal {
		return true
	}
	found := strings.Index(s[r.from:], parts[r.part].text)
	r.from += max(found, 0)
	return found >= 0
}
