package wire

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// kind says how a value looks on the wire.
type kind uint8

const (
	kindString kind = iota
	kindInteger
	kindLong
	kindFloat
	kindBool
	kindTime
	kindBlob
	kindList
	kindMap
	kindStruct
	kindStream // a body that is read as it comes
)

// A node is the plan of one Go type: what every walk needs to know about it,
// found once by reflection. Nodes never change after planOf returns them.
type node struct {
	kind   kind
	typ    reflect.Type // the value's own type, without a pointer
	ptr    bool         // the value stands behind a pointer, nil when absent
	elem   *node        // of a list or map
	fields []field      // of a structure, by name
	need   []int        // places in fields of the required ones, in the structure's order

	attributes bool // a structure, of which some are attributes of its element
}

// A field is one member of a structure, with its name as each protocol writes it.
type field struct {
	*node
	name  string // on the wire
	path  string // in validation messages: first letter lower
	index int    // in the Go struct
	bit   uint64 // of a required field: its place among those seen

	tags
	key string // JSON key with its colon

	where place
	at    string // its name there
	xml   string // and as an element
	flat  bool   // a list without an element around it
	item  tags   // of a list's elements
	iso   bool   // a time in ISO 8601 outside XML
}

// tags are the XML around a value.
type tags struct{ open, close, empty string }

func tagsOf(name string) tags { return tags{"<" + name + ">", "</" + name + ">", "<" + name + "/>"} }

// place is where REST has a member.
type place uint8

const (
	inElement place = iota
	inAttribute
	inHeader
	inHeaders // all with a prefix
	inQuery
	inURI
	inPayload
)

// places are the options of a tag that say where the member is.
var places = map[string]place{
	"attribute": inAttribute, "header": inHeader, "headers": inHeaders, "query": inQuery, "uri": inURI, "payload": inPayload,
}

// locate reads a field's tag options.
func (f *field) locate(options string) {
	f.xml, f.item = f.name, tagsOf("member")
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		if where, ok := places[key]; ok {
			f.where, f.at = where, value
			continue
		}
		switch key {
		case "xml":
			f.xml = value
		case "element":
			f.item = tagsOf(value)
		case "flat":
			f.flat = true
		case "iso":
			f.iso = true
		}
	}
	f.tags = tagsOf(f.xml)
}

var (
	timeType = reflect.TypeFor[time.Time]()
	blobType = reflect.TypeFor[[]byte]()

	streamType = reflect.TypeFor[io.ReadCloser]()
)

// plans holds the plan of every type asked for. It grows with the program's
// types, not with what callers send.
var plans sync.Map // reflect.Type of a structure -> *node

// planOf returns the plan of a structure's type. A type that does not follow
// the rules of package shapes is a broken program: it panics.
func planOf(t reflect.Type) *node {
	if n, ok := plans.Load(t); ok {
		return n.(*node)
	}
	n := plan(t, map[reflect.Type]*node{})
	if n.kind != kindStruct {
		panic(fmt.Sprintf("wire: %s is not a structure", t))
	}
	plans.Store(t, n)
	return n
}

// plan describes t. The structures begun so far are in begun, so that a
// structure may contain itself.
func plan(t reflect.Type, begun map[reflect.Type]*node) *node {
	if t.Kind() == reflect.Pointer {
		n := *plan(t.Elem(), begun)
		if n.kind == kindStruct {
			// Its fields may not be known yet, so it cannot be a copy.
			return &node{kind: kindStruct, typ: n.typ, ptr: true, elem: begun[n.typ]}
		}
		n.ptr = true
		return &n
	}
	n := &node{typ: t}
	switch {
	case t == timeType:
		n.kind = kindTime
	case t == blobType:
		n.kind = kindBlob
	case t == streamType:
		n.kind = kindStream
	case t.Kind() == reflect.Slice:
		n.kind, n.elem = kindList, plan(t.Elem(), begun)
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		n.kind, n.elem = kindMap, plan(t.Elem(), begun)
	case t.Kind() == reflect.Struct:
		if known := begun[t]; known != nil {
			return known
		}
		begun[t] = n
		n.kind = kindStruct
		n.addFields(begun)
	default:
		n.kind = scalarKind(t)
	}
	return n
}

func scalarKind(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.String:
		return kindString
	case reflect.Int, reflect.Int32:
		return kindInteger
	case reflect.Int64:
		return kindLong
	case reflect.Float32, reflect.Float64:
		return kindFloat
	case reflect.Bool:
		return kindBool
	}
	panic(fmt.Sprintf("wire: no AWS type looks like %s", t))
}

func (n *node) addFields(begun map[reflect.Type]*node) {
	for i := range n.typ.NumField() {
		sf := n.typ.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("aws"), ",")
		if name == "" {
			panic(fmt.Sprintf("wire: %s.%s has no aws tag", n.typ, sf.Name))
		}
		f := field{
			node: plan(sf.Type, begun), name: name, path: strings.ToLower(name[:1]) + name[1:], index: i,
			key: `"` + name + `":`,
		}
		f.locate(options)
		n.attributes = n.attributes || f.where == inAttribute
		if slices.Contains(strings.Split(options, ","), "required") {
			f.bit = 1 << len(n.need)
			n.need = append(n.need, i)
		}
		n.fields = append(n.fields, f)
	}
	if len(n.need) > 64 {
		panic(fmt.Sprintf("wire: %s has over 64 required members", n.typ))
	}
	slices.SortFunc(n.fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i, index := range n.need { // from Go field numbers to places among the sorted
		n.need[i] = slices.IndexFunc(n.fields, func(f field) bool { return f.index == index })
	}
}

// structure returns the node that has the fields: n itself, or what a pointer leads to.
func (n *node) structure() *node {
	if n.ptr {
		return n.elem
	}
	return n
}

// field finds a member by its exact name; nil if there is none.
func (n *node) field(name string) *field {
	lo, hi := 0, len(n.fields)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if n.fields[mid].name < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(n.fields) && n.fields[lo].name == name {
		return &n.fields[lo]
	}
	return nil
}

// target returns where a value of n goes in v, making what a pointer needs.
func (n *node) target(v reflect.Value) reflect.Value {
	if !n.ptr {
		return v
	}
	p := reflect.New(n.typ)
	v.Set(p)
	return p.Elem()
}

// present returns what v holds, and false if that is nothing: a nil pointer,
// list, map or blob, or a time that was never set.
func (n *node) present(v reflect.Value) (reflect.Value, bool) {
	if n.ptr {
		if v.IsNil() {
			return v, false
		}
		return v.Elem(), true
	}
	switch n.kind {
	case kindBlob, kindList, kindMap, kindStream:
		return v, !v.IsNil()
	case kindTime:
		return v, !v.IsZero()
	}
	return v, true
}
