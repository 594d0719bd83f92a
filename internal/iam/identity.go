package iam

import (
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// identity is a user, group or role that a request names by its ARN.
type identity struct {
	*directory.Entity
	kind arn.Kind
	arn  string
}

// parseEntityARN reads the ARN of something of IAM's, of which AWS demands kind and name.
func parseEntityARN(s string) (arn.ARN, arn.Entity, error) {
	name, err := arn.Parse(s)
	if err == nil {
		if e, ok := name.Entity(); ok {
			return name, e, nil
		}
	}
	return arn.ARN{}, arn.Entity{}, invalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", s)
}

// needARN is a permission on what an ARN names, whether there is such a thing or not.
func needARN(c *op.Call, action, s string) ([]op.Need, error) {
	_, e, err := parseEntityARN(s)
	if err != nil {
		return nil, err
	}
	if e.Kind == arn.Policy {
		return needPolicy(c, action, s)
	}
	i, err := mustIdentity(c, s)
	if refused(err) {
		return need(action, s), nil
	}
	if err != nil {
		return nil, err
	}
	return needOn(action, s, i.Tags), nil
}

// mustIdentity finds a user, group or role of the account.
func mustIdentity(c *op.Call, s string) (identity, error) {
	_, e, err := parseEntityARN(s)
	if err != nil {
		return identity{}, err
	}
	switch e.Kind {
	case arn.User:
		return findIdentity(c, directory.Users, e, s)
	case arn.Group:
		return findIdentity(c, directory.Groups, e, s)
	case arn.Role:
		return findIdentity(c, directory.Roles, e, s)
	}
	return identity{}, invalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", s)
}

// findIdentity demands the whole ARN: of another account, or of another path, there is none.
func findIdentity[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], e arn.Entity, s string) (identity, error) {
	rec, err := mustEntity(c, k, e.Name)
	if err != nil {
		return identity{}, err
	}
	found := rec.Common()
	if k.ARN(found.Account, found.Path, found.Name) != s {
		return identity{}, noSuchEntity("The %s with name %s cannot be found.", k.Noun(), e.Name)
	}
	return identity{found, e.Kind, s}, nil
}

// userARN is who acts when the policies of i are simulated; "" unless i is a user.
func (i identity) userARN() string {
	if i.kind == arn.User {
		return i.arn
	}
	return ""
}

// source is a policy that bears on somebody, and can be asked.
type source struct {
	directory.Bearing
	*policy.Document
}

// sourcesOf are the policies that bear on the user, group or role.
func sourcesOf(c *op.Call, i identity) ([]source, error) {
	bearings, err := directory.PoliciesOf(c.Snap, i.ID, i.Account)
	if err != nil {
		return nil, err
	}
	sources := make([]source, len(bearings))
	for n, b := range bearings {
		if sources[n], err = read(b); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

func read(b directory.Bearing) (source, error) {
	kind := policy.Identity
	if b.Managed != nil {
		kind = policy.Managed
	}
	doc, err := policy.Parse(string(b.Text), kind)
	if err != nil { // it was checked when it was stored
		return source{}, awserr.New(500, "PolicyEvaluation", "Policy %s of %s: %s", b.Name, b.Holder.Name, err)
	}
	return source{b, doc}, nil
}

// id is what the simulator calls the policy: a managed one by its name, and an inline
// one by user_, group_ or role_, whose it is, and its name.
func (s source) id() string {
	if s.Managed != nil {
		return s.Managed.Name
	}
	return strings.ToLower(entityType(s.Holder.ID)) + "_" + s.Holder.Name + "_" + s.Name
}

// policiesOf are the policies that bear on i, as the simulator names them.
func policiesOf(c *op.Call, i identity) ([]policy.Policy, error) {
	sources, err := sourcesOf(c, i)
	if err != nil {
		return nil, err
	}
	list := make([]policy.Policy, len(sources))
	for n, s := range sources {
		list[n] = policy.Policy{Name: s.id(), Document: s.Document}
	}
	return list, nil
}

// boundaryOf is the permissions boundary of i; nil for none.
func boundaryOf(c *op.Call, i identity) ([]policy.Policy, error) {
	if i.Boundary == "" {
		return nil, nil
	}
	b, err := i.ManagedBearing(c.Snap, i.Boundary)
	if err != nil {
		return nil, err
	}
	s, err := read(b)
	if err != nil {
		return nil, err
	}
	return []policy.Policy{{Name: s.id(), Document: s.Document}}, nil
}
