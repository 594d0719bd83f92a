package wire

import (
	"math"
	"reflect"
	"strconv"
	"time"
)

// jsonDecoder fills a structure from JSON text. Member names count with their
// case; of two with one name the later counts; null is the same as nothing.
type jsonDecoder struct {
	scanner
	trail
	read int // values so far
}

func decodeJSON(text string, into any) (absent []string, err error) {
	if !clean(text) {
		return nil, errSyntax
	}
	v := reflect.ValueOf(into).Elem()
	n := planOf(v.Type())
	d := jsonDecoder{scanner: scanner{text: text}}
	switch d.peek() {
	case '{':
		err = d.members(n, v)
	case '[':
		err = malformed(startOfList)
	case 0:
		d.missing(n, 0)
	default:
		err = errSyntax
	}
	if err == nil && d.peek() != 0 {
		err = errSyntax
	}
	if err != nil {
		return nil, err
	}
	return d.absent, nil
}

// null steps over a null if it comes next.
func (d *jsonDecoder) null() (bool, error) {
	if d.peek() != 'n' {
		return false, nil
	}
	return true, d.literal("null")
}

func (d *jsonDecoder) members(n *node, v reflect.Value) error {
	var seen uint64
	err := d.object(func(name string) error {
		f := n.field(name)
		if f == nil {
			return d.skip(len(d.steps))
		}
		member := v.Field(f.index)
		member.SetZero() // of an earlier one with this name
		seen &^= f.bit
		d.forget(f.path)
		if null, err := d.null(); null {
			return err
		}
		seen |= f.bit
		return d.below(step{name: f.path, in: kindStruct}, f.node, member)
	})
	d.missing(n, seen)
	return err
}

// below reads the value one step further down.
func (d *jsonDecoder) below(s step, n *node, v reflect.Value) error {
	if d.read++; d.read > maxValues {
		return malformed(tooMany)
	}
	if err := d.push(s); err != nil {
		return err
	}
	err := d.value(n, v)
	d.pop()
	return err
}

// value reads a value that is not null into v, which n plans.
func (d *jsonDecoder) value(n *node, v reflect.Value) error {
	switch c := d.peek(); c {
	case '{':
		switch n.kind {
		case kindStruct:
			return d.members(n.structure(), n.target(v))
		case kindMap:
			return d.entries(n, v)
		}
		return malformed(startOfStruct)
	case '[':
		if n.kind != kindList {
			return malformed(startOfList)
		}
		return d.list(n, v)
	case '"':
		return d.text(n, v)
	case 't', 'f':
		return d.boolean(n, v, c)
	default:
		return d.figure(n, v)
	}
}

func (d *jsonDecoder) list(n *node, v reflect.Value) error {
	v.Set(reflect.MakeSlice(n.typ, 0, 0))
	return d.array(func() error {
		if null, err := d.null(); null {
			return err
		}
		count := v.Len() + 1
		v.Grow(1)
		v.SetLen(count)
		return d.below(step{num: count, in: kindList}, n.elem, v.Index(count-1))
	})
}

func (d *jsonDecoder) entries(n *node, v reflect.Value) error {
	m := reflect.MakeMap(n.typ)
	v.Set(m)
	return d.object(func(key string) error {
		k := reflect.ValueOf(key).Convert(n.typ.Key())
		d.forget(key)
		if null, err := d.null(); null {
			m.SetMapIndex(k, reflect.Value{})
			return err
		}
		elem := reflect.New(n.typ.Elem()).Elem()
		err := d.below(step{name: key, in: kindMap}, n.elem, elem)
		m.SetMapIndex(k, elem)
		return err
	})
}

func (d *jsonDecoder) text(n *node, v reflect.Value) error {
	s, err := d.str()
	if err != nil {
		return err
	}
	switch n.kind {
	case kindString:
		n.target(v).SetString(s)
		return nil
	case kindBlob:
		return setBlob(v, s)
	}
	return misplaced("STRING_VALUE", n.kind)
}

func (d *jsonDecoder) boolean(n *node, v reflect.Value, c byte) error {
	if err := d.bare(c); err != nil {
		return err
	}
	if n.kind == kindBool {
		n.target(v).SetBool(c == 't')
		return nil
	}
	if c == 't' {
		return misplaced("TRUE_VALUE", n.kind)
	}
	return misplaced("FALSE_VALUE", n.kind)
}

// figure reads a number. AWS cuts the fraction off where an integer belongs.
func (d *jsonDecoder) figure(n *node, v reflect.Value) error {
	s, err := d.number()
	if err != nil {
		return err
	}
	switch n.kind {
	case kindInteger, kindLong:
		if i, ok := integer(s, n.typ.Bits()); ok {
			n.target(v).SetInt(i)
			return nil
		}
	case kindFloat:
		if f, err := strconv.ParseFloat(s, n.typ.Bits()); err == nil {
			n.target(v).SetFloat(f)
			return nil
		}
	case kindTime:
		if t, ok := parseEpoch(s); ok {
			*n.target(v).Addr().Interface().(*time.Time) = t
			return nil
		}
	}
	return misplaced("NUMBER_VALUE", n.kind)
}

// integer reads a JSON number as an integer that fits in so many bits.
func integer(s string, bits int) (int64, bool) {
	if i, err := strconv.ParseInt(s, 10, bits); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) >= math.Ldexp(1, bits-1) {
		return 0, false
	}
	return int64(f), true
}
