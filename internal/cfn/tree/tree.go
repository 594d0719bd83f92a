// Package tree is the values of templates: what a template's text says, and what its
// functions make of it.
package tree

import (
	"cmp"
	"slices"
	"strconv"
)

// Kind says what a Node is.
type Kind int

// The kinds of Node. Unknown stands for what can't be told before a resource is made.
const (
	Null Kind = iota
	String
	Number
	Bool
	List
	Map
	Unknown
)

// Node is a value, and where the template has it. Nodes are shared freely and so are
// never changed once they are made. A nil Node is no value at all, as AWS::NoValue.
type Node struct {
	Kind   Kind
	Text   string  // of a String; of a Number or Bool, as it was written
	Items  []*Node // of a List
	Fields []Field // of a Map, in the template's order; no two have the same Key
	// Line and Column count from 1, in bytes; 0 for what a function made.
	Line, Column int
}

// Field is a member of a Map.
type Field struct {
	Key          string
	Value        *Node
	Line, Column int // of the key
}

// Text makes a String.
func Text(s string) *Node { return &Node{Kind: String, Text: s} }

// Int makes a Number.
func Int(n int) *Node { return &Node{Kind: Number, Text: strconv.Itoa(n)} }

// Boolean makes a Bool.
func Boolean(b bool) *Node { return &Node{Kind: Bool, Text: strconv.FormatBool(b)} }

// ListOf makes a List.
func ListOf(items ...*Node) *Node { return &Node{Kind: List, Items: items} }

// MapOf makes a Map.
func MapOf(fields ...Field) *Node { return &Node{Kind: Map, Fields: fields} }

// Get is the value of a Map's member; nil when there is none, or n is no Map.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Is reports whether n is of a kind; nil is of none.
func (n *Node) Is(k Kind) bool { return n != nil && n.Kind == k }

// Scalar reports whether n is a String, Number or Bool, which templates take for each other.
func (n *Node) Scalar() bool { return n.Is(String) || n.Is(Number) || n.Is(Bool) }

// Known reports whether nothing in n is Unknown.
func (n *Node) Known() bool {
	if n == nil {
		return true
	}
	for _, item := range n.Items {
		if !item.Known() {
			return false
		}
	}
	for i := range n.Fields {
		if !n.Fields[i].Value.Known() {
			return false
		}
	}
	return n.Kind != Unknown
}

// Equal reports whether a and b have the same value, wherever they are written and in
// whatever order their members. A Number or Bool equals the String of the same text:
// templates make no difference. What is Unknown equals nothing.
func Equal(a, b *Node) bool {
	switch {
	case a == nil || b == nil:
		return a == b
	case a.Scalar() && b.Scalar():
		return a.Text == b.Text
	case a.Kind != b.Kind || a.Kind == Unknown:
		return false
	case a.Kind == List:
		return slices.EqualFunc(a.Items, b.Items, Equal)
	}
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		if other := b.Get(a.Fields[i].Key); other == nil || !Equal(a.Fields[i].Value, other) {
			return false
		}
	}
	return true
}

// Sorted are the members of a Map by their keys.
func (n *Node) Sorted() []Field {
	fields := slices.Clone(n.Fields)
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Key, b.Key) })
	return fields
}
