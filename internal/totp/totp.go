// Package totp makes and checks the codes of authenticator apps: RFC 6238 with
// SHA-1, six digits and steps of 30 seconds, which is all that such apps agree on.
package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

const (
	step   = 30 // seconds
	digits = 6
)

// Counter numbers the steps since 1970. A code belongs to one.
type Counter int64

// At is the counter at a time.
func At(t time.Time) Counter { return Counter(t.Unix() / step) }

// Code is the code that a device with this seed shows during a step.
func Code(seed []byte, c Counter) string {
	return fmt.Sprintf("%0*d", digits, truncated(seed, c)%1_000_000)
}

// truncated is the number that a code is the end of.
func truncated(seed []byte, c Counter) uint32 {
	mac := hmac.New(sha1.New, seed)
	_ = binary.Write(mac, binary.BigEndian, int64(c))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return binary.BigEndian.Uint32(sum[offset:]) & 0x7fff_ffff
}

// Find looks for the step that the codes begin at, one code a step, among those at
// most window away from around and later than used: a code is good once. It looks
// at all of them, so that the time it takes says nothing about the right one.
func Find(seed []byte, around, window, used Counter, codes ...string) (found Counter, ok bool) {
	for c := max(around-window, used+1); c <= around+window; c++ {
		same := 1
		for i, code := range codes {
			same &= subtle.ConstantTimeCompare([]byte(code), []byte(Code(seed, c+Counter(i))))
		}
		if same == 1 && !ok {
			found, ok = c, true
		}
	}
	return found, ok
}
