package sigv4

import (
	"bytes"
	"slices"
	"strings"
)

const upperHex = "0123456789ABCDEF"

// unreserved are the bytes that stand for themselves in RFC 3986.
var unreserved = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		t[c] = true
	}
	return t
}()

func appendEscaped(dst []byte, c byte) []byte {
	if unreserved[c] {
		return append(dst, c)
	}
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}

// escaped is the byte that a %XX at s[i] stands for.
func escaped(s string, i int) (c byte, err error) {
	if i+2 >= len(s) {
		return 0, incomplete("Incomplete trailing escape % sequence")
	}
	for _, d := range []byte{s[i+1], s[i+2]} {
		switch {
		case d >= '0' && d <= '9':
			d -= '0'
		case d >= 'a' && d <= 'f':
			d -= 'a' - 10
		case d >= 'A' && d <= 'F':
			d -= 'A' - 10
		default:
			return 0, incomplete("Illegal hex character in escape % pattern: %")
		}
		c = c<<4 | d
	}
	return c, nil
}

// unescape decodes a name or value of a query. '+' is a space, as in the forms
// that AWS's services read.
func unescape(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			var err error
			if c, err = escaped(s, i); err != nil {
				return "", err
			}
			i += 2
		}
		out = append(out, c)
	}
	return string(out), nil
}

// appendQueryPart re-escapes a name or value: decoded, then encoded in the one
// canonical way.
func appendQueryPart(dst []byte, s string) ([]byte, error) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			var err error
			if c, err = escaped(s, i); err != nil {
				return dst, err
			}
			i += 2
		}
		dst = appendEscaped(dst, c)
	}
	return dst, nil
}

// param is where one "name=value" lies in a buffer.
type param struct{ start, equals, end int }

// appendQuery appends the canonical form of a query: every parameter escaped in
// the same way, with a '=' even if it came without, sorted by name and then by
// value in their escaped form. presigned leaves X-Amz-Signature out.
func (s *scratch) appendQuery(dst []byte, raw string, presigned bool) ([]byte, error) {
	if raw == "" {
		return dst, nil
	}
	buf, params := s.params[:0], s.order[:0]
	for raw != "" {
		var pair string
		if pair, raw, _ = cut(raw, '&'); pair == "" {
			continue
		}
		name, value, _ := cut(pair, '=')
		p := param{start: len(buf)}
		var err error
		if buf, err = appendQueryPart(buf, name); err != nil {
			return dst, err
		}
		p.equals = len(buf)
		if presigned && string(buf[p.start:]) == querySignature {
			buf = buf[:p.start]
			continue
		}
		if buf, err = appendQueryPart(append(buf, '='), value); err != nil {
			return dst, err
		}
		p.end = len(buf)
		params = append(params, p)
	}
	slices.SortFunc(params, func(a, b param) int {
		if c := bytes.Compare(buf[a.start:a.equals], buf[b.start:b.equals]); c != 0 {
			return c
		}
		return bytes.Compare(buf[a.equals:a.end], buf[b.equals:b.end])
	})
	for i, p := range params {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, buf[p.start:p.end]...)
	}
	s.params, s.order = buf, params
	return dst, nil
}
