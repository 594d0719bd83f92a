package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func boundaryOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutUserPermissionsBoundary", needPutUserPermissionsBoundary, putUserPermissionsBoundary),
		op.Write("DeleteUserPermissionsBoundary", needDeleteUserPermissionsBoundary, deleteUserPermissionsBoundary),
		op.Write("PutRolePermissionsBoundary", needPutRolePermissionsBoundary, putRolePermissionsBoundary),
		op.Write("DeleteRolePermissionsBoundary", needDeleteRolePermissionsBoundary, deleteRolePermissionsBoundary),
	}
}

func needPutUserPermissionsBoundary(c *op.Call, in *shape.PutUserPermissionsBoundaryRequest) ([]op.Need, error) {
	needs, err := needUser(c, "PutUserPermissionsBoundary", in.UserName)
	return withBoundary(needs, &in.PermissionsBoundary), err
}

func putUserPermissionsBoundary(_ context.Context, c *op.Call, in *shape.PutUserPermissionsBoundaryRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return putBoundary(c, directory.Users, u, in.PermissionsBoundary)
}

func needDeleteUserPermissionsBoundary(c *op.Call, in *shape.DeleteUserPermissionsBoundaryRequest) ([]op.Need, error) {
	return needBounded(c, directory.Users, "DeleteUserPermissionsBoundary", in.UserName)
}

func deleteUserPermissionsBoundary(_ context.Context, c *op.Call, in *shape.DeleteUserPermissionsBoundaryRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.Users.SetBoundary(c.Tx, u, "")
}

func needPutRolePermissionsBoundary(c *op.Call, in *shape.PutRolePermissionsBoundaryRequest) ([]op.Need, error) {
	needs, err := needRole(c, "PutRolePermissionsBoundary", in.RoleName)
	return withBoundary(needs, &in.PermissionsBoundary), err
}

func putRolePermissionsBoundary(_ context.Context, c *op.Call, in *shape.PutRolePermissionsBoundaryRequest) (*op.None, error) {
	r, err := mustOwnRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return putBoundary(c, directory.Roles, r, in.PermissionsBoundary)
}

func needDeleteRolePermissionsBoundary(c *op.Call, in *shape.DeleteRolePermissionsBoundaryRequest) ([]op.Need, error) {
	return needBounded(c, directory.Roles, "DeleteRolePermissionsBoundary", in.RoleName)
}

func deleteRolePermissionsBoundary(_ context.Context, c *op.Call, in *shape.DeleteRolePermissionsBoundaryRequest) (*op.None, error) {
	r, err := mustOwnRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.Roles.SetBoundary(c.Tx, r, "")
}

func putBoundary[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], was P, policyARN string) (*op.None, error) {
	id, err := boundaryID(c, &policyARN)
	if err != nil {
		return nil, err
	}
	return &op.None{}, k.SetBoundary(c.Tx, was, id)
}

// boundaryID is the policy that a request names as a permissions boundary; "" if
// it names none.
func boundaryID(c *op.Call, policyARN *string) (ids.EntityID, error) {
	if policyARN == nil {
		return "", nil
	}
	p, err := findPolicy(c, *policyARN)
	if err != nil {
		return "", err
	}
	if p == nil {
		return "", noSuchEntity("Scope ARN: %s does not exist or is not attachable.", *policyARN)
	}
	if err := checkAttachable(p); err != nil {
		return "", err
	}
	return p.ID, checkUsable(c, p)
}

// describeBoundary is nil for an entity without a permissions boundary. Its type is
// "Policy", as real replies have it; the model says PermissionsBoundaryPolicy.
func describeBoundary(c *op.Call, e *directory.Entity) (*shape.AttachedPermissionsBoundary, error) {
	if e.Boundary == "" {
		return nil, nil
	}
	p, err := e.UsedPolicy(c.Snap, e.Boundary)
	if err != nil {
		return nil, err
	}
	return &shape.AttachedPermissionsBoundary{
		PermissionsBoundaryArn:  new(p.ARN()),
		PermissionsBoundaryType: new("Policy"),
	}, nil
}

// needBounded is a permission on an entity that conditions may tie to the boundary
// that it has.
func needBounded[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], action, name string) ([]op.Need, error) {
	rec, err := k.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	needs := needRecord(c, k, action, name, rec)
	if rec == nil || rec.Common().Boundary == "" {
		return needs, nil
	}
	p, err := rec.Common().UsedPolicy(c.Snap, rec.Common().Boundary)
	if err != nil {
		return nil, err
	}
	return withBoundary(needs, new(p.ARN())), nil
}

// withBoundary adds the boundary that a request sets, if it does.
func withBoundary(needs []op.Need, policyARN *string) []op.Need {
	if policyARN == nil {
		return needs
	}
	return withContext(needs, "iam:permissionsboundary", *policyARN)
}

// withContext adds what the conditions of policies may ask about a permission.
func withContext(needs []op.Need, key, value string) []op.Need {
	for i := range needs {
		if needs[i].Context == nil {
			needs[i].Context = map[string][]string{}
		}
		needs[i].Context[key] = []string{value}
	}
	return needs
}
