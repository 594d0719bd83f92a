package load

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"time"
)

const (
	signedHeaders = "content-length;content-type;host;x-amz-date"
	targetHeader  = ";x-amz-target" // of AWS JSON, in addition
)

// signer produces SigV4 headers for one service. It signs every request for real, but keeps the derived
// key, its HMAC state and all buffers, so a signature costs about a microsecond. One per worker.
type signer struct {
	accessKey, secret, region, service string

	second            int64 // what date and scope were made for
	date, scope       string
	mac               hash.Hash
	canonical, toSign []byte
	sum               [sha256.Size]byte
	hex               [2 * sha256.Size]byte
}

func newSigner(accessKey, secret, region, service string) *signer {
	return &signer{accessKey: accessKey, secret: secret, region: region, service: service}
}

// headers appends the headers of a signed request without a query to dst. target is the operation of AWS JSON;
// "" for AWS Query.
func (s *signer) headers(dst []byte, method, host, path, contentType, target string, body []byte, now time.Time) []byte {
	s.tick(now)
	signed := signedHeaders
	if target != "" {
		signed += targetHeader
	}

	c := append(append(s.canonical[:0], method...), '\n')
	c = append(append(c, path...), "\n\ncontent-length:"...)
	c = strconv.AppendInt(c, int64(len(body)), 10)
	c = append(append(c, "\ncontent-type:"...), contentType...)
	c = append(append(c, "\nhost:"...), host...)
	c = append(append(c, "\nx-amz-date:"...), s.date...)
	if target != "" {
		c = append(append(c, "\nx-amz-target:"...), target...)
	}
	c = append(append(append(c, "\n\n"...), signed...), '\n')
	c = append(c, s.hash(body)...)
	s.canonical = c

	t := append(append(s.toSign[:0], "AWS4-HMAC-SHA256\n"...), s.date...)
	t = append(append(append(t, '\n'), s.scope...), '\n')
	t = append(t, s.hash(c)...)
	s.toSign = t

	dst = append(append(dst, "Content-Type: "...), contentType...)
	dst = append(dst, "\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(append(dst, "\r\nX-Amz-Date: "...), s.date...)
	if target != "" {
		dst = append(append(dst, "\r\nX-Amz-Target: "...), target...)
	}
	dst = append(append(dst, "\r\nAuthorization: AWS4-HMAC-SHA256 Credential="...), s.accessKey...)
	dst = append(append(append(dst, '/'), s.scope...), ", SignedHeaders="...)
	dst = append(append(dst, signed...), ", Signature="...)
	return append(append(dst, s.sign(t)...), "\r\n"...)
}

// tick renews what depends on the time.
func (s *signer) tick(now time.Time) {
	if now.Unix() == s.second {
		return
	}
	s.second = now.Unix()
	s.date = now.UTC().Format("20060102T150405Z")
	day := s.date[:8]
	if scope := day + "/" + s.region + "/" + s.service + "/aws4_request"; scope != s.scope {
		s.scope = scope
		key := hmacOf([]byte("AWS4"+s.secret), day)
		key = hmacOf(hmacOf(hmacOf(key, s.region), s.service), "aws4_request")
		s.mac = hmac.New(sha256.New, key)
	}
}

func (s *signer) hash(b []byte) []byte {
	s.sum = sha256.Sum256(b)
	hex.Encode(s.hex[:], s.sum[:])
	return s.hex[:]
}

func (s *signer) sign(b []byte) []byte {
	s.mac.Reset()
	s.mac.Write(b)
	hex.Encode(s.hex[:], s.mac.Sum(s.sum[:0]))
	return s.hex[:]
}

func hmacOf(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
