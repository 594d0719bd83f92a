package iam

import (
	"context"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// needListPolicies is a permission on what AWS calls so in its refusals, and what no
// ARN matches: only "*" does.
func needListPolicies(_ *op.Call, in *shape.ListPoliciesRequest) ([]op.Need, error) {
	return need("ListPolicies", "policy path "+pathOf(in.PathPrefix)), nil
}

// usedPolicy is a policy and what the account uses it for.
type usedPolicy struct {
	*directory.Policy
	use directory.PolicyUse
}

// listPolicies lists the account's own policies before AWS's.
func listPolicies(_ context.Context, c *op.Call, in *shape.ListPoliciesRequest) (*shape.ListPoliciesResponse, error) {
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	prefix := pathOf(in.PathPrefix)
	p, err := sifted(scopedPolicies(c, in.Scope, prefix, cursor), in.MaxItems,
		func(p usedPolicy) string { return policyCursor(prefix, p) },
		func(p usedPolicy) bool { return isWanted(p.use, in) })
	if err != nil {
		return nil, err
	}
	out := &shape.ListPoliciesResponse{Policies: make([]shape.Policy, len(p.items)), IsTruncated: &p.more, Marker: p.marker}
	for i, p := range p.items {
		out.Policies[i] = *describePolicy(p.Policy, p.use)
	}
	return out, nil
}

// isWanted: a policy that is a boundary counts as attached, too, unless the
// request asks for one kind of use.
func isWanted(use directory.PolicyUse, in *shape.ListPoliciesRequest) bool {
	if in.PolicyUsageFilter != nil {
		if *in.PolicyUsageFilter == shape.PolicyUsageTypePermissionsBoundary {
			return use.Boundary > 0
		}
		return use.Attached > 0
	}
	return in.OnlyAttached == nil || !*in.OnlyAttached || use.Any()
}

// The two parts of a list of all policies, as its cursors name them.
const (
	ownPolicies = "own/"
	awsPolicies = "aws/"
)

func policyCursor(prefix string, p usedPolicy) string {
	if p.Account == directory.AWS {
		return awsPolicies + strings.ToLower(p.Name)
	}
	return ownPolicies + directory.Policies.Cursor(prefix, p.Policy)
}

// scopedPolicies yields the policies of a scope whose path begins with prefix,
// after the one that cursor stands for.
func scopedPolicies(c *op.Call, scope *string, prefix, cursor string) iter.Seq2[usedPolicy, error] {
	all := scope == nil || *scope == shape.PolicyScopeTypeAll
	return func(yield func(usedPolicy, error) bool) {
		give := func(p *directory.Policy, err error) bool {
			var use directory.PolicyUse
			if err == nil {
				use, err = directory.UseOf(c.Snap, c.Caller.Account, p.ID)
			}
			return yield(usedPolicy{p, use}, err) && err == nil
		}
		inAWS, isAWS := strings.CutPrefix(cursor, awsPolicies)
		if !isAWS && (all || *scope == shape.PolicyScopeTypeLocal) {
			for p, err := range directory.Policies.List(c.Snap, c.Caller.Account, prefix, strings.TrimPrefix(cursor, ownPolicies)) {
				if !give(p, err) {
					return
				}
			}
		}
		if !all && *scope != shape.PolicyScopeTypeAws {
			return
		}
		for _, p := range directory.AWSPolicies() {
			behind := !isAWS || strings.ToLower(p.Name) > inAWS
			if behind && strings.HasPrefix(p.Path, prefix) && !give(p, nil) {
				return
			}
		}
	}
}
