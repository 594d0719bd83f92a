package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func groupOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateGroup", needCreateGroup, createGroup),
		op.Read("GetGroup", needGetGroup, getGroup),
		op.Read("ListGroups", needListGroups, listGroups),
		op.Write("UpdateGroup", needUpdateGroup, updateGroup),
		op.Write("DeleteGroup", needDeleteGroup, deleteGroup),
		op.Write("AddUserToGroup", needAddUserToGroup, addUserToGroup),
		op.Write("RemoveUserFromGroup", needRemoveUserFromGroup, removeUserFromGroup),
		op.Read("ListGroupsForUser", needListGroupsForUser, listGroupsForUser),
	}
}

func needCreateGroup(c *op.Call, in *shape.CreateGroupRequest) ([]op.Need, error) {
	return need("CreateGroup", directory.Groups.ARN(c.Caller.Account, pathOf(in.Path), in.GroupName)), nil
}

func createGroup(_ context.Context, c *op.Call, in *shape.CreateGroupRequest) (*shape.CreateGroupResponse, error) {
	if err := checkFree(c, directory.Groups, in.GroupName); err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.Groups, groupsPerAccount); err != nil {
		return nil, err
	}
	g := &directory.Group{Entity: directory.Entity{
		ID:      c.IDs.EntityID(ids.Group),
		Account: c.Caller.Account,
		Name:    in.GroupName,
		Path:    pathOf(in.Path),
		Created: directory.At(c.Now),
	}}
	if err := directory.Groups.Put(c.Tx, nil, g); err != nil {
		return nil, err
	}
	return &shape.CreateGroupResponse{Group: describeGroup(g)}, nil
}

func needGetGroup(c *op.Call, in *shape.GetGroupRequest) ([]op.Need, error) {
	return needGroup(c, "GetGroup", in.GroupName)
}

// getGroup shows a group and a page of its users, in the order of their IDs.
func getGroup(_ context.Context, c *op.Call, in *shape.GetGroupRequest) (*shape.GetGroupResponse, error) {
	g, err := mustGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	p, err := paged(g.Users(c.Snap, ids.EntityID(cursor)), in.MaxItems, func(u *directory.User) string { return string(u.ID) })
	if err != nil {
		return nil, err
	}
	return &shape.GetGroupResponse{
		Group:       describeGroup(g),
		Users:       listedUsers(p.items),
		IsTruncated: &p.more,
		Marker:      p.marker,
	}, nil
}

func needListGroups(c *op.Call, in *shape.ListGroupsRequest) ([]op.Need, error) {
	return need("ListGroups", directory.Groups.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listGroups(_ context.Context, c *op.Call, in *shape.ListGroupsRequest) (*shape.ListGroupsResponse, error) {
	p, err := pageOfKind(c, directory.Groups, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListGroupsResponse{Groups: listedGroups(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}

func needUpdateGroup(c *op.Call, in *shape.UpdateGroupRequest) ([]op.Need, error) {
	return needRename(c, directory.Groups, "UpdateGroup", in.GroupName, in.NewGroupName, in.NewPath)
}

func updateGroup(_ context.Context, c *op.Call, in *shape.UpdateGroupRequest) (*op.None, error) {
	return rename(c, directory.Groups, in.GroupName, in.NewGroupName, in.NewPath)
}

// groupConflicts are what must go before a group can.
var groupConflicts = []conflict[*directory.Group]{
	{"remove users from group", func(c *op.Call, g *directory.Group) (bool, error) { return g.HasUsers(c.Snap) }},
	{"detach all policies", hasAttached[directory.Group]},
	{"delete policies", hasInline[directory.Group]},
}

func needDeleteGroup(c *op.Call, in *shape.DeleteGroupRequest) ([]op.Need, error) {
	return needGroup(c, "DeleteGroup", in.GroupName)
}

func deleteGroup(_ context.Context, c *op.Call, in *shape.DeleteGroupRequest) (*op.None, error) {
	g, err := mustGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	if err := checkConflicts(c, groupConflicts, g); err != nil {
		return nil, err
	}
	return &op.None{}, directory.Groups.Delete(c.Tx, g)
}

func needGroup(c *op.Call, action, name string) ([]op.Need, error) {
	return needEntity(c, directory.Groups, action, name)
}

func mustGroup(c *op.Call, name string) (*directory.Group, error) {
	return mustEntity(c, directory.Groups, name)
}

func describeGroup(g *directory.Group) *shape.Group {
	return &shape.Group{
		Path:       g.Path,
		GroupName:  g.Name,
		GroupId:    string(g.ID),
		Arn:        g.ARN(),
		CreateDate: g.Created.Time(),
	}
}

func listedGroups(groups []*directory.Group) []shape.Group {
	out := make([]shape.Group, len(groups))
	for i, g := range groups {
		out[i] = *describeGroup(g)
	}
	return out
}
