package wire

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// Held is a body in memory, where a member is one that is read as it comes. It can be read
// once, and its Bytes be asked for again and again.
type Held struct {
	*bytes.Reader
	Bytes []byte
}

// Hold makes a Held.
func Hold(b []byte) *Held { return &Held{bytes.NewReader(b), b} }

// Close implements io.Closer.
func (h *Held) Close() error { return nil }

type restClient struct{ protocol restProtocol }

func (c restClient) Ask(op *shapes.Operation, in any) (Question, error) {
	path, fixed, _ := strings.Cut(op.URI, "?")
	q := Question{Method: op.Method, Path: path, Header: http.Header{}}
	query, err := url.ParseQuery(fixed)
	if err != nil {
		return q, fmt.Errorf("the model's URI of %s: %w", op.Name, err)
	}
	n, v, ok := planned(in)
	if !ok {
		n = &node{}
	}
	n.putHeaders(q.Header, v)
	q.Header.Del("Content-Length") // which the body has itself
	for i := range n.fields {
		f := &n.fields[i]
		value, there := f.present(v.Field(f.index))
		switch {
		case !there:
		case f.where == inURI && value.String() == "":
			return q, fmt.Errorf("%s must not be empty", f.name)
		case f.where == inURI:
			label := strings.ReplaceAll(url.PathEscape(value.String()), "%2F", "/")
			q.Path = strings.NewReplacer("{"+f.at+"}", label, "{"+f.at+"+}", label).Replace(q.Path)
		case f.where == inQuery:
			query.Set(f.at, f.header(value))
		case f.where == inPayload:
			q.Body = c.body(q.Header, f, value)
		}
	}
	q.Query = query.Encode()
	return q, nil
}

// body is a request's body. Of a document S3 wants a checksum.
func (c restClient) body(h http.Header, f *field, v reflect.Value) []byte {
	if held, ok := v.Interface().(*Held); ok {
		return held.Bytes
	}
	body := c.protocol.payload(nil, f, v)
	if f.kind == kindStruct {
		h.Set("Content-Type", "application/xml")
	}
	if h.Get("Content-Md5") == "" {
		sum := md5.Sum(body)
		h.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	return body
}

func (c restClient) Read(h http.Header, body []byte, op *shapes.Operation, out any) error {
	n, v, ok := planned(out)
	if !ok {
		return nil
	}
	if e, _, err := readXMLError(body); err == nil && e.Code != "" && n.repliesXML() { // though the status says that all is well
		e.Status = http.StatusOK
		return &e
	}
	return unreadable(c.read(h, body, op, n, v))
}

// repliesXML reports whether a reply's body is a document, and not what somebody stored.
func (n *node) repliesXML() bool {
	for i := range n.fields {
		if f := &n.fields[i]; f.where == inPayload && f.kind != kindStruct {
			return false
		}
	}
	return true
}

func (c restClient) read(h http.Header, body []byte, op *shapes.Operation, n *node, v reflect.Value) error {
	elements := false
	for i := range n.fields {
		f := &n.fields[i]
		elements = elements || f.where == inElement
		var err error
		if f.where == inPayload {
			err = f.setPayload(v.Field(f.index), body, false)
		} else {
			err = f.fromHeader(h, v)
		}
		if err != nil {
			return err
		}
	}
	if !elements || len(body) == 0 {
		return nil
	}
	r := newXMLReader(body)
	return r.document(func(root xml.StartElement) error {
		if op.Bare {
			f := &n.fields[0]
			return r.value(f.node, v.Field(f.index), root)
		}
		return r.structure(n, v, root)
	})
}

func (c restClient) ReadError(status int, h http.Header, body []byte) (*awserr.Error, string) {
	return readErrorXML(status, h.Get("X-Amz-Request-Id"), body)
}
