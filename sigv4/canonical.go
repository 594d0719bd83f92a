package sigv4

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// scratch is the memory that one signature is calculated in.
type scratch struct {
	request []byte // the canonical request
	path    []byte
	other   []byte // a second form of the path
	query   []byte // the canonical query
	params  []byte // its parameters, before they are sorted
	order   []param
	toSign  []byte // the inner block of the HMAC and the string to sign
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxKept is the most that a scratch may hold when it goes back to the pool; a
// rare giant request must not stay in memory.
const maxKept = 64 << 10

func (s *scratch) release() {
	if cap(s.request)+cap(s.query)+cap(s.params)+cap(s.path)+cap(s.other)+24*cap(s.order) <= maxKept {
		scratches.Put(s)
	}
}

// canonical is what a canonical request is made of, apart from the request. The
// path and query are in their canonical form.
type canonical struct {
	host          string
	path, query   []byte
	signedHeaders string
	payload       PayloadHash
}

// signature calculates a signature. It is not ok if a signed header is not there.
func (s *scratch) signature(r *http.Request, c canonical, timestamp string, scope Scope, key *SigningKey) (hexa [2 * sha256.Size]byte, ok bool) {
	if !s.setRequest(r, c) {
		return hexa, false
	}
	sum := sha256.Sum256(s.request)
	b := append(appendPadded(s.toSign[:0], innerPad, key.key[:]), algorithm+"\n"...)
	b = append(append(b, timestamp...), '\n')
	b = append(append(b, scope.Day...), '/')
	b = append(append(b, scope.Region...), '/')
	b = append(append(b, scope.Service...), "/"+terminator+"\n"...)
	digits := hexOf(sum)
	s.toSign = append(b, digits[:]...)
	return hexOf(finishHMAC(s.toSign, key.key[:])), true
}

// setRequest writes the canonical request:
//
//	POST
//	/
//	                               the query, empty here
//	content-type:text/plain        a line for each signed header
//	host:iam.amazonaws.com
//	                               an empty line
//	content-type;host
//	e3b0c442…                      the payload hash
func (s *scratch) setRequest(r *http.Request, c canonical) bool {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	b := append(append(s.request[:0], method...), '\n')
	b = append(append(b, c.path...), '\n')
	b = append(append(b, c.query...), '\n')
	ok := true
	for rest := c.signedHeaders; rest != "" && ok; {
		var name string
		name, rest, _ = cut(rest, ';')
		b = append(append(b, name...), ':')
		b, ok = appendHeader(b, r, name, c.host)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	b = append(append(b, c.signedHeaders...), '\n')
	s.request = append(b, c.payload...)
	return ok
}

// appendHeader appends the values of a header, joined by ','. net/http takes
// some headers out of the map, and these are put together again here.
func appendHeader(dst []byte, r *http.Request, name, host string) ([]byte, bool) {
	if name == "host" {
		return appendValue(dst, host)
	}
	values := headerValues(r.Header, name)
	switch {
	case len(values) > 0:
	case name == "content-length" && r.ContentLength >= 0:
		return strconv.AppendInt(dst, r.ContentLength, 10), true
	case name == "transfer-encoding":
		values = r.TransferEncoding
	}
	ok := len(values) > 0
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, ok = appendValue(dst, v); !ok {
			break
		}
	}
	return dst, ok
}

// headerValues looks a lower-case name up in its canonical form. A name with an
// upper-case letter, or anything else that no header has, is not found.
func headerValues(h http.Header, name string) []string {
	switch name { // what most requests have
	case "content-type":
		return h["Content-Type"]
	case "x-amz-date":
		return h["X-Amz-Date"]
	case "content-length":
		return h["Content-Length"]
	}
	var stack [64]byte
	key := append(stack[:0], name...)
	start := true
	for i, c := range key {
		switch {
		case c >= 'A' && c <= 'Z':
			return nil
		case start && c >= 'a' && c <= 'z':
			key[i] = c - ('a' - 'A')
		}
		start = c == '-'
	}
	return h[string(key)]
}

// appendValue appends a header value without spaces at its ends and with one
// space for each run of them. A line break could pass for another header, so a
// value with one is refused; net/http lets none through.
func appendValue(dst []byte, v string) ([]byte, bool) {
	for v != "" && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for v != "" && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	if strings.IndexByte(v, '\n') >= 0 {
		return dst, false
	}
	for {
		i := strings.IndexByte(v, ' ')
		if i < 0 {
			return append(dst, v...), true
		}
		dst = append(dst, v[:i+1]...)
		for v = v[i+1:]; v[0] == ' '; { // there is an end: v was trimmed
			v = v[1:]
		}
	}
}

// requestHost is the host as it was sent, or as the client is about to send it.
func requestHost(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}
