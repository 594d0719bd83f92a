package wire

import (
	"net/http"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/x-amz-json-1.1"
)

// Request is what an HTTP request asks for. Nothing of it is trusted yet: the
// names may be of no service and no operation, or empty. It is not to be copied
// once Open has made it, and is for one goroutine at a time.
type Request struct {
	Protocol  shapes.Protocol // JSON11 if the request has an X-Amz-Target
	Target    string          // JSON: the service, "secretsmanager"
	Version   string          // Query: the API's date, "2010-05-08"
	Operation string          // "CreateUser"

	form *form  // Query
	text string // JSON
	rest *rest  // REST-XML
}

// Open says what r asks for. Body is r's body, read whole; it may be used
// again when Open returns. A request that cannot be read gives an error, and a
// Request that has only its Protocol. After Open, call Close.
//
// A GET asks in its URL. A POST asks in its body, and in its URL, where some
// clients put a call to STS; a parameter that both have counts in the body.
func Open(r *http.Request, body []byte) (Request, error) {
	if targets := r.Header["X-Amz-Target"]; targets != nil {
		return openJSON(r, targets, body)
	}
	req := Request{Protocol: shapes.Query}
	text, err := queryText(r, body)
	if err != nil {
		return req, err
	}
	f, err := parseForm(text)
	if err != nil {
		return req, err
	}
	op, err := f.last("Action")
	if err == nil {
		req.Version, err = f.last("Version")
	}
	if err != nil {
		f.release()
		return Request{Protocol: shapes.Query}, err
	}
	req.Operation, req.form = op, f
	return req, nil
}

// queryText returns the parameters of a Query request as one text.
func queryText(r *http.Request, body []byte) (string, error) {
	url := r.URL.RawQuery
	switch {
	case r.Method == http.MethodGet:
		return url, nil
	case r.Method != http.MethodPost:
		return "", malformed("The request method must be GET or POST.")
	case len(body) == 0:
		return url, nil
	case len(r.Header["Content-Type"]) > 0 && !hasType(r, formType):
		return "", malformed("The content type of the request must be " + formType + ".")
	case url == "":
		return string(body), nil
	}
	return url + "&" + string(body), nil
}

func openJSON(r *http.Request, targets []string, body []byte) (Request, error) {
	req := Request{Protocol: shapes.JSON11}
	switch {
	case r.Method != http.MethodPost:
		return req, malformed("The request method must be POST.")
	case !hasType(r, jsonType):
		return req, malformed("The content type of the request must be " + jsonType + ".")
	case len(targets) != 1:
		return req, malformed("The request has more than one X-Amz-Target.")
	}
	if dot := strings.LastIndexByte(targets[0], '.'); dot >= 0 {
		req.Target, req.Operation = targets[0][:dot], targets[0][dot+1:]
	}
	req.text = string(body)
	return req, nil
}

// hasType reports whether r's content type is want, with any parameters.
func hasType(r *http.Request, want string) bool {
	types := r.Header["Content-Type"]
	if len(types) != 1 {
		return false
	}
	media, _, _ := strings.Cut(types[0], ";")
	return strings.EqualFold(strings.TrimSpace(media), want)
}

// Decode fills the structure that into points to, which must be zero. Absent names the
// required members that were not sent, as AWS's validation messages do
// ("tags.1.member.key"), at most 100 of them. Members that the structure does not have are
// ignored. The structure does not hold on to the body. It may be called between Open and
// Close.
func (r *Request) Decode(into any) (absent []string, err error) {
	switch r.Protocol {
	case shapes.JSON11:
		return decodeJSON(r.text, into)
	case shapes.RESTXML:
		return nil, r.rest.decode(into)
	}
	return r.form.decode(into)
}

// Close gives back what Open took. Decoded values stay good. Closing twice is
// allowed.
func (r *Request) Close() {
	if r.form != nil {
		r.form.release()
		r.form = nil
	}
}
