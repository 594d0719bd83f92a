package template

import (
	"regexp"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// pattern is a parameter's AllowedPattern. AWS takes Java's expressions, whose looking
// ahead Go's do not have; what people use of it, at the start, is the same as several
// expressions that must, or must not, match there.
type pattern struct {
	whole *regexp.Regexp
	ahead []lookahead
}

type lookahead struct {
	*regexp.Regexp
	not bool
}

func (p *pattern) match(s string) bool {
	for _, l := range p.ahead {
		if l.MatchString(s) == l.not {
			return false
		}
	}
	return p.whole.MatchString(s)
}

func compilePattern(parameter string, n *tree.Node) (*pattern, error) {
	p := &pattern{}
	rest := strings.TrimPrefix(n.Text, "^")
	for strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") {
		end := closing(rest)
		if end < 0 {
			break
		}
		re, err := regexp.Compile(`^(?:` + java(rest[3:end]) + `)`)
		if err != nil {
			return nil, badPattern(parameter, n)
		}
		p.ahead = append(p.ahead, lookahead{re, rest[2] == '!'})
		rest = rest[end+1:]
	}
	var err error
	if p.whole, err = regexp.Compile(`^(?:` + java(rest) + `)$`); err != nil {
		return nil, badPattern(parameter, n)
	}
	return p, nil
}

func badPattern(parameter string, n *tree.Node) error {
	return refuse(n, formatError+"AllowedPattern of parameter %s is not a regular expression that iamd can match: %s", parameter, n.Text)
}

// java says in Go's words what Java's have other words for.
func java(expr string) string { return strings.ReplaceAll(expr, `\Z`, `\z`) }

// closing is the index of the parenthesis that closes the one that expr begins with, or -1.
func closing(expr string) int {
	depth, class := 0, false
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(expr[i+1:], "]") || strings.HasPrefix(expr[i+1:], "^]") {
				i += strings.IndexByte(expr[i+1:], ']') + 1
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
