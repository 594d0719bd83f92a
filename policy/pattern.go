package policy

import "strings"

// A pattern is text with wildcards and variables, cut into parts.
type pattern struct {
	parts []part
	// prefix is the literal that the pattern begins with: what does not begin with it
	// cannot match, whatever the variables are.
	prefix string
	// variables is how many of the parts are variables.
	variables int
	// keys are those of the variables, as the policy has them.
	keys []string
}

// A part matches some of a text.
type part struct {
	op op
	// text is what a literal matches, or the key of a variable; in a pattern it is in
	// lower case.
	text string
	// otherwise is what a variable stands for if its key is absent; nil for nothing.
	otherwise *string
}

type op uint8

const (
	literal  op = iota
	one         // any character
	many        // any characters, or none
	oneHere     // any character but a colon
	manyHere    // any characters but colons, or none
	variable
)

// A patternSyntax says which characters are special in a pattern.
type patternSyntax struct {
	wildcards bool
	variables bool
	// arn: before the fifth colon, wildcards stay in their segment, except for a
	// star that ends it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	arn bool
}

func (x patternSyntax) compile(text string) pattern {
	var p pattern
	inSegments := 0 // up to here, wildcards stay in their segments
	if x.arn {
		inSegments = len(text)
		if i, ok := fifthColon(text); ok {
			inSegments = i
		}
	}
	plain := 0 // the literal that is not in parts yet begins here
	for i := 0; i < len(text); {
		next, n := x.special(text[i:], i < inSegments)
		if n == 0 {
			i++
			continue
		}
		p.addLiteral(text[plain:i])
		p.add(next)
		i += n
		plain = i
	}
	p.addLiteral(text[plain:])
	if len(p.parts) > 0 && p.parts[0].op == literal {
		p.prefix = p.parts[0].text
	}
	return p
}

// special returns the part that a text begins with and the part's length there,
// which is 0 if the text begins with a character like others.
func (x patternSyntax) special(text string, inSegment bool) (part, int) {
	switch c := text[0]; {
	case c == '$' && x.variables:
		return readVariable(text)
	case c == '?' && x.wildcards && inSegment:
		return part{op: oneHere}, 1
	case c == '?' && x.wildcards:
		return part{op: one}, 1
	case c == '*' && x.wildcards && inSegment && len(text) > 1 && text[1] != ':':
		return part{op: manyHere}, 1
	case c == '*' && x.wildcards:
		return part{op: many}, 1
	}
	return part{}, 0
}

func (p *pattern) addLiteral(text string) {
	if text != "" {
		p.add(part{op: literal, text: text})
	}
}

func (p *pattern) add(next part) {
	if n := len(p.parts); n > 0 && next.op == many && p.parts[n-1].op == many {
		return
	}
	if next.op == variable {
		p.variables++
		p.keys = append(p.keys, next.text)
		next.text = strings.ToLower(next.text)
	}
	p.parts = append(p.parts, next)
}
