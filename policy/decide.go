package policy

// A Policy is a document, never nil, and what to call it.
type Policy struct {
	// Name is what Explain calls the policy: an ARN, or the name of an inline policy.
	Name string
	*Document
}

// A Set is every policy that bears on a request, by the part it plays there.
type Set struct {
	// Identity has the policies of the user and its groups, or of the role. The root
	// user needs none. For a FederatedUser they are the user's who asked for the
	// session; if that was root, one that allows everything.
	Identity []Policy
	// Boundary is the permissions boundary. Nil is none; an empty list, as of a
	// boundary that is gone, allows nothing.
	Boundary []Policy
	// Session has the policies passed for the session. Nil is none passed, which for a
	// FederatedUser allows nothing; an empty list allows nothing at all.
	Session []Policy
	// Resource has the resource's own policies, or the role's trust policy.
	Resource []Policy
	// Required: nothing is allowed that the resource's own policy does not allow, or
	// delegate to the account, as for a KMS key. Trust policies are always required.
	Required bool
}

// A Decision is the answer to a request.
type Decision struct {
	Allowed bool
	// Explicit: denied by a statement, not for want of one.
	Explicit bool
	// By is the kind of policy that denied: one with such a statement, or the first
	// that had to allow and does not. It is zero if the request is allowed.
	By Kind
}

// Why words the reason of a denial as AWS does, to follow "… is not authorized to
// perform: … on resource: …". It is empty if the request is allowed.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d Decision) Why(action string) string {
	switch {
	case d.Allowed:
		return ""
	case !d.Explicit:
		return "because no " + d.By.String() + " allows the " + action + " action"
	case d.By == Trust:
		return "with an explicit deny in the " + d.By.String()
	case d.By == Identity:
		return "with an explicit deny in an " + d.By.String()
	}
	return "with an explicit deny in a " + d.By.String()
}

// Decide answers a request. It allocates nothing, unless an action, or the
// wildcards and variables of a single pattern, are more than people write.
func (s *Set) Decide(r *Request) Decision {
	var room [longestAction]byte
	a := splitAction(lowerIn(room[:0], r.Action))
	v := verdicts{
		identity: s.judge(s.Identity, r, &a),
		boundary: s.judge(s.Boundary, r, &a),
		session:  s.judge(s.Session, r, &a),
		resource: s.judge(s.Resource, r, &a),
	}
	return s.conclude(&v, r)
}

// A verdict is what the policies of one kind say together.
type verdict struct {
	denied bool
	// allowed is the closest grant of the statements that allow.
	allowed grant
}

func (v *verdict) add(effect Effect, g grant) {
	if effect == Deny {
		v.denied = v.denied || g != noGrant
	} else {
		v.allowed = max(v.allowed, g)
	}
}

// judge asks the statements that may concern the action.
func (s *Set) judge(policies []Policy, r *Request, a *action) verdict {
	var v verdict
	for i := range policies {
		x := &policies[i].index
		if service := x.services[a.service]; service != nil {
			s.ask(service.named[a.name], r, nil, &v)
			s.ask(service.patterns, r, a, &v)
		}
		s.ask(x.rest, r, a, &v)
	}
	return v
}

// ask adds what statements say to a verdict, but for those that can add nothing.
// With an action they are asked whether it matches.
func (s *Set) ask(statements []*statement, r *Request, a *action, v *verdict) {
	for _, st := range statements {
		if v.denied || st.Effect == Allow && v.allowed == directGrant {
			continue
		}
		if a == nil || st.matchesAction(a) {
			v.add(st.Effect, st.applies(r, s.Boundary != nil))
		}
	}
}
