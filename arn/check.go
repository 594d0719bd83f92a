package arn

import "unicode/utf8"

// check holds the rules that every service shares. What a service asks of its
// own resources is for that service to check.
func (a ARN) check() error {
	switch {
	case !isWord(a.Partition):
		return &ParseError{"partition", "is not a lower-case word"}
	case !isWord(a.Service):
		return &ParseError{"service", "is not a lower-case word"}
	case a.Region != "" && !isWord(a.Region):
		return &ParseError{"region", "is not a lower-case word"}
	case a.Account != "" && !isAccount(a.Account):
		return &ParseError{"account", "is neither twelve digits nor a lower-case word"}
	case a.Resource == "":
		return &ParseError{"resource", "is empty"}
	case !isPlain(a.Resource):
		return &ParseError{"resource", "has control characters or is not UTF-8"}
	}
	return nil
}

// isWord accepts a letter and then letters, digits and hyphens, all lower case.
func isWord(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func isAccount(s string) bool {
	if isWord(s) {
		return true
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) == 12
}

func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}
