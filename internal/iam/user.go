package iam

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
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
	return need("CreateUser", directory.Users.ARN(c.Caller.Account, pathOf(in.Path), in.UserName)), nil
}

func createUser(_ context.Context, c *op.Call, in *shape.CreateUserRequest) (*shape.CreateUserResponse, error) {
	if in.PermissionsBoundary != nil {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not support the PermissionsBoundary of iam:CreateUser yet.")
	}
	if err := checkNameFree(c, in.UserName); err != nil {
		return nil, err
	}
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	u := &directory.User{Entity: directory.Entity{
		ID:      c.IDs.EntityID(ids.User),
		Account: c.Caller.Account,
		Name:    in.UserName,
		Path:    pathOf(in.Path),
		Created: directory.At(c.Now),
		Tags:    tags,
	}}
	if err := directory.Users.Put(c.Tx, nil, u); err != nil {
		return nil, err
	}
	return &shape.CreateUserResponse{User: describeUser(u)}, nil
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
		return &shape.GetUserResponse{User: describeUser(u)}, nil
	}
	return &shape.GetUserResponse{User: describeRoot(s.Holder.(*directory.Account))}, nil
}

func needListUsers(c *op.Call, in *shape.ListUsersRequest) ([]op.Need, error) {
	return need("ListUsers", directory.Users.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listUsers(_ context.Context, c *op.Call, in *shape.ListUsersRequest) (*shape.ListUsersResponse, error) {
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	prefix := pathOf(in.PathPrefix)
	p, err := paged(directory.Users.List(c.Snap, c.Caller.Account, prefix, cursor), in.MaxItems,
		func(u *directory.User) string { return directory.Users.Cursor(prefix, u) })
	if err != nil {
		return nil, err
	}
	out := &shape.ListUsersResponse{Users: make([]shape.User, len(p.items)), IsTruncated: &p.more, Marker: p.marker}
	for i, u := range p.items {
		out.Users[i] = *describeUser(u)
		out.Users[i].Tags = nil // a listing leaves tags and boundary out: API_ListUsers
	}
	return out, nil
}

func needUpdateUser(c *op.Call, in *shape.UpdateUserRequest) ([]op.Need, error) {
	was, err := directory.Users.ByName(c.Snap, c.Caller.Account, in.UserName)
	if err != nil || was == nil {
		return need("UpdateUser", directory.Users.ARN(c.Caller.Account, "/", in.UserName)), err
	}
	// A rename takes the permission on the old and on the new name.
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
	needs := need("UpdateUser", was.ARN())
	if renamed := renamedUser(was, in); renamed.ARN() != was.ARN() {
		needs = append(needs, need("UpdateUser", renamed.ARN())...)
	}
	return needs, nil
}

func updateUser(_ context.Context, c *op.Call, in *shape.UpdateUserRequest) (*op.None, error) {
	was, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	u := renamedUser(was, in)
	if !strings.EqualFold(u.Name, was.Name) {
		if err := checkNameFree(c, u.Name); err != nil {
			return nil, err
		}
	}
	return &op.None{}, directory.Users.Put(c.Tx, was, u)
}

func renamedUser(was *directory.User, in *shape.UpdateUserRequest) *directory.User {
	u := *was
	if in.NewUserName != nil {
		u.Name = *in.NewUserName
	}
	if in.NewPath != nil {
		u.Path = *in.NewPath
	}
	return &u
}

// userConflicts are what must go before a user can: what to do, in AWS's words,
// and whether there is any of it.
var userConflicts = []struct {
	first   string
	remains func(*op.Call, *directory.User) (bool, error)
}{
	{"delete access keys", func(_ *op.Call, u *directory.User) (bool, error) { return len(u.Keys) > 0, nil }},
}

func needDeleteUser(c *op.Call, in *shape.DeleteUserRequest) ([]op.Need, error) {
	return needUser(c, "DeleteUser", in.UserName)
}

func deleteUser(_ context.Context, c *op.Call, in *shape.DeleteUserRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	for _, conflict := range userConflicts {
		remains, err := conflict.remains(c, u)
		if err != nil {
			return nil, err
		}
		if remains {
			return nil, deleteConflict(conflict.first)
		}
	}
	return &op.None{}, directory.Users.Delete(c.Tx, u)
}

func checkNameFree(c *op.Call, name string) error {
	taken, err := directory.Users.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && taken != nil {
		err = awserr.New(409, "EntityAlreadyExists", "User with name %s already exists.", name)
	}
	return err
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

// describeRoot is GetUser's answer about the root user, which has no name and no path.
func describeRoot(a *directory.Account) *shape.User {
	return &shape.User{UserId: string(a.ID), Arn: a.RootARN(), CreateDate: a.Created.Time()}
}
