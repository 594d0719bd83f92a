package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

var (
	// ErrPayload is what a Body's Read returns at the end of a body that is not the one
	// whose hash was signed.
	ErrPayload = errors.New("sigv4: the body is not the one that was signed")
	// ErrChunks is what it returns for chunks that cannot be read, or that end too early.
	ErrChunks = errors.New("sigv4: the chunks of the body cannot be read")
)

// Body reads the body that belongs to a verified claim, as it comes: it compares it with
// the hash that was signed, or takes it out of chunks without signatures. What it has read
// is to be trusted once it has returned io.EOF. Other markers than those two it passes by.
type Body struct {
	src   io.Reader
	want  PayloadHash
	sum   hash.Hash // nil when there is nothing to compare
	chunk *chunks   // nil for a body as it is
}

// NewBody makes a Body of what is received behind a claim's headers.
func NewBody(src io.Reader, payload PayloadHash) *Body {
	b := &Body{src: src, want: payload}
	switch {
	case payload.IsHash():
		b.sum = sha256.New()
	case payload == StreamingUnsignedTrailer:
		b.chunk = &chunks{src: bufio.NewReaderSize(src, 32<<10)}
	}
	return b
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (n int, err error) {
	if b.chunk != nil {
		return b.chunk.read(p)
	}
	n, err = b.src.Read(p)
	if b.sum == nil {
		return n, err
	}
	b.sum.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(b.sum.Sum(nil)) != string(b.want) {
		return n, ErrPayload
	}
	return n, err
}

// Trailer is a field that came behind the body, once it has been read to its end; "" for
// none.
func (b *Body) Trailer(name string) string {
	if b.chunk == nil {
		return ""
	}
	return b.chunk.trailer[textproto.CanonicalMIMEHeaderKey(name)]
}

// The limits on what surrounds chunks.
const (
	maxChunkLine = 4 << 10
	maxTrailers  = 16
)

// chunks reads aws-chunked: chunks with their lengths before them, the last one empty, and
// then trailer fields up to an empty line.
//
//	<length in hexadecimal>[;extension]CRLF <bytes> CRLF … 0 CRLF [name:value CRLF] … CRLF
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
type chunks struct {
	src     *bufio.Reader
	left    int64 // of this chunk
	begun   bool
	done    bool
	trailer map[string]string
}

func (c *chunks) read(p []byte) (int, error) {
	if c.done {
		return 0, io.EOF
	}
	if c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.src.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err == io.EOF {
		err = ErrChunks
	}
	return n, err
}

// next begins the next chunk that has something in it, or ends with io.EOF.
func (c *chunks) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return orChunks(err)
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || c.left < 0 || size[0] == '+' || size[0] == '-' { // which ParseInt takes
		return ErrChunks
	}
	if c.left > 0 {
		return nil
	}
	return c.end()
}

// end reads the trailer. Some clients leave out its empty line.
func (c *chunks) end() error {
	c.trailer = map[string]string{}
	for {
		line, err := c.line()
		if err == nil && line != "" {
			name, value, ok := strings.Cut(line, ":")
			if !ok || len(c.trailer) == maxTrailers {
				return ErrChunks
			}
			c.trailer[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = strings.TrimSpace(value)
			continue
		}
		if err != nil && !errors.Is(err, errNoLine) {
			return err
		}
		if _, err := c.src.ReadByte(); err != io.EOF { // there is more, or it cannot be read
			return orChunks(err)
		}
		c.done = true
		return io.EOF
	}
}

// errNoLine is the error of line where nothing is left.
var errNoLine = errors.Join(ErrChunks)

// line reads up to the end of a line, without it.
func (c *chunks) line() (string, error) {
	var line []byte
	for {
		b, err := c.src.ReadByte()
		switch {
		case err == io.EOF && len(line) == 0:
			return "", errNoLine
		case err == io.EOF || err == nil && len(line) == maxChunkLine:
			return "", ErrChunks
		case err != nil:
			return "", err
		case b == '\n':
			if len(line) == 0 || line[len(line)-1] != '\r' {
				return "", ErrChunks
			}
			return string(line[:len(line)-1]), nil
		}
		line = append(line, b)
	}
}

// orChunks is err, or what stands for none where there ought to be one.
func orChunks(err error) error {
	if err == nil {
		return ErrChunks
	}
	return err
}
