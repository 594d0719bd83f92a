package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

func roleOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateRole", needCreateRole, createRole),
		op.Read("GetRole", needGetRole, getRole),
		op.Read("ListRoles", needListRoles, listRoles),
		op.Write("UpdateRole", needUpdateRole, updateRole),
		op.Write("UpdateRoleDescription", needUpdateRoleDescription, updateRoleDescription),
		op.Write("UpdateAssumeRolePolicy", needUpdateAssumeRolePolicy, updateAssumeRolePolicy),
		op.Write("DeleteRole", needDeleteRole, deleteRole),
		op.Write("TagRole", needTagRole, tagRole),
		op.Write("UntagRole", needUntagRole, untagRole),
		op.Read("ListRoleTags", needListRoleTags, listRoleTags),
	}
}

// defaultMaxSession is how long a session of a role may last unless somebody says
// otherwise, in seconds.
const defaultMaxSession = 3600

func needCreateRole(c *op.Call, in *shape.CreateRoleRequest) ([]op.Need, error) {
	arn := directory.Roles.ARN(c.Caller.Account, pathOf(in.Path), in.RoleName)
	needs := withBoundary(need("CreateRole", arn), in.PermissionsBoundary)
	return needTagged(needs, "TagRole", in.Tags), nil
}

func createRole(_ context.Context, c *op.Call, in *shape.CreateRoleRequest) (*shape.CreateRoleResponse, error) {
	path := pathOf(in.Path)
	if isServiceLinked(path) {
		return nil, invalidInput("Path prefix '%s' can only be used for AWS Service linked Roles", serviceLinkedPath)
	}
	if err := checkFree(c, directory.Roles, in.RoleName); err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.Roles, rolesPerAccount); err != nil {
		return nil, err
	}
	if err := checkTrust(c, in.AssumeRolePolicyDocument); err != nil {
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
	r := &directory.Role{
		Entity: directory.Entity{
			ID:       c.IDs.EntityID(ids.Role),
			Account:  c.Caller.Account,
			Name:     in.RoleName,
			Path:     path,
			Created:  directory.At(c.Now),
			Tags:     tags,
			Boundary: boundary,
		},
		Trust:       directory.Document(in.AssumeRolePolicyDocument),
		Description: in.Description,
		MaxSession:  defaultMaxSession,
	}
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	if err := directory.Roles.Put(c.Tx, nil, r); err != nil {
		return nil, err
	}
	out := describeRole(r)
	out.Tags = describeTags(r.Tags)
	out.PermissionsBoundary, err = describeBoundary(c, r.Common())
	return &shape.CreateRoleResponse{Role: out}, err
}

// checkTrust makes sure that a document can say who may assume a role.
func checkTrust(c *op.Call, document string) error {
	if err := checkDocument(document, policy.Trust); err != nil {
		return err
	}
	return checkMost(c, aclSizePerRole, directory.Document(document).Size())
}

func needGetRole(c *op.Call, in *shape.GetRoleRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "GetRole", in.RoleName)
}

func getRole(_ context.Context, c *op.Call, in *shape.GetRoleRequest) (*shape.GetRoleResponse, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := describeRole(r)
	out.Description = r.Description
	out.MaxSessionDuration = &r.MaxSession
	out.Tags = describeTags(r.Tags)
	if out.RoleLastUsed, err = describeLastUsed(c, r); err != nil {
		return nil, err
	}
	out.PermissionsBoundary, err = describeBoundary(c, r.Common())
	return &shape.GetRoleResponse{Role: out}, err
}

// describeLastUsed is empty for a role that nobody has used.
func describeLastUsed(c *op.Call, r *directory.Role) (*shape.RoleLastUsed, error) {
	last, err := directory.LastAccess(c.Snap, r.Common())
	if err != nil || last == nil {
		return &shape.RoleLastUsed{}, err
	}
	return &shape.RoleLastUsed{LastUsedDate: new(last.Date.Time()), Region: &last.Region}, nil
}

func needListRoles(c *op.Call, in *shape.ListRolesRequest) ([]op.Need, error) {
	return need("ListRoles", directory.Roles.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listRoles(_ context.Context, c *op.Call, in *shape.ListRolesRequest) (*shape.ListRolesResponse, error) {
	p, err := pageOfKind(c, directory.Roles, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &shape.ListRolesResponse{Roles: make([]shape.Role, len(p.items)), IsTruncated: &p.more, Marker: p.marker}
	for i, r := range p.items {
		out.Roles[i] = *describeRole(r)
		out.Roles[i].Description = r.Description
		out.Roles[i].MaxSessionDuration = &r.MaxSession
	}
	return out, nil
}

// describeRole is what every reply says of a role, and all that one about an
// instance profile says. Each of the others adds its own: recordings of AWS have
// tags in CreateRole, the description and the length of sessions in ListRoles, all
// of that and the last use in GetRole.
func describeRole(r *directory.Role) *shape.Role {
	return &shape.Role{
		Path:                     r.Path,
		RoleName:                 r.Name,
		RoleId:                   string(r.ID),
		Arn:                      r.ARN(),
		CreateDate:               r.Created.Time(),
		AssumeRolePolicyDocument: new(encodeDocument(r.Trust)),
	}
}

// roleConflicts are what must go before a role can.
var roleConflicts = []conflict[*directory.Role]{
	{"remove roles from instance profile", func(c *op.Call, r *directory.Role) (bool, error) {
		return r.InProfile(c.Snap)
	}},
	{"detach all policies", hasAttached[directory.Role]},
	{"delete policies", hasInline[directory.Role]},
}

func needDeleteRole(c *op.Call, in *shape.DeleteRoleRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "DeleteRole", in.RoleName)
}

func deleteRole(_ context.Context, c *op.Call, in *shape.DeleteRoleRequest) (*op.None, error) {
	r, err := mustOwnRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkConflicts(c, roleConflicts, r); err != nil {
		return nil, err
	}
	return &op.None{}, forgetRole(c, r)
}

func forgetRole(c *op.Call, r *directory.Role) error {
	if err := directory.ForgetAccesses(c.Tx, r.Common()); err != nil {
		return err
	}
	return directory.Roles.Delete(c.Tx, r)
}

func needRole(c *op.Call, action, name string) ([]op.Need, error) {
	return needEntity(c, directory.Roles, action, name)
}

func mustRole(c *op.Call, name string) (*directory.Role, error) {
	return mustEntity(c, directory.Roles, name)
}

// mustOwnRole is a role that its account may change, which leaves out those that
// belong to AWS's services.
func mustOwnRole(c *op.Call, name string) (*directory.Role, error) {
	r, err := mustRole(c, name)
	if err == nil && isServiceLinked(r.Path) {
		return nil, unmodifiable(r)
	}
	return r, err
}

func unmodifiable(r *directory.Role) error {
	return awserr.New(400, "UnmodifiableEntity",
		"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
}
