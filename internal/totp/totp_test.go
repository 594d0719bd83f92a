package totp

import (
	"testing"
	"time"
)

var seed = []byte("12345678901234567890")

// https://www.rfc-editor.org/rfc/rfc6238#appendix-B, whose codes have eight digits.
func TestRFC6238(t *testing.T) {
	for second, want := range map[int64]uint32{
		59: 94287082, 1111111109: 7081804, 1111111111: 14050471, 1234567890: 89005924, 2000000000: 69279037, 20000000000: 65353130,
	} {
		if got := truncated(seed, At(time.Unix(second, 0))) % 100_000_000; got != want {
			t.Errorf("at %d: %08d, want %08d", second, got, want)
		}
	}
}

// https://www.rfc-editor.org/rfc/rfc4226#appendix-D
func TestRFC4226(t *testing.T) {
	for c, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := Code(seed, Counter(c)); got != want {
			t.Errorf("counter %d: %s, want %s", c, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	const now = 1000
	code := func(c Counter) string { return Code(seed, c) }
	for _, tc := range []struct {
		name  string
		used  Counter
		codes []string
		want  Counter // 0 for none
	}{
		{"now", 0, []string{code(1000)}, 1000},
		{"a step ago", 0, []string{code(999)}, 999},
		{"a step ahead", 0, []string{code(1001)}, 1001},
		{"too long ago", 0, []string{code(998)}, 0},
		{"too far ahead", 0, []string{code(1002)}, 0},
		{"used", 1000, []string{code(1000)}, 0},
		{"before one that was used", 1000, []string{code(999)}, 0},
		{"after one that was used", 999, []string{code(1000)}, 1000},
		{"two in a row", 0, []string{code(1000), code(1001)}, 1000},
		{"two of which one is missing between", 0, []string{code(999), code(1001)}, 0},
		{"the same one twice", 0, []string{code(1000), code(1000)}, 0},
		{"the wrong way round", 0, []string{code(1001), code(1000)}, 0},
		{"no code", 0, []string{""}, 0},
		{"too short", 0, []string{code(1000)[1:]}, 0},
	} {
		got, ok := Find(seed, now, 1, tc.used, tc.codes...)
		if got != tc.want || ok != (tc.want != 0) {
			t.Errorf("%s: step %d, %v; want %d", tc.name, got, ok, tc.want)
		}
	}
}
