package wire

import (
	"reflect"
	"strings"
)

// A span is the run of parameters below one name: pairs[lo:hi], whose keys all
// agree up to at. At that place a key ends, or goes on with a dot, or belongs
// to a longer name that sorts between those two ("Tags-x" after "Tags").
type span struct{ lo, hi, at int }

// formDecoder fills a structure from a form.
type formDecoder struct {
	*form
	trail
}

func (f *form) decode(into any) (absent []string, err error) {
	v := reflect.ValueOf(into).Elem()
	d := formDecoder{form: f, trail: trail{steps: f.scratch[:0]}}
	err = d.members(planOf(v.Type()), v, span{0, len(f.pairs), 0})
	f.scratch = d.steps
	if err != nil {
		return nil, err
	}
	return d.absent, nil
}

// next returns the name that begins at from in the first key of s, its span,
// and the rest of s.
func (d *formDecoder) next(s span, from int) (name string, here, rest span) {
	name = d.pairs[s.lo].key[from:]
	if dot := strings.IndexByte(name, '.'); dot >= 0 {
		name = name[:dot]
	}
	at, hi := from+len(name), s.lo+1
	for hi < s.hi && continues(d.pairs[hi].key, from, name) {
		hi++
	}
	return name, span{s.lo, hi, at}, span{hi, s.hi, s.at}
}

// continues reports whether key, from a place on, is name, or name and more
// that sorts no later than a dot.
func continues(key string, from int, name string) bool {
	if len(key) < from || !strings.HasPrefix(key[from:], name) {
		return false
	}
	at := from + len(name)
	return len(key) == at || key[at] <= '.'
}

// own returns the value of the parameter that ends where s is, and the span of
// those that go on with a dot.
func (d *formDecoder) own(s span) (value string, sent bool, below span, err error) {
	for s.lo < s.hi && len(d.pairs[s.lo].key) == s.at {
		sent = true
		s.lo++
	}
	if sent {
		value, err = unescape(d.pairs[s.lo-1].value)
	}
	for s.lo < s.hi && d.pairs[s.lo].key[s.at] != '.' {
		s.lo++ // an unknown parameter
	}
	return value, sent, s, err
}

// value sets v, which n plans, from s.
func (d *formDecoder) value(n *node, v reflect.Value, s span) error {
	text, sent, below, err := d.own(s)
	if err != nil {
		return err
	}
	switch n.kind {
	case kindList, kindMap, kindStruct:
		if text != "" {
			return misplaced("STRING_VALUE", n.kind)
		}
	default:
		if below.lo < below.hi {
			return d.unexpected(below)
		}
		if !sent {
			return nil
		}
		return n.setText(n.target(v), text)
	}
	switch n.kind {
	case kindList:
		return d.list(n, v, below)
	case kindMap:
		return d.entries(n, v, below)
	}
	below.at++ // the dot
	return d.members(n.structure(), n.target(v), below)
}

// unexpected refuses parameters below a scalar.
func (d *formDecoder) unexpected(s span) error {
	name, _, _ := d.next(s, s.at+1)
	if _, ok := number(name); ok || name == "member" {
		return malformed(startOfList)
	}
	return malformed(startOfStruct)
}

// members sets the structure v from the parameters of s, each of which begins
// a member's name at s.at.
func (d *formDecoder) members(n *node, v reflect.Value, s span) error {
	var seen uint64
	for s.lo < s.hi {
		var name string
		var here span
		name, here, s = d.next(s, s.at)
		f := n.field(name)
		if f == nil {
			continue
		}
		if err := d.push(step{name: f.path, in: kindStruct}); err != nil {
			return err
		}
		if err := d.value(f.node, v.Field(f.index), here); err != nil {
			return err
		}
		d.pop()
		seen |= f.bit
	}
	d.missing(n, seen)
	return nil
}
