package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func instanceProfileOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateInstanceProfile", needCreateInstanceProfile, createInstanceProfile),
		op.Read("GetInstanceProfile", needGetInstanceProfile, getInstanceProfile),
		op.Read("ListInstanceProfiles", needListInstanceProfiles, listInstanceProfiles),
		op.Write("DeleteInstanceProfile", needDeleteInstanceProfile, deleteInstanceProfile),
		op.Write("AddRoleToInstanceProfile", needAddRoleToInstanceProfile, addRoleToInstanceProfile),
		op.Write("RemoveRoleFromInstanceProfile", needRemoveRoleFromInstanceProfile, removeRoleFromInstanceProfile),
		op.Read("ListInstanceProfilesForRole", needListInstanceProfilesForRole, listInstanceProfilesForRole),
		op.Write("TagInstanceProfile", needTagInstanceProfile, tagInstanceProfile),
		op.Write("UntagInstanceProfile", needUntagInstanceProfile, untagInstanceProfile),
		op.Read("ListInstanceProfileTags", needListInstanceProfileTags, listInstanceProfileTags),
	}
}

func needCreateInstanceProfile(c *op.Call, in *shape.CreateInstanceProfileRequest) ([]op.Need, error) {
	arn := directory.InstanceProfiles.ARN(c.Caller.Account, pathOf(in.Path), in.InstanceProfileName)
	return needTagged(need("CreateInstanceProfile", arn), "TagInstanceProfile", in.Tags), nil
}

func createInstanceProfile(_ context.Context, c *op.Call, in *shape.CreateInstanceProfileRequest) (*shape.CreateInstanceProfileResponse, error) {
	taken, err := directory.InstanceProfiles.ByName(c.Snap, c.Caller.Account, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, awserr.New(409, "EntityAlreadyExists", "Instance Profile %s already exists.", in.InstanceProfileName)
	}
	if err := checkAccountRoom(c, directory.InstanceProfiles, instanceProfilesPerAccount); err != nil {
		return nil, err
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := &directory.InstanceProfile{Entity: directory.Entity{
		ID:      c.IDs.EntityID(ids.InstanceProfile),
		Account: c.Caller.Account,
		Name:    in.InstanceProfileName,
		Path:    pathOf(in.Path),
		Created: directory.At(c.Now),
		Tags:    tags,
	}}
	if err := directory.InstanceProfiles.Put(c.Tx, nil, p); err != nil {
		return nil, err
	}
	out, err := describeInstanceProfile(c, p)
	if err != nil {
		return nil, err
	}
	out.Tags = describeTags(p.Tags)
	return &shape.CreateInstanceProfileResponse{InstanceProfile: out}, nil
}

func needGetInstanceProfile(c *op.Call, in *shape.GetInstanceProfileRequest) ([]op.Need, error) {
	return needInstanceProfile(c, "GetInstanceProfile", in.InstanceProfileName)
}

// getInstanceProfile is alone in showing an empty list of tags. (Recorded from AWS.)
func getInstanceProfile(_ context.Context, c *op.Call, in *shape.GetInstanceProfileRequest) (*shape.GetInstanceProfileResponse, error) {
	p, err := mustInstanceProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	out, err := describeInstanceProfile(c, p)
	if err != nil {
		return nil, err
	}
	out.Tags = append([]shape.Tag{}, describeTags(p.Tags)...)
	return &shape.GetInstanceProfileResponse{InstanceProfile: out}, nil
}

func needListInstanceProfiles(c *op.Call, in *shape.ListInstanceProfilesRequest) ([]op.Need, error) {
	return need("ListInstanceProfiles", directory.InstanceProfiles.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listInstanceProfiles(_ context.Context, c *op.Call, in *shape.ListInstanceProfilesRequest) (*shape.ListInstanceProfilesResponse, error) {
	p, err := pageOfKind(c, directory.InstanceProfiles, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	profiles, err := listedInstanceProfiles(c, p.items)
	if err != nil {
		return nil, err
	}
	return &shape.ListInstanceProfilesResponse{InstanceProfiles: profiles, IsTruncated: &p.more, Marker: p.marker}, nil
}

// instanceProfileConflicts are what must go before an instance profile can.
var instanceProfileConflicts = []conflict[*directory.InstanceProfile]{
	{"remove roles from instance profile", func(_ *op.Call, p *directory.InstanceProfile) (bool, error) {
		return p.Role != "", nil
	}},
}

func needDeleteInstanceProfile(c *op.Call, in *shape.DeleteInstanceProfileRequest) ([]op.Need, error) {
	return needInstanceProfile(c, "DeleteInstanceProfile", in.InstanceProfileName)
}

func deleteInstanceProfile(_ context.Context, c *op.Call, in *shape.DeleteInstanceProfileRequest) (*op.None, error) {
	p, err := mustInstanceProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if err := checkConflicts(c, instanceProfileConflicts, p); err != nil {
		return nil, err
	}
	return &op.None{}, directory.InstanceProfiles.Delete(c.Tx, p)
}

func needInstanceProfile(c *op.Call, action, name string) ([]op.Need, error) {
	return needEntity(c, directory.InstanceProfiles, action, name)
}

func mustInstanceProfile(c *op.Call, name string) (*directory.InstanceProfile, error) {
	p, err := directory.InstanceProfiles.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && p == nil {
		err = noSuchEntity("Instance Profile %s cannot be found.", name)
	}
	return p, err
}

// describeInstanceProfile leaves the tags out, as listings do.
func describeInstanceProfile(c *op.Call, p *directory.InstanceProfile) (*shape.InstanceProfile, error) {
	role, err := directory.RoleIn(c.Snap, p)
	if err != nil {
		return nil, err
	}
	roles := []shape.Role{}
	if role != nil {
		roles = append(roles, *describeRole(role))
	}
	return &shape.InstanceProfile{
		Path:                p.Path,
		InstanceProfileName: p.Name,
		InstanceProfileId:   string(p.ID),
		Arn:                 p.ARN(),
		CreateDate:          p.Created.Time(),
		Roles:               roles,
	}, nil
}

func listedInstanceProfiles(c *op.Call, profiles []*directory.InstanceProfile) ([]shape.InstanceProfile, error) {
	out := make([]shape.InstanceProfile, len(profiles))
	for i, p := range profiles {
		described, err := describeInstanceProfile(c, p)
		if err != nil {
			return nil, err
		}
		out[i] = *described
	}
	return out, nil
}
