package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type groupProperties struct {
	GroupName string `json:",omitempty"`
	Path      string `json:",omitempty"`
	holdings
}

var group = Kind[groupProperties]{
	Type: "AWS::IAM::Group",
	Create: func(ctx context.Context, api API, r Resource, want *groupProperties) (Result, error) {
		reply, err := Do[iam.CreateGroupResponse](ctx, api, &iam.CreateGroupRequest{
			GroupName: cmp.Or(want.GroupName, r.Name(mostEntityName)),
			Path:      orNil(want.Path),
		})
		if err != nil {
			return Result{}, err
		}
		return groupResult(reply.Group), groups.change(ctx, api, reply.Group.GroupName, &holdings{}, &want.holdings)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *groupProperties) (Result, error) {
		if was.Path != want.Path {
			in := &iam.UpdateGroupRequest{GroupName: r.Physical, NewPath: new(cmp.Or(want.Path, "/"))}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		if err := groups.change(ctx, api, r.Physical, &was.holdings, &want.holdings); err != nil {
			return Result{}, err
		}
		g, err := getGroup(ctx, api, r.Physical)
		if err != nil {
			return Result{}, err
		}
		return groupResult(g), nil
	},
	Delete: func(ctx context.Context, api API, r Resource, was *groupProperties) error {
		if err := groups.change(ctx, api, r.Physical, &was.holdings, &holdings{}); err != nil {
			return err
		}
		_, err := api.Call(ctx, &iam.DeleteGroupRequest{GroupName: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *groupProperties) (*groupProperties, Result, error) {
		g, err := getGroup(ctx, api, r.Physical)
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		held, err := groups.read(ctx, api, r.Physical, &was.holdings)
		if err != nil {
			return nil, Result{}, err
		}
		return &groupProperties{GroupName: g.GroupName, Path: g.Path, holdings: *held}, groupResult(g), nil
	},
}

func groupResult(g *iam.Group) Result {
	return Result{Physical: g.GroupName, Attrs: map[string]string{"Arn": g.Arn}}
}

// getGroup asks for no more of the group's users than it must.
func getGroup(ctx context.Context, api API, name string) (*iam.Group, error) {
	reply, err := Do[iam.GetGroupResponse](ctx, api, &iam.GetGroupRequest{GroupName: name, MaxItems: new(int32(1))})
	if err != nil {
		return nil, err
	}
	return reply.Group, nil
}
