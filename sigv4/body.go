package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/textproto"
)

var (
	// ErrPayload is what a Body's Read returns at the end of a body that is not the one
	// whose hash was signed.
	ErrPayload = errors.New("sigv4: the body is not the one that was signed")
	// ErrChunks is what it returns for chunks that cannot be read, that end too early, or
	// that are not as long together as was said.
	ErrChunks = errors.New("sigv4: the chunks of the body cannot be read")
	// ErrChunkSignature is what it returns at the end of a chunk, or of the trailer, whose
	// signature is not the one we calculate.
	ErrChunkSignature = errors.New("sigv4: a chunk of the body is not the one that was signed")
)

// Body reads the body that belongs to a claim, as it comes: it compares it with the hash
// that was signed, or takes it out of its chunks and checks their signatures, in memory of
// a fixed size. What it has read is to be trusted once it has returned io.EOF, and not
// before.
type Body struct {
	src   io.Reader
	want  PayloadHash
	sum   hash.Hash // nil when there is nothing to compare
	chunk *chunks   // nil for a body as it is
}

// NewBody makes a Body of what is received behind a claim's headers. One in signed chunks
// cannot be read before SignedBy is called.
func NewBody(src io.Reader, payload PayloadHash) *Body {
	b := &Body{src: src, want: payload}
	switch {
	case payload.Streaming():
		b.chunk = &chunks{
			src: bufio.NewReaderSize(src, 32<<10), length: -1,
			signed: payload != StreamingUnsignedTrailer, signedTrailer: payload == StreamingPayloadTrailer,
		}
	case payload.IsHash():
		b.sum = sha256.New()
	}
	return b
}

// SignedBy says what the signatures of chunks begin with: a claim that Verify has accepted,
// and its key. It does nothing for a body without such.
func (b *Body) SignedBy(c *Claim, key SigningKey) {
	if b.chunk != nil && b.chunk.signed {
		b.chunk.chain = newChain(c, key)
	}
}

// Expect says how many bytes chunks have together: what X-Amz-Decoded-Content-Length has.
// It does nothing for a body that is not in chunks.
func (b *Body) Expect(length int64) {
	if b.chunk != nil {
		b.chunk.length = length
	}
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
