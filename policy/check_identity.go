package policy

import (
	"fmt"
	"strings"
)

// checkIdentityPolicy refuses what AWS refuses in policies of users, groups and
// roles, of boundaries and sessions. A text with several faults is refused for
// the first of them in this order, which was read off AWS's answers: version,
// principals, what the legacy parser minds, statement ids, resources, actions.
func (p *parser) checkIdentityPolicy(s *source) error {
	if (p.kind == Managed || p.kind == Boundary) && s.version != version2012 {
		return &Error{Message: msgVersion, Problem: "Version is not 2012-10-17"}
	}
	for _, check := range []func(*source) error{
		p.checkNoPrincipals, p.checkLegacy, p.checkSids, p.checkResources, p.checkActions,
	} {
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) checkNoPrincipals(s *source) error {
	for i := range s.statements {
		if at := s.statements[i].principal; at != nil {
			return p.refuse(at.start, "only policies of resources name a principal", msgPrincipal)
		}
	}
	return nil
}

// checkLegacy is what AWS says least about: one text for all of it.
func (p *parser) checkLegacy(s *source) error {
	for i := range s.statements {
		st := &s.statements[i]
		if st.effect != "Allow" && st.effect != "Deny" {
			return &Error{Message: msgLegacy, At: st.Start, Problem: "Effect is not Allow or Deny"}
		}
		for _, r := range st.resources.values {
			if problem := legacyResource(r, s.vars()); problem != "" {
				return p.refuse(st.resources.at.start, problem, msgLegacy)
			}
		}
		if err := p.checkConditions(st); err != nil {
			return err
		}
	}
	return nil
}

// checkConditions refuses values that cannot be of their operator's type.
func (p *parser) checkConditions(st *sourceStatement) error {
	for _, c := range st.condition {
		op, _ := operatorNamed(c.operator)
		if _, err := op.compile(c.values, true); err != nil {
			return p.refuse(c.at.start, err.Error(), msgLegacy)
		}
	}
	return nil
}

func (p *parser) checkSids(s *source) error {
	seen := map[string]bool{}
	for i := range s.statements {
		st := &s.statements[i]
		if strings.IndexFunc(st.Sid, notAlphanumeric) >= 0 {
			return &Error{Message: msgSidLetters, At: st.Start, Problem: "Sid " + st.Sid + " has other characters than letters and digits"}
		}
		if st.Sid != "" && seen[st.Sid] {
			return &Error{Message: msgSidUnique, At: st.Start, Problem: "Sid " + st.Sid + " is there twice"}
		}
		seen[st.Sid] = true
	}
	return nil
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func (p *parser) checkResources(s *source) error {
	for i := range s.statements {
		l := &s.statements[i].resources
		for _, r := range l.values {
			if message := resourceFault(r); message != "" {
				return p.refuse(l.at.start, "in "+r, "%s", message)
			}
		}
	}
	return nil
}

func (p *parser) checkActions(s *source) error {
	for i := range s.statements {
		st := &s.statements[i]
		for _, a := range st.actions.values {
			if message := actionFault(a); message != "" {
				return p.refuse(st.actions.at.start, "in "+a, "%s", message)
			}
		}
		if len(st.actions.values) == 0 {
			return &Error{Message: msgNoActions, At: st.Start, Problem: "a statement has no Action"}
		}
		if len(st.resources.values) == 0 {
			return &Error{Message: msgNoResources, At: st.Start, Problem: "a statement has no Resource"}
		}
	}
	return nil
}

// actionFault returns AWS's text for what is wrong with an action pattern, if anything is.
func actionFault(a string) string {
	vendor, name, ok := strings.Cut(a, ":")
	switch {
	case a == "*" || a == "*:*":
		return ""
	case !ok:
		return msgNoVendor
	case strings.Contains(name, ":"):
		return msgOneColon
	case vendor == "" || strings.IndexFunc(vendor, notVendor) >= 0:
		return fmt.Sprintf(msgVendor, vendor)
	}
	return ""
}

func notVendor(r rune) bool { return notAlphanumeric(r) && r != '-' && r != '.' }
