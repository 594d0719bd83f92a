package client

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A Member is one member of a request or reply, or of a structure in one.
type Member struct {
	Name      string // on the wire
	Type      reflect.Type
	Required  bool
	Sensitive bool
	Token     bool // makes that a request, sent again, counts once

	index int
}

// secretMembers are secrets, though their models do not call them sensitive.
var secretMembers = []string{"SessionToken", "TokenCode", "AuthenticationCode1", "AuthenticationCode2"}

// Members lists the members of a structure that v is, or points to, by name.
func Members(v any) []Member { return membersOf(reflect.TypeOf(v)) }

func membersOf(t reflect.Type) []Member {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	list := make([]Member, t.NumField())
	for i := range list {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("aws"), ",")
		options := strings.Split(rest, ",")
		list[i] = Member{
			Name: name, Type: f.Type, index: i,
			Required:  slices.Contains(options, "required"),
			Sensitive: slices.Contains(options, "sensitive") || slices.Contains(secretMembers, name),
			Token:     slices.Contains(options, "token"),
		}
	}
	return list
}

// find finds a member by its name.
func find(list []Member, name string) (Member, bool) {
	i := slices.IndexFunc(list, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{}, false
	}
	return list[i], true
}

// Kind is what a value looks like to people.
type Kind string

// The kinds.
const (
	String    Kind = "string"
	Integer   Kind = "integer"
	Number    Kind = "number"
	Boolean   Kind = "boolean"
	Timestamp Kind = "timestamp"
	Blob      Kind = "blob"
	Content   Kind = "content" // a body: a text, or what is in a file
	List      Kind = "list"
	Map       Kind = "map"
	Structure Kind = "structure"
)

func (k Kind) article() string {
	if k == Integer {
		return "an " + string(k)
	}
	return "a " + string(k)
}

// KindOf is the kind of a member's type.
func KindOf(t reflect.Type) Kind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return Timestamp
	case t == reflect.TypeFor[[]byte]():
		return Blob
	case t == reflect.TypeFor[io.ReadCloser]():
		return Content
	}
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Bool:
		return Boolean
	case reflect.Float32, reflect.Float64:
		return Number
	case reflect.Slice:
		return List
	case reflect.Map:
		return Map
	case reflect.Struct:
		return Structure
	}
	return Integer
}

// Secrets returns the values of all sensitive members in v, a pointer to a request
// or reply: texts, and blobs in base64.
func Secrets(v any) []string {
	if v == nil {
		return nil
	}
	return secretsIn(nil, reflect.ValueOf(v), false)
}

func secretsIn(found []string, v reflect.Value, sensitive bool) []string {
	switch KindOf(v.Type()) {
	case Structure:
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return found
			}
			v = v.Elem()
		}
		for _, m := range membersOf(v.Type()) {
			found = secretsIn(found, v.Field(m.index), sensitive || m.Sensitive)
		}
	case List:
		for i := range v.Len() {
			found = secretsIn(found, v.Index(i), sensitive)
		}
	case Map:
		for _, k := range v.MapKeys() {
			found = secretsIn(found, v.MapIndex(k), sensitive)
		}
	case String, Blob:
		if text := scalarText(v); sensitive && text != "" {
			found = append(found, text)
		}
	}
	return found
}
