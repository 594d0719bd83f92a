package kind

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Check is properties as the type wants them (a template may give "true" for true and 1
// for "1"), and what is wrong with them, in the words of AWS's handlers; nil for nothing.
// Nothing is said of what is Unknown.
func (s *Schema) Check(n *tree.Node) (*tree.Node, []string) {
	if n == nil {
		n = tree.MapOf()
	}
	c := &checking{}
	whole := &Property{Type: []string{"object"}, Properties: s.Properties, Required: s.Required}
	n = c.object("#", n, whole)
	if n.Is(tree.Map) && len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(all []string) bool { return hasAll(n, all) }) {
		c.fail("#", "no subschema matched out of the total %d subschemas", len(s.AnyOf))
	}
	return n, c.violations
}

func hasAll(n *tree.Node, keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return n.Get(key) == nil })
}

// mostViolations is how many are told of; more help nobody.
const mostViolations = 20

type checking struct{ violations []string }

func (c *checking) fail(at, format string, args ...any) {
	if len(c.violations) < mostViolations {
		c.violations = append(c.violations, at+": "+fmt.Sprintf(format, args...))
	}
}

// value checks one value, and returns it as p wants it.
func (c *checking) value(at string, n *tree.Node, p *Property) *tree.Node {
	if n.Is(tree.Unknown) || p == nil {
		return n
	}
	n, ok := p.coerce(n)
	if !ok {
		c.fail(at, "expected type: %s, found: %s", title(p.Type[0]), found(n))
		return n
	}
	switch n.Kind {
	case tree.Map:
		return c.object(at, n, p)
	case tree.List:
		return c.list(at, n, p)
	case tree.String:
		c.text(at, n.Text, p)
	case tree.Number:
		c.number(at, n.Text, p)
	}
	return n
}

func (c *checking) object(at string, n *tree.Node, p *Property) *tree.Node {
	if !n.Is(tree.Map) {
		if !n.Is(tree.Unknown) {
			c.fail(at, "expected type: JSONObject, found: %s", found(n))
		}
		return n
	}
	for _, key := range p.Required {
		if n.Get(key) == nil {
			c.fail(at, "required key [%s] not found", key)
		}
	}
	if p.Properties == nil {
		return n
	}
	made := &tree.Node{Kind: tree.Map, Line: n.Line, Column: n.Column}
	for _, f := range n.Fields {
		part := p.Properties[f.Key]
		switch {
		case part == nil:
			c.fail(at, "extraneous key [%s] is not permitted", f.Key)
		case part.Update == ReadOnly:
			c.fail(at, "Encountered read-only property [%s]", f.Key)
		}
		f.Value = c.value(at+"/"+f.Key, f.Value, part)
		made.Fields = append(made.Fields, f)
	}
	return made
}

func (c *checking) list(at string, n *tree.Node, p *Property) *tree.Node {
	if p.MinItems > 0 && len(n.Items) < p.MinItems {
		c.fail(at, "expected minimum item count: %d, found: %d", p.MinItems, len(n.Items))
	}
	if p.MaxItems > 0 && len(n.Items) > p.MaxItems {
		c.fail(at, "expected maximum item count: %d, found: %d", p.MaxItems, len(n.Items))
	}
	made := &tree.Node{Kind: tree.List, Line: n.Line, Column: n.Column}
	seen := map[string]bool{}
	for i, item := range n.Items {
		item = c.value(at+"/"+strconv.Itoa(i), item, p.Items)
		text := item.JSON()
		if p.Unique && item.Known() && seen[text] {
			c.fail(at, "array items are not unique")
		}
		seen[text] = true
		made.Items = append(made.Items, item)
	}
	return made
}

func (c *checking) text(at, s string, p *Property) {
	length := utf8.RuneCountInString(s)
	if length < p.MinLength {
		c.fail(at, "expected minLength: %d, actual: %d", p.MinLength, length)
	}
	if p.MaxLength > 0 && length > p.MaxLength {
		c.fail(at, "expected maxLength: %d, actual: %d", p.MaxLength, length)
	}
	if p.Enum != nil && !slices.Contains(p.Enum, s) {
		c.fail(at, "failed validation constraint for keyword [enum]")
	}
	if p.pattern != nil && !p.pattern().MatchString(s) {
		c.fail(at, "failed validation constraint for keyword [pattern]")
	}
}

func (c *checking) number(at, text string, p *Property) {
	f, err := json.Number(text).Float64()
	if err != nil {
		return
	}
	if p.Minimum != nil && f < *p.Minimum {
		c.fail(at, "%s is not greater or equal to %v", text, *p.Minimum)
	}
	if p.Maximum != nil && f > *p.Maximum {
		c.fail(at, "%s is not less or equal to %v", text, *p.Maximum)
	}
}

// coerce is n in the first of p's types that it can be taken for.
func (p *Property) coerce(n *tree.Node) (*tree.Node, bool) {
	for _, want := range p.Type {
		if got, ok := as(want, n); ok {
			return got, true
		}
	}
	return n, len(p.Type) == 0
}

func as(want string, n *tree.Node) (*tree.Node, bool) {
	switch want {
	case "object":
		return n, n.Is(tree.Map)
	case "array":
		return n, n.Is(tree.List)
	}
	if !n.Scalar() {
		return n, false
	}
	made := &tree.Node{Kind: tree.String, Text: n.Text, Line: n.Line, Column: n.Column}
	switch want {
	case "integer":
		i, err := strconv.ParseInt(n.Text, 10, 64)
		made.Kind, made.Text = tree.Number, strconv.FormatInt(i, 10)
		return made, err == nil && !n.Is(tree.Bool)
	case "number":
		f, err := strconv.ParseFloat(n.Text, 64)
		made.Kind, made.Text = tree.Number, strconv.FormatFloat(f, 'f', -1, 64)
		return made, err == nil && !n.Is(tree.Bool)
	case "boolean":
		made.Kind, made.Text = tree.Bool, strings.ToLower(n.Text)
		return made, made.Text == "true" || made.Text == "false"
	}
	return made, true
}

// found names what a value is, as AWS's handlers do.
func found(n *tree.Node) string {
	switch {
	case n.Is(tree.Map):
		return "JSONObject"
	case n.Is(tree.List):
		return "JSONArray"
	case n.Is(tree.Number):
		return "Integer"
	case n.Is(tree.Bool):
		return "Boolean"
	case n.Is(tree.String):
		return "String"
	}
	return "null"
}

func title(jsonType string) string {
	switch jsonType {
	case "object":
		return "JSONObject"
	case "array":
		return "JSONArray"
	}
	return strings.ToUpper(jsonType[:1]) + jsonType[1:]
}
