package wire

import (
	"io"
	"net/http"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// queryProtocol is AWS Query.
type queryProtocol struct {
	xmlns  string // the end of a root element's tag
	layout string // of times in replies
}

func (q queryProtocol) Reply(buf []byte, op *shapes.Operation, requestID string, out any) []byte {
	buf = append(buf, '<')
	buf = append(buf, op.Name...)
	buf = append(buf, "Response"...)
	buf = append(buf, q.xmlns...)
	buf = append(buf, "\n  "...)
	if op.Result != "" {
		buf = q.result(buf, op.Result, out)
	}
	buf = append(buf, "<ResponseMetadata><RequestId>"...)
	buf = appendText(buf, requestID)
	buf = append(buf, "</RequestId></ResponseMetadata></"...)
	buf = append(buf, op.Name...)
	return append(buf, "Response>\n"...)
}

// result appends the element around the reply's members.
func (q queryProtocol) result(buf []byte, name string, out any) []byte {
	buf = append(buf, '<')
	buf = append(buf, name...)
	buf = append(buf, '>')
	if n, v, ok := planned(out); ok {
		w := xmlWriter{buf, q.layout}
		w.members(n, v)
		buf = w.buf
	}
	buf = append(buf, "</"...)
	buf = append(buf, name...)
	return append(buf, '>')
}

func (queryProtocol) Head(http.Header, *shapes.Operation, any) (int, io.ReadCloser) {
	return http.StatusOK, nil
}

func (q queryProtocol) Error(buf []byte, requestID string, e *awserr.Error) []byte {
	buf = append(buf, "<ErrorResponse"...)
	buf = append(buf, q.xmlns...)
	if e.Status >= 500 {
		buf = append(buf, "\n  <Error><Type>Receiver</Type><Code>"...)
	} else {
		buf = append(buf, "\n  <Error><Type>Sender</Type><Code>"...)
	}
	buf = appendText(buf, e.Code)
	buf = append(buf, "</Code><Message>"...)
	buf = appendText(buf, e.Message)
	buf = append(buf, "</Message></Error><RequestId>"...)
	buf = appendText(buf, requestID)
	return append(buf, "</RequestId></ErrorResponse>\n"...)
}

func (q queryProtocol) Header(h http.Header, requestID string, _ *awserr.Error) {
	h.Set("Content-Type", "text/xml")
	h.Set("X-Amzn-Requestid", requestID)
}

// jsonProtocol is AWS JSON 1.1.
type jsonProtocol struct{ capitalMessage bool }

func (j jsonProtocol) Reply(buf []byte, _ *shapes.Operation, _ string, out any) []byte {
	n, v, ok := planned(out)
	if !ok {
		return append(buf, "{}"...)
	}
	return appendObject(buf, n, v)
}

func (jsonProtocol) Head(http.Header, *shapes.Operation, any) (int, io.ReadCloser) {
	return http.StatusOK, nil
}

func (j jsonProtocol) Error(buf []byte, _ string, e *awserr.Error) []byte {
	buf = append(buf, `{"__type":`...)
	buf = appendQuoted(buf, e.Code)
	if e.Message != "" { // AWS leaves out a text it does not have
		buf = append(buf, j.messageKey(e)...)
		buf = appendQuoted(buf, e.Message)
	}
	if e.Reason != "" {
		buf = append(buf, `,"Reason":`...)
		buf = appendQuoted(buf, e.Reason)
	}
	return append(buf, '}')
}

// messageKey: a request that cannot be read is answered by AWS's framework,
// with a capital whatever the service has.
func (j jsonProtocol) messageKey(e *awserr.Error) string {
	if j.capitalMessage || e.Code == "SerializationException" {
		return `,"Message":`
	}
	return `,"message":`
}

func (j jsonProtocol) Header(h http.Header, requestID string, e *awserr.Error) {
	h.Set("Content-Type", jsonType)
	h.Set("X-Amzn-Requestid", requestID)
	if e != nil {
		h.Set("X-Amzn-Errortype", e.Code)
	}
}
