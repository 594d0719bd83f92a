package template

import (
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// A piece of the string that Fn::Sub takes: text as it stands, or the name of a variable.
type piece struct {
	text     string
	variable bool
}

// pieces takes a string of Fn::Sub apart. ${!Literal} is ${Literal} as it stands.
func pieces(s string, at *tree.Node) ([]piece, error) {
	var out []piece
	for {
		text, rest, found := strings.Cut(s, "${")
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !found || !closed:
			return append(out, piece{text: s}), nil
		case strings.HasPrefix(name, "!"):
			out = append(out, piece{text: text + "${" + name[1:] + "}"})
		case !isVariable(name):
			return nil, refuse(at, wrongSubName)
		default:
			out = append(out, piece{text: text}, piece{text: name, variable: true})
		}
		s = after
	}
}

// isVariable reports whether s has only what names of variables have, and not just signs.
func isVariable(s string) bool {
	named := false
	for i := range len(s) {
		switch s[i] {
		case '.', '_', ':':
		default:
			if !alphanumeric(s[i : i+1]) {
				return false
			}
			named = true
		}
	}
	return named
}

// sub is the parts of an Fn::Sub's argument: its string and its own variables.
func sub(arg *tree.Node) (text *tree.Node, own map[string]*tree.Node, ok bool) {
	if arg.Scalar() {
		return arg, nil, true
	}
	if !pair(arg) || !arg.Items[0].Scalar() || !arg.Items[1].Is(tree.Map) {
		return nil, nil, false
	}
	own = make(map[string]*tree.Node, len(arg.Items[1].Fields))
	for _, f := range arg.Items[1].Fields {
		own[f.Key] = f.Value
	}
	return arg.Items[0], own, true
}
