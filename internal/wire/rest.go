package wire

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// maxPayload is the most bytes of a body that is decoded, and not left to the operation.
const maxPayload = 1 << 20

// rest is a REST request that has been opened.
type rest struct {
	http   *http.Request
	labels []string // of its path
	query  url.Values
	body   io.ReadCloser
}

// decode fills an operation's input. What the model requires of a body and is not in it
// makes the body malformed; routing has seen to the rest.
func (r *rest) decode(into any) error {
	n, v, ok := planned(into)
	if !ok {
		return nil
	}
	labels := r.labels
	for i := range n.fields {
		f := &n.fields[i]
		var err error
		switch f.where {
		case inURI: // of those that S3 has, the names are in the order of the alphabet
			v.Field(f.index).SetString(labels[0])
			labels = labels[1:]
		case inQuery:
			if values, there := r.query[f.at]; there {
				err = f.setPlain(v, values[0])
			}
		case inHeader, inHeaders:
			err = f.fromHeader(r.http.Header, v)
		case inPayload:
			err = r.payload(f, v.Field(f.index))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// badValue refuses what is in a header or the query.
func badValue(name string) error {
	return awserr.Refuse(awserr.Validation, "The value of %.64s is not valid.", name)
}

// setPlain sets a member that is in a header or the query. A time that is none is as if it
// were absent, as for conditions in HTTP.
func (f *field) setPlain(v reflect.Value, text string) error {
	if f.kind == kindTime && !f.iso {
		t, err := http.ParseTime(text)
		if err == nil {
			f.target(v.Field(f.index)).Set(reflect.ValueOf(t.UTC()))
		}
		return nil
	}
	if f.kind == kindList { // of strings
		values := strings.Split(text, ",")
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		v.Field(f.index).Set(reflect.ValueOf(values))
		return nil
	}
	if (f.kind == kindString || f.kind == kindBlob || f.kind == kindTime) || text != "" {
		if f.setText(f.target(v.Field(f.index)), text) != nil {
			return badValue(f.at)
		}
	}
	return nil
}

// fromHeader sets a member that is in headers: one, or all whose names begin with a prefix.
func (f *field) fromHeader(h http.Header, v reflect.Value) error {
	switch f.where {
	case inHeader:
		if values := h.Values(f.at); len(values) > 0 {
			return f.setPlain(v, strings.Join(values, ","))
		}
	case inHeaders:
		found := map[string]string{}
		for name, values := range h {
			if rest, ok := strings.CutPrefix(strings.ToLower(name), f.at); ok && rest != "" {
				found[rest] = strings.Join(values, ",")
			}
		}
		if len(found) > 0 {
			v.Field(f.index).Set(reflect.ValueOf(found))
		}
	}
	return nil
}

// payload sets the member that is the body.
func (r *rest) payload(f *field, v reflect.Value) error {
	if f.kind == kindStream {
		v.Set(reflect.ValueOf(r.body))
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.body, maxPayload+1))
	switch {
	case err != nil:
		return err
	case len(body) > maxPayload:
		return &awserr.Refusal{Kind: awserr.TooLarge}
	case len(body) == 0 && f.bit != 0 && f.kind == kindStruct:
		return malformed("The request has no body.")
	case f.setPayload(v, body, true) != nil:
		return malformed("The XML in the request is not well-formed, or not what the service takes.")
	}
	return nil
}

// setPayload sets a member that is a body; a document may have to be complete.
func (f *field) setPayload(v reflect.Value, body []byte, complete bool) error {
	switch {
	case f.kind == kindStream:
		v.Set(reflect.ValueOf(Hold(body)))
	case f.kind == kindString:
		f.target(v).SetString(string(body))
	case f.kind == kindBlob:
		v.SetBytes(body)
	case len(body) > 0:
		r := newXMLReader(body)
		r.complete = complete
		return r.document(func(root xml.StartElement) error { return r.value(f.node, v, root) })
	}
	return nil
}

// restProtocol is REST-XML. Requests are read by a Router.
type restProtocol struct{ xmlns string }

func restOf(svc *shapes.Service) restProtocol { return restProtocol{` xmlns="` + svc.Namespace + `">`} }

func (p restProtocol) Reply(buf []byte, op *shapes.Operation, _ string, out any) []byte {
	n, v, ok := planned(out)
	if !ok {
		return buf
	}
	elements := false
	for i := range n.fields {
		f := &n.fields[i]
		elements = elements || f.where == inElement
		if body, there := f.present(v.Field(f.index)); there && f.where == inPayload {
			buf = p.payload(buf, f, body)
		}
	}
	switch {
	case op.Bare:
		return p.root(buf, op.Root, func(w *xmlWriter) {
			if text, there := n.fields[0].present(v.Field(n.fields[0].index)); there {
				w.content(n.fields[0].node, text)
			}
		})
	case elements:
		return p.root(buf, op.Root, func(w *xmlWriter) { w.members(n, v) })
	}
	return buf
}

// payload appends the member that is the body, unless that is read as it comes.
func (p restProtocol) payload(buf []byte, f *field, v reflect.Value) []byte {
	switch f.kind {
	case kindStream:
		return buf
	case kindString:
		return append(buf, v.String()...)
	case kindBlob:
		return append(buf, v.Bytes()...)
	}
	return p.root(buf, f.xml, func(w *xmlWriter) { w.members(f.structure(), v) })
}

const xmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

func (p restProtocol) root(buf []byte, name string, fill func(*xmlWriter)) []byte {
	buf = append(buf, xmlHead...)
	buf = append(append(append(buf, '<'), name...), p.xmlns...)
	w := xmlWriter{buf, layoutMillis}
	fill(&w)
	buf = append(append(w.buf, "</"...), name...)
	return append(buf, '>')
}

// Head: a reply that says which part of something it is has the status for that.
func (p restProtocol) Head(h http.Header, op *shapes.Operation, out any) (status int, body io.ReadCloser) {
	status = op.Status
	if status == 0 {
		status = http.StatusOK
	}
	n, v, ok := planned(out)
	if !ok {
		return status, nil
	}
	n.putHeaders(h, v)
	for i := range n.fields {
		switch f := &n.fields[i]; {
		case f.where == inPayload && f.kind == kindStream:
			body, _ = v.Field(f.index).Interface().(io.ReadCloser)
		case f.where == inHeaders: // in lower case, as S3 has them: boto3 takes names as they come
			for _, k := range v.Field(f.index).MapKeys() {
				name := f.at + k.String()
				h[strings.ToLower(name)] = h.Values(name)
				h.Del(name)
			}
		}
	}
	if h.Get("Content-Range") != "" {
		status = http.StatusPartialContent
	}
	return status, body
}

// putHeaders sets the headers that members are in.
func (n *node) putHeaders(h http.Header, v reflect.Value) {
	for i := range n.fields {
		f := &n.fields[i]
		if f.where != inHeader && f.where != inHeaders {
			continue
		}
		value, there := f.present(v.Field(f.index))
		switch {
		case !there:
		case f.where == inHeader:
			h.Set(f.at, f.header(value))
		default:
			for _, k := range sortedKeys(value) {
				h.Set(f.at+k.String(), value.MapIndex(k).String())
			}
		}
	}
}

// header is a value in a header or the query.
func (f *field) header(v reflect.Value) string {
	switch f.kind {
	case kindString:
		return v.String()
	case kindBlob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case kindList: // of strings
		var list []string
		for i := range v.Len() {
			list = append(list, v.Index(i).String())
		}
		return strings.Join(list, ",")
	case kindTime:
		if f.iso {
			return string(appendISO(nil, timeIn(v), layoutMillis))
		}
		return timeIn(v).UTC().Format(http.TimeFormat)
	}
	return string(f.appendScalar(nil, v))
}

// Error has S3's form: the error is the root.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (restProtocol) Error(buf []byte, requestID string, e *awserr.Error) []byte {
	if e.Status == http.StatusNotModified {
		return buf
	}
	buf = append(buf, xmlHead...)
	buf = append(buf, "<Error>"...)
	for _, m := range append([]awserr.Member{{Name: "Code", Value: e.Code}, {Name: "Message", Value: e.Message}}, e.More...) {
		buf = appendXML(buf, m.Name, m.Value)
	}
	buf = appendXML(buf, "RequestId", requestID)
	buf = appendXML(buf, "HostId", hostID(requestID))
	return append(buf, "</Error>"...)
}

func appendXML(buf []byte, name, text string) []byte {
	buf = append(append(append(buf, '<'), name...), '>')
	buf = appendText(buf, text)
	return append(append(append(buf, "</"...), name...), '>')
}

// hostID stands for the machine that answered. There is one.
func hostID(requestID string) string {
	return base64.StdEncoding.EncodeToString([]byte("iamd/" + requestID))
}

func (restProtocol) Header(h http.Header, requestID string, e *awserr.Error) {
	h.Set("X-Amz-Request-Id", requestID)
	h.Set("X-Amz-Id-2", hostID(requestID))
	h.Set("Server", "AmazonS3")
	if h.Get("Content-Type") == "" && (e == nil || e.Status != http.StatusNotModified) {
		h.Set("Content-Type", "application/xml")
	}
}
