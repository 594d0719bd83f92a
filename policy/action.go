package policy

import (
	"strings"
	"unsafe"
)

// An actionPattern is an element of Action or NotAction, in lower case: actions
// are matched without regard to it.
type actionPattern struct {
	service string // "*" for every service
	name    pattern
	// exact is the whole action, if it has no wildcards.
	exact string
}

func compileAction(a string) actionPattern {
	a = lower(a)
	service, name, ok := strings.Cut(a, ":")
	if !ok { // it is "*"
		service, name = "*", "*"
	}
	p := actionPattern{service: service, name: patternSyntax{wildcards: true}.compile(name)}
	if service != "*" && !strings.ContainsAny(name, "*?") {
		p.exact = a
	}
	return p
}

// matches compares with an action in lower case.
func (p *actionPattern) matches(a *action) bool {
	return (p.service == "*" || p.service == a.service) && match(p.name.parts, a.name, 0)
}

// An action is the request's, in lower case and in its two halves.
type action struct{ full, service, name string }

func splitAction(full string) action {
	service, name, _ := strings.Cut(full, ":")
	return action{full, service, name}
}

// lower changes ASCII letters only: no service has others in its actions, and
// a letter of another script must not become one of them.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(appendLower(nil, s))
		}
	}
	return s
}

// longestAction is more than any action of AWS's has.
const longestAction = 128

// lowerIn is lower for a string that is not kept: it lies in room, if there is
// enough, and nobody may change room as long as the string is used.
func lowerIn(room []byte, s string) string {
	room = appendLower(room, s)
	return unsafe.String(unsafe.SliceData(room), len(room))
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}
