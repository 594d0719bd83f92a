package wire

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// A Client is the other side of a Protocol: it asks. Whatever a server answers
// costs time and memory in proportion to its length. It is safe for concurrent use.
type Client interface {
	// Ask says what to ask for an operation.
	Ask(op *shapes.Operation, in any) (Question, error)

	// Read fills the structure that out points to, which must be zero, from the headers
	// and the body of a successful reply. Members that it does not have are ignored. Out is
	// nil for an operation without a reply of its own.
	Read(h http.Header, body []byte, op *shapes.Operation, out any) error

	// ReadError returns what a reply that refuses says: one with a status of its own
	// and without words if they cannot be read.
	ReadError(status int, h http.Header, body []byte) (e *awserr.Error, requestID string)
}

// A Question is a request, but for where it goes and who signs it.
type Question struct {
	Method string
	Path   string // behind the endpoint's own, escaped; "" for none
	Query  string // escaped; "" for none
	Header http.Header
	Body   []byte
}

// ClientOf returns the Client of a service.
func ClientOf(svc *shapes.Service) Client {
	switch svc.Protocol {
	case shapes.JSON11:
		return jsonClient{target: svc.TargetPrefix + "."}
	case shapes.RESTXML:
		return restClient{restOf(svc)}
	}
	return queryClient{version: svc.Version}
}

type queryClient struct{ version string }

func (q queryClient) Ask(op *shapes.Operation, in any) (Question, error) {
	h := http.Header{"Content-Type": {formType + "; charset=utf-8"}}
	return Question{Method: http.MethodPost, Header: h, Body: encodeForm(op.Name, q.version, in)}, nil
}

func (q queryClient) Read(_ http.Header, body []byte, op *shapes.Operation, out any) error {
	n, v, ok := planned(out)
	r := newXMLReader(body)
	return unreadable(r.document(func(root xml.StartElement) error {
		if root.Name.Local != op.Name+"Response" {
			return errXML
		}
		return r.each(func(e xml.StartElement) error {
			if ok && e.Name.Local == op.Result {
				return r.structure(n, v, e)
			}
			return r.skip()
		})
	}))
}

func (q queryClient) ReadError(status int, h http.Header, body []byte) (*awserr.Error, string) {
	return readErrorXML(status, h.Get("X-Amzn-Requestid"), body)
}

// readErrorXML is ReadError for both protocols that have XML.
func readErrorXML(status int, requestID string, body []byte) (*awserr.Error, string) {
	e, id, err := readXMLError(body)
	if err != nil || e.Code == "" {
		return wordless(status), requestID
	}
	e.Status = status
	return &e, id
}

type jsonClient struct{ target string }

func (j jsonClient) Ask(op *shapes.Operation, in any) (Question, error) {
	h := http.Header{"Content-Type": {jsonType}, "X-Amz-Target": {j.target + op.Name}}
	return Question{Method: http.MethodPost, Header: h, Body: jsonProtocol{}.Reply(nil, op, "", in)}, nil
}

func (j jsonClient) Read(_ http.Header, body []byte, _ *shapes.Operation, out any) error {
	if out == nil {
		return nil
	}
	_, err := decodeJSON(string(body), out)
	return unreadable(err)
}

func (j jsonClient) ReadError(status int, h http.Header, body []byte) (*awserr.Error, string) {
	var e struct {
		Type    *string `aws:"__type"`
		Capital *string `aws:"Message"`
		Message *string `aws:"message"`
		Reason  *string `aws:"Reason"`
	}
	id := h.Get("X-Amzn-Requestid")
	_, err := decodeJSON(string(body), &e)
	code := h.Get("X-Amzn-Errortype")
	if err == nil && e.Type != nil {
		code = *e.Type
	}
	code, _, _ = strings.Cut(code, ":") // of a header: "Code:http://…"
	code = code[strings.LastIndexByte(code, '#')+1:]
	if code == "" {
		return wordless(status), id
	}
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return &awserr.Error{Code: code, Status: status, Message: text(e.Capital) + text(e.Message), Reason: text(e.Reason)}, id
}

// unreadable says in a client's words what the decoder said in a server's.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*awserr.Refusal](err); ok {
		err = errors.New(r.Detail)
	}
	return fmt.Errorf("the reply cannot be read: %w", err)
}

func wordless(status int) *awserr.Error {
	return awserr.New(status, fmt.Sprintf("HTTP%d", status), "the server answered %d %s and no error that can be read", status, http.StatusText(status))
}

// Tree returns the structure that v points to as encoding/json has objects: the
// members that are there, by their names on the wire. Numbers are int64 or float64,
// blobs base64, and times ISO 8601 whatever the protocol, with milliseconds if they
// have any. A body that is Held is its text, or base64 if it is no text. A nil v is an empty tree.
func Tree(v any) map[string]any {
	n, s, ok := planned(v)
	if !ok {
		return map[string]any{}
	}
	return treeMembers(n, s)
}

func treeMembers(n *node, v reflect.Value) map[string]any {
	tree := make(map[string]any, len(n.fields))
	for i := range n.fields {
		f := &n.fields[i]
		if member, ok := f.present(v.Field(f.index)); ok {
			tree[f.name] = treeValue(f.node, member)
		}
	}
	return tree
}

// treeElement is nil for an element that is absent.
func treeElement(n *node, v reflect.Value) any {
	v, ok := n.present(v)
	if !ok {
		return nil
	}
	return treeValue(n, v)
}

func treeValue(n *node, v reflect.Value) any {
	switch n.kind {
	case kindStruct:
		return treeMembers(n.structure(), v)
	case kindList:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = treeElement(n.elem, v.Index(i))
		}
		return list
	case kindMap:
		m := make(map[string]any, v.Len())
		for _, k := range v.MapKeys() {
			m[k.String()] = treeElement(n.elem, v.MapIndex(k))
		}
		return m
	case kindInteger, kindLong:
		return v.Int()
	case kindFloat:
		return v.Float()
	case kindBool:
		return v.Bool()
	case kindBlob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case kindStream:
		held, ok := v.Interface().(*Held)
		switch {
		case !ok:
			return nil
		case utf8.Valid(held.Bytes):
			return string(held.Bytes)
		}
		return base64.StdEncoding.EncodeToString(held.Bytes)
	}
	return formText(n, v)
}
