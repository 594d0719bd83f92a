// Package ids makes the identifiers and secrets that AWS callers expect: key ids
// that carry their account, entity ids, secret access keys, request ids.
//
// It makes them and reads what is written in them. Whether one is taken is for
// whoever stores it to look up.
package ids

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	mathrand "math/rand/v2"
)

// A Source draws identifiers and secrets from one stream of random bytes. The
// zero Source draws from crypto/rand (but see UUID) and is the one to run with.
// A Source is as safe for concurrent use as its Rand; a Rand that fails stops the
// program, as crypto/rand does.
type Source struct {
	// Rand is read instead of crypto/rand when it is not nil. Tests set it (see
	// idstest) so that the same calls give the same results.
	Rand io.Reader
}

// UUID makes a version 4 UUID, the form of request ids and event ids. It is
// unique, not secret: every request needs one, so where tests do not inject bytes
// they come from the runtime's own ChaCha8 generator, which takes no lock and a
// fraction of the time of crypto/rand.
func (s Source) UUID() string {
	var r [16]byte
	if s.Rand == nil {
		binary.BigEndian.PutUint64(r[:8], mathrand.Uint64())
		binary.BigEndian.PutUint64(r[8:], mathrand.Uint64())
	} else {
		s.fill(r[:])
	}
	r[6] = r[6]&0x0f | 0x40 // version
	r[8] = r[8]&0x3f | 0x80 // variant
	var out [36]byte
	hex.Encode(out[0:], r[0:4])
	hex.Encode(out[9:], r[4:6])
	hex.Encode(out[14:], r[6:8])
	hex.Encode(out[19:], r[8:10])
	hex.Encode(out[24:], r[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// SecretKey makes a secret access key.
func (s Source) SecretKey() SecretKey {
	var r [30]byte
	s.fill(r[:])
	return SecretKey(base64.StdEncoding.EncodeToString(r[:]))
}

// Letters draws n bytes from alphabet, each with the same chance. The alphabet
// has between 1 and 256 bytes.
func (s Source) Letters(alphabet string, n int) string {
	if alphabet == "" || len(alphabet) > 256 {
		panic("ids: an alphabet of 1 to 256 letters is needed")
	}
	// Bytes from fair on are drawn again: taken modulo the alphabet they would
	// favour its first letters.
	fair := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var r [32]byte
	for len(out) < n {
		draw := r[:min(len(r), n-len(out))]
		s.fill(draw)
		for _, b := range draw {
			if int(b) < fair {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

func (s Source) fill(b []byte) {
	if s.Rand == nil {
		rand.Read(b) // never fails
		return
	}
	// Read through an interface moves its argument to the heap. This copy keeps
	// the callers' arrays on the stack in the case that matters, above.
	c := make([]byte, len(b))
	if _, err := io.ReadFull(s.Rand, c); err != nil {
		panic("ids: no randomness: " + err.Error())
	}
	copy(b, c)
}
