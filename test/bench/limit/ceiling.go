// Package limit is what this machine can do at most: the least program that does one part of an access
// key service's work, and nothing else.
package limit

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Ceiling answers any POST with a body of the given size: no net/http service is faster.
type Ceiling struct {
	ReplyBytes int
	Verify     bool // first verify SigV4, with the example key, and parse the form
	Log        *Log // first append a record to it, durably; nil for none
}

// Handler serves the Ceiling; GET /readyz answers 200, as iamd does.
func (c Ceiling) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	reply := []byte(strings.Repeat("x", c.ReplyBytes))
	verifiers := sync.Pool{New: func() any { return new(Verifier) }}
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		var buf [1024]byte
		body := readSmall(r, buf[:])
		if c.Verify {
			v := verifiers.Get().(*Verifier)
			ok := verifies(v, r, body)
			verifiers.Put(v)
			if !ok {
				http.Error(w, "<Code>SignatureDoesNotMatch</Code>", http.StatusForbidden)
				return
			}
		}
		if c.Log != nil {
			if err := c.Log.Append(record); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "text/xml")
		w.Write(reply)
	})
	return mux
}

// record is as large as a stored access key.
var record = make([]byte, 300)

// readSmall reads a body that fits in buf.
func readSmall(r *http.Request, buf []byte) []byte {
	n := 0
	for n < len(buf) {
		m, err := r.Body.Read(buf[n:])
		n += m
		if err != nil {
			break
		}
	}
	return buf[:n]
}

func verifies(v *Verifier, r *http.Request, body []byte) bool {
	// net/http keeps Content-Length out of a server request's header.
	r.Header["Content-Length"] = []string{strconv.FormatInt(r.ContentLength, 10)}
	if !v.Verify(r, body, time.Now()) {
		return false
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && form.Get("Action") != ""
}
