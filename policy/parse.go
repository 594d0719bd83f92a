package policy

import "fmt"

// MaxLen is the longest text that Parse reads, in bytes. A request can carry half
// of it, and quotas are far below that, but AWS has a policy of its own of 137 kB.
const MaxLen = 256 << 10

// Parse reads a policy of the given kind. An error is always an *[Error].
func Parse(text string, kind Kind) (*Document, error) {
	p := parser{text: text, kind: kind, cursor: cursor{text: text}}
	source, err := p.source()
	if err != nil {
		return nil, err
	}
	return compile(source), nil
}

// A source is a policy that has the shape of one: every element is known, is
// there at most once, and has a value of its type.
type source struct {
	kind       Kind
	version    string
	id         string
	statements []sourceStatement
}

type sourceStatement struct {
	Statement
	effect       string // as written
	principal    *node
	notPrincipal bool
	actions      list
	resources    list
	condition    []sourceCondition
}

// A list is an element that comes in a positive and a negative form.
type list struct {
	at     *node // nil if the statement has neither form
	not    bool
	values []string
}

type sourceCondition struct {
	operator, key string
	values        []string
	at            *node
}

// vars reports whether ${…} is a variable in this policy.
func (s *source) vars() bool { return s.version == version2012 }

const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

type parser struct {
	text string
	kind Kind
	cursor
}

// refuse builds the error for a place in the text.
func (p *parser) refuse(offset int, problem, message string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(message, args...), At: p.position(offset), Problem: problem}
}

// malformed is the error for a value that has the wrong shape.
func (p *parser) malformed(v *node, problem string) *Error {
	return p.syntax(v.start, v.consumed(), problem)
}

// syntax is the error for a wrong shape, where AWS gives the place at which its
// parser stands by then, if it gives one.
func (p *parser) syntax(offset, consumed int, problem string) *Error {
	if p.kind.hasPrincipal() {
		return p.refuse(offset, problem, msgSyntaxAt, p.position(consumed))
	}
	return p.refuse(offset, problem, msgSyntax)
}

func (p *parser) source() (*source, error) {
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	s, err := p.document(root)
	if err != nil {
		return nil, err
	}
	if p.kind.hasPrincipal() {
		err = p.checkResourcePolicy(s)
	} else {
		err = p.checkIdentityPolicy(s)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (p *parser) root() (*node, error) {
	if len(p.text) > MaxLen {
		return nil, &Error{Message: msgSyntax, Problem: "the text is longer than 262144 bytes"}
	}
	root, ok := readJSON(p.text)
	switch {
	case ok && root.kind == '{':
		return &root, nil
	case !p.kind.hasPrincipal():
		return nil, &Error{Message: msgSyntax, Problem: "the text is not a JSON object"}
	case ok && root.kind == 'n':
		return nil, &Error{Message: msgNotAPolicy, Problem: "the text is null"}
	}
	return nil, &Error{Message: msgJSON, Problem: "the text is not a JSON object"}
}
