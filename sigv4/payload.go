package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
)

// PayloadHash stands for the body in a signature: the SHA-256 of the body as 64
// lower-case hexadecimal digits, or one of the markers below.
type PayloadHash string

// EmptyPayload is the hash of no body at all.
const EmptyPayload PayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// The markers that S3 clients send instead of a hash.
const (
	UnsignedPayload          PayloadHash = "UNSIGNED-PAYLOAD"                           // the signature does not cover the body
	StreamingPayload         PayloadHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"         // each chunk of the body is signed
	StreamingPayloadTrailer  PayloadHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" // each chunk and the trailer are signed
	StreamingUnsignedTrailer PayloadHash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"         // an unsigned body with a checksum behind it
)

// HashPayload is the hash of a body held in memory.
func HashPayload(body []byte) PayloadHash {
	if len(body) == 0 {
		return EmptyPayload
	}
	digits := hexOf(sha256.Sum256(body))
	return PayloadHash(digits[:])
}

func hexOf(sum [sha256.Size]byte) (digits [2 * sha256.Size]byte) {
	hex.Encode(digits[:], sum[:])
	return digits
}

// IsHash says whether h is the hash of a body, and not a marker or nonsense.
func (h PayloadHash) IsHash() bool {
	if len(h) != 2*sha256.Size {
		return false
	}
	for i := range len(h) {
		if !(h[i] >= '0' && h[i] <= '9' || h[i] >= 'a' && h[i] <= 'f') {
			return false
		}
	}
	return true
}

// Streaming says whether h is the marker of a body in chunks.
func (h PayloadHash) Streaming() bool {
	return h == StreamingPayload || h == StreamingPayloadTrailer || h == StreamingUnsignedTrailer
}

// Payloads is a set of markers that a service accepts. The zero value accepts
// none: every body must match the signature.
type Payloads uint8

// What a service may accept besides a hash. A service that accepts any of the
// Streaming ones must read the body through a Body, which checks its chunks.
const (
	AllowUnsigned Payloads = 1 << iota
	AllowStreaming
	AllowStreamingTrailer
	AllowStreamingUnsignedTrailer
)

func (h PayloadHash) marker() (p Payloads, ok bool) {
	switch h {
	case UnsignedPayload:
		return AllowUnsigned, true
	case StreamingPayload:
		return AllowStreaming, true
	case StreamingPayloadTrailer:
		return AllowStreamingTrailer, true
	case StreamingUnsignedTrailer:
		return AllowStreamingUnsignedTrailer, true
	}
	return 0, false
}

var (
	errPayloadInvalid = &Error{BadPayload, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
		"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."}
	errPayloadRefused  = &Error{BadPayload, "This service needs the SHA-256 of the body in x-amz-content-sha256."}
	errPayloadMissing  = &Error{BadPayload, "Missing required header for this request: x-amz-content-sha256"}
	errPayloadMismatch = &Error{BadPayload, "The provided 'x-amz-content-sha256' header does not match what was computed."}
)

// signedPayload is the hash or marker that the signature must have been made with.
func (v *Verifier) signedPayload(c *Claim, body PayloadHash) (PayloadHash, error) {
	declared := c.Payload
	if declared == "" && c.Presigned && v.S3 {
		declared = UnsignedPayload // as S3 has it: nobody knows the body when the URL is made
	}
	if declared == "" {
		if len(body) != 2*sha256.Size { // the caller made it: a hash, or a marker that it must not pass
			return "", errPayloadMissing
		}
		return body, nil
	}
	if declared.IsHash() {
		return declared, nil
	}
	p, ok := declared.marker()
	switch {
	case !ok:
		return "", errPayloadInvalid
	case v.Payloads&p == 0:
		return "", errPayloadRefused
	}
	return declared, nil
}
