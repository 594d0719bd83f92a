package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

const maxDepth = 32 // of structures, lists and maps in each other

// Input makes an operation's request from a tree of its members, by their names on the
// wire, and checks it against the model. Texts stand for numbers, booleans and times
// where such belong; a blob is base64. A client token that is not given is made by token.
func Input(svc *shapes.Service, op *shapes.Operation, tree map[string]any, token func() string) (any, error) {
	in := op.Input()
	f := filler{}
	if err := f.structure(reflect.ValueOf(in).Elem(), tree, nil); err != nil {
		return nil, err
	}
	f.tokens(reflect.ValueOf(in).Elem(), token)
	if wrong := shapes.Check(in.(shapes.Checkable), f.absent); len(wrong) > 0 {
		return nil, fmt.Errorf("%s", svc.Message(wrong))
	}
	return in, nil
}

// Known reports what is wrong with a tree whatever its values turn out to be: members
// that the operation does not have. A value that is no tree is not looked into.
func Known(op *shapes.Operation, tree map[string]any) error {
	return known(reflect.TypeOf(op.Input()).Elem(), tree, nil)
}

func known(t reflect.Type, value any, path []string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(path) > maxDepth {
		return fmt.Errorf("%s: nested too deeply", at(path))
	}
	switch value := value.(type) {
	case []any:
		if KindOf(t) == List {
			for i, v := range value {
				if err := known(t.Elem(), v, append(path, strconv.Itoa(i+1))); err != nil {
					return err
				}
			}
		}
	case map[string]any:
		if KindOf(t) != Structure {
			return nil
		}
		members := membersOf(t)
		for name, v := range value {
			m, ok := find(members, name)
			if !ok {
				return unknownMember(members, name, path)
			}
			if err := known(m.Type, v, append(path, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// filler sets Go values from trees, and notes which required members were not there.
type filler struct{ absent []string }

func (f *filler) structure(v reflect.Value, tree map[string]any, path []string) error {
	members := membersOf(v.Type())
	for name := range tree {
		if _, ok := find(members, name); !ok {
			return unknownMember(members, name, path)
		}
	}
	for _, m := range members {
		value, ok := tree[m.Name]
		if !ok || value == nil {
			if m.Required && len(f.absent) < 100 {
				f.absent = append(f.absent, wirePath(append(path, m.Name)))
			}
			continue
		}
		if err := f.value(v.Field(m.index), value, append(path, m.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) value(v reflect.Value, x any, path []string) error {
	if len(path) > maxDepth {
		return fmt.Errorf("%s: nested too deeply", at(path))
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	kind := KindOf(v.Type())
	switch x := x.(type) {
	case map[string]any:
		switch kind {
		case Structure:
			return f.structure(v, x, path)
		case Map:
			return f.entries(v, x, path)
		}
	case []any:
		if kind == List {
			return f.list(v, x, path)
		}
	default:
		if text, ok := textOf(x); ok && kind != List && kind != Map && kind != Structure {
			return setScalar(v, kind, text, path)
		}
	}
	return fmt.Errorf("%s must be %s", at(path), kind.article())
}

func (f *filler) list(v reflect.Value, list []any, path []string) error {
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i, x := range list {
		if err := f.value(v.Index(i), x, append(path, strconv.Itoa(i+1))); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) entries(v reflect.Value, tree map[string]any, path []string) error {
	v.Set(reflect.MakeMap(v.Type()))
	for key, x := range tree {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := f.value(elem, x, append(path, key)); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), elem)
	}
	return nil
}

// tokens gives each client token of the request a value, which makes that the service
// takes a repeated request for the same.
func (f *filler) tokens(v reflect.Value, token func() string) {
	for _, m := range membersOf(v.Type()) {
		field := v.Field(m.index)
		if !m.Token || !field.IsZero() {
			continue
		}
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		field.SetString(token())
		f.absent = slices.DeleteFunc(f.absent, func(p string) bool { return p == wirePath([]string{m.Name}) })
	}
}

// textOf writes a scalar as a text.
func textOf(x any) (string, bool) {
	switch x := x.(type) {
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case int:
		return strconv.Itoa(x), true
	case int64:
		return strconv.FormatInt(x, 10), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case json.Number:
		return x.String(), true
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano), true
	}
	return "", false
}

func setScalar(v reflect.Value, kind Kind, text string, path []string) error {
	switch kind {
	case String:
		v.SetString(text)
		return nil
	case Content:
		v.Set(reflect.ValueOf(wire.Hold([]byte(text))))
		return nil
	case Integer:
		if i, err := strconv.ParseInt(text, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
			return nil
		}
	case Number:
		if x, err := strconv.ParseFloat(text, v.Type().Bits()); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			v.SetFloat(x)
			return nil
		}
	case Boolean:
		if text == "true" || text == "false" {
			v.SetBool(text == "true")
			return nil
		}
	case Timestamp:
		if t, ok := parseTime(text); ok {
			v.Set(reflect.ValueOf(t))
			return nil
		}
		return fmt.Errorf("%s must be a time such as 2026-03-09T18:39:23Z, or seconds since 1970", at(path))
	case Blob:
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			v.SetBytes(b)
			return nil
		}
		return fmt.Errorf("%s must be in base64", at(path))
	}
	return fmt.Errorf("%s must be %s", at(path), kind.article())
}

// parseTime reads a date, ISO 8601 or seconds since 1970.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), t.Year() >= 1 && t.Year() <= 9999
		}
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(seconds) < 1<<37) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC(), true
}

// scalarText is the text of a string or blob, "" for one that is absent.
func scalarText(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	return v.String()
}

func unknownMember(members []Member, name string, path []string) error {
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Name
	}
	if len(names) == 0 {
		return fmt.Errorf("%s has no member %q, and takes none", at(path), name)
	}
	return fmt.Errorf("%s has no member %q; there are %s", at(path), name, strings.Join(names, ", "))
}

func at(path []string) string {
	if len(path) == 0 {
		return "the request"
	}
	return strings.Join(path, ".")
}

// wirePath spells a path as validation messages do: "tags.1.member.key".
func wirePath(path []string) string {
	var b strings.Builder
	for i, p := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strings.ToLower(p[:min(1, len(p))]) + p[min(1, len(p)):])
		if _, err := strconv.Atoi(p); err == nil {
			b.WriteString(".member")
		}
	}
	return b.String()
}
