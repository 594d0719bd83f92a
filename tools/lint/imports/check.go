package main

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/iamd-project/iamd"

// check says why from, a package of the project, may not import to; it is "" when it may.
// Both are import paths.
func check(from, to string) string {
	from = inside(from)
	if strings.HasPrefix(to, module+"/") {
		return checkInside(from, inside(to))
	}
	return checkOutside(from, to)
}

func inside(path string) string { return strings.TrimPrefix(path, module+"/") }

func checkInside(from, to string) string {
	if from == independent {
		return "what a server is compared with shares no code with one"
	}
	if forTests(from) {
		return ""
	}
	if forTests(to) {
		return "a package for tests is for tests"
	}
	for _, r := range rules {
		if matchAny(r.from, from) {
			if matchAny(r.allow, to) {
				return ""
			}
			return r.why
		}
	}
	return fmt.Sprintf("%s has no row in the table of rules: give it one", from)
}

func checkOutside(from, to string) string {
	if matchAny(public, from) && matchAny(doesIO, to) && !slices.Contains(mayNameIO[from], to) {
		return "the public packages do no I/O"
	}
	for _, r := range outsideRules {
		if (to == r.path || strings.HasPrefix(to, r.path+"/")) && !matchAny(r.only, from) && !forTests(from) {
			return r.why
		}
	}
	return ""
}

// independent is the one package for tests that may import nothing of the project.
const independent = "test/plain"

// forTests tells packages that only tests import: test/..., and helpers such as storetest. They may
// import what they like.
func forTests(path string) bool {
	return path == "test" || strings.HasPrefix(path, "test/") || strings.HasSuffix(path, "test")
}

func matchAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, path) })
}

// match: "*" is everything, "a/*" all below a, anything else itself.
func match(pattern, path string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return pattern == path
}
