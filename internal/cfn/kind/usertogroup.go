package kind

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type userToGroupProperties struct {
	GroupName string
	Users     []string
}

var userToGroup = Kind[userToGroupProperties]{
	Type: "AWS::IAM::UserToGroupAddition",
	Create: func(ctx context.Context, api API, r Resource, want *userToGroupProperties) (Result, error) {
		id := r.Name(mostEntityName)
		made := Result{Physical: id, Attrs: map[string]string{"Id": id}}
		return made, changeMembers(ctx, api, &userToGroupProperties{}, want)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *userToGroupProperties) (Result, error) {
		return Result{Physical: r.Physical}, changeMembers(ctx, api, was, want)
	},
	Delete: func(ctx context.Context, api API, r Resource, was *userToGroupProperties) error {
		return changeMembers(ctx, api, was, &userToGroupProperties{})
	},
	Read: func(ctx context.Context, api API, r Resource, was *userToGroupProperties) (*userToGroupProperties, Result, error) {
		is := &userToGroupProperties{GroupName: was.GroupName}
		in := &iam.GetGroupRequest{GroupName: was.GroupName}
		err := eachPage(ctx, api, in, &in.Marker, func(page *iam.GetGroupResponse) *string {
			for i := range page.Users {
				if name := orNone(page.Users[i].UserName); slices.Contains(was.Users, name) {
					is.Users = append(is.Users, name)
				}
			}
			return page.Marker
		})
		if err != nil || len(is.Users) == 0 {
			return nil, Result{}, absent(err)
		}
		is.Users = orderedNames(is.Users, was.Users)
		return is, Result{Physical: r.Physical, Attrs: map[string]string{"Id": r.Physical}}, nil
	},
}

// membership is one user in one group.
type membership struct{ group, user string }

func (p *userToGroupProperties) memberships() []membership {
	var all []membership
	for _, name := range p.Users {
		all = append(all, membership{p.GroupName, name})
	}
	return all
}

func changeMembers(ctx context.Context, api API, was, want *userToGroupProperties) error {
	before, after := was.memberships(), want.memberships()
	for _, m := range missing(after, before) {
		if _, err := api.Call(ctx, &iam.AddUserToGroupRequest{GroupName: m.group, UserName: m.user}); err != nil {
			return err
		}
	}
	for _, m := range missing(before, after) {
		if _, err := api.Call(ctx, &iam.RemoveUserFromGroupRequest{GroupName: m.group, UserName: m.user}); absent(err) != nil {
			return err
		}
	}
	return nil
}
