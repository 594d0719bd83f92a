package policy

import (
	"fmt"
	"strings"
)

// checkResourcePolicy refuses what AWS refuses in policies of resources and in
// trust policies.
func (p *parser) checkResourcePolicy(s *source) error {
	seen := map[string]bool{}
	for i := range s.statements {
		st := &s.statements[i]
		if err := p.checkResourceStatement(st); err != nil {
			return err
		}
		if st.Sid != "" && seen[st.Sid] {
			return &Error{Message: msgIDsUnique, At: st.Start, Problem: "Sid " + st.Sid + " is there twice"}
		}
		seen[st.Sid] = true
	}
	return nil
}

func (p *parser) checkResourceStatement(st *sourceStatement) error {
	if st.effect != "Allow" && st.effect != "Deny" {
		return &Error{Message: fmt.Sprintf(msgBadEffect, st.effect), At: st.Start, Problem: "Effect is not Allow or Deny"}
	}
	if err := p.checkPrincipal(st); err != nil {
		return err
	}
	if len(st.actions.values) == 0 {
		return p.missing(st, "Action")
	}
	for _, a := range st.actions.values {
		if problem, message := p.badAction(a); message != "" {
			return p.refuse(st.actions.at.start, problem, "%s", message)
		}
	}
	if err := p.checkItsResources(st); err != nil {
		return err
	}
	return p.checkConditions(st)
}

func (p *parser) missing(st *sourceStatement, name string) error {
	return &Error{Message: fmt.Sprintf(msgMissing, name), At: st.Start, Problem: "a statement has no " + name}
}

func (p *parser) badAction(a string) (problem, message string) {
	if p.kind == Trust && (len(a) < 5 || !strings.EqualFold(a[:4], "sts:")) {
		return a + " is not an action of STS", msgTrustAction
	}
	if actionFault(a) != "" {
		return a + " is not an action", msgBadAction
	}
	return "", ""
}

// checkItsResources: a trust policy's resource is its role, others must say which they mean.
func (p *parser) checkItsResources(st *sourceStatement) error {
	l := &st.resources
	if p.kind == Trust {
		switch {
		case l.at == nil:
			return nil
		case l.not:
			return p.refuse(l.at.start, "a trust policy's resource is its role", msgTrustNotResource)
		}
		return p.refuse(l.at.start, "a trust policy's resource is its role", msgProhibited, "Resource")
	}
	if len(l.values) == 0 {
		return p.missing(st, "Resource")
	}
	for _, r := range l.values {
		if r != "*" && !strings.HasPrefix(r, "arn:") {
			return p.refuse(l.at.start, r+" is not an ARN", msgBadResource)
		}
	}
	return nil
}

func (p *parser) checkPrincipal(st *sourceStatement) error {
	v := st.principal
	switch {
	case v == nil:
		return p.missing(st, "Principal")
	case st.notPrincipal && st.Effect == Allow:
		return p.refuse(v.start, "it would allow almost everyone", msgAllowNot)
	case st.notPrincipal && p.kind == Trust:
		return p.refuse(v.start, "a trust policy cannot have NotPrincipal", msgTrustNot)
	case v.kind == '"' && v.text == "*":
		return nil
	case v.kind != '{':
		return p.malformed(v, `Principal is neither "*" nor an object`)
	case len(v.fields) == 0:
		return p.refuse(v.start, "Principal is empty", msgMissingEmpty, "Principal")
	}
	return p.eachField(v, func(name string, v *node) error { return p.checkPrincipals(name, v) })
}

func (p *parser) checkPrincipals(name string, v *node) error {
	form, ok := principalForms[name]
	if !ok {
		return p.malformed(v, "there is no kind of principal "+name)
	}
	values, err := p.strings(v, name)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return p.refuse(v.start, name+" is empty", msgNoPrincipals)
	}
	for _, value := range values {
		if !form(value) || name == "CanonicalUser" && p.kind == Trust {
			said := name
			if name != "AWS" {
				said = strings.ToUpper(name) // as AWS quotes them
			}
			return p.refuse(v.start, "no such principal", msgBadPrincipal, said, value)
		}
	}
	return nil
}
