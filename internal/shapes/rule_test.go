package shapes

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestLength(t *testing.T) {
	r := &StringRule{Min: 2, Max: 4}
	tests := []struct {
		in   string
		want int
	}{
		{"", -1}, {"a", -1}, {"ab", 0}, {"abcd", 0}, {"abcde", 1},
		{"é", -1}, {"éé", 0}, {"éééé", 0}, {"ééééé", 1},
		{"€", -1}, {"€€€€", 0},
		{"😀", 0}, {"😀😀", 0}, {"😀😀a", 1}, // two code units each
		{"\xff", -1}, {"\xff\xff", 0},
	}
	for _, tt := range tests {
		if got := r.length(tt.in); got != tt.want {
			t.Errorf("length(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
	if got := (&StringRule{Min: 1}).length(strings.Repeat("x", 1000)); got != 0 {
		t.Errorf("without an upper bound: %d", got)
	}
}

func TestPattern(t *testing.T) {
	tests := []struct {
		re2      string
		min, max int
		yes, no  []string
	}{
		{`[\w+=,.@-]+`, 0, 0, []string{"a", "a.b@c-d_e+f=g,h"}, []string{"", "a b", "a\n", "é", "\xff", "a\x00"}},
		{`^[a-z]*$`, 0, 0, []string{"", "abc"}, []string{"A", "abc\n", "\nabc"}},
		{`\d{12}`, 0, 0, []string{"123456789012"}, []string{"12345678901", "1234567890123", "12345678901x"}},
		{`^([\p{L}]*)$`, 0, 0, []string{"", "abc", "größe"}, []string{"a1", "ö1", "1ö"}},
		{`a|bc`, 0, 0, []string{"a", "bc"}, []string{"ac", "abc", "b"}},
		// An account's alias, whose Java pattern has a lookahead.
		{`[a-z0-9](?:-?[a-z0-9])+`, 3, 63,
			[]string{"abc", "a-b", "a-b-c", "0a9", strings.Repeat("a", 63), strings.Repeat("a-", 31) + "a"},
			[]string{"", "a", "ab", "-ab", "ab-", "a--b", "a_b", "A-b", "abc\n", strings.Repeat("a", 64), strings.Repeat("a-", 32) + "a"}},
	}
	for _, tt := range tests {
		p := &Pattern{Text: tt.re2, RE2: tt.re2, Min: tt.min, Max: tt.max}
		for _, s := range tt.yes {
			if !p.match(s) {
				t.Errorf("%s refuses %q", tt.re2, s)
			}
		}
		for _, s := range tt.no {
			if p.match(s) {
				t.Errorf("%s accepts %q", tt.re2, s)
			}
		}
	}
}

func TestClassOf(t *testing.T) {
	for expr, want := range map[string]bool{
		`[a-z]+`: true, `[a-z]*`: true, `[a-z]{2,3}`: true, `[a-z]`: true, `\w+`: true, `^([a-z]+)$`: true, `[\s\S]+`: true,
		`[a-z]+h`: false, `[a-z][0-9]*`: false, `[a-z]+|[0-9]+`: false, `([a-z]+)*`: false, `/`: false, ``: false,
	} {
		if got := classOf(`\A(?:`+expr+`)\z`) != nil; got != want {
			t.Errorf("%s: a class %v, want %v", expr, got, want)
		}
	}
}

// The answer that a class gives is the regular expression's.
func FuzzClass(f *testing.F) {
	exprs := []string{
		`[\w+=,.@-]+`, `[\w]*`, `^[a-zA-Z0-9\-]+$`, `[ -~]+`, `[^_]*`, `\d{12}`, `[a-z]{2,4}`,
		`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`, `[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+`, `[\t-\r \x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{10FFFF}]+`,
	}
	classes := make([]*class, len(exprs))
	regexps := make([]*regexp.Regexp, len(exprs))
	for i, expr := range exprs {
		expr = `\A(?:` + expr + `)\z`
		classes[i], regexps[i] = classOf(expr), regexp.MustCompile(expr)
	}
	for _, s := range []string{"", "a", "alice@example.com", "123456789012", "größe", "a_b", "a\n", "\xff", "ÿ", "😀", "a\x00b", "\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i, k := range classes {
			if ok, sure := k.match(s); sure && ok != regexps[i].MatchString(s) {
				t.Errorf("%s on %q: class says %v", exprs[i], s, ok)
			}
		}
	})
}

func TestViolatedAgreesWithAllows(t *testing.T) {
	r := &StringRule{Min: 2, Max: 3, Pattern: &Pattern{RE2: `[a-z]*`}, Enum: []string{"ab", "abc", "abcd"}}
	for _, s := range []string{"", "a", "ab", "abc", "abcd", "AB", "ABCDE"} {
		if r.allows(s) != (len(r.violated(s)) == 0) {
			t.Errorf("%q: allowed %v, violates %v", s, r.allows(s), r.violated(s))
		}
	}
	if n := len(r.violated("A")); n != 3 {
		t.Errorf("got %d violations of pattern, length and enum", n)
	}
}

// A sensitive value, alone or in a list or map, stays out of every Violation.
func TestSensitive(t *testing.T) {
	secret := &StringRule{Max: 3, Sensitive: true}
	c := &Checker{}
	c.String("string", "hunter2", secret)
	c.Strings("list", []string{"hunter2"}, &StringsRule{Element: secret})
	c.Map("values", map[string]string{"k": "hunter2"}, &MapRule{Value: secret})
	c.Map("keys", map[string]string{"hunter2": "v"}, &MapRule{Key: secret})
	if len(c.found) != 4 {
		t.Fatalf("got %v", c.found)
	}
	if slices.ContainsFunc(c.found, func(v Violation) bool { return v.Value != "" }) {
		t.Errorf("a value shows: %v", c.found)
	}
}
