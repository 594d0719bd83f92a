package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
)

// xmlReader reads Query replies, as a client does.
type xmlReader struct {
	*xml.Decoder
	depth int
}

var errNoReply = errors.New("the reply is not what the service sends")

func newXMLReader(body []byte) *xmlReader {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Entity = map[string]string{} // XML's own five only
	return &xmlReader{Decoder: d}
}

// child returns the next element inside the present one, and false at its end.
func (r *xmlReader) child() (name string, ok bool, err error) {
	for {
		t, err := r.Token()
		switch t := t.(type) {
		case xml.StartElement:
			if r.depth++; r.depth > maxDepth {
				return "", false, errNoReply
			}
			return t.Name.Local, true, err
		case xml.EndElement:
			r.depth--
			return "", false, err
		}
		if err != nil {
			return "", false, err
		}
	}
}

// each calls f with the name of every element inside the present one. F reads
// its element to the end.
func (r *xmlReader) each(f func(name string) error) error {
	for {
		name, ok, err := r.child()
		if err != nil || !ok {
			return err
		}
		if err := f(name); err != nil {
			return err
		}
	}
}

// skip passes over the present element.
func (r *xmlReader) skip() error {
	r.depth--
	return r.Skip()
}

// text returns what the present element holds, which has no others in it.
func (r *xmlReader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := r.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", errNoReply
		case xml.EndElement:
			r.depth--
			return b.String(), nil
		}
	}
}

// within reads the document's root, which must be called name, with f for each element in it.
func (r *xmlReader) within(name string, f func(name string) error) error {
	root, _, err := r.child()
	if err != nil {
		return err
	}
	if root != name {
		return errNoReply
	}
	if err := r.each(f); err != nil {
		return err
	}
	if _, _, err := r.child(); !errors.Is(err, io.EOF) {
		return errNoReply
	}
	return nil
}

// value sets v, which n plans, from the present element.
func (r *xmlReader) value(n *node, v reflect.Value) error {
	switch n.kind {
	case kindStruct:
		return r.members(n.structure(), n.target(v))
	case kindList:
		v.Set(reflect.MakeSlice(n.typ, 0, 0))
		return r.each(func(string) error {
			count := v.Len()
			v.Grow(1)
			v.SetLen(count + 1)
			return r.value(n.elem, v.Index(count))
		})
	case kindMap:
		v.Set(reflect.MakeMap(n.typ))
		return r.each(func(string) error { return r.entry(n, v) })
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	return n.setText(n.target(v), text)
}

func (r *xmlReader) entry(n *node, v reflect.Value) error {
	var key string
	elem := reflect.New(n.typ.Elem()).Elem()
	err := r.each(func(name string) (err error) {
		switch name {
		case "key":
			key, err = r.text()
			return err
		case "value":
			return r.value(n.elem, elem)
		}
		return r.skip()
	})
	v.SetMapIndex(reflect.ValueOf(key).Convert(n.typ.Key()), elem)
	return err
}

func (r *xmlReader) members(n *node, v reflect.Value) error {
	return r.each(func(name string) error {
		if f := n.field(name); f != nil {
			return r.value(f.node, v.Field(f.index))
		}
		return r.skip()
	})
}

// readXMLError reads the body of a reply that refuses.
func readXMLError(body []byte) (e awserr.Error, requestID string, err error) {
	r := newXMLReader(body)
	err = r.within("ErrorResponse", func(name string) (err error) {
		switch name {
		case "Error":
			return r.each(func(name string) (err error) {
				switch name {
				case "Code":
					e.Code, err = r.text()
				case "Message":
					e.Message, err = r.text()
				default:
					err = r.skip()
				}
				return err
			})
		case "RequestId":
			requestID, err = r.text()
			return err
		}
		return r.skip()
	})
	return e, requestID, err
}
