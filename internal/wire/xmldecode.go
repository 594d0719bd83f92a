package wire

import (
	"bytes"
	"encoding/xml"
	"io"
	"reflect"
	"strings"
)

// maxElements is how deep elements may be in each other.
const maxElements = 32

// bodyReader fills structures from a request's document. Elements that they do not have are ignored,
// and so are namespaces, as by S3.
type bodyReader struct{ *xml.Decoder }

// decodeXML fills v, of the structure n, from a document.
func decodeXML(body []byte, n *node, v reflect.Value) error {
	d := bodyReader{xml.NewDecoder(bytes.NewReader(body))}
	for {
		token, err := d.Token()
		if err != nil {
			return badXML()
		}
		switch t := token.(type) {
		case xml.Directive:
			return badXML() // no document type, and so no entities
		case xml.StartElement:
			if err := d.structure(n.structure(), n.target(v), t, 1); err != nil {
				return err
			}
			if _, err := d.Token(); err != io.EOF {
				return d.onlySpace(err)
			}
			return nil
		}
	}
}

func badXML() error {
	return malformed("The XML in the request is not well-formed, or not what the service takes.")
}

// onlySpace: behind the root, comments and space are all that is allowed; the decoder
// refuses other text already.
func (d bodyReader) onlySpace(err error) error {
	for err == nil {
		var token xml.Token
		if token, err = d.Token(); err == nil {
			if _, more := token.(xml.StartElement); more {
				return badXML()
			}
		}
	}
	if err != io.EOF {
		return badXML()
	}
	return nil
}

// structure fills v from the element that start begins, up to its end.
func (d bodyReader) structure(n *node, v reflect.Value, start xml.StartElement, depth int) error {
	if depth > maxElements {
		return badXML()
	}
	var seen uint64
	for _, a := range start.Attr {
		for i := range n.fields {
			f := &n.fields[i]
			if f.where == inAttribute && f.at[strings.IndexByte(f.at, ':')+1:] == a.Name.Local {
				seen |= f.bit
				if err := f.setText(f.target(v.Field(f.index)), a.Value); err != nil {
					return badXML()
				}
			}
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return badXML()
		}
		switch t := token.(type) {
		case xml.StartElement:
			f := n.element(t.Name.Local)
			if f == nil {
				if d.Skip() != nil {
					return badXML()
				}
				continue
			}
			seen |= f.bit
			if err := d.member(f, v.Field(f.index), t, depth+1); err != nil {
				return err
			}
		case xml.EndElement:
			return n.complete(seen)
		}
	}
}

// element finds a member by its element's name; nil if there is none.
func (n *node) element(name string) *field {
	for i := range n.fields {
		if f := &n.fields[i]; f.where == inElement && f.xml == name {
			return f
		}
	}
	return nil
}

// complete refuses a structure that lacks what it must have.
func (n *node) complete(seen uint64) error {
	for _, at := range n.need {
		if f := &n.fields[at]; f.bit&seen == 0 {
			return badXML()
		}
	}
	return nil
}

func (d bodyReader) member(f *field, v reflect.Value, start xml.StartElement, depth int) error {
	if f.kind != kindList {
		return d.value(f.node, f.target(v), start, depth)
	}
	if f.flat {
		return d.item(f, v, start, depth)
	}
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	for {
		token, err := d.Token()
		if err != nil {
			return badXML()
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := d.item(f, v, t, depth+1); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// item appends to a list.
func (d bodyReader) item(f *field, v reflect.Value, start xml.StartElement, depth int) error {
	item := reflect.New(v.Type().Elem()).Elem()
	if err := d.value(f.elem, f.elem.target(item), start, depth); err != nil {
		return err
	}
	v.Set(reflect.Append(v, item))
	return nil
}

func (d bodyReader) value(n *node, v reflect.Value, start xml.StartElement, depth int) error {
	switch n.kind {
	case kindStruct:
		return d.structure(n.structure(), v, start, depth)
	case kindList, kindMap, kindStream:
		return badXML() // no service has those inside lists
	}
	text, err := d.text()
	if err != nil || n.setText(v, text) != nil {
		return badXML()
	}
	return nil
}

// text is that of an element without others in it, up to its end.
func (d bodyReader) text() (string, error) {
	var b strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", badXML()
		case xml.EndElement:
			return b.String(), nil
		}
	}
}
