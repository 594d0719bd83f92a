// Package checksum is the checksums that S3 knows: of whole bodies, and of objects that are
// put together from parts.
package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
)

// Algorithm is a checksum by S3's name for it: "CRC32".
type Algorithm string

// Default is what S3 computes of a body whose client has sent no checksum.
const Default Algorithm = "CRC64NVME"

// nvme is the polynomial of CRC64NVME, its bits reversed as hash/crc64 wants them.
const nvme = 0x9A6C9329AC4BC9B5

var algorithms = map[Algorithm]func() hash.Hash{
	"CRC32":     func() hash.Hash { return crc32.NewIEEE() },
	"CRC32C":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"CRC64NVME": func() hash.Hash { return crc64.New(crc64.MakeTable(nvme)) },
	"SHA1":      sha1.New,
	"SHA256":    sha256.New,
	"SHA512":    sha512.New,
	"MD5":       md5.New,
}

// Known reports whether it can be computed here. Of S3's, those of the XXHASH family can't.
func (a Algorithm) Known() bool { return algorithms[a] != nil }

// New is a hash that computes it.
func (a Algorithm) New() hash.Hash { return algorithms[a]() }

// Header is the header that carries it.
func (a Algorithm) Header() string { return headerPrefix + strings.ToLower(string(a)) }

const headerPrefix = "x-amz-checksum-"

// The errors of a Reader, at the end of a body that is not what was promised.
var (
	ErrMD5 = errors.New("checksum: the MD5 is another")
	ErrSum = errors.New("checksum: the checksum is another")
	// ErrInvalid: what was promised is no checksum.
	ErrInvalid = errors.New("checksum: not a checksum")
)

// Trailer finds a field that comes behind the body.
type Trailer func(name string) string

// Reader computes checksums of what is read through it, and compares them, at the end, with
// those that the request has.
type Reader struct {
	src      io.ReadCloser
	trailer  Trailer
	md5, sum hash.Hash
	wantMD5  string
	want     string // in base64; "" for none, or in the trailer
	trailed  bool
	size     int64
	given    bool // the client says which

	Algorithm Algorithm
}

// NewReader makes the Reader of a body behind headers. Its errors are ErrInvalid,
// ErrMD5Invalid and *Unknown.
func NewReader(src io.ReadCloser, h http.Header, trailer Trailer) (*Reader, error) {
	r := &Reader{src: src, trailer: trailer, md5: md5.New(), Algorithm: Default, wantMD5: h.Get("Content-Md5")}
	if b, err := base64.StdEncoding.DecodeString(r.wantMD5); err != nil || r.wantMD5 != "" && len(b) != md5.Size {
		return nil, ErrMD5Invalid
	}
	name := ""
	for key, values := range h {
		if n, ok := strings.CutPrefix(strings.ToLower(key), headerPrefix); ok && n != "type" && n != "algorithm" && n != "mode" {
			if name != "" {
				return nil, ErrInvalid // more than one
			}
			name, r.want = n, values[0]
		}
	}
	if n, ok := strings.CutPrefix(strings.ToLower(h.Get("X-Amz-Trailer")), headerPrefix); ok && name == "" {
		name, r.trailed = n, true
	}
	if asked := h.Get("X-Amz-Sdk-Checksum-Algorithm"); asked != "" && name == "" {
		name = strings.ToLower(asked)
	}
	r.given = name != ""
	if r.given {
		r.Algorithm = Algorithm(strings.ToUpper(name))
	}
	if !r.Algorithm.Known() {
		return nil, &Unknown{r.Algorithm}
	}
	r.sum = r.Algorithm.New()
	if r.want != "" && !valid(r.want, r.sum.Size()) {
		return nil, ErrInvalid
	}
	return r, nil
}

// ErrMD5Invalid: the Content-MD5 is none.
var ErrMD5Invalid = errors.New("checksum: not an MD5")

// Unknown is the error for an algorithm that can't be computed here.
type Unknown struct{ Algorithm Algorithm }

func (u *Unknown) Error() string { return "checksum: " + string(u.Algorithm) + " is not known" }

func valid(text string, size int) bool {
	b, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(b) == size
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	r.md5.Write(p[:n])
	r.sum.Write(p[:n])
	r.size += int64(n)
	if err == io.EOF {
		if bad := r.compare(); bad != nil {
			err = bad
		}
	}
	return n, err
}

func (r *Reader) compare() error {
	if r.wantMD5 != "" && r.wantMD5 != base64.StdEncoding.EncodeToString(r.md5.Sum(nil)) {
		return ErrMD5
	}
	want := r.want
	if r.trailed {
		if want = r.trailer(r.Algorithm.Header()); !valid(want, r.sum.Size()) {
			return ErrInvalid
		}
	}
	if want != "" && want != base64.StdEncoding.EncodeToString(r.sum.Sum(nil)) {
		return ErrSum
	}
	return nil
}

// Close implements io.Closer.
func (r *Reader) Close() error { return r.src.Close() }

// Sums are checksums of a body.
type Sums struct {
	Size      int64
	MD5       []byte
	Algorithm Algorithm
	Sum       []byte
	Given     bool // the client has chosen Algorithm
}

// Sums are those of what has been read.
func (r *Reader) Sums() Sums {
	return Sums{Size: r.size, MD5: r.md5.Sum(nil), Algorithm: r.Algorithm, Sum: r.sum.Sum(nil), Given: r.given}
}

// Of makes a Reader that compares nothing.
func Of(src io.ReadCloser, a Algorithm) *Reader {
	return &Reader{src: src, md5: md5.New(), sum: a.New(), Algorithm: a}
}
