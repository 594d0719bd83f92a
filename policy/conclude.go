package policy

// verdicts has what each kind of policy says.
type verdicts struct{ identity, boundary, session, resource verdict }

// conclude is AWS's flow chart:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
// and, for a resource of another account,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (s *Set) conclude(v *verdicts, r *Request) Decision {
	if by := s.denied(v); by != 0 {
		return Decision{Explicit: true, By: by}
	}
	if lacking := s.lacking(v, r); lacking[0] != 0 {
		return Decision{By: lacking[0]}
	}
	return Decision{Allowed: true}
}

// denied returns the first kind of policy with a statement that denies, or 0. One
// is enough, wherever it is.
func (s *Set) denied(v *verdicts) Kind {
	switch {
	case v.identity.denied:
		return Identity
	case v.boundary.denied:
		return Boundary
	case v.session.denied:
		return Session
	case v.resource.denied:
		return s.resourceKind()
	}
	return 0
}

// lacking returns the kinds of policy that would have to allow and do not, in the
// order in which AWS looks at them; zeros follow. If all are zero, the request is
// allowed.
func (s *Set) lacking(v *verdicts, r *Request) [4]Kind {
	var list [4]Kind
	n := 0
	need := func(ok bool, kind Kind) {
		if !ok {
			list[n] = kind
			n++
		}
	}
	needs := s.needs(v.resource.allowed, r)
	if needs.identity {
		need(v.identity.allowed != noGrant || r.Principal.Type == Root, Identity)
	}
	if needs.limits {
		need(s.Boundary == nil || v.boundary.allowed != noGrant, Boundary)
		need(s.sessionAllows(v, r), Session)
	}
	if needs.resource {
		need(v.resource.allowed != noGrant, s.resourceKind())
	}
	return list
}

// needs says which kinds of policy have to allow a request.
type needs struct{ identity, limits, resource bool }

// needs looks at how closely an Allow of the resource's policy names the caller.
//
// In one account, naming a user or a session itself is enough, whatever the other
// policies lack. Naming the role or the user behind a session makes up for the
// identity-based policies, but not for a boundary or a session policy. Naming the
// account leaves it to the account's own policies. A resource of another account
// needs both accounts' consent in any case.
func (s *Set) needs(resource grant, r *Request) needs {
	switch r.Principal.Type {
	case Anonymous, Service, Provider:
		return needs{resource: true} // they have no policies of their own
	}
	switch {
	case r.Account != "" && r.Account != r.Principal.Account:
		return needs{identity: true, limits: true, resource: true}
	case resource == directGrant:
		return needs{}
	case resource == sourceGrant:
		return needs{limits: true}
	}
	return needs{identity: true, limits: true, resource: s.required()}
}

// sessionAllows: a role's session needs no session policy, a federated user's does.
func (s *Set) sessionAllows(v *verdicts, r *Request) bool {
	if s.Session == nil {
		return r.Principal.Type != FederatedUser
	}
	return v.session.allowed != noGrant
}

func (s *Set) required() bool { return s.Required || s.resourceKind() == Trust }

// resourceKind tells a trust policy from other policies of resources.
func (s *Set) resourceKind() Kind {
	if len(s.Resource) > 0 && s.Resource[0].kind == Trust {
		return Trust
	}
	return Resource
}
