// Package explain answers the people who run iamd: may somebody do something, and why.
// It reads what is stored, decides with package policy as a call would be decided, and
// changes nothing.
package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

// A Question is about one request.
type Question struct {
	Principal string // the ARN of a user, a role, a session of a role, or the root user
	Action    string // "s3:GetObject"
	Resource  string // an ARN, or "*"
	// Context has condition keys, in any case. It comes before what is known of the principal.
	Context map[string][]string
	// ResourcePolicy is the resource's own. Without it, what STS does to a role that is
	// stored is decided with the role's trust policy.
	ResourcePolicy string
	At             time.Time // when the request is made
}

// An Answer is a decision and all that led to it.
type Answer struct {
	Allowed bool
	// Decision is "allowed", "explicitDeny" or "implicitDeny".
	Decision string
	// Message is what AWS says to the caller who is denied.
	Message  string   `json:",omitempty"`
	Policies []Policy // all that bear on the request
	// Missing are the condition keys that statements ask for and that have no value.
	Missing []string `json:",omitempty"`
}

// A Policy is a policy and what each of its statements does.
type Policy struct {
	Kind       string // what part it plays: "identity-based policy"
	Name       string // an ARN, or the name of an inline policy
	Holder     string `json:",omitempty"` // who has it: "user Bob"
	Statements []Statement
}

// A Statement is the part of a statement in the decision.
type Statement struct {
	Sid        string `json:",omitempty"`
	Effect     string
	Start, End policy.Position
	Matched    bool
	// Unmatched is the first element that does not match: "Resource"; Condition is the
	// condition of it that does not hold.
	Unmatched string `json:",omitempty"`
	Condition string `json:",omitempty"`
}

// Ask answers a question from what a snapshot has.
func Ask(r store.Reader, q *Question) (*Answer, error) {
	who, err := find(r, q.Principal)
	if err != nil {
		return nil, err
	}
	a := &asker{reader: r, answer: &Answer{}, keys: map[string]string{}}
	if err := a.gather(who, q); err != nil {
		return nil, err
	}
	request := policy.Request{
		Principal: who.Principal,
		Action:    q.Action,
		Resource:  q.Resource,
		Account:   accountOf(q.Resource),
		Context:   contextOf(who, q),
	}
	x := a.set.Explain(&request)
	a.describe(&x)
	if !x.Allowed {
		a.answer.Message = fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s",
			who.ARN, q.Action, q.Resource, x.Why(q.Action))
	}
	return a.answer, nil
}

// accountOf is the account that an ARN names; "" for none, which means the principal's.
func accountOf(resource string) string {
	if f := strings.SplitN(resource, ":", 6); len(f) == 6 && len(f[4]) == 12 && strings.Trim(f[4], "0123456789") == "" {
		return f[4]
	}
	return ""
}

// asker puts together what the decision is made with. The policies of its answer are
// those of its set, in the order in which they are explained.
type asker struct {
	reader store.Reader
	set    policy.Set
	answer *Answer
	keys   map[string]string // condition keys as policies have them, by their lower case
}

func (a *asker) gather(who *principal, q *Question) (err error) {
	if who.bearer != nil {
		if err := a.gatherIdentity(who.bearer); err != nil {
			return err
		}
	}
	if q.ResourcePolicy != "" {
		a.set.Resource, err = a.add(nil, policy.Resource, Policy{Name: q.Resource}, directory.Document(q.ResourcePolicy))
		return err
	}
	return a.gatherTrust(q)
}

func (a *asker) gatherIdentity(e *directory.Entity) error {
	bearings, err := directory.PoliciesOf(a.reader, e.ID, e.Account)
	if err != nil {
		return err
	}
	for _, b := range bearings {
		kind := policy.Identity
		if b.Managed != nil {
			kind = policy.Managed
		}
		if a.set.Identity, err = a.add(a.set.Identity, kind, Policy{Name: b.Name, Holder: holder(b.Holder)}, b.Text); err != nil {
			return err
		}
	}
	if e.Boundary == "" {
		return nil
	}
	b, err := e.ManagedBearing(a.reader, e.Boundary)
	if err != nil {
		return err
	}
	a.set.Boundary, err = a.add(nil, policy.Boundary, Policy{Name: b.Name, Holder: holder(e)}, b.Text)
	return err
}

func (a *asker) gatherTrust(q *Question) error {
	name, err := arn.Parse(q.Resource)
	if err != nil || !strings.HasPrefix(strings.ToLower(q.Action), "sts:") {
		return nil
	}
	e, ok := name.Entity()
	if !ok || e.Kind != arn.Role {
		return nil
	}
	role, err := directory.Roles.ByName(a.reader, ids.Account(name.Account), e.Name)
	if err != nil || role == nil {
		return err
	}
	a.set.Resource, err = a.add(nil, policy.Trust, Policy{Name: "trust policy", Holder: holder(role.Common())}, role.Trust)
	return err
}

func (a *asker) add(list []policy.Policy, kind policy.Kind, p Policy, text directory.Document) ([]policy.Policy, error) {
	doc, err := policy.Parse(string(text), kind)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, p.Name, err)
	}
	for _, key := range doc.ContextKeys() {
		a.keys[strings.ToLower(key)] = key
	}
	p.Kind = kind.String()
	for _, s := range doc.Statements() {
		p.Statements = append(p.Statements, Statement{Sid: s.Sid, Effect: s.Effect.String(), Start: s.Start, End: s.End})
	}
	a.answer.Policies = append(a.answer.Policies, p)
	return append(list, policy.Policy{Name: p.Name, Document: doc}), nil
}

// describe fills in what an explanation says.
func (a *asker) describe(x *policy.Explanation) {
	outcomes := x.Statements
	for i := range a.answer.Policies {
		for j := range a.answer.Policies[i].Statements {
			s, o := &a.answer.Policies[i].Statements[j], outcomes[0]
			outcomes = outcomes[1:]
			s.Matched, s.Unmatched = o.Matched, string(o.Failed)
			if o.Failed == policy.ConditionElement {
				s.Condition = o.Unmet.Operator + " " + o.Unmet.Key
			}
		}
	}
	a.answer.Allowed = x.Allowed
	for _, key := range x.Missing {
		a.answer.Missing = append(a.answer.Missing, a.keys[key])
	}
	switch {
	case x.Allowed:
		a.answer.Decision = "allowed"
	case x.Explicit:
		a.answer.Decision = "explicitDeny"
	default:
		a.answer.Decision = "implicitDeny"
	}
}
