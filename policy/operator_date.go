package policy

import "fmt"

// dateTest is every Date operator.
type dateTest struct {
	want   order
	values []instant
}

func compileDate(want order) func([]string, bool) (test, error) {
	return func(values []string, _ bool) (test, error) {
		t := &dateTest{want: want}
		for _, v := range values {
			at, ok := parseDate(v)
			if !ok {
				return nil, fmt.Errorf("%q is not a date", v)
			}
			t.values = append(t.values, at)
		}
		return t, nil
	}
}

func (t *dateTest) match(value string, _ Context) truth {
	at, ok := parseDate(value)
	if !ok {
		return no
	}
	for _, v := range t.values {
		if t.want.has(at.compare(v)) {
			return yes
		}
	}
	return no
}
