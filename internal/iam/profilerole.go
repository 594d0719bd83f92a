package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// needAddRoleToInstanceProfile asks for iam:PassRole, too: machines that get the
// profile get the role. Which machines is not known yet, and the ARN says so.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func needAddRoleToInstanceProfile(c *op.Call, in *shape.AddRoleToInstanceProfileRequest) ([]op.Need, error) {
	needs, err := needInstanceProfile(c, "AddRoleToInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	pass, err := needRole(c, "PassRole", in.RoleName)
	if err != nil {
		return nil, err
	}
	pass = withContext(pass, "iam:passedtoservice", "ec2.amazonaws.com")
	pass = withContext(pass, "iam:associatedresourcearn", "arn:aws:ec2:*:"+string(c.Caller.Account)+":instance/*")
	return append(needs, pass...), nil
}

func addRoleToInstanceProfile(_ context.Context, c *op.Call, in *shape.AddRoleToInstanceProfileRequest) (*op.None, error) {
	p, r, err := mustProfileAndRole(c, in.InstanceProfileName, in.RoleName)
	if err != nil {
		return nil, err
	}
	have := 0
	if p.Role != "" { // be it this very one
		have = 1
	}
	if err := checkRoom(c, sessionsPerInstanceProfile, have); err != nil {
		return nil, err
	}
	return &op.None{}, directory.FillProfile(c.Tx, p, r)
}

func needRemoveRoleFromInstanceProfile(c *op.Call, in *shape.RemoveRoleFromInstanceProfileRequest) ([]op.Need, error) {
	return needInstanceProfile(c, "RemoveRoleFromInstanceProfile", in.InstanceProfileName)
}

func removeRoleFromInstanceProfile(_ context.Context, c *op.Call, in *shape.RemoveRoleFromInstanceProfileRequest) (*op.None, error) {
	p, r, err := mustProfileAndRole(c, in.InstanceProfileName, in.RoleName)
	if err != nil {
		return nil, err
	}
	if p.Role != r.ID {
		return nil, noSuchEntity("Role %s in Instance Profile %s cannot be found.", in.RoleName, in.InstanceProfileName)
	}
	return &op.None{}, directory.EmptyProfile(c.Tx, p)
}

func needListInstanceProfilesForRole(c *op.Call, in *shape.ListInstanceProfilesForRoleRequest) ([]op.Need, error) {
	return needRole(c, "ListInstanceProfilesForRole", in.RoleName)
}

func listInstanceProfilesForRole(_ context.Context, c *op.Call, in *shape.ListInstanceProfilesForRoleRequest) (*shape.ListInstanceProfilesForRoleResponse, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	p, err := paged(r.InstanceProfiles(c.Snap, ids.EntityID(cursor)), in.MaxItems,
		func(p *directory.InstanceProfile) string { return string(p.ID) })
	if err != nil {
		return nil, err
	}
	profiles, err := listedInstanceProfiles(c, p.items)
	if err != nil {
		return nil, err
	}
	return &shape.ListInstanceProfilesForRoleResponse{InstanceProfiles: profiles, IsTruncated: &p.more, Marker: p.marker}, nil
}

// mustProfileAndRole is an instance profile and a role that may go into one.
func mustProfileAndRole(c *op.Call, profile, role string) (*directory.InstanceProfile, *directory.Role, error) {
	p, err := mustInstanceProfile(c, profile)
	if err != nil {
		return nil, nil, err
	}
	r, err := mustOwnRole(c, role)
	return p, r, err
}
