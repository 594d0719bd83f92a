package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type roleProperties struct {
	RoleName                 string `json:",omitempty"`
	Path                     string `json:",omitempty"`
	AssumeRolePolicyDocument document
	Description              string `json:",omitempty"`
	MaxSessionDuration       *int32 `json:",omitempty"`
	PermissionsBoundary      string `json:",omitempty"`
	Tags                     []Tag  `json:",omitempty"`
	holdings
}

// defaultSession is the MaxSessionDuration of a role without one, in seconds.
const defaultSession int32 = 3600

func (p *roleProperties) session() int32 {
	if p.MaxSessionDuration == nil {
		return defaultSession
	}
	return *p.MaxSessionDuration
}

var role = Kind[roleProperties]{
	Type: "AWS::IAM::Role",
	Create: func(ctx context.Context, api API, r Resource, want *roleProperties) (Result, error) {
		reply, err := Do[iam.CreateRoleResponse](ctx, api, &iam.CreateRoleRequest{
			RoleName:                 cmp.Or(want.RoleName, r.Name(mostUserName)),
			Path:                     orNil(want.Path),
			AssumeRolePolicyDocument: want.AssumeRolePolicyDocument.text,
			Description:              orNil(want.Description),
			MaxSessionDuration:       want.MaxSessionDuration,
			PermissionsBoundary:      orNil(want.PermissionsBoundary),
			Tags:                     iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		return roleResult(reply.Role), roles.change(ctx, api, reply.Role.RoleName, &holdings{}, &want.holdings)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *roleProperties) (Result, error) {
		if err := changeRole(ctx, api, r.Physical, was, want); err != nil {
			return Result{}, err
		}
		if err := r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same:  foldedKey,
			untag: func(keys []string) any { return &iam.UntagRoleRequest{RoleName: r.Physical, TagKeys: keys} },
			tag:   func(tags []Tag) any { return &iam.TagRoleRequest{RoleName: r.Physical, Tags: iamTags(tags)} },
		}); err != nil {
			return Result{}, err
		}
		if err := roles.change(ctx, api, r.Physical, &was.holdings, &want.holdings); err != nil {
			return Result{}, err
		}
		reply, err := Do[iam.GetRoleResponse](ctx, api, &iam.GetRoleRequest{RoleName: r.Physical})
		if err != nil {
			return Result{}, err
		}
		return roleResult(reply.Role), nil
	},
	Delete: func(ctx context.Context, api API, r Resource, was *roleProperties) error {
		if err := roles.change(ctx, api, r.Physical, &was.holdings, &holdings{}); err != nil {
			return err
		}
		_, err := api.Call(ctx, &iam.DeleteRoleRequest{RoleName: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *roleProperties) (*roleProperties, Result, error) {
		reply, err := Do[iam.GetRoleResponse](ctx, api, &iam.GetRoleRequest{RoleName: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		trust, err := decoded(reply.Role.AssumeRolePolicyDocument)
		if err != nil {
			return nil, Result{}, err
		}
		held, err := roles.read(ctx, api, r.Physical, &was.holdings)
		if err != nil {
			return nil, Result{}, err
		}
		is := &roleProperties{
			RoleName:                 reply.Role.RoleName,
			Path:                     reply.Role.Path,
			AssumeRolePolicyDocument: was.AssumeRolePolicyDocument.now(trust),
			Description:              orNone(reply.Role.Description),
			MaxSessionDuration:       reply.Role.MaxSessionDuration,
			PermissionsBoundary:      boundaryARN(reply.Role.PermissionsBoundary),
			Tags:                     r.shown(fromIAM(reply.Role.Tags), was.Tags, foldedKey),
			holdings:                 *held,
		}
		return is, roleResult(reply.Role), nil
	},
}

func roleResult(r *iam.Role) Result {
	return Result{Physical: r.RoleName, Attrs: map[string]string{"Arn": r.Arn, "RoleId": r.RoleId}}
}

// changeRole changes what is the role's own.
func changeRole(ctx context.Context, api API, name string, was, want *roleProperties) error {
	if was.Description != want.Description || was.session() != want.session() {
		in := &iam.UpdateRoleRequest{RoleName: name, Description: &want.Description, MaxSessionDuration: new(want.session())}
		if _, err := api.Call(ctx, in); err != nil {
			return err
		}
	}
	if trust := want.AssumeRolePolicyDocument.text; was.AssumeRolePolicyDocument.text != trust {
		if _, err := api.Call(ctx, &iam.UpdateAssumeRolePolicyRequest{RoleName: name, PolicyDocument: trust}); err != nil {
			return err
		}
	}
	if was.PermissionsBoundary == want.PermissionsBoundary {
		return nil
	}
	if want.PermissionsBoundary == "" {
		_, err := api.Call(ctx, &iam.DeleteRolePermissionsBoundaryRequest{RoleName: name})
		return ignore(err, "NoSuchEntity")
	}
	_, err := api.Call(ctx, &iam.PutRolePermissionsBoundaryRequest{RoleName: name, PermissionsBoundary: want.PermissionsBoundary})
	return err
}
