package policy

// This file reads the values that elements have: strings, lists of them, and the
// three levels of a Condition.

// eachField calls f for each field of an object, in their order. A name that
// comes twice is an error.
func (p *parser) eachField(v *node, f func(name string, v *node) error) error {
	seen := make(map[string]bool, len(v.fields))
	for i := range v.fields {
		name := v.fields[i].name
		if seen[name] {
			return p.malformed(&v.fields[i].value, name+" is there twice")
		}
		seen[name] = true
		if err := f(name, &v.fields[i].value); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) str(v *node, name string) (string, error) {
	if v.kind != '"' {
		return "", p.malformed(v, name+" is not a string")
	}
	return v.text, nil
}

// list reads one of two elements, such as Action and NotAction, of which a
// statement may have one.
func (p *parser) list(l *list, name string, v *node) (err error) {
	if l.at != nil {
		return p.malformed(v, "a statement has both forms of "+name)
	}
	l.at, l.not = v, name[:3] == "Not"
	l.values, err = p.strings(v, name)
	return err
}

// strings reads a string or a list of strings.
func (p *parser) strings(v *node, name string) ([]string, error) {
	if v.kind == '"' {
		return []string{v.text}, nil
	}
	return p.values(v, name, func(n *node) bool { return n.kind == '"' })
}

// values reads the text of one scalar or of a list of them.
func (p *parser) values(v *node, name string, ok func(*node) bool) ([]string, error) {
	items := v.items
	if v.kind != '[' {
		items = []node{*v}
	}
	values := make([]string, len(items))
	for i := range items {
		if !ok(&items[i]) {
			return nil, p.malformed(&items[i], name+" has a value of a wrong type")
		}
		values[i] = items[i].text
	}
	return values, nil
}

func (p *parser) condition(v *node) ([]sourceCondition, error) {
	if v.kind != '{' {
		return nil, p.malformed(v, "Condition is not an object")
	}
	var all []sourceCondition
	err := p.eachField(v, func(operator string, v *node) error {
		if v.kind != '{' {
			return p.malformed(v, operator+" is not an object")
		}
		return p.eachField(v, func(key string, v *node) error {
			values, err := p.values(v, operator, scalar)
			if err == nil && !isOperator(operator) {
				// AWS minds an unknown operator only if it is asked to compare something.
				err = p.malformed(v, "there is no operator "+operator)
			}
			all = append(all, sourceCondition{operator, key, values, v})
			return err
		})
	})
	return all, err
}

func scalar(n *node) bool { return n.kind == '"' || n.kind == '0' || n.kind == 't' }
