package policy

import "strings"

// readVariable reads ${key}, ${key, 'default'} and the escapes ${*}, ${?} and
// ${$} at the beginning of a text, and returns how long it is in the text. A
// dollar sign that begins none of these stands for itself, and the length is 0.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func readVariable(text string) (part, int) {
	if !strings.HasPrefix(text, "${") {
		return part{}, 0
	}
	end := closingBrace(text)
	if end < 0 {
		return part{}, 0
	}
	inside := text[2:end]
	switch inside {
	case "":
		return part{}, 0
	case "*", "?", "$":
		return part{op: literal, text: inside}, end + 1
	}
	key, rest, hasDefault := strings.Cut(inside, ",")
	p := part{op: variable, text: strings.TrimSpace(key)}
	if rest = strings.TrimSpace(rest); hasDefault && len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' {
		rest = rest[1 : len(rest)-1]
		p.otherwise = &rest
	}
	return p, end + 1
}

// longestVariable is more than the longest key, 256 characters, and a default.
const longestVariable = 1024

// closingBrace finds the brace that ends a variable. One in quotes does not.
func closingBrace(text string) int {
	quoted := false
	for i := 2; i < min(len(text), longestVariable); i++ {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return i
		}
	}
	return -1
}

// resolve appends the parts to room with values in place of variables. It reports
// false if one has none.
func (p *pattern) resolve(room []part, c Context) ([]part, bool) {
	for _, q := range p.parts {
		if q.op == variable {
			value, ok := q.value(c)
			if !ok {
				return nil, false
			}
			q = part{op: literal, text: value}
		}
		room = append(room, q)
	}
	return room, true
}

// value is what a variable stands for. A key with several values cannot be used
// as a variable, whatever its default:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (p *part) value(c Context) (string, bool) {
	values := lookup(c, p.text)
	switch {
	case len(values) == 1:
		return values[0], true
	case len(values) == 0 && p.otherwise != nil:
		return *p.otherwise, true
	}
	return "", false
}
