package policy

// Public reports whether the document lets everybody do something: a statement allows
// it, names all principals, and has no condition that keeps it to certain accounts,
// resources, networks or principals, each written out.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
func (d *Document) Public() bool {
	for i := range d.statements {
		s := &d.statements[i]
		if s.Effect == Allow && s.principals.everyone() && !s.narrowed() {
			return true
		}
	}
	return false
}

func (p *principals) everyone() bool {
	if p == nil {
		return false
	}
	all := p.not || p.everybody || p.awsAll
	for _, list := range [][]string{p.services, p.providers} {
		for _, name := range list {
			all = all || name == "*"
		}
	}
	return all
}

// narrowing are the keys whose values, if they are written out, keep a statement from
// being for everybody.
var narrowing = map[string]bool{
	"aws:principalaccount":  true,
	"aws:principalarn":      true,
	"aws:principalorgid":    true,
	"aws:principalorgpaths": true,
	"aws:sourceaccount":     true,
	"aws:sourcearn":         true,
	"aws:sourceip":          true,
	"aws:sourceorgid":       true,
	"aws:sourceorgpaths":    true,
	"aws:sourceowner":       true,
	"aws:sourcevpc":         true,
	"aws:sourcevpce":        true,
	"aws:userid":            true,
	"aws:vpcsourceip":       true,
}

func (s *statement) narrowed() bool {
	for i := range s.conditions {
		c := &s.conditions[i]
		if narrowing[c.key] && !c.operator.negated && !c.operator.ifExists && c.operator.set != forAllValues && fixed(c.test) {
			return true
		}
	}
	return false
}

// fixed reports whether all values of a test are written out; of addresses, whether
// there are few.
func fixed(t test) bool {
	switch t := t.(type) {
	case likeTest:
		return literals(t)
	case foldTest:
		return literals(t)
	case *arnTest:
		return !t.all && literals(t.patterns)
	case ipTest:
		for _, p := range t {
			if p.Addr().Is4() && p.Bits() < 8 || !p.Addr().Is4() && p.Bits() < 32 {
				return false
			}
		}
		return true
	}
	return false
}

func literals(patterns []pattern) bool {
	for i := range patterns {
		for _, p := range patterns[i].parts {
			if p.op != literal {
				return false
			}
		}
	}
	return true
}
