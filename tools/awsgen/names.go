package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// names hands out the identifiers of one package, each once.
type names map[string]bool

// take returns want, or want with the first number from 2 that makes it new.
func (n names) take(want string) string {
	name := want
	for i := 2; n[name]; i++ {
		name = fmt.Sprint(want, i)
	}
	n[name] = true
	return name
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// lowerFirst is how AWS's messages spell a member: MFADevice is mFADevice.
func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// enumName makes an enum's value fit for an identifier: IN_PROGRESS is InProgress.
func enumName(value string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(value, notAlphanumeric) {
		if word == strings.ToUpper(word) {
			word = strings.ToLower(word)
		}
		b.WriteString(upperFirst(word))
	}
	return b.String()
}

func notAlphanumeric(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
