package policy

import "strings"

// An Element is a part of a statement that a request must match.
type Element string

// The elements, in the order in which they are compared.
const (
	ActionElement    Element = "Action"
	ResourceElement  Element = "Resource"
	PrincipalElement Element = "Principal"
	ConditionElement Element = "Condition"
)

func (s *statement) matchesAction(a *action) bool {
	for i := range s.actions {
		if s.actions[i].matches(a) {
			return !s.notAction
		}
	}
	return s.notAction
}

// matchesResource is false for an element with a variable that has no value,
// unless another matches; NotResource then does not apply either.
func (s *statement) matchesResource(resource string, c Context) bool {
	if len(s.resources) == 0 {
		return true
	}
	if s.not {
		return anyPattern(s.resources, resource, 0, c) == no
	}
	for i := range s.resources {
		p := &s.resources[i]
		if strings.HasPrefix(resource, p.prefix) && p.match(resource, 0, c) == yes {
			return true
		}
	}
	return false
}

// granted returns how closely the statement names the caller; a statement without
// principals is attached to the caller.
func (s *statement) granted(who *Principal, bounded bool) grant {
	switch {
	case s.principals == nil:
		return directGrant
	case !s.principals.not:
		return s.principals.grant(who)
	}
	// A principal with a permissions boundary is denied by every NotPrincipal:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
	return directIf(bounded || !s.principals.excepts(who))
}

// unmet returns the first condition that does not hold, or nil.
func (s *statement) unmet(c Context) *condition {
	for i := range s.conditions {
		if !s.conditions[i].holds(c) {
			return &s.conditions[i]
		}
	}
	return nil
}

// applies is granted, once everything but the action is known to match.
func (s *statement) applies(r *Request, bounded bool) grant {
	if !s.matchesResource(r.Resource, r.Context) {
		return noGrant
	}
	g := s.granted(&r.Principal, bounded)
	if g == noGrant || s.unmet(r.Context) != nil {
		return noGrant
	}
	return g
}
