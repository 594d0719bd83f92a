package authz

import (
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// Explain decides on one need as Authorize does, and says all that led to it.
func (a *Authorizer) Explain(c *op.Call, n *op.Need) (policy.Explanation, error) {
	set, err := a.set(c)
	if err != nil {
		return policy.Explanation{}, err
	}
	if set.Resource, err = a.resource(n); err != nil {
		return policy.Explanation{}, err
	}
	set.Required = n.PolicyKind == policy.Trust
	r := request(c, n)
	return set.Explain(&r), nil
}

// Context is what conditions see of a need.
func Context(c *op.Call, n *op.Need) policy.Context { return &asked{c, n} }

// Known reports whether a condition key, in lower case, is one whose values iamd finds
// by itself.
func Known(key string) bool {
	_, ok := globalKeys[key]
	return ok
}
