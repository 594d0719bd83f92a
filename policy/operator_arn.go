package policy

import "strings"

// arnTest is ArnEquals and ArnLike, which are the same: each of the six segments
// is compared for itself, and a wildcard in the first five matches no colon. A
// lone star matches every ARN; what is not an ARN is matched by nothing.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
type arnTest struct {
	patterns []pattern
	all      bool
}

func compileArn(values []string, variables bool) (test, error) {
	var t arnTest
	for _, v := range values {
		if v == "*" {
			t.all = true
			continue
		}
		t.patterns = append(t.patterns, patternSyntax{wildcards: true, variables: variables}.compile(v))
	}
	return &t, nil
}

func (t *arnTest) match(value string, c Context) truth {
	fence, ok := fifthColon(value)
	switch {
	case !ok:
		return no
	case t.all:
		return yes
	}
	return anyPattern(t.patterns, value, fence, c)
}

// fifthColon returns where the last segment of an ARN begins.
func fifthColon(s string) (int, bool) {
	if !strings.HasPrefix(s, "arn:") {
		return 0, false
	}
	seen := 0
	for i := range len(s) {
		if s[i] == ':' {
			if seen++; seen == 5 {
				return i + 1, true
			}
		}
	}
	return 0, false
}
