package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// An order is a set of outcomes of a comparison.
type order uint8

const (
	less order = 1 << iota
	equal
	greater
)

// has reports whether the outcome of cmp.Compare is one of them.
func (o order) has(compared int) bool { return o&(1<<(compared+1)) != 0 }

// numericTest is every Numeric operator.
type numericTest struct {
	want   order
	values []float64
}

func compileNumeric(want order) func([]string, bool) (test, error) {
	return func(values []string, _ bool) (test, error) {
		t := &numericTest{want: want}
		for _, v := range values {
			n, ok := parseNumber(v)
			if !ok {
				return nil, fmt.Errorf("%q is not a number", v)
			}
			t.values = append(t.values, n)
		}
		return t, nil
	}
}

func (t *numericTest) match(value string, _ Context) truth {
	n, ok := parseNumber(value)
	if !ok {
		return no
	}
	for _, v := range t.values {
		if t.want.has(cmp.Compare(n, v)) {
			return yes
		}
	}
	return no
}

// parseNumber reads an integer or a decimal, without what else Go takes for one.
func parseNumber(s string) (float64, bool) {
	if s == "" || len(s) > 64 || strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}
