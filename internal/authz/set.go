package authz

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

// set is every policy that bears on the caller, whatever it asks for.
func (a *Authorizer) set(c *op.Call) (s policy.Set, err error) {
	p := &c.Caller
	if p.Bearer != nil {
		h, err := a.heldBy(c.Snap, p.Bearer)
		if err != nil {
			return s, err
		}
		s.Identity, s.Boundary = h.identity, h.boundary
	}
	if p.Kind == op.FederatedUser && p.Bearer == nil { // root vouches for it
		if s.Identity, err = a.append(nil, "", everything, policy.Identity); err != nil {
			return s, err
		}
	}
	if p.Session != nil && p.Session.Limited {
		s.Session, err = a.session(c.Snap, p.Session)
	}
	return s, err
}

// everything is the policy of the root user, which has none.
const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func (a *Authorizer) append(list []policy.Policy, name string, text directory.Document, kind policy.Kind) ([]policy.Policy, error) {
	doc, err := a.Documents.Parse(string(text), kind)
	if err != nil {
		return nil, err
	}
	return append(list, policy.Policy{Name: name, Document: doc}), nil
}

func (a *Authorizer) identity(r store.Reader, e *directory.Entity) ([]policy.Policy, error) {
	bearings, err := directory.PoliciesOf(r, e.ID, e.Account)
	if err != nil {
		return nil, err
	}
	list := make([]policy.Policy, 0, len(bearings))
	for i := range bearings {
		kind := policy.Identity
		if bearings[i].Managed != nil {
			kind = policy.Managed
		}
		if list, err = a.append(list, bearings[i].Name, bearings[i].Text, kind); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// boundary is nil for none.
func (a *Authorizer) boundary(r store.Reader, e *directory.Entity) ([]policy.Policy, error) {
	if e.Boundary == "" {
		return nil, nil
	}
	b, err := e.ManagedBearing(r, e.Boundary)
	if err != nil {
		return nil, err
	}
	return a.append(nil, b.Name, b.Text, policy.Managed)
}

// session has the policies passed for a session. A managed one that was deleted since
// allows nothing.
func (a *Authorizer) session(r store.Reader, s *directory.Session) (list []policy.Policy, err error) {
	list = []policy.Policy{}
	if s.AssumedRoot { // the policies of tasks say only what is denied
		if list, err = a.append(list, "", everything, policy.Identity); err != nil {
			return nil, err
		}
	}
	if s.Policy != "" {
		if list, err = a.append(list, "session policy", s.Policy, policy.Session); err != nil {
			return nil, err
		}
	}
	for _, id := range s.Managed {
		if list, err = a.sessionManaged(list, r, s.Account, id); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (a *Authorizer) sessionManaged(list []policy.Policy, r store.Reader, account ids.Account, id ids.EntityID) ([]policy.Policy, error) {
	p, err := directory.PolicyByID(r, account, id)
	if err != nil || p == nil {
		return list, err
	}
	text, err := directory.PolicyText(r, p, p.Default)
	if err != nil {
		return nil, err
	}
	return a.append(list, p.ARN(), text, policy.Managed)
}

// resource is the policy of what is asked for.
func (a *Authorizer) resource(n *op.Need) ([]policy.Policy, error) {
	if n.Policy == "" {
		return nil, nil
	}
	return a.append(nil, n.Resource, n.Policy, n.PolicyKind)
}
