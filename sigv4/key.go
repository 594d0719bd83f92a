package sigv4

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// SigningKey is the key of one access key for one day, region and service. It
// signs whatever the secret could within that scope, so treat it as a secret; it
// prints as nothing.
type SigningKey struct {
	key [sha256.Size]byte
}

// Format hides the key, whatever the verb.
func (SigningKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "sigv4.SigningKey(hidden)") }

// DeriveKey makes the signing key of a secret access key.
func DeriveKey(secret string, s Scope) SigningKey {
	var first [128]byte
	key := append(append(first[:0], "AWS4"...), secret...)
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key) // as HMAC has it for long keys
		key = append(first[:0], sum[:]...)
	}
	k := hmac256(key, s.Day)
	k = hmac256(k[:], s.Region)
	k = hmac256(k[:], s.Service)
	return SigningKey{hmac256(k[:], terminator)}
}

// hmac256 is HMAC-SHA256 for a key of up to one block. It is written out because
// crypto/hmac makes two hashes on the heap for each key, at several times the cost.
func hmac256(key []byte, message string) [sha256.Size]byte {
	var stack [sha256.BlockSize + 128]byte
	return finishHMAC(append(appendPadded(stack[:0], innerPad, key), message...), key)
}

// finishHMAC is given the inner pad with the message behind it.
func finishHMAC(inner, key []byte) [sha256.Size]byte {
	sum := sha256.Sum256(inner)
	var stack [sha256.BlockSize + sha256.Size]byte
	return sha256.Sum256(append(appendPadded(stack[:0], outerPad, key), sum[:]...))
}

var (
	innerPad = bytes.Repeat([]byte{0x36}, sha256.BlockSize)
	outerPad = bytes.Repeat([]byte{0x5c}, sha256.BlockSize)
)

// appendPadded appends a pad with the key on it.
func appendPadded(dst, pad, key []byte) []byte {
	n := len(dst)
	dst = append(dst, pad...)
	subtle.XORBytes(dst[n:], pad, key)
	return dst
}

// Bytes are the key itself, for a server that is to check the chunks of an upload
// and must not have the secret.
func (k SigningKey) Bytes() [sha256.Size]byte { return k.key }

// SigningKeyFrom is the key of which these are the Bytes.
func SigningKeyFrom(key [sha256.Size]byte) SigningKey { return SigningKey{key} }
