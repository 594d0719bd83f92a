package policy

import "slices"

// A Reason is a statement that applies to a request.
type Reason struct {
	// Policy is the name that the Set gives the statement's policy.
	Policy string
	// Kind is the part that the policy plays.
	Kind Kind
	Statement
}

// Reasons decides as Decide does, without stopping at what settles the matter, and
// appends every statement that applies to list: those of identities first, then of
// the boundary, the session and the resource, each in the order of the Set. It
// allocates nothing if list has room.
func (s *Set) Reasons(r *Request, list []Reason) (Decision, []Reason) {
	var room [longestAction]byte
	a := splitAction(lowerIn(room[:0], r.Action))
	var v verdicts
	v.identity, list = s.reasons(s.Identity, Identity, r, &a, list)
	v.boundary, list = s.reasons(s.Boundary, Boundary, r, &a, list)
	v.session, list = s.reasons(s.Session, Session, r, &a, list)
	v.resource, list = s.reasons(s.Resource, s.resourceKind(), r, &a, list)
	return s.conclude(&v, r), list
}

func (s *Set) reasons(policies []Policy, kind Kind, r *Request, a *action, list []Reason) (verdict, []Reason) {
	var v verdict
	for i := range policies {
		p, first := &policies[i], len(list)
		p.index.each(a, func(st *statement) {
			g := st.applies(r, s.Boundary != nil)
			if g == noGrant {
				return
			}
			v.add(st.Effect, g)
			at, found := slices.BinarySearchFunc(list[first:], st.Index, func(r Reason, index int) int { return r.Index - index })
			if !found {
				list = slices.Insert(list, first+at, Reason{p.Name, kind, st.Statement})
			}
		})
	}
	return v, list
}
