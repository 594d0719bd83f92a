package policy

import "strings"

// This file gives a text the shape of a policy: documents, statements and their
// elements.

func (p *parser) document(root *node) (*source, error) {
	s := &source{kind: p.kind, version: version2008}
	var statements *node
	err := p.eachField(root, func(name string, v *node) (err error) {
		switch name {
		case "Version":
			s.version, err = p.version(v)
		case "Id":
			s.id, err = p.str(v, "Id")
		case "Statement":
			statements = v
		default:
			err = p.unknown(v, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if statements == nil {
		return nil, p.syntax(root.start, root.end, "there is no Statement")
	}
	return s, p.statements(s, statements)
}

func (p *parser) version(v *node) (string, error) {
	if v.kind == '"' && (v.text == version2008 || v.text == version2012) {
		return v.text, nil
	}
	if p.kind.hasPrincipal() {
		return "", p.refuse(v.start, "Version is not 2008-10-17 or 2012-10-17", msgBadVersion)
	}
	return "", p.malformed(v, "Version is not 2008-10-17 or 2012-10-17")
}

func (p *parser) statements(s *source, v *node) error {
	items := v.items
	switch v.kind {
	case '{':
		single := *v
		single.before = v.start + 1 // where AWS says that a lone statement starts
		items = []node{single}
	case '[':
		if len(items) == 0 && p.kind.hasPrincipal() {
			return p.refuse(v.start, "Statement is empty", msgStatementEmpty)
		}
	}
	if len(items) == 0 {
		return p.malformed(v, "Statement is not a statement nor a list of them")
	}
	for i := range items {
		st, err := p.statement(&items[i])
		if err != nil {
			return err
		}
		st.Index = i
		s.statements = append(s.statements, st)
	}
	return nil
}

func (p *parser) statement(v *node) (sourceStatement, error) {
	var st sourceStatement
	if v.kind != '{' {
		return st, p.malformed(v, "a statement is not an object")
	}
	st.Start, st.End = p.position(v.before), p.position(v.end)
	err := p.eachField(v, func(name string, v *node) error { return p.element(&st, name, v) })
	if err == nil && st.effect == "" {
		err = p.noEffect(v)
	}
	return st, err
}

func (p *parser) element(st *sourceStatement, name string, v *node) (err error) {
	switch name {
	case "Sid":
		st.Sid, err = p.str(v, name)
	case "Effect":
		st.effect, err = p.effect(v)
		st.Effect = Effect(strings.EqualFold(st.effect, "Allow"))
	case "Principal", "NotPrincipal":
		if st.principal != nil {
			return p.malformed(v, "a statement has both Principal and NotPrincipal")
		}
		st.principal = v
		st.notPrincipal = name == "NotPrincipal"
	case "Action", "NotAction":
		err = p.list(&st.actions, name, v)
	case "Resource", "NotResource":
		err = p.list(&st.resources, name, v)
	case "Condition":
		st.condition, err = p.condition(v)
	default:
		err = p.unknown(v, name)
	}
	return err
}

func (p *parser) effect(v *node) (string, error) {
	// Only Allow and Deny are effects, but AWS refuses allow and denY later than others.
	if v.kind == '"' && (strings.EqualFold(v.text, "Allow") || strings.EqualFold(v.text, "Deny")) {
		return v.text, nil
	}
	if p.kind.hasPrincipal() && v.kind == '"' {
		return "", p.refuse(v.start, "Effect is not Allow or Deny", msgBadEffect, v.text)
	}
	return "", p.malformed(v, "Effect is not Allow or Deny")
}

func (p *parser) noEffect(v *node) error {
	if p.kind.hasPrincipal() {
		return p.refuse(v.start, "a statement has no Effect", msgMissing, "Effect")
	}
	return p.malformed(v, "a statement has no Effect")
}

func (p *parser) unknown(v *node, name string) error {
	if p.kind.hasPrincipal() {
		return p.refuse(v.start, "there is no such element", msgUnknownField, name)
	}
	return p.malformed(v, "there is no element "+name)
}
