package main

import (
	"fmt"
	"strconv"
	"strings"
)

// constraints writes the rules on requests, one for every shape that has any,
// and the Check methods that apply them.
func (p *pkg) constraints() {
	p.nameRules()
	p.patternVars()
	var lines []string
	for _, shape := range sortedKeys(p.rules) {
		lines = append(lines, p.rules[shape]+" = "+p.ruleLiteral(shape))
	}
	p.block("var", lines)
	p.checks()
}

// nameRules finds out which shapes of requests have a rule.
func (p *pkg) nameRules() {
	for _, shape := range sortedKeys(p.requests) {
		p.refuseUnchecked(shape)
		if p.constrained(shape) {
			p.rules[shape] = p.names.take(lowerFirst(shape) + "Rule")
		}
	}
}

// refuseUnchecked fails on lists and maps that package shapes has no check for.
func (p *pkg) refuseUnchecked(shape string) {
	s := p.Shapes[shape]
	switch s.Type {
	case "list":
		if t := p.Shapes[s.Member.Shape].Type; t != "structure" && t != "string" {
			p.fail("shape %s: a list of %s in a request", shape, t)
		}
	case "map":
		if t := p.goType(shape); t != "map[string]string" {
			p.fail("shape %s: a %s in a request", shape, t)
		}
	}
}

func (p *pkg) constrained(shape string) bool {
	s := p.Shapes[shape]
	bounded := s.Min != nil || s.Max != nil
	switch s.Type {
	case "structure":
		return false
	case "string":
		return bounded || s.Pattern != "" || len(s.Enum) > 0 || s.Sensitive
	case "list":
		return bounded || p.stringRule(s.Member) != ""
	case "map":
		return bounded || p.stringRule(s.Key) != "" || p.stringRule(s.Value) != ""
	}
	return bounded
}

// stringRule is whether, and how, strings in a list or map are bound: "" or the
// address of their rule.
func (p *pkg) stringRule(r *ref) string {
	if p.Shapes[r.Shape].Type != "string" || !p.constrained(r.Shape) {
		return ""
	}
	return "&" + p.rules[r.Shape]
}

func (p *pkg) patternVars() {
	var lines []string
	for _, shape := range sortedKeys(p.rules) {
		text := p.Shapes[shape].Pattern
		if text == "" || p.patterns[text] != "" {
			continue
		}
		p.patterns[text] = p.names.take(lowerFirst(shape) + "Pattern")
		lines = append(lines, p.patterns[text]+" = "+p.patternLiteral(text))
	}
	p.block("var", lines)
}

func (p *pkg) patternLiteral(text string) string {
	if o, ok := patternOverrides[text]; ok {
		return fmt.Sprintf("shapes.Pattern{Text: %s, RE2: %s, Min: %d, Max: %d}",
			literal(text), literal(o.re2), o.min, o.max)
	}
	re, err := toRE2(text)
	if err != nil {
		p.fail("%w", err)
	}
	return fmt.Sprintf("shapes.Pattern{Text: %s, RE2: %s}", literal(text), literal(re))
}

func (p *pkg) ruleLiteral(shape string) string {
	s := p.Shapes[shape]
	switch s.Type {
	case "string":
		return p.stringLiteral(shape, s)
	case "integer", "long":
		return numberLiteral(s)
	case "blob":
		return "shapes.LengthRule{" + bounds(s) + "}"
	case "list":
		return p.listLiteral(shape, s)
	case "map":
		return p.mapLiteral(s)
	}
	p.fail("shape %s: constraints on a %s", shape, s.Type)
	return "nil"
}

func (p *pkg) stringLiteral(shape string, s *shape) string {
	var fields []string
	if b := bounds(s); b != "" {
		fields = append(fields, b)
	}
	if s.Pattern != "" {
		fields = append(fields, "Pattern: &"+p.patterns[s.Pattern])
	}
	if enum := p.enum(shape, s); len(enum) > 0 {
		fields = append(fields, "Enum: []string{"+quoteAll(enum)+"}")
	}
	if s.Sensitive {
		fields = append(fields, "Sensitive: true")
	}
	return "shapes.StringRule{" + strings.Join(fields, ", ") + "}"
}

func (p *pkg) enum(shape string, s *shape) []string {
	if o := enumOverrides[p.name+"."+shape]; o != nil {
		return o
	}
	return s.Enum
}

func (p *pkg) listLiteral(shape string, s *shape) string {
	if p.Shapes[s.Member.Shape].Type == "structure" {
		return "shapes.LengthRule{" + bounds(s) + "}"
	}
	fields := lengthField(s)
	if rule := p.stringRule(s.Member); rule != "" {
		fields = append(fields, "Element: "+rule)
	}
	if notNullElements[p.name+"."+shape] {
		fields = append(fields, "NotNull: true")
	}
	return "shapes.StringsRule{" + strings.Join(fields, ", ") + "}"
}

func (p *pkg) mapLiteral(s *shape) string {
	fields := lengthField(s)
	if rule := p.stringRule(s.Key); rule != "" {
		fields = append(fields, "Key: "+rule)
	}
	if rule := p.stringRule(s.Value); rule != "" {
		fields = append(fields, "Value: "+rule)
	}
	return "shapes.MapRule{" + strings.Join(fields, ", ") + "}"
}

// lengthField begins the rule of a list of strings or a map.
func lengthField(s *shape) []string {
	if b := bounds(s); b != "" {
		return []string{"LengthRule: shapes.LengthRule{" + b + "}"}
	}
	return nil
}

func bounds(s *shape) string {
	var fields []string
	if s.Min != nil && *s.Min > 0 {
		fields = append(fields, "Min: "+strconv.FormatInt(*s.Min, 10))
	}
	if s.Max != nil {
		fields = append(fields, "Max: "+strconv.FormatInt(*s.Max, 10))
	}
	return strings.Join(fields, ", ")
}

func numberLiteral(s *shape) string {
	low, high := "math.MinInt64", "math.MaxInt64"
	if s.Min != nil {
		low = strconv.FormatInt(*s.Min, 10)
	}
	if s.Max != nil {
		high = strconv.FormatInt(*s.Max, 10)
	}
	return fmt.Sprintf("shapes.NumberRule{Min: %s, Max: %s}", low, high)
}
