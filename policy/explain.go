package policy

import (
	"maps"
	"slices"
)

// An Explanation is a decision and everything that led to it.
type Explanation struct {
	Decision
	// Lacking has every kind of policy that would have to allow and does not; for a
	// denial that is not explicit, the first of them is By.
	Lacking []Kind
	// Statements has every statement of every policy: of identities, of the boundary,
	// of the session and of the resource, each in the order of the Set.
	Statements []Outcome
	// Missing lists, sorted and in lower case, the keys that statements about this
	// action, resource and principal ask for and the request does not have.
	Missing []string
}

// An Outcome is the part of a statement in a decision, be it a reason or not.
type Outcome struct {
	Reason
	// Matched: the statement applies to the request.
	Matched bool
	// Failed is the first element that does not match, or empty.
	Failed Element
	// Unmet is the condition that does not hold, if the Condition failed.
	Unmet Unmet
}

// Reasons lists the statements that apply.
func (e *Explanation) Reasons() []Reason {
	var list []Reason
	for i := range e.Statements {
		if e.Statements[i].Matched {
			list = append(list, e.Statements[i].Reason)
		}
	}
	return list
}

// Explain decides as Decide does, and says why. It looks at every statement, past
// those that settle the matter.
func (s *Set) Explain(r *Request) Explanation {
	asked := missing{Context: r.Context, keys: map[string]bool{}}
	recorded := *r
	recorded.Context = &asked
	e := explainer{set: s, request: &recorded, action: splitAction(lower(r.Action))}
	v := verdicts{
		identity: e.explain(s.Identity, Identity),
		boundary: e.explain(s.Boundary, Boundary),
		session:  e.explain(s.Session, Session),
		resource: e.explain(s.Resource, s.resourceKind()),
	}
	x := Explanation{Decision: s.conclude(&v, r), Statements: e.outcomes}
	for _, kind := range s.lacking(&v, r) {
		if kind != 0 {
			x.Lacking = append(x.Lacking, kind)
		}
	}
	x.Missing = slices.Sorted(maps.Keys(asked.keys))
	return x
}

type explainer struct {
	set      *Set
	request  *Request
	action   action
	outcomes []Outcome
}

func (e *explainer) explain(policies []Policy, kind Kind) verdict {
	var v verdict
	for _, p := range policies {
		for i := range p.statements {
			st := &p.statements[i]
			o := Outcome{Reason: Reason{p.Name, kind, st.Statement}}
			v.add(st.Effect, e.outcome(st, &o))
			e.outcomes = append(e.outcomes, o)
		}
	}
	return v
}

func (e *explainer) outcome(st *statement, o *Outcome) grant {
	r := e.request
	g := st.granted(&r.Principal, e.set.Boundary != nil)
	switch {
	case !st.matchesAction(&e.action):
		o.Failed = ActionElement
	case !st.matchesResource(r.Resource, r.Context):
		o.Failed = ResourceElement
	case g == noGrant:
		o.Failed = PrincipalElement
	default:
		for i := range st.conditions { // all of them are asked for, also past one that does not hold
			lookup(r.Context, st.conditions[i].key)
		}
		if unmet := st.unmet(r.Context); unmet != nil {
			o.Failed, o.Unmet = ConditionElement, unmet.as
			break
		}
		o.Matched = true
		return g
	}
	return noGrant
}

// missing is a Context that remembers what it does not have.
type missing struct {
	Context
	keys map[string]bool
}

func (m *missing) Values(key string) ([]string, bool) {
	values := lookup(m.Context, key)
	if len(values) == 0 {
		m.keys[key] = true
		return nil, false
	}
	return values, true
}
