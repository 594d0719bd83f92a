package wire

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxPairs bounds a form. The largest call of a service we know, a stack with
// 200 parameters and 50 tags, has about 700.
const maxPairs = 4096

// A form is a Query request read once: its parameters in order of their names.
// The parameters' values are decoded when they are asked for, and those of
// unknown parameters never.
type form struct {
	pairs   []pair
	groups  []group // scratch of decoding
	scratch []step  // of decoding
}

type pair struct {
	key   string // decoded
	value string // as sent
	at    int    // where in the request; of two with one name the later counts
}

var forms = sync.Pool{New: func() any { return new(form) }}

// parseForm reads text, "name=value" parts between ampersands. The form holds
// parts of text, so text must be one that nobody writes to.
func parseForm(text string) (*form, error) {
	f := forms.Get().(*form)
	if err := f.parse(text); err != nil {
		f.release()
		return nil, err
	}
	return f, nil
}

// release gives the form back. Values taken from it stay good.
func (f *form) release() {
	if cap(f.pairs) > 512 {
		return // a rare giant is not kept
	}
	clear(f.pairs)
	clear(f.scratch[:cap(f.scratch)])
	f.pairs, f.groups = f.pairs[:0], f.groups[:0]
	forms.Put(f)
}

func (f *form) parse(text string) error {
	if !clean(text) {
		return malformed(badText)
	}
	sorted := true
	for text != "" {
		var part string
		part, text, _ = strings.Cut(text, "&")
		if part == "" {
			continue
		}
		if len(f.pairs) == maxPairs {
			return malformed(tooMany)
		}
		key, value, _ := strings.Cut(part, "=")
		key, err := unescape(key)
		if err != nil {
			return err
		}
		if !escapesValid(value) {
			return malformed(badEscape)
		}
		if n := len(f.pairs); n > 0 && f.pairs[n-1].key > key {
			sorted = false
		}
		f.pairs = append(f.pairs, pair{key, value, len(f.pairs)})
	}
	if !sorted {
		slices.SortFunc(f.pairs, comparePairs)
	}
	return nil
}

func comparePairs(a, b pair) int {
	if c := strings.Compare(a.key, b.key); c != 0 {
		return c
	}
	return a.at - b.at
}

// last returns the value of the parameter called key; the last one counts.
func (f *form) last(key string) (string, error) {
	i, found := slices.BinarySearchFunc(f.pairs, key, func(p pair, key string) int { return strings.Compare(p.key, key) })
	if !found {
		return "", nil
	}
	for i+1 < len(f.pairs) && f.pairs[i+1].key == key {
		i++
	}
	return unescape(f.pairs[i].value)
}

// clean reports whether s is UTF-8 without NUL, which no AWS string may hold
// and our stores use between the parts of a key.
func clean(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// unescape decodes percent escapes and plus signs. Most text has none and
// comes back as it is.
func unescape(s string) (string, error) {
	i := 0
	for i < len(s) && s[i] != '%' && s[i] != '+' {
		i++
	}
	if i == len(s) {
		return s, nil
	}
	out := make([]byte, i, len(s))
	copy(out, s)
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) || hex[s[i+1]] < 0 || hex[s[i+2]] < 0 {
				return "", malformed(badEscape)
			}
			out = append(out, byte(hex[s[i+1]])<<4|byte(hex[s[i+2]]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	text := string(out)
	if !clean(text) {
		return "", malformed(badText)
	}
	return text, nil
}

func escapesValid(s string) bool {
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return true
		}
		if i+2 >= len(s) || hex[s[i+1]] < 0 || hex[s[i+2]] < 0 {
			return false
		}
		s = s[i+3:]
	}
}

// hex is the value of each hexadecimal digit, and -1 for any other byte.
var hex = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range 10 {
		t['0'+i] = int8(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = int8(10+i), int8(10+i)
	}
	return t
}()
