package sigv4

import (
	"bytes"
	"net/url"
	"strings"
)

// receivedPath is the path of a URL as it was on the wire, percent signs and all.
// It is not ok for what has no path: "*", or an opaque URL.
func receivedPath(u *url.URL) (path string, ok bool) {
	// EscapedPath alone will not do: it gives up a RawPath with bytes that should
	// have been escaped, and with it the difference between "/" and "%2F".
	if u.RawPath != "" && sameBytes(u.RawPath, u.Path) {
		return u.RawPath, u.Opaque == "" && u.RawPath[0] == '/'
	}
	return pathToSend(u)
}

// pathToSend is the path that a client puts on the wire.
func pathToSend(u *url.URL) (path string, ok bool) {
	path = u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return path, u.Opaque == "" && path[0] == '/'
}

func sameBytes(escapedPath, path string) bool {
	decoded, err := url.PathUnescape(escapedPath)
	return err == nil && decoded == path
}

// appendPath appends the canonical form of a path as it was sent, as documented
// in https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html:
// S3 has every byte escaped in the one canonical way; the others escape what was
// sent once more, after leaving out empty segments, "." and "..".
func appendPath(dst []byte, path string, s3 bool) []byte {
	if s3 {
		return appendS3Path(dst, path)
	}
	start := len(dst)
	for rest := path; rest != ""; {
		var segment string
		segment, rest, _ = cut(rest, '/')
		switch segment {
		case "", ".":
		case "..":
			if i := bytes.LastIndexByte(dst[start:], '/'); i >= 0 {
				dst = dst[:start+i]
			}
		default:
			dst = appendSegment(append(dst, '/'), segment)
		}
	}
	if len(dst) == start || strings.HasSuffix(path, "/") {
		dst = append(dst, '/')
	}
	return dst
}

func appendSegment(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = appendEscaped(dst, s[i])
	}
	return dst
}

func appendS3Path(dst []byte, path string) []byte {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '/' {
			dst = append(dst, c)
			continue
		}
		if c == '%' {
			if d, err := escaped(path, i); err == nil {
				c = d
				i += 2
			}
		}
		dst = appendEscaped(dst, c)
	}
	return dst
}

// appendSentPath appends the other form that clients sign, AWS's own Go SDK among
// them: the path as it was sent, neither normalised nor re-escaped (S3), or
// escaped once more but not normalised (the others). It tells more paths apart
// than the documented form does, so nothing is lost in accepting both.
func appendSentPath(dst []byte, path string, s3 bool) []byte {
	for i := range len(path) {
		c := path[i]
		if c == '/' || s3 && c > ' ' && c <= '~' {
			dst = append(dst, c)
		} else {
			dst = appendEscaped(dst, c)
		}
	}
	return dst
}
