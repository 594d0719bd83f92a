package wire

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
)

// Router finds the operations of a REST service by what requests look like.
type Router struct{ routes []route }

// route is one operation.
type route struct {
	name    string
	method  string
	labels  int         // how many there are in its path: 0, 1 or 2, the last of which takes all that is left
	query   [][2]string // that its URI has
	need    []string    // parameters of the query that it cannot do without
	headers []string    // and headers
}

// NewRouter makes the Router of a REST service.
func NewRouter(svc *shapes.Service) *Router {
	t := &Router{}
	for i := range svc.Operations {
		op := &svc.Operations[i]
		path, query, _ := strings.Cut(op.URI, "?")
		r := route{name: op.Name, method: op.Method, labels: strings.Count(path, "{")}
		for pair := range strings.SplitSeq(query, "&") {
			if key, value, _ := strings.Cut(pair, "="); key != "" {
				r.query = append(r.query, [2]string{key, value})
			}
		}
		n := planOf(reflect.TypeOf(op.Input()).Elem())
		for _, at := range n.need {
			switch f := &n.fields[at]; f.where {
			case inQuery:
				r.need = append(r.need, f.at)
			case inHeader:
				r.headers = append(r.headers, f.at)
			}
		}
		t.routes = append(t.routes, r)
	}
	return t
}

// OpenREST says what r asks for: of the operations that fit it the one that asks most of
// a request. label is the first label of the path if the host has it, and "" otherwise. A
// request that fits none has no Operation. Body is r's body, which Decode may read, or
// leave to the operation.
func (t *Router) OpenREST(r *http.Request, label string, body io.ReadCloser) (Request, error) {
	req := Request{Protocol: shapes.RESTXML}
	labels, err := pathLabels(r.URL, label)
	if err != nil {
		return req, err
	}
	query, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return req, badURI()
	}
	best := -1
	for i := range t.routes {
		n, ok := t.routes[i].fits(r, len(labels), query)
		if ok && n > best {
			best, req.Operation = n, t.routes[i].name
		}
	}
	req.rest = &rest{http: r, labels: labels, query: query, body: body}
	return req, nil
}

// pathLabels are the labels of a path: none, one, or two of which the last may have slashes.
func pathLabels(u *url.URL, label string) ([]string, error) {
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	var labels []string
	first, rest := label, path
	if label == "" {
		first, rest, _ = strings.Cut(path, "/")
	}
	if first != "" {
		labels = append(labels, first)
	}
	if first != "" && rest != "" {
		labels = append(labels, rest)
	}
	for i := range labels {
		text, err := url.PathUnescape(labels[i])
		if err != nil || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return nil, badURI()
		}
		labels[i] = text
	}
	return labels, nil
}

// fits reports whether a request may be for the operation, and how much that asks of it.
func (t *route) fits(r *http.Request, labels int, query url.Values) (n int, ok bool) {
	if r.Method != t.method || labels != t.labels {
		return 0, false
	}
	for _, q := range t.query {
		if values, there := query[q[0]]; !there || q[1] != "" && values[0] != q[1] {
			return 0, false
		}
	}
	for _, key := range t.need {
		if _, there := query[key]; !there {
			return 0, false
		}
	}
	for _, name := range t.headers {
		if r.Header.Get(name) == "" {
			return 0, false
		}
	}
	return len(t.query) + len(t.need) + len(t.headers), true
}

func badURI() error {
	return awserr.New(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
}
