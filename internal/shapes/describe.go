package shapes

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// Rules returns what a model asks of each member of a request, in words for people
// ("1 to 128 characters, of [\w+=,.@-]+"), by the member's path: "tags.1.member.key".
// Members without constraints are left out.
func Rules(in Checkable) map[string]string {
	sample := reflect.New(reflect.TypeOf(in).Elem())
	fill(sample.Elem(), map[reflect.Type]bool{})
	c := Checker{rules: map[string]string{}}
	sample.Interface().(Checkable).Check(&c)
	return c.rules
}

// fill gives every member of a structure a value, so that Check comes to it. A
// structure inside itself stays empty.
func fill(v reflect.Value, within map[reflect.Type]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !within[v.Type().Elem()] {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), within)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 1))
		if elem := v.Type().Elem(); elem.Kind() == reflect.Struct && !within[elem] {
			v.SetLen(1)
			fill(v.Index(0), within)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Struct:
		if v.NumField() == 0 || !v.Type().Field(0).IsExported() {
			return // a time
		}
		within[v.Type()] = true
		for i := range v.NumField() {
			fill(v.Field(i), within)
		}
		delete(within, v.Type())
	}
}

func (c *Checker) note(name, rule string) {
	if rule != "" {
		c.rules[c.path(name)] = rule
	}
}

func (r *StringRule) describe() string {
	var parts []string
	if r.Enum != nil {
		parts = append(parts, "one of "+strings.Join(r.Enum, ", "))
	} else if size := between(int64(r.Min), int64(r.Max), "characters"); size != "" {
		parts = append(parts, size)
	}
	if r.Pattern != nil {
		parts = append(parts, "of the pattern "+r.Pattern.Text)
	}
	return strings.Join(parts, ", ")
}

func (r *NumberRule) describe() string {
	switch {
	case r.Max == math.MaxInt64 || r.Max == math.MaxInt32:
		return fmt.Sprintf("at least %d", r.Min)
	case r.Min == math.MinInt64 || r.Min == math.MinInt32:
		return fmt.Sprintf("at most %d", r.Max)
	}
	return fmt.Sprintf("%d to %d", r.Min, r.Max)
}

func (r *LengthRule) describe(what string) string { return between(int64(r.Min), int64(r.Max), what) }

func (r *StringsRule) describe() string {
	size := r.LengthRule.describe("elements")
	if r.Element == nil {
		return size
	}
	return joined(size, "each", r.Element.describe())
}

func (r *MapRule) describe() string {
	text := r.LengthRule.describe("entries")
	if r.Key != nil {
		text = joined(text, "keys", r.Key.describe())
	}
	if r.Value != nil {
		text = joined(text, "values", r.Value.describe())
	}
	return text
}

// joined appends what a rule says of parts, if it says anything.
func joined(text, parts, rule string) string {
	switch {
	case rule == "":
		return text
	case text == "":
		return parts + " " + rule
	}
	return text + "; " + parts + " " + rule
}

// between words a range whose upper end is open when it is zero.
func between(low, high int64, what string) string {
	switch {
	case low <= 0 && high == 0:
		return ""
	case high == 0:
		return fmt.Sprintf("at least %d %s", low, what)
	case low <= 0:
		return fmt.Sprintf("at most %d %s", high, what)
	case low == high:
		return fmt.Sprintf("%d %s", low, what)
	}
	return fmt.Sprintf("%d to %d %s", low, high, what)
}
