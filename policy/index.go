package policy

// An index finds the statements of a document that may concern an action. It is
// as long as the document, whatever the document says. A statement may be found
// twice, which changes no decision.
type index struct {
	// services has those with an Action of the service.
	services map[string]*serviceIndex
	// rest has those with an Action of every service, or with NotAction.
	rest []*statement
}

type serviceIndex struct {
	// named has the statements that name an action, by its name; they match it.
	named map[string][]*statement
	// patterns has those with wildcards, which may match.
	patterns []*statement
}

func newIndex(statements []statement) index {
	x := index{services: map[string]*serviceIndex{}}
	for i := range statements {
		s := &statements[i]
		if s.notAction {
			x.rest = append(x.rest, s)
			continue
		}
		for j := range s.actions {
			x.add(s, &s.actions[j])
		}
	}
	return x
}

func (x *index) add(s *statement, a *actionPattern) {
	if a.service == "*" {
		x.rest = appendOnce(x.rest, s)
		return
	}
	service := x.services[a.service]
	if service == nil {
		service = &serviceIndex{named: map[string][]*statement{}}
		x.services[a.service] = service
	}
	if a.exact == "" {
		service.patterns = appendOnce(service.patterns, s)
		return
	}
	name := a.exact[len(a.service)+1:]
	service.named[name] = appendOnce(service.named[name], s)
}

// appendOnce adds a statement that may be the last of the list already.
func appendOnce(list []*statement, s *statement) []*statement {
	if n := len(list); n > 0 && list[n-1] == s {
		return list
	}
	return append(list, s)
}

// each calls f for the statements that match an action. It may do so twice.
func (x *index) each(a *action, f func(*statement)) {
	if service := x.services[a.service]; service != nil {
		for _, s := range service.named[a.name] {
			f(s)
		}
		eachMatch(service.patterns, a, f)
	}
	eachMatch(x.rest, a, f)
}

func eachMatch(list []*statement, a *action, f func(*statement)) {
	for _, s := range list {
		if s.matchesAction(a) {
			f(s)
		}
	}
}
