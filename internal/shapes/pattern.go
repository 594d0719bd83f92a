package shapes

import (
	"regexp"
	"regexp/syntax"
	"sync"
)

// Pattern is a regular expression that a whole value must match. It is compiled
// when it is first needed. Most patterns are one repeated class of characters,
// and a table answers for those as long as the value is ASCII.
type Pattern struct {
	Text     string // the model's, a Java regular expression, which messages show
	RE2      string // the same for Go, without anchors around it
	Min, Max int    // length in bytes that RE2 leaves open; no upper bound when Max is zero

	once  sync.Once
	class *class // nil when the pattern is not one
	re    *regexp.Regexp
}

func (p *Pattern) match(s string) bool {
	p.once.Do(p.compile)
	if len(s) < p.Min || p.Max > 0 && len(s) > p.Max {
		return false
	}
	if p.class != nil {
		if ok, sure := p.class.match(s); sure {
			return ok
		}
	}
	return p.re.MatchString(s)
}

func (p *Pattern) compile() {
	expr := `\A(?:` + p.RE2 + `)\z`
	p.re = regexp.MustCompile(expr)
	p.class = classOf(expr)
}

// class is a pattern of the form [set]+, [set]* or [set]{min,max}.
type class struct {
	set      [256]bool // by byte; only ASCII is ever set
	wide     bool      // the set has characters beyond ASCII, too
	min, max int       // max is -1 for no bound
}

// match also says whether it is sure: it is not if s goes beyond ASCII and so
// does the set.
func (k *class) match(s string) (ok, sure bool) {
	for i := range len(s) {
		if !k.set[s[i]] {
			return false, s[i] < 0x80 || !k.wide
		}
	}
	return len(s) >= k.min && (k.max < 0 || len(s) <= k.max), true
}

// classOf reads an anchored expression, and returns nil if it is more than a class.
func classOf(expr string) *class {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	k := &class{min: 1, max: 1}
	node := unwrap(tree)
	switch node.Op {
	case syntax.OpPlus:
		k.max, node = -1, unwrap(node.Sub[0])
	case syntax.OpStar:
		k.min, k.max, node = 0, -1, unwrap(node.Sub[0])
	case syntax.OpRepeat:
		k.min, k.max, node = node.Min, node.Max, unwrap(node.Sub[0])
	}
	if node.Op != syntax.OpCharClass {
		return nil
	}
	for i := 0; i < len(node.Rune); i += 2 {
		for char := node.Rune[i]; char <= min(node.Rune[i+1], 0x7F); char++ {
			k.set[char] = true
		}
		k.wide = k.wide || node.Rune[i+1] > 0x7F
	}
	return k
}

// unwrap takes anchors and parentheses off a single expression.
func unwrap(node *syntax.Regexp) *syntax.Regexp {
	for {
		switch {
		case node.Op == syntax.OpCapture:
			node = node.Sub[0]
		case node.Op == syntax.OpConcat && anchored(node.Sub):
			inner := *node
			inner.Sub = node.Sub[1 : len(node.Sub)-1]
			if len(inner.Sub) == 1 {
				node = inner.Sub[0]
			} else {
				node = &inner
			}
		default:
			return node
		}
	}
}

func anchored(sub []*syntax.Regexp) bool {
	return len(sub) > 2 && sub[0].Op == syntax.OpBeginText && sub[len(sub)-1].Op == syntax.OpEndText
}
