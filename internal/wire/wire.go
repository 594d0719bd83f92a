// Package wire turns AWS protocol bytes into request values and reply values
// into bytes. It speaks AWS Query (forms in, XML out), AWS JSON 1.1 and REST-XML, and
// knows no service: names, types and required members come from package shapes.
//
// A call begins with Open, or the OpenREST of a Router, which reads of a request only what
// it asks for; Request.Decode then fills the operation's input. A Protocol, made once per
// service by For, writes the answer. A Client is the other side of both.
//
// Whatever a caller sends costs time and memory in proportion to its length,
// and an error is always an *awserr.Refusal of kind Malformed.
package wire

import (
	"io"
	"net/http"
	"reflect"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// Protocol is one service's way to put answers on HTTP. It is safe for
// concurrent use.
type Protocol interface {
	// Reply appends to buf the body of a successful reply. Out points to the
	// operation's output, or is nil for an operation without one.
	Reply(buf []byte, op *shapes.Operation, requestID string, out any) []byte

	// Head puts into h what the reply says outside its body, and returns its status and,
	// if it is not held in memory, the body itself, which is to be closed.
	Head(h http.Header, op *shapes.Operation, out any) (status int, body io.ReadCloser)

	// Error appends to buf the body of a reply that refuses.
	Error(buf []byte, requestID string, e *awserr.Error) []byte

	// Header sets the reply's headers: content type, request id and, if e is
	// not nil, what JSON says of an error outside the body.
	Header(h http.Header, requestID string, e *awserr.Error)
}

// For returns the Protocol of a service.
func For(svc *shapes.Service) Protocol {
	switch svc.Protocol {
	case shapes.JSON11:
		return jsonProtocol{capitalMessage: svc.CapitalMessage}
	case shapes.RESTXML:
		return restOf(svc)
	}
	q := queryProtocol{xmlns: ">", layout: layoutSeconds}
	if svc.Namespace != "" {
		q.xmlns = ` xmlns="` + svc.Namespace + `">`
	}
	if svc.Milliseconds {
		q.layout = layoutMillis
	}
	return q
}

// planned returns the plan and value of what v, a pointer to a structure,
// points to, and false for nil.
func planned(v any) (*node, reflect.Value, bool) {
	if v == nil {
		return nil, reflect.Value{}, false
	}
	s := reflect.ValueOf(v).Elem()
	if !s.IsValid() {
		return nil, s, false
	}
	return planOf(s.Type()), s, true
}
