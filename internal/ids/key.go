package ids

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// A KeyID is the public half of a credential: AKIA or ASIA and sixteen letters.
//
// The letters are base32 for ten bytes, as AWS writes them today:
//
//	bit 0       1; ids with a 0 are of an older form that carries no account
//	bits 1-40   the account number
//	bits 41-79  random
//
// AWS does not document this; GetAccessKeyInfo and the scanners that look for
// leaked keys depend on it. A bit-by-bit study of real ids:
// https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers.html
type KeyID string

const (
	longTerm  = "AKIA"
	temporary = "ASIA"
)

// AccessKeyID makes the id of a user's or the root's long-term key. Only 39 of
// its bits are random, so among a million keys of one account two are likely to
// be the same: look the id up before storing it, and draw again if it is taken.
func (s Source) AccessKeyID(a Account) KeyID { return s.keyID(longTerm, a) }

// TempKeyID makes the id of a session's key. It need not be unique: as with AWS,
// a temporary id means something only together with its session token.
func (s Source) TempKeyID(a Account) KeyID { return s.keyID(temporary, a) }

func (s Source) keyID(prefix string, a Account) KeyID {
	n, ok := a.number()
	if !ok {
		panic("ids: a key id for something that is not an account")
	}
	var b [10]byte
	s.fill(b[:])
	head := 1<<47 | n<<7 | uint64(b[5]&0x7f)
	binary.BigEndian.PutUint16(b[0:], uint16(head>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(head))
	var id [20]byte
	base32.StdEncoding.Encode(id[copy(id[:], prefix):], b[:])
	return KeyID(id[:])
}

// Temporary reports whether the key belongs to a session.
func (k KeyID) Temporary() bool { return strings.HasPrefix(string(k), temporary) }

// Account returns the account number that the id carries. It reports false for
// text that is no key id and for ids of AWS's older form, AKIAIOSFODNN7EXAMPLE
// among them. Anybody can write an id: the answer is a hint, not a proof.
func (k KeyID) Account() (Account, bool) {
	if len(k) != 20 || (k[:4] != longTerm && k[:4] != temporary) {
		return "", false
	}
	var b [10]byte
	n, err := base32.StdEncoding.Decode(b[:], []byte(k[4:]))
	// The decoder skips newlines, so the length has to be looked at too.
	if err != nil || n != len(b) || b[0]&0x80 == 0 {
		return "", false
	}
	head := uint64(binary.BigEndian.Uint16(b[0:]))<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
	return accountNumber(head & 0x7fffffffff80 >> 7)
}

// A SecretKey is a secret access key: forty letters of base64, 240 random bits.
// Printing or logging one does not show it; string(k) does, and so do the
// encoders that know nothing of this type's methods, encoding/json among them.
type SecretKey string

const hidden = "[secret access key]"

func (SecretKey) String() string             { return hidden }
func (SecretKey) LogValue() slog.Value       { return slog.StringValue(hidden) }
func (SecretKey) Format(s fmt.State, _ rune) { io.WriteString(s, hidden) } // %d would not ask String
