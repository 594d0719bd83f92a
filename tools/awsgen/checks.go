package main

import "fmt"

// checks writes the Check method of every structure that requests are made of.
func (p *pkg) checks() {
	for _, shape := range p.reached("structure") {
		if !p.requests[shape] {
			continue
		}
		s := p.Shapes[shape]
		p.line("func (v *%s) Check(c *shapes.Checker) {", p.structs[shape])
		fields := names{}
		for _, member := range s.memberNames() {
			p.checkMember(s, member, "v."+fields.take(upperFirst(member)))
		}
		p.line("}\n")
	}
	for _, name := range sortedKeys(p.Operations) {
		if p.Operations[name].Input == nil {
			p.line("func (v *%s) Check(*shapes.Checker) {}\n", p.inputs[name])
		}
	}
}

// checkMember writes the statements for one member, if it needs any.
func (p *pkg) checkMember(s *shape, member, field string) {
	name, shape := lowerFirst(member), s.Members[member].Shape
	required := s.requires(member)
	switch p.Shapes[shape].Type {
	case "list", "map", "blob", "structure":
		p.guard(required, field, name, p.checkCompound(shape, name, field))
	default:
		value := field
		if !required {
			value = "*" + field
		}
		check := p.checkScalar(shape, name, value)
		switch {
		case required && check == "":
			p.line("c.Required(%q)", name)
		case required:
			p.line("%s", check)
		case check != "":
			p.line("if %s != nil {\n%s\n}", field, check)
		}
	}
}

// guard applies check to what is there, and reports what is required and is not.
func (p *pkg) guard(required bool, field, name, check string) {
	switch {
	case required && check == "":
		p.line("if %s == nil {\nc.Null(%q)\n}", field, name)
	case required:
		p.line("if %s == nil {\nc.Null(%q)\n} else {\n%s\n}", field, name, check)
	case check != "":
		p.line("if %s != nil {\n%s\n}", field, check)
	}
}

func (p *pkg) checkScalar(shape, name, value string) string {
	rule := p.rules[shape]
	switch {
	case rule == "":
		return ""
	case p.Shapes[shape].Type == "string":
		return fmt.Sprintf("c.String(%q, %s, &%s)", name, value, rule)
	default:
		return fmt.Sprintf("c.Number(%q, int64(%s), &%s)", name, value, rule)
	}
}

func (p *pkg) checkCompound(shape, name, field string) string {
	s, rule := p.Shapes[shape], p.rules[shape]
	switch s.Type {
	case "structure":
		return fmt.Sprintf("c.Struct(%q, %s)", name, field)
	case "list":
		return p.checkList(s, name, field, rule)
	}
	switch {
	case rule == "":
		return ""
	case s.Type == "map":
		return fmt.Sprintf("c.Map(%q, %s, &%s)", name, field, rule)
	default:
		return fmt.Sprintf("c.Length(%q, len(%s), &%s)", name, field, rule)
	}
}

func (p *pkg) checkList(s *shape, name, field, rule string) string {
	if p.Shapes[s.Member.Shape].Type == "structure" {
		check := fmt.Sprintf("shapes.Structs(c, %q, %s)", name, field)
		if rule != "" {
			check = fmt.Sprintf("c.Length(%q, len(%s), &%s)\n", name, field, rule) + check
		}
		return check
	}
	if rule == "" {
		return ""
	}
	return fmt.Sprintf("c.Strings(%q, %s, &%s)", name, field, rule)
}
