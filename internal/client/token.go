package client

import (
	"crypto/rand"
	"encoding/hex"
)

// RandomToken makes a client token, in the form of a UUID as the SDKs have it.
func RandomToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return TokenOf(b)
}

// TokenOf writes 16 bytes as a client token.
func TokenOf(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
