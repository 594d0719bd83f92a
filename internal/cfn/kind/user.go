package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type userProperties struct {
	UserName            string        `json:",omitempty"`
	Path                string        `json:",omitempty"`
	Groups              []string      `json:",omitempty"`
	LoginProfile        *loginProfile `json:",omitempty"`
	PermissionsBoundary string        `json:",omitempty"`
	Tags                []Tag         `json:",omitempty"`
	holdings
}

type loginProfile struct {
	Password              string
	PasswordResetRequired bool `json:",omitempty"`
}

// How long names may be.
const (
	mostUserName   = 64
	mostEntityName = 128
)

var user = Kind[userProperties]{
	Type: "AWS::IAM::User",
	Create: func(ctx context.Context, api API, r Resource, want *userProperties) (Result, error) {
		reply, err := Do[iam.CreateUserResponse](ctx, api, &iam.CreateUserRequest{
			UserName:            cmp.Or(want.UserName, r.Name(mostUserName)),
			Path:                orNil(want.Path),
			PermissionsBoundary: orNil(want.PermissionsBoundary),
			Tags:                iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		made := userResult(reply.User)
		return made, changeUserParts(ctx, api, made.Physical, &userProperties{}, want)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *userProperties) (Result, error) {
		if was.Path != want.Path {
			in := &iam.UpdateUserRequest{UserName: r.Physical, NewPath: new(cmp.Or(want.Path, "/"))}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		if was.PermissionsBoundary != want.PermissionsBoundary {
			if err := setUserBoundary(ctx, api, r.Physical, want.PermissionsBoundary); err != nil {
				return Result{}, err
			}
		}
		if err := r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same:  foldedKey,
			untag: func(keys []string) any { return &iam.UntagUserRequest{UserName: r.Physical, TagKeys: keys} },
			tag:   func(tags []Tag) any { return &iam.TagUserRequest{UserName: r.Physical, Tags: iamTags(tags)} },
		}); err != nil {
			return Result{}, err
		}
		if err := changeUserParts(ctx, api, r.Physical, was, want); err != nil {
			return Result{}, err
		}
		reply, err := Do[iam.GetUserResponse](ctx, api, &iam.GetUserRequest{UserName: &r.Physical})
		if err != nil {
			return Result{}, err
		}
		return userResult(reply.User), nil
	},
	Delete: func(ctx context.Context, api API, r Resource, was *userProperties) error {
		if err := changeUserParts(ctx, api, r.Physical, was, &userProperties{}); err != nil {
			return err
		}
		_, err := api.Call(ctx, &iam.DeleteUserRequest{UserName: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *userProperties) (*userProperties, Result, error) {
		reply, err := Do[iam.GetUserResponse](ctx, api, &iam.GetUserRequest{UserName: &r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := &userProperties{
			UserName:            orNone(reply.User.UserName),
			Path:                orNone(reply.User.Path),
			PermissionsBoundary: boundaryARN(reply.User.PermissionsBoundary),
			Tags:                r.shown(fromIAM(reply.User.Tags), was.Tags, foldedKey),
		}
		return is, userResult(reply.User), readUserParts(ctx, api, was, is)
	},
}

func userResult(u *iam.User) Result {
	return Result{Physical: orNone(u.UserName), Attrs: map[string]string{"Arn": u.Arn}}
}

// changeUserParts changes what belongs to a user and is made by calls of its own.
func changeUserParts(ctx context.Context, api API, name string, was, want *userProperties) error {
	for _, group := range missing(want.Groups, was.Groups) {
		if _, err := api.Call(ctx, &iam.AddUserToGroupRequest{UserName: name, GroupName: group}); err != nil {
			return err
		}
	}
	for _, group := range missing(was.Groups, want.Groups) {
		if _, err := api.Call(ctx, &iam.RemoveUserFromGroupRequest{UserName: name, GroupName: group}); absent(err) != nil {
			return err
		}
	}
	if err := changeLogin(ctx, api, name, was.LoginProfile, want.LoginProfile); err != nil {
		return err
	}
	return users.change(ctx, api, name, &was.holdings, &want.holdings)
}

func changeLogin(ctx context.Context, api API, name string, was, want *loginProfile) error {
	switch {
	case want == nil && was == nil, want != nil && was != nil && *was == *want:
		return nil
	case want == nil:
		_, err := api.Call(ctx, &iam.DeleteLoginProfileRequest{UserName: &name})
		return absent(err)
	case was == nil:
		in := &iam.CreateLoginProfileRequest{UserName: &name, Password: &want.Password, PasswordResetRequired: &want.PasswordResetRequired}
		_, err := api.Call(ctx, in)
		if !isCode(err, "EntityAlreadyExists") { // as when an update is undone that had not removed it yet
			return err
		}
	}
	in := &iam.UpdateLoginProfileRequest{UserName: name, PasswordResetRequired: &want.PasswordResetRequired}
	if was == nil || was.Password != want.Password {
		in.Password = &want.Password
	}
	_, err := api.Call(ctx, in)
	return err
}

func setUserBoundary(ctx context.Context, api API, name, boundary string) error {
	if boundary == "" {
		_, err := api.Call(ctx, &iam.DeleteUserPermissionsBoundaryRequest{UserName: name})
		return ignore(err, "NoSuchEntity")
	}
	_, err := api.Call(ctx, &iam.PutUserPermissionsBoundaryRequest{UserName: name, PermissionsBoundary: boundary})
	return err
}

func boundaryARN(b *iam.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return orNone(b.PermissionsBoundaryArn)
}

// readUserParts fills in what belongs to a user. Nobody can see a password: it is taken
// to be the same.
func readUserParts(ctx context.Context, api API, was, is *userProperties) error {
	in := &iam.ListGroupsForUserRequest{UserName: is.UserName}
	err := eachPage(ctx, api, in, &in.Marker, func(page *iam.ListGroupsForUserResponse) *string {
		for _, g := range page.Groups {
			is.Groups = append(is.Groups, g.GroupName)
		}
		return page.Marker
	})
	if err != nil {
		return err
	}
	is.Groups = orderedNames(is.Groups, was.Groups)
	login, err := Do[iam.GetLoginProfileResponse](ctx, api, &iam.GetLoginProfileRequest{UserName: &is.UserName})
	switch {
	case err == nil:
		is.LoginProfile = &loginProfile{PasswordResetRequired: *login.LoginProfile.PasswordResetRequired}
		if was.LoginProfile != nil {
			is.LoginProfile.Password = was.LoginProfile.Password
		}
	case !isCode(err, "NoSuchEntity"):
		return err
	}
	held, err := users.read(ctx, api, is.UserName, &was.holdings)
	if err == nil {
		is.holdings = *held
	}
	return err
}
