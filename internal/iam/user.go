package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func userOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateUser", needCreateUser, createUser),
		op.Read("GetUser", needGetUser, getUser),
		op.Read("ListUsers", needListUsers, listUsers),
		op.Write("UpdateUser", needUpdateUser, updateUser),
		op.Write("DeleteUser", needDeleteUser, deleteUser),
		op.Write("TagUser", needTagUser, tagUser),
		op.Write("UntagUser", needUntagUser, untagUser),
		op.Read("ListUserTags", needListUserTags, listUserTags),
	}
}

func needCreateUser(c *op.Call, in *shape.CreateUserRequest) ([]op.Need, error) {
	needs := need("CreateUser", directory.Users.ARN(c.Caller.Account, pathOf(in.Path), in.UserName))
	return needTagged(withBoundary(needs, in.PermissionsBoundary), "TagUser", in.Tags), nil
}

func createUser(_ context.Context, c *op.Call, in *shape.CreateUserRequest) (*shape.CreateUserResponse, error) {
	if err := checkFree(c, directory.Users, in.UserName); err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.Users, usersPerAccount); err != nil {
		return nil, err
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	boundary, err := boundaryID(c, in.PermissionsBoundary)
	if err != nil {
		return nil, err
	}
	u := &directory.User{Entity: directory.Entity{
		ID:       c.IDs.EntityID(ids.User),
		Account:  c.Caller.Account,
		Name:     in.UserName,
		Path:     pathOf(in.Path),
		Created:  directory.At(c.Now),
		Tags:     tags,
		Boundary: boundary,
	}}
	if err := directory.Users.Put(c.Tx, nil, u); err != nil {
		return nil, err
	}
	out := describeUser(u)
	out.PermissionsBoundary, err = describeBoundary(c, u.Common())
	return &shape.CreateUserResponse{User: out}, err
}

func needGetUser(c *op.Call, in *shape.GetUserRequest) ([]op.Need, error) {
	return needSubject(c, "GetUser", in.UserName)
}

func getUser(_ context.Context, c *op.Call, in *shape.GetUserRequest) (*shape.GetUserResponse, error) {
	s, err := subjectOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if u, ok := s.Holder.(*directory.User); ok {
		out := describeUser(u)
		out.PermissionsBoundary, err = describeBoundary(c, u.Common())
		return &shape.GetUserResponse{User: out}, err
	}
	return &shape.GetUserResponse{User: describeRoot(s.Holder.(*directory.Account))}, nil
}

func needListUsers(c *op.Call, in *shape.ListUsersRequest) ([]op.Need, error) {
	return need("ListUsers", directory.Users.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listUsers(_ context.Context, c *op.Call, in *shape.ListUsersRequest) (*shape.ListUsersResponse, error) {
	p, err := pageOfKind(c, directory.Users, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &shape.ListUsersResponse{Users: listedUsers(p.items), IsTruncated: &p.more, Marker: p.marker}, nil
}

func needUpdateUser(c *op.Call, in *shape.UpdateUserRequest) ([]op.Need, error) {
	return needRename(c, directory.Users, "UpdateUser", in.UserName, in.NewUserName, in.NewPath)
}

func updateUser(_ context.Context, c *op.Call, in *shape.UpdateUserRequest) (*op.None, error) {
	return rename(c, directory.Users, in.UserName, in.NewUserName, in.NewPath)
}

// userConflicts are what must go before a user can.
var userConflicts = []conflict[*directory.User]{
	{"delete access keys", func(_ *op.Call, u *directory.User) (bool, error) { return len(u.Keys) > 0, nil }},
	{"detach all policies", hasAttached[directory.User]},
	{"delete policies", hasInline[directory.User]},
	{"remove users from group", func(_ *op.Call, u *directory.User) (bool, error) { return len(u.Groups) > 0, nil }},
	{"delete login profile", func(c *op.Call, u *directory.User) (bool, error) {
		p, err := directory.GetLoginProfile(c.Snap, u)
		return p != nil, err
	}},
	{"delete certificates", func(c *op.Call, u *directory.User) (bool, error) {
		return directory.SigningCertificates.Any(c.Snap, u)
	}},
	{"delete MFA device", hasMFADevice},
	{"remove referenced objects", func(c *op.Call, u *directory.User) (bool, error) {
		return directory.SSHPublicKeys.Any(c.Snap, u)
	}},
	{"remove referenced objects", func(c *op.Call, u *directory.User) (bool, error) {
		return directory.ServiceCredentials.Any(c.Snap, u)
	}},
}

func needDeleteUser(c *op.Call, in *shape.DeleteUserRequest) ([]op.Need, error) {
	return needUser(c, "DeleteUser", in.UserName)
}

func deleteUser(_ context.Context, c *op.Call, in *shape.DeleteUserRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := checkConflicts(c, userConflicts, u); err != nil {
		return nil, err
	}
	if err := directory.ForgetAccesses(c.Tx, u.Common()); err != nil {
		return nil, err
	}
	return &op.None{}, directory.Users.Delete(c.Tx, u)
}

func pathOf(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

func describeUser(u *directory.User) *shape.User {
	return &shape.User{
		Path:       &u.Path,
		UserName:   &u.Name,
		UserId:     string(u.ID),
		Arn:        u.ARN(),
		CreateDate: u.Created.Time(),
		Tags:       describeTags(u.Tags),
	}
}

// listedUsers leaves out the tags and the boundary, as ListUsers and GetGroup do.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
func listedUsers(users []*directory.User) []shape.User {
	out := make([]shape.User, len(users))
	for i, u := range users {
		out[i] = *describeUser(u)
		out[i].Tags = nil
	}
	return out
}

// describeRoot is GetUser's answer about the root user, which has no name and no path.
func describeRoot(a *directory.Account) *shape.User {
	return &shape.User{UserId: string(a.ID), Arn: a.ARN(), CreateDate: a.Created.Time()}
}
