package iam

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// attached is the managed policies attached to one kind of entities.
type attached[T any, P directory.Record[T]] struct {
	kind  directory.Kind[T, P]
	quota string // how many one entity may have
	// changeable finds an entity whose policies its account may change.
	changeable func(c *op.Call, name string) (P, error)
}

var (
	userAttached  = attached[directory.User, *directory.User]{directory.Users, policiesPerUser, mustUser}
	groupAttached = attached[directory.Group, *directory.Group]{directory.Groups, policiesPerGroup, mustGroup}
	roleAttached  = attached[directory.Role, *directory.Role]{directory.Roles, policiesPerRole, mustOwnRole}
)

// need is the permission to attach or detach a policy.
func (a attached[T, P]) need(c *op.Call, action, owner, policyARN string) ([]op.Need, error) {
	if _, err := parsePolicyARN(policyARN); err != nil {
		return nil, err
	}
	needs, err := needBounded(c, a.kind, action, owner)
	if err != nil {
		return nil, err
	}
	return withContext(needs, "iam:policyarn", policyARN), nil
}

// attach attaches a policy; to do so twice changes nothing.
func (a attached[T, P]) attach(c *op.Call, owner, policyARN string) (*op.None, error) {
	rec, err := a.changeable(c, owner)
	if err != nil {
		return nil, err
	}
	p, err := findPolicy(c, policyARN)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", policyARN)
	}
	if err := checkAttachable(p); err != nil {
		return nil, err
	}
	have := rec.Common().Attached
	if slices.Contains(have, p.ID) {
		return &op.None{}, nil
	}
	if err := checkRoom(c, a.quota, len(have)); err != nil {
		return nil, err
	}
	if err := checkUsable(c, p); err != nil {
		return nil, err
	}
	return &op.None{}, a.kind.Attach(c.Tx, rec, p.ID)
}

// checkUsable makes sure that one more policy may be in use, if p isn't yet.
func checkUsable(c *op.Call, p *directory.Policy) error {
	use, err := directory.UseOf(c.Snap, c.Caller.Account, p.ID)
	if err != nil || use.Any() {
		return err
	}
	return checkCount(c, directory.PoliciesInUse, policyVersionsInUse)
}

// checkAttachable refuses the policies that AWS made for the roles of its services.
func checkAttachable(p *directory.Policy) error {
	if p.Account == directory.AWS && isServiceLinked(p.Path) {
		return awserr.New(400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
	}
	return nil
}

func (a attached[T, P]) detach(c *op.Call, owner, policyARN string) (*op.None, error) {
	rec, err := a.changeable(c, owner)
	if err != nil {
		return nil, err
	}
	p, err := mustPolicy(c, policyARN)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(rec.Common().Attached, p.ID) {
		return nil, noSuchEntity("Policy %s was not found.", policyARN)
	}
	return &op.None{}, a.kind.Detach(c.Tx, rec, p.ID)
}

// list is a page of the policies below a path, by their names.
func (a attached[T, P]) list(c *op.Call, owner string, pathPrefix, marker *string, maxItems *int32) (page[*directory.Policy], error) {
	rec, err := mustEntity(c, a.kind, owner)
	if err != nil {
		return page[*directory.Policy]{}, err
	}
	cursor, err := cursorOf(marker)
	if err != nil {
		return page[*directory.Policy]{}, err
	}
	policies, err := attachedPolicies(c, rec.Common(), pathOf(pathPrefix))
	if err != nil {
		return page[*directory.Policy]{}, err
	}
	return paged(op.After(policies, cursor, attachedCursor), maxItems, attachedCursor)
}

// attachedPolicies are the policies attached to e whose path begins with prefix, by
// their names. There are few of them: see the quotas.
func attachedPolicies(c *op.Call, e *directory.Entity, prefix string) ([]*directory.Policy, error) {
	var policies []*directory.Policy
	for _, id := range e.Attached {
		p, err := e.UsedPolicy(c.Snap, id)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(p.Path, prefix) {
			policies = append(policies, p)
		}
	}
	slices.SortFunc(policies, func(a, b *directory.Policy) int { return strings.Compare(attachedCursor(a), attachedCursor(b)) })
	return policies, nil
}

// attachedCursor is more than a name: one of AWS's policies may have that of one of
// the account's own.
func attachedCursor(p *directory.Policy) string {
	return strings.ToLower(p.Name) + "/" + string(p.Account)
}

func describeAttached(policies []*directory.Policy) []shape.AttachedPolicy {
	out := make([]shape.AttachedPolicy, len(policies))
	for i, p := range policies {
		out[i] = shape.AttachedPolicy{PolicyName: &p.Name, PolicyArn: new(p.ARN())}
	}
	return out
}

// hasAttached is what the tables of conflicts ask.
func hasAttached[T any, P directory.Record[T]](_ *op.Call, rec P) (bool, error) {
	return len(rec.Common().Attached) > 0, nil
}
