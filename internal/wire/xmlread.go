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

// xmlReader fills values from a document: a reply, or the body of a request. Elements that
// they do not have are ignored, and so are namespaces, as by S3.
type xmlReader struct {
	*xml.Decoder
	depth    int
	complete bool // what the model requires must be there
}

var errXML = errors.New("the XML is not what the service and its clients send")

func newXMLReader(body []byte) *xmlReader {
	return &xmlReader{Decoder: xml.NewDecoder(bytes.NewReader(body))}
}

// child returns the next element inside the present one, and false at its end.
func (r *xmlReader) child() (e xml.StartElement, ok bool, err error) {
	for {
		t, err := r.Token()
		switch t := t.(type) {
		case xml.StartElement:
			if r.depth++; r.depth > maxDepth {
				return e, false, errXML
			}
			return t, true, err
		case xml.EndElement:
			r.depth--
			return e, false, err
		case xml.Directive:
			return e, false, errXML // no document type, and so no entities
		}
		if err != nil {
			return e, false, err
		}
	}
}

// each calls f with every element inside the present one. F reads its element to the end.
func (r *xmlReader) each(f func(e xml.StartElement) error) error {
	for {
		e, ok, err := r.child()
		if err != nil || !ok {
			return err
		}
		if err := f(e); err != nil {
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
		case xml.StartElement, xml.Directive:
			return "", errXML
		case xml.EndElement:
			r.depth--
			return b.String(), nil
		}
	}
}

// document calls f with the document's root, and makes sure that it is all there is.
func (r *xmlReader) document(f func(root xml.StartElement) error) error {
	root, _, err := r.child()
	if err != nil {
		return err
	}
	if err := f(root); err != nil {
		return err
	}
	if _, _, err := r.child(); !errors.Is(err, io.EOF) {
		return errXML
	}
	return nil
}

// value sets v, which n plans, from the present element.
func (r *xmlReader) value(n *node, v reflect.Value, e xml.StartElement) error {
	switch n.kind {
	case kindStruct:
		return r.structure(n.structure(), n.target(v), e)
	case kindList:
		v.Set(reflect.MakeSlice(n.typ, 0, 0))
		return r.each(func(e xml.StartElement) error { return r.item(n, v, e) })
	case kindMap:
		v.Set(reflect.MakeMap(n.typ))
		return r.each(func(xml.StartElement) error { return r.entry(n, v) })
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	return n.setText(n.target(v), text)
}

// item appends to a list.
func (r *xmlReader) item(n *node, v reflect.Value, e xml.StartElement) error {
	count := v.Len()
	v.Grow(1)
	v.SetLen(count + 1)
	return r.value(n.elem, v.Index(count), e)
}

func (r *xmlReader) entry(n *node, v reflect.Value) error {
	var key string
	elem := reflect.New(n.typ.Elem()).Elem()
	err := r.each(func(e xml.StartElement) (err error) {
		switch e.Name.Local {
		case "key":
			key, err = r.text()
			return err
		case "value":
			return r.value(n.elem, elem, e)
		}
		return r.skip()
	})
	v.SetMapIndex(reflect.ValueOf(key).Convert(n.typ.Key()), elem)
	return err
}

// structure fills v from the attributes of an element and the elements in it.
func (r *xmlReader) structure(n *node, v reflect.Value, e xml.StartElement) error {
	var seen uint64
	for _, a := range e.Attr {
		if f := n.attribute(a.Name.Local); f != nil {
			seen |= f.bit
			if err := f.setText(f.target(v.Field(f.index)), a.Value); err != nil {
				return err
			}
		}
	}
	err := r.each(func(e xml.StartElement) error {
		f := n.element(e.Name.Local)
		if f == nil {
			return r.skip()
		}
		seen |= f.bit
		if f.flat {
			return r.item(f.node, v.Field(f.index), e)
		}
		return r.value(f.node, v.Field(f.index), e)
	})
	if err == nil && r.complete && n.lacks(seen) {
		err = errXML
	}
	return err
}

// element finds a member by its element's name; nil if there is none.
func (n *node) element(name string) *field {
	if f := n.field(name); f != nil && f.where == inElement && f.xml == name {
		return f // as most are called
	}
	for i := range n.fields {
		if f := &n.fields[i]; f.where == inElement && f.xml == name {
			return f
		}
	}
	return nil
}

// attribute finds a member by its attribute's name, without its prefix.
func (n *node) attribute(name string) *field {
	for i := range n.fields {
		if f := &n.fields[i]; f.where == inAttribute && f.at[strings.IndexByte(f.at, ':')+1:] == name {
			return f
		}
	}
	return nil
}

// lacks reports whether a required member is not among seen.
func (n *node) lacks(seen uint64) bool {
	for _, at := range n.need {
		if n.fields[at].bit&seen == 0 {
			return true
		}
	}
	return false
}

// readXMLError reads the body of a reply that refuses. In S3's, the error is the root.
func readXMLError(body []byte) (e awserr.Error, requestID string, err error) {
	r := newXMLReader(body)
	var member func(xml.StartElement) error
	member = func(m xml.StartElement) (err error) {
		switch m.Name.Local {
		case "Code":
			e.Code, err = r.text()
		case "Message":
			e.Message, err = r.text()
		case "RequestId":
			requestID, err = r.text()
		case "Error":
			err = r.each(member)
		default:
			err = r.skip()
		}
		return err
	}
	err = r.document(func(root xml.StartElement) error {
		if root.Name.Local != "ErrorResponse" && root.Name.Local != "Error" {
			return errXML
		}
		return r.each(member)
	})
	return e, requestID, err
}
