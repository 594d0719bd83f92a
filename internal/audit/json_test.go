package audit

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted\"`, "two\nlines\r\n", "\x00\x1b[31m\x7f", "\xff\xc3", "é\u2028\u0085\u202e", "𝄞\U000e0001", strings.Repeat("ab\"", 50)} {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		encoded, err := json.Marshal(s) // replaces what is invalid as we do
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}

		b, whole := appendString(nil, s, 6*len(s))
		check(t, b)
		if err := json.Unmarshal(b, &got); err != nil || got != want || !whole {
			t.Errorf("%q: got %s (%v), want %q", s, b, err, want)
		}

		limit = min(max(limit, 0), len(b))
		short, whole := appendString(nil, s, limit)
		check(t, short)
		if err := json.Unmarshal(short, &got); err != nil || !strings.HasPrefix(want, got) {
			t.Errorf("%q cut at %d: got %s (%v)", s, limit, short, err)
		}
		if len(short) > limit+2 || whole != (got == want) {
			t.Errorf("%q cut at %d: %d bytes, whole %t", s, limit, len(short), whole)
		}
	})
}

// check says that b is one line of valid UTF-8 that a terminal only shows.
func check(t *testing.T, b []byte) {
	t.Helper()
	if !utf8.Valid(b) {
		t.Errorf("%q is not UTF-8", b)
	}
	if strings.ContainsFunc(string(b), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x202e }) {
		t.Errorf("%q holds a control character", b)
	}
}
