package wire

import (
	"reflect"
	"slices"
)

// A group is the span of one numbered element of a list or map.
type group struct {
	number int
	span
}

// list sets v from "X.member.N" in the order of the numbers, whatever gaps
// they have. No number says how much memory is made.
func (d *formDecoder) list(n *node, v reflect.Value, s span) error {
	first, err := d.number(s, "member")
	if err != nil {
		return err
	}
	count := len(d.groups) - first
	v.Set(reflect.MakeSlice(n.typ, count, count))
	for i := range count {
		g := d.groups[first+i]
		if err := d.push(step{num: i + 1, in: kindList}); err != nil {
			return err
		}
		if err := d.value(n.elem, v.Index(i), g.span); err != nil {
			return err
		}
		d.pop()
	}
	d.groups = d.groups[:first]
	return nil
}

// entries sets the map v from "X.entry.N.key" and "X.entry.N.value".
func (d *formDecoder) entries(n *node, v reflect.Value, s span) error {
	first, err := d.number(s, "entry")
	if err != nil {
		return err
	}
	count := len(d.groups) - first
	v.Set(reflect.MakeMapWithSize(n.typ, count))
	for i := range count {
		if err := d.entry(n, v, d.groups[first+i].span); err != nil {
			return err
		}
	}
	d.groups = d.groups[:first]
	return nil
}

func (d *formDecoder) entry(n *node, v reflect.Value, s span) error {
	_, _, s, err := d.own(s)
	if err != nil {
		return err
	}
	var key string
	var keyed bool
	var value span
	for s.lo < s.hi {
		var name string
		var here span
		name, here, s = d.next(s, s.at+1)
		switch name {
		case "key":
			if key, keyed, _, err = d.own(here); err != nil {
				return err
			}
		case "value":
			value = here
		}
	}
	if !keyed {
		return malformed(badEntry)
	}
	elem := reflect.New(n.typ.Elem()).Elem()
	if err := d.push(step{name: key, in: kindMap}); err != nil {
		return err
	}
	if err := d.value(n.elem, elem, value); err != nil {
		return err
	}
	d.pop()
	v.SetMapIndex(reflect.ValueOf(key).Convert(n.typ.Key()), elem)
	return nil
}

// number adds the spans of a list's or map's elements, in order, to d.groups,
// and says where they begin. Word is "member" or "entry". A member that cannot
// be read is refused, not skipped: the caller of AssumeRole must not get a
// session with fewer policies than were written.
func (d *formDecoder) number(s span, word string) (first int, err error) {
	first = len(d.groups)
	for s.lo < s.hi {
		var name string
		var here span
		name, here, s = d.next(s, s.at+1)
		if name != word {
			return 0, malformed(startOfStruct)
		}
		_, _, inner, err := d.own(here)
		if err != nil {
			return 0, err
		}
		for inner.lo < inner.hi {
			name, here, inner = d.next(inner, inner.at+1)
			i, ok := number(name)
			if !ok {
				return 0, malformed(badNumber)
			}
			d.groups = append(d.groups, group{i, here})
		}
	}
	slices.SortFunc(d.groups[first:], func(a, b group) int { return a.number - b.number })
	return first, nil
}

// number reads a list's number: 1 to 999999999, without leading zeros. Old
// clients count from 0, which is let pass.
func number(s string) (n int, ok bool) {
	if s == "" || len(s) > 9 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
