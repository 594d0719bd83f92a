package sigv4

import (
	"bufio"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

// The limits on what surrounds chunks.
const (
	maxChunkLine = 4 << 10
	maxTrailers  = 16
)

const (
	chunkSignature   = "chunk-signature="
	trailerSignature = "X-Amz-Trailer-Signature"
)

// chunks reads aws-chunked: chunks with their lengths before them, the last one empty, and
// then trailer fields up to an empty line.
//
//	<length in hexadecimal>[;chunk-signature=<64 digits>]CRLF <bytes> CRLF … 0[;…]CRLF
//	[name:value CRLF] … [x-amz-trailer-signature:<64 digits> CRLF] CRLF
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
type chunks struct {
	src    *bufio.Reader
	length int64 // of all chunks together, as the request says; -1 if it does not

	signed, signedTrailer bool
	chain                 *chain // nil before the claim is verified, and where nothing is signed

	left      int64  // of this chunk
	signature string // that it came with
	begun     bool   // there is a chunk, of which at least the line behind it is left
	ended     error  // what read returns from now on
	trailer   map[string]string
}

func (c *chunks) read(p []byte) (int, error) {
	if c.ended != nil {
		return 0, c.ended
	}
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if c.ended = c.next(); c.ended != nil {
			return 0, c.ended
		}
	}
	n, err := c.src.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if c.chain != nil {
		c.chain.write(p[:n])
	}
	if err == io.EOF {
		err = ErrChunks
	}
	return n, err
}

// next ends a chunk, and begins the next one that has something in it; without one it ends
// the body, with io.EOF.
func (c *chunks) next() error {
	if c.signed && c.chain == nil {
		return ErrChunkSignature // nobody has verified what the chain begins with
	}
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return orChunks(err)
		}
		if err := c.verify(); err != nil {
			return err
		}
	}
	c.begun = true
	if err := c.head(); err != nil || c.left > 0 {
		return err
	}
	if c.length > 0 {
		return ErrChunks // too few
	}
	if err := c.verify(); err != nil {
		return err
	}
	return c.end()
}

// head reads the line before a chunk.
func (c *chunks) head() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	size, extension, _ := strings.Cut(line, ";")
	size = strings.TrimSpace(size)
	c.left, err = strconv.ParseInt(size, 16, 64)
	if err != nil || c.left < 0 || size[0] == '+' || size[0] == '-' { // which ParseInt takes
		return ErrChunks
	}
	c.signature, _ = strings.CutPrefix(strings.TrimSpace(extension), chunkSignature)
	if c.length >= 0 {
		if c.length -= c.left; c.length < 0 {
			return ErrChunks // too many
		}
	}
	return nil
}

// verify checks the signature of the chunk that has been read.
func (c *chunks) verify() error {
	if c.chain == nil || c.chain.chunk(c.signature) {
		return nil
	}
	return ErrChunkSignature
}

// end reads the trailer. Some clients leave out its empty line, and AWS's own example ends
// its fields with a newline before CRLF.
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
		break
	}
	if c.signedTrailer {
		signature := c.trailer[trailerSignature]
		delete(c.trailer, trailerSignature)
		if !c.chain.trailer(c.trailer, signature) {
			return ErrChunkSignature
		}
	}
	return io.EOF
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
		case b == '\n' && len(line) > 0 && line[len(line)-1] == '\r':
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
