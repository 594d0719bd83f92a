package tree

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// unknown is what stands in JSON for what is Unknown, as in AWS's change sets.
const unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

// JSON is n as JSON, members in their order.
func (n *Node) JSON() string { return string(n.append(nil)) }

func (n *Node) append(b []byte) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	switch n.Kind {
	case String:
		return appendString(b, n.Text)
	case Unknown:
		return appendString(b, unknown)
	case Number, Bool:
		return append(b, n.Text...)
	case List:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(b)
		}
		return append(b, ']')
	case Map:
		b = append(b, '{')
		for i := range n.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, n.Fields[i].Key), ':')
			b = n.Fields[i].Value.append(b)
		}
		return append(b, '}')
	case Null:
	}
	return append(b, "null"...)
}

func appendString(b []byte, s string) []byte {
	buf := bytes.NewBuffer(b)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)                                    // a string and a Buffer: neither fails
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")) // which Encode adds
}

// FromJSON reads what JSON wrote, or any other JSON value.
func FromJSON(text []byte) (*Node, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := read(d)
	if err != nil {
		return nil, fmt.Errorf("tree: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("tree: more than one JSON value")
	}
	return n, nil
}

func read(d *json.Decoder) (*Node, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case string:
		return Text(t), nil
	case json.Number:
		return &Node{Kind: Number, Text: t.String()}, nil
	case bool:
		return Boolean(t), nil
	case json.Delim:
		if t == '[' {
			return readList(d)
		}
		return readMap(d)
	}
	return &Node{Kind: Null}, nil
}

func readList(d *json.Decoder) (*Node, error) {
	n := &Node{Kind: List}
	for d.More() {
		item, err := read(d)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, item)
	}
	_, err := d.Token()
	return n, err
}

func readMap(d *json.Decoder) (*Node, error) {
	n := &Node{Kind: Map}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := read(d)
		if err != nil {
			return nil, err
		}
		n.Fields = append(n.Fields, Field{Key: key.(string), Value: value})
	}
	_, err := d.Token()
	return n, err
}
