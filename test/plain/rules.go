package plain

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Rules are the constraints on parameters, from AWS's own model of the service,
// and the rules that this package adds.
type Rules struct {
	shapes map[string]shape
}

// shape is what a service model says of a type, as far as it is needed here.
type shape struct {
	Type     string
	Min, Max int
	Pattern  string
	Enum     []string
	Required []string
	Members  map[string]struct{ Shape string }
	Member   struct{ Shape string }

	re *regexp.Regexp // Pattern, for a whole value
}

// Load reads the service model in a file.
func Load(file string) (*Rules, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var model struct{ Shapes map[string]shape }
	if err := json.Unmarshal(text, &model); err != nil {
		return nil, err
	}
	for name, sh := range model.Shapes {
		if sh.re, err = regexp.Compile(`^(?:` + goPattern(sh.Pattern) + `)$`); sh.Pattern != "" && err == nil {
			model.Shapes[name] = sh
		}
	}
	return &Rules{model.Shapes}, nil
}

// Operations are the names of those that the model knows.
func (r *Rules) Operations() []string { return slices.Sorted(maps.Keys(operations)) }

// Parameters are the members of an operation's request, and whether they are required.
func (r *Rules) Parameters(op string) map[string]bool {
	request := r.shapes[op+"Request"]
	all := map[string]bool{}
	for name := range request.Members {
		all[name] = slices.Contains(request.Required, name)
	}
	return all
}

// check refuses parameters that break the model, all that do in one message.
func (r *Rules) check(c Call) *Refusal {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(c.In)) {
		member, ok := r.shapes[c.Op+"Request"].Members[name]
		if !ok {
			panic(c.Op + " has no parameter " + name)
		}
		found = append(found, r.violations(c.In[name], member.Shape, lowerFirst(name))...)
	}
	if len(found) == 0 {
		return nil
	}
	s := ""
	if len(found) > 1 {
		s = "s"
	}
	message := fmt.Sprintf("%d validation error%s detected: %s", len(found), s, strings.Join(found, "; "))
	return &Refusal{400, "ValidationError", message}
}

func (r *Rules) violations(value any, name, path string) []string {
	sh := r.shapes[name]
	switch v := value.(type) {
	case string:
		return sh.checkText(v, name, path)
	case int:
		return sh.checkSize(v, "value", path)
	case []Tag:
		found := sh.checkSize(len(v), "length", path)
		for i, t := range v {
			at := fmt.Sprintf("%s.%d.member.", path, i+1)
			found = append(found, r.violations(t.Key, "tagKeyType", at+"key")...)
			found = append(found, r.violations(t.Value, "tagValueType", at+"value")...)
		}
		return found
	}
	return nil
}

func (sh shape) checkText(s, name, path string) []string {
	var found []string
	if sh.Pattern != "" && !sh.re.MatchString(s) {
		found = append(found, violation(path, "Member must satisfy regular expression pattern: "+sh.Pattern))
	}
	found = append(found, sh.checkSize(len([]rune(s)), "length", path)...)
	enum := sh.Enum
	if name == "statusType" {
		enum = enum[:2] // AWS's message does not know Expired, which nobody may set
	}
	if enum != nil && !slices.Contains(enum, s) {
		found = append(found, violation(path, "Member must satisfy enum value set: ["+strings.Join(enum, ", ")+"]"))
	}
	return found
}

func (sh shape) checkSize(n int, what, path string) []string {
	switch {
	case n < sh.Min:
		return []string{violation(path, fmt.Sprintf("Member must have %s greater than or equal to %d", what, sh.Min))}
	case sh.Max > 0 && n > sh.Max:
		return []string{violation(path, fmt.Sprintf("Member must have %s less than or equal to %d", what, sh.Max))}
	}
	return nil
}

func violation(path, constraint string) string {
	return "Value at '" + path + "' failed to satisfy constraint: " + constraint
}

var javaRune = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// goPattern is a pattern of Java in Go, which cannot look ahead: account aliases may
// have "--" here.
func goPattern(pattern string) string {
	return strings.ReplaceAll(javaRune.ReplaceAllString(pattern, `\x{$1}`), "(?!-)", "")
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
