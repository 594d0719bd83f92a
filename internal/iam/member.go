package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needAddUserToGroup(c *op.Call, in *shape.AddUserToGroupRequest) ([]op.Need, error) {
	return needGroup(c, "AddUserToGroup", in.GroupName)
}

// addUserToGroup does nothing, and counts nothing, for a user who is in the group.
func addUserToGroup(_ context.Context, c *op.Call, in *shape.AddUserToGroupRequest) (*op.None, error) {
	g, u, err := mustGroupAndUser(c, in.GroupName, in.UserName)
	if err != nil {
		return nil, err
	}
	if slices.Contains(u.Groups, g.ID) {
		return &op.None{}, nil
	}
	if err := checkRoom(c, groupsPerUser, len(u.Groups)); err != nil {
		return nil, err
	}
	return &op.None{}, directory.Join(c.Tx, u, g)
}

func needRemoveUserFromGroup(c *op.Call, in *shape.RemoveUserFromGroupRequest) ([]op.Need, error) {
	return needGroup(c, "RemoveUserFromGroup", in.GroupName)
}

// removeUserFromGroup is content with a user who is not in the group, as AWS is.
// https://github.com/cloud-custodian/cloud-custodian/pull/4730
func removeUserFromGroup(_ context.Context, c *op.Call, in *shape.RemoveUserFromGroupRequest) (*op.None, error) {
	g, u, err := mustGroupAndUser(c, in.GroupName, in.UserName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.Leave(c.Tx, u, g)
}

func needListGroupsForUser(c *op.Call, in *shape.ListGroupsForUserRequest) ([]op.Need, error) {
	return needUser(c, "ListGroupsForUser", in.UserName)
}

// listGroupsForUser lists a user's groups by name. There are at most ten.
func listGroupsForUser(_ context.Context, c *op.Call, in *shape.ListGroupsForUserRequest) (*shape.ListGroupsForUserResponse, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	groups, err := directory.GroupsOf(c.Snap, u)
	if err != nil {
		return nil, err
	}
	name := func(g *directory.Group) string { return strings.ToLower(g.Name) }
	slices.SortFunc(groups, func(a, b *directory.Group) int { return strings.Compare(name(a), name(b)) })
	p, err := paged(op.After(groups, cursor, name), in.MaxItems, name)
	if err != nil {
		return nil, err
	}
	return &shape.ListGroupsForUserResponse{Groups: listedGroups(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}

func mustGroupAndUser(c *op.Call, group, user string) (*directory.Group, *directory.User, error) {
	g, err := mustGroup(c, group)
	if err != nil {
		return nil, nil, err
	}
	u, err := mustUser(c, user)
	return g, u, err
}
