package plan

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Masked stands for a value that nobody is shown.
const Masked = "****"

// Difference is one place where two values differ, and what people may see of it there.
type Difference struct {
	Path          []string   // from the two values on
	Before, After *tree.Node // as shown; nil where there is none
}

// Differences are the places where after is not what before is. Objects and lists are
// looked into; what only one of the two has is one difference as a whole. shownBefore and
// shownAfter are the same values as people may see them.
func Differences(before, after, shownBefore, shownAfter *tree.Node) []Difference {
	d := &differ{}
	d.compare(nil, pair{before, shownBefore}, pair{after, shownAfter})
	return d.found
}

// pair is a value, and the same as people may see it.
type pair struct{ value, shown *tree.Node }

func (p pair) get(key string) pair { return pair{p.value.Get(key), p.shown.Get(key)} }

func (p pair) at(i int) pair { return pair{item(p.value, i), item(p.shown, i)} }

func item(n *tree.Node, i int) *tree.Node {
	if n == nil || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// seen is what may be seen of the value: where nothing says, that there is something.
func (p pair) seen() *tree.Node {
	if p.value != nil && p.shown == nil {
		return tree.Text(Masked)
	}
	return p.shown
}

type differ struct{ found []Difference }

func (d *differ) compare(path []string, before, after pair) {
	a, b := before.value, after.value
	switch {
	case tree.Equal(a, b):
	case a.Is(tree.Map) && b.Is(tree.Map):
		for _, key := range keysOf(a, b) {
			d.compare(below(path, key), before.get(key), after.get(key))
		}
	case a.Is(tree.List) && b.Is(tree.List):
		for i := range max(len(a.Items), len(b.Items)) {
			d.compare(below(path, strconv.Itoa(i)), before.at(i), after.at(i))
		}
	default:
		found := Difference{Path: path}
		if a != nil {
			found.Before = before.seen()
		}
		if b != nil {
			found.After = after.seen()
		}
		d.found = append(d.found, found)
	}
}

// below is a path one step further down, in memory of its own.
func below(path []string, step string) []string {
	return append(path[:len(path):len(path)], step)
}

// keysOf are the keys of both maps: those of a in their order, then what only b has.
func keysOf(a, b *tree.Node) []string {
	var keys []string
	for i := range a.Fields {
		keys = append(keys, a.Fields[i].Key)
	}
	for i := range b.Fields {
		if a.Get(b.Fields[i].Key) == nil {
			keys = append(keys, b.Fields[i].Key)
		}
	}
	return keys
}

// Pointer is a path as a JSON pointer.
func Pointer(path ...string) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(pointerEscapes.Replace(step))
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Text is a value as AWS shows one by itself: a scalar as its text, the rest as JSON.
func Text(n *tree.Node) string {
	if n.Scalar() {
		return n.Text
	}
	if n.Is(tree.Unknown) {
		return unknown
	}
	return Texts(n).JSON()
}

const unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

// Texts is a value with texts for its numbers and booleans, as AWS shows them.
func Texts(n *tree.Node) *tree.Node {
	switch {
	case n.Scalar():
		return tree.Text(n.Text)
	case n.Is(tree.List):
		made := &tree.Node{Kind: tree.List}
		for _, item := range n.Items {
			made.Items = append(made.Items, Texts(item))
		}
		return made
	case n.Is(tree.Map):
		made := &tree.Node{Kind: tree.Map}
		for _, f := range n.Fields {
			made.Fields = append(made.Fields, tree.Field{Key: f.Key, Value: Texts(f.Value)})
		}
		return made
	}
	return n
}

// Unmask is what people may see of a value, where shown is what they may see of another
// one: nothing of what is masked there.
func Unmask(n, other, shown *tree.Node) *tree.Node {
	switch {
	case n == nil:
		return nil
	case tree.Equal(other, shown):
		return n
	case n.Is(tree.Map) && other.Is(tree.Map) && shown.Is(tree.Map):
		made := &tree.Node{Kind: tree.Map}
		for _, f := range n.Fields {
			made.Fields = append(made.Fields, tree.Field{Key: f.Key, Value: Unmask(f.Value, other.Get(f.Key), shown.Get(f.Key))})
		}
		return made
	case n.Is(tree.List) && other.Is(tree.List) && shown.Is(tree.List):
		made := &tree.Node{Kind: tree.List}
		for i, item := range n.Items {
			p := pair{other, shown}.at(i)
			made.Items = append(made.Items, Unmask(item, p.value, p.shown))
		}
		return made
	}
	return tree.Text(Masked)
}
