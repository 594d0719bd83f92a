package iam

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

func needListEntitiesForPolicy(c *op.Call, in *shape.ListEntitiesForPolicyRequest) ([]op.Need, error) {
	return needPolicy(c, "ListEntitiesForPolicy", in.PolicyArn)
}

// listEntitiesForPolicy pages through groups, users and roles as one list. An
// entity that has the policy attached and as its boundary comes once.
func listEntitiesForPolicy(_ context.Context, c *op.Call, in *shape.ListEntitiesForPolicyRequest) (*shape.ListEntitiesForPolicyResponse, error) {
	policy, err := mustPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	p, err := sifted(policyUsers(c, policy.ID, in.PolicyUsageFilter, cursor), in.MaxItems, policyUser.cursor,
		func(u policyUser) bool {
			again := u.use == shape.PolicyUsageTypePermissionsBoundary && slices.Contains(u.Attached, policy.ID)
			return isOfKind(u.ID, in.EntityFilter) && strings.HasPrefix(u.Path, pathOf(in.PathPrefix)) &&
				(in.PolicyUsageFilter != nil || !again)
		})
	if err != nil {
		return nil, err
	}
	out := describePolicyUsers(p.items)
	out.IsTruncated, out.Marker = &p.more, p.marker
	return out, nil
}

// policyUser is a user, group or role that uses a policy.
type policyUser struct {
	*directory.Entity
	use string // how: a value of PolicyUsageType
}

func (u policyUser) cursor() string { return u.use + "/" + string(u.ID) }

// policyUses are the ways to use a policy, in the order of a listing.
var policyUses = []struct {
	use   string
	users func(r store.Reader, a ids.Account, policy, after ids.EntityID) iter.Seq2[*directory.Entity, error]
}{
	{shape.PolicyUsageTypePermissionsPolicy, directory.AttachedTo},
	{shape.PolicyUsageTypePermissionsBoundary, directory.BoundaryOf},
}

// policyUsers yields those that use a policy, in the way that usage says or in any,
// after the one that cursor stands for.
func policyUsers(c *op.Call, policy ids.EntityID, usage *string, cursor string) iter.Seq2[policyUser, error] {
	return func(yield func(policyUser, error) bool) {
		use, after, _ := strings.Cut(cursor, "/")
		for _, u := range policyUses {
			if usage != nil && *usage != u.use || use != "" && use != u.use {
				continue
			}
			for e, err := range u.users(c.Snap, c.Caller.Account, policy, ids.EntityID(after)) {
				if !yield(policyUser{e, u.use}, err) {
					return
				}
			}
			use, after = "", "" // the next use is listed from its beginning
		}
	}
}

func describePolicyUsers(users []policyUser) *shape.ListEntitiesForPolicyResponse {
	out := &shape.ListEntitiesForPolicyResponse{
		PolicyGroups: []shape.PolicyGroup{},
		PolicyUsers:  []shape.PolicyUser{},
		PolicyRoles:  []shape.PolicyRole{},
	}
	for _, u := range users {
		id := string(u.ID)
		switch entityType(u.ID) {
		case shape.EntityTypeGroup:
			out.PolicyGroups = append(out.PolicyGroups, shape.PolicyGroup{GroupId: &id, GroupName: &u.Name})
		case shape.EntityTypeUser:
			out.PolicyUsers = append(out.PolicyUsers, shape.PolicyUser{UserId: &id, UserName: &u.Name})
		case shape.EntityTypeRole:
			out.PolicyRoles = append(out.PolicyRoles, shape.PolicyRole{RoleId: &id, RoleName: &u.Name})
		}
	}
	return out
}

func isOfKind(id ids.EntityID, filter *string) bool {
	return filter == nil || *filter == entityType(id)
}

// entityType is what AWS calls the kind of entity that has this ID.
func entityType(id ids.EntityID) string {
	switch {
	case strings.HasPrefix(string(id), string(ids.Group)):
		return shape.EntityTypeGroup
	case strings.HasPrefix(string(id), string(ids.Role)):
		return shape.EntityTypeRole
	default:
		return shape.EntityTypeUser
	}
}
