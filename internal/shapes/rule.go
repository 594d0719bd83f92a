package shapes

import (
	"slices"
	"strconv"
	"strings"
)

// StringRule is what a model asks of a string. Lengths are in UTF-16 code
// units, since the services are written in Java. The zero value allows all.
type StringRule struct {
	Min, Max  int // no upper bound when Max is zero
	Pattern   *Pattern
	Enum      []string // as AWS prints it
	Sensitive bool     // the value is never shown
}

func (r *StringRule) allows(s string) bool {
	return r.length(s) == 0 && (r.Pattern == nil || r.Pattern.match(s)) && r.inEnum(s)
}

func (r *StringRule) inEnum(s string) bool { return r.Enum == nil || slices.Contains(r.Enum, s) }

// length is -1 for a string that is too short, 1 for one too long. A string of n
// bytes has at least n/3 and at most n code units, which mostly is enough to know.
func (r *StringRule) length(s string) int {
	if len(s)/3 >= r.Min && (r.Max == 0 || len(s) <= r.Max) {
		return 0
	}
	n := 0
	for _, char := range s {
		n++
		if char > 0xFFFF {
			n++
		}
	}
	switch {
	case n < r.Min:
		return -1
	case r.Max > 0 && n > r.Max:
		return 1
	}
	return 0
}

// violated lists the constraints that s breaks, the pattern before the length, as
// in the texts that users of DynamoDB and Cognito quote.
func (r *StringRule) violated(s string) []string {
	var list []string
	if r.Pattern != nil && !r.Pattern.match(s) {
		list = append(list, r.patternText())
	}
	switch r.length(s) {
	case -1:
		list = append(list, atLeast("length", int64(r.Min)))
	case 1:
		list = append(list, atMost("length", int64(r.Max)))
	}
	if !r.inEnum(s) {
		list = append(list, r.enumText())
	}
	return list
}

// all lists every constraint, in the order AWS has inside a list's or map's one
// violation, which differs from that between violations.
func (r *StringRule) all(notNull bool) string {
	var list []string
	if r.Max > 0 {
		list = append(list, atMost("length", int64(r.Max)))
	}
	if r.Min > 0 {
		list = append(list, atLeast("length", int64(r.Min)))
	}
	if r.Pattern != nil {
		list = append(list, r.patternText())
	}
	if r.Enum != nil {
		list = append(list, r.enumText())
	}
	if notNull {
		list = append(list, "Member must not be null")
	}
	return bracket(list)
}

func (r *StringRule) patternText() string {
	return "Member must satisfy regular expression pattern: " + r.Pattern.Text
}

func (r *StringRule) enumText() string {
	return "Member must satisfy enum value set: " + bracket(r.Enum)
}

// NumberRule is the range of a whole number, both ends included.
type NumberRule struct {
	Min, Max int64
}

// LengthRule bounds the bytes of a blob, the elements of a list or the entries
// of a map. There is no upper bound when Max is zero.
type LengthRule struct {
	Min, Max int
}

func (r *LengthRule) allows(n int) bool { return n >= r.Min && (r.Max == 0 || n <= r.Max) }

// StringsRule is what a model asks of a list of strings. A bad element is the
// whole list's violation, one however many there are:
// https://github.com/localstack/localstack, test_iam_oidc.snapshot.json.
type StringsRule struct {
	LengthRule
	Element *StringRule // nil when anything goes
	NotNull bool        // AWS prints that elements must not be null
}

func (r *StringsRule) allows(list []string) bool {
	return r.LengthRule.allows(len(list)) && r.allowsElements(list)
}

func (r *StringsRule) allowsElements(list []string) bool {
	if r.Element == nil {
		return true
	}
	for _, s := range list {
		if !r.Element.allows(s) {
			return false
		}
	}
	return true
}

func (r *StringsRule) elements() string {
	return "Member must satisfy constraint: " + r.Element.all(r.NotNull)
}

func (r *StringsRule) quote(list []string) string {
	if r.Element != nil && r.Element.Sensitive {
		return ""
	}
	return quote(bracket(list))
}

// MapRule is what a model asks of a map of strings. Keys and values are each one
// violation of the whole map: https://github.com/SWO-GS/auto-tag/issues/77.
type MapRule struct {
	LengthRule
	Key, Value *StringRule // nil when anything goes
}

func (r *MapRule) allows(m map[string]string) bool {
	return r.LengthRule.allows(len(m)) && r.allowsKeys(m) && r.allowsValues(m)
}

func (r *MapRule) allowsKeys(m map[string]string) bool {
	if r.Key != nil {
		for key := range m {
			if !r.Key.allows(key) {
				return false
			}
		}
	}
	return true
}

func (r *MapRule) allowsValues(m map[string]string) bool {
	if r.Value != nil {
		for _, value := range m {
			if !r.Value.allows(value) {
				return false
			}
		}
	}
	return true
}

func (r *MapRule) quote(m map[string]string) string {
	if r.Key != nil && r.Key.Sensitive || r.Value != nil && r.Value.Sensitive {
		return ""
	}
	entries := make([]string, 0, len(m))
	for key, value := range m {
		entries = append(entries, key+"="+value)
	}
	slices.Sort(entries)
	return quote("{" + strings.Join(entries, ", ") + "}")
}

func atMost(what string, n int64) string {
	return "Member must have " + what + " less than or equal to " + strconv.FormatInt(n, 10)
}

func atLeast(what string, n int64) string {
	return "Member must have " + what + " greater than or equal to " + strconv.FormatInt(n, 10)
}

func bracket(list []string) string { return "[" + strings.Join(list, ", ") + "]" }
