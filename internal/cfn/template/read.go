package template

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// read makes a tree of a template's text. A text whose first sign is a brace is JSON, as
// AWS has it; any other is YAML.
func read(text string) (*tree.Node, error) {
	if len(text) > MaxLen {
		return nil, refuse(nil, formatError+"a template may not be longer than %d bytes.", MaxLen)
	}
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return readJSON(text)
	}
	return readYAML(text)
}

// size counts the values of a template as they are read.
type size int

// add counts one more, at a depth.
func (s *size) add(n *tree.Node, depth int) error {
	if depth > maxDepth {
		return refuse(n, tooNested, maxDepth)
	}
	if *s++; *s > maxNodes {
		return refuse(n, formatError+"a template may not have more than %d values.", maxNodes)
	}
	return nil
}

const tooNested = formatError + "a template may not be nested deeper than %d levels."

// noNulls refuses a null wherever it is. Outputs say so without the usual beginning.
func noNulls(root *tree.Node) error {
	at, path := null(root)
	if at == nil {
		return nil
	}
	begin := formatError
	if strings.HasPrefix(path, "/Outputs/") {
		begin = ""
	}
	return refuse(at, "%s[%s] 'null' values are not allowed in templates", begin, path)
}

// null is the first null in n, and its path.
func null(n *tree.Node) (at *tree.Node, path string) {
	if n.Kind == tree.Null {
		return n, ""
	}
	for i, item := range n.Items {
		if at, path := null(item); at != nil {
			return at, "/" + strconv.Itoa(i) + path
		}
	}
	for i := range n.Fields {
		if at, path := null(n.Fields[i].Value); at != nil {
			return at, "/" + n.Fields[i].Key + path
		}
	}
	return nil, ""
}

// put sets a member. A key that comes twice has its first place and its last value, as
// AWS's readers of JSON and YAML have it. seen is the places of the keys so far.
func put(n *tree.Node, seen map[string]int, f tree.Field) {
	if i, again := seen[f.Key]; again {
		n.Fields[i] = f
		return
	}
	seen[f.Key] = len(n.Fields)
	n.Fields = append(n.Fields, f)
}
