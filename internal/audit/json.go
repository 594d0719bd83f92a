package audit

import (
	"strconv"
	"unicode/utf8"
)

// writer appends the JSON of one record, and remembers which of its fields did
// not fit.
type writer struct {
	buf []byte
	cut cut
}

// cut is a set of the fields that were cut.
type cut uint16

const (
	cutIdentity cut = 1 << iota
	cutName
	cutUserAgent
	cutError
	cutRequest
	cutResponse
	cutDecision
	cutNone cut = 0 // also the place of a field that is not flagged
)

// cutNames are the names of the fields above, in the same order.
var cutNames = []string{
	"userIdentity", "eventName", "userAgent", "errorMessage",
	"requestParameters", "responseElements", "additionalEventData",
}

func (w *writer) truncated() {
	sep := byte('[')
	for i, name := range cutNames {
		if w.cut&(1<<i) != 0 {
			w.buf = append(w.buf, sep, '"')
			w.buf = append(w.buf, name...)
			w.buf = append(w.buf, '"')
			sep = ','
		}
	}
	w.buf = append(w.buf, ']')
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

func (w *writer) bool(b bool) { w.buf = strconv.AppendBool(w.buf, b) }

// text appends a string of at most limit bytes of JSON and its quotes.
func (w *writer) text(s string, limit int, field cut) {
	var whole bool
	if w.buf, whole = appendString(w.buf, s, limit); !whole {
		w.cut |= field
	}
}

// optional appends a member, key and all, unless it is empty.
func (w *writer) optional(key, s string, limit int, field cut) {
	if s != "" {
		w.raw(key)
		w.text(s, limit, field)
	}
}

// appendString appends s as a JSON string of at most limit bytes between its
// quotes, and says whether all of it fit. Whatever a terminal might act on
// rather than show is escaped, and invalid UTF-8 replaced.
func appendString(dst []byte, s string, limit int) (_ []byte, whole bool) {
	dst = append(dst, '"')
	plain := plainPrefix(s)
	if plain > limit {
		plain = max(limit, 0)
	}
	dst = append(dst, s[:plain]...)
	end := len(dst) + limit - plain
	whole = true
	for i := plain; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		mark := len(dst)
		dst = appendRune(dst, r)
		if len(dst) > end {
			dst, whole = dst[:mark], false
			break
		}
		i += n
	}
	return append(dst, '"'), whole
}

// plainPrefix is how many bytes at the start of s stand for
// themselves in JSON. It looks at eight bytes at a time: most of a record passes
// through here, and byte by byte it took half the time of one.
func plainPrefix(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if !plain8(word(s[i : i+8])) {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

// word is the eight bytes of s, in one load: the compiler sees what this is.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plain8 is whether each of eight bytes stands for itself.
// https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
func plain8(x uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, slash, del := x^ones*'"', x^ones*'\\', x^ones*0x7f
	bad := x | (x-ones*' ')&^x | (quote-ones)&^quote | (slash-ones)&^slash | (del-ones)&^del
	return bad&tops == 0
}

func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, '\\', 'n')
	case r == '\t':
		return append(dst, '\\', 't')
	case r == '\r':
		return append(dst, '\\', 'r')
	case ' ' <= r && r <= '~':
		return append(dst, byte(r))
	case strconv.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r > 0xffff: // a surrogate pair
		r -= 0x10000
		return appendUnit(appendUnit(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendUnit(dst, r)
}

// appendUnit appends one UTF-16 unit as \uXXXX.
func appendUnit(dst []byte, u rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}
