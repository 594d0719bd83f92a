package shapes

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Violation is one constraint of the model that one member of a request breaks.
type Violation struct {
	Path       string // from the request, elements of lists counted from 1: "tags.1.member.key"
	Value      string // as AWS prints it, in quotes, or null; "" when it must not be shown
	Constraint string // in AWS's words: "Member must not be null"
}

// Message words violations as the service does, all in one sentence.
func (s *Service) Message(list []Violation) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(list)))
	b.WriteString(" validation error")
	if len(list) != 1 {
		b.WriteByte('s')
	}
	b.WriteString(" detected: ")
	for i, v := range list {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString("Value ")
		if v.Value != "" && !s.HidesValues {
			b.WriteString(v.Value)
			b.WriteByte(' ')
		}
		b.WriteString("at '")
		b.WriteString(v.Path)
		b.WriteString("' failed to satisfy constraint: ")
		b.WriteString(v.Constraint)
	}
	return b.String()
}

// maxPrinted is how many bytes of a value a Violation repeats. AWS repeats all
// of it, be it a template of a megabyte.
const maxPrinted = 2048

func quote(s string) string {
	if len(s) > maxPrinted {
		n := maxPrinted
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "..."
	}
	return "'" + s + "'"
}
