package policy

import (
	"unicode"
	"unicode/utf8"
)

// compilePatterns compiles each value of an operator that has patterns.
func compilePatterns(values []string, syntax patternSyntax) []pattern {
	patterns := make([]pattern, len(values))
	for i, v := range values {
		patterns[i] = syntax.compile(v)
	}
	return patterns
}

// anyPattern is yes if one of the patterns matches; else unknown, if one of them
// could not be compared.
func anyPattern(patterns []pattern, value string, fence int, c Context) truth {
	result := no
	for i := range patterns {
		switch patterns[i].match(value, fence, c) {
		case yes:
			return yes
		case unknown:
			result = unknown
		}
	}
	return result
}

// likeTest is StringLike and, for patterns without wildcards, StringEquals.
type likeTest []pattern

func compileStringEquals(values []string, variables bool) (test, error) {
	return likeTest(compilePatterns(values, patternSyntax{variables: variables})), nil
}

func compileStringLike(values []string, variables bool) (test, error) {
	return likeTest(compilePatterns(values, patternSyntax{variables: variables, wildcards: true})), nil
}

func (t likeTest) match(value string, c Context) truth { return anyPattern(t, value, 0, c) }

// foldTest is StringEqualsIgnoreCase.
type foldTest []pattern

func compileStringEqualsIgnoreCase(values []string, variables bool) (test, error) {
	return foldTest(compilePatterns(values, patternSyntax{variables: variables})), nil
}

func (t foldTest) match(value string, c Context) truth {
	result := no
	for i := range t {
		var room [enoughParts]part
		parts, ok := t[i].resolve(room[:0], c)
		if !ok {
			result = unknown
		} else if equalFold(parts, value) {
			return yes
		}
	}
	return result
}

// equalFold compares a text with literals, one after the other.
func equalFold(parts []part, s string) bool {
	for i := range parts {
		for _, want := range parts[i].text {
			got, n := utf8.DecodeRuneInString(s)
			if n == 0 || fold(got) != fold(want) {
				return false
			}
			s = s[n:]
		}
	}
	return s == ""
}

// fold makes the cases of a letter equal, by way of upper case as Java does.
func fold(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
