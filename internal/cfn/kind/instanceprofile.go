package kind

import (
	"cmp"
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type instanceProfileProperties struct {
	InstanceProfileName string `json:",omitempty"`
	Path                string `json:",omitempty"`
	Roles               []string
}

var instanceProfile = Kind[instanceProfileProperties]{
	Type: "AWS::IAM::InstanceProfile",
	Create: func(ctx context.Context, api API, r Resource, want *instanceProfileProperties) (Result, error) {
		reply, err := Do[iam.CreateInstanceProfileResponse](ctx, api, &iam.CreateInstanceProfileRequest{
			InstanceProfileName: cmp.Or(want.InstanceProfileName, r.Name(mostEntityName)),
			Path:                orNil(want.Path),
		})
		if err != nil {
			return Result{}, err
		}
		made := profileResult(reply.InstanceProfile)
		return made, changeProfileRoles(ctx, api, made.Physical, nil, want.Roles)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *instanceProfileProperties) (Result, error) {
		return Result{Physical: r.Physical}, changeProfileRoles(ctx, api, r.Physical, was.Roles, want.Roles)
	},
	Delete: func(ctx context.Context, api API, r Resource, was *instanceProfileProperties) error {
		if err := changeProfileRoles(ctx, api, r.Physical, was.Roles, nil); err != nil {
			return err
		}
		_, err := api.Call(ctx, &iam.DeleteInstanceProfileRequest{InstanceProfileName: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *instanceProfileProperties) (*instanceProfileProperties, Result, error) {
		p, err := getProfile(ctx, api, r.Physical)
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := &instanceProfileProperties{InstanceProfileName: p.InstanceProfileName, Path: p.Path, Roles: []string{}}
		for i := range p.Roles {
			is.Roles = append(is.Roles, p.Roles[i].RoleName)
		}
		return is, profileResult(p), nil
	},
}

func profileResult(p *iam.InstanceProfile) Result {
	return Result{Physical: p.InstanceProfileName, Attrs: map[string]string{"Arn": p.Arn}}
}

func getProfile(ctx context.Context, api API, name string) (*iam.InstanceProfile, error) {
	reply, err := Do[iam.GetInstanceProfileResponse](ctx, api, &iam.GetInstanceProfileRequest{InstanceProfileName: name})
	if err != nil {
		return nil, err
	}
	return reply.InstanceProfile, nil
}

// changeProfileRoles takes out the old role first: a profile has one at most.
func changeProfileRoles(ctx context.Context, api API, name string, was, want []string) error {
	for _, role := range missing(was, want) {
		in := &iam.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: name, RoleName: role}
		if _, err := api.Call(ctx, in); absent(err) != nil {
			return err
		}
	}
	for _, role := range missing(want, was) {
		in := &iam.AddRoleToInstanceProfileRequest{InstanceProfileName: name, RoleName: role}
		if _, err := api.Call(ctx, in); err != nil && !hasRole(ctx, api, name, role, err) {
			return err
		}
	}
	return nil
}

// hasRole reports whether a role could not be put into a profile since it is in there, as
// when an update is undone that had not taken it out yet.
func hasRole(ctx context.Context, api API, profile, role string, refused error) bool {
	if !isCode(refused, "LimitExceeded") {
		return false
	}
	p, err := getProfile(ctx, api, profile)
	return err == nil && slices.ContainsFunc(p.Roles, func(r iam.Role) bool { return r.RoleName == role })
}
