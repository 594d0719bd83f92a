package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/password"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func loginProfileOperations() []op.Operation {
	p := &passwords{password.NewHasher(2, 64)}
	return []op.Operation{
		op.Write("CreateLoginProfile", needCreateLoginProfile, p.createLoginProfile),
		op.Read("GetLoginProfile", needGetLoginProfile, getLoginProfile),
		op.Write("UpdateLoginProfile", needUpdateLoginProfile, p.updateLoginProfile),
		op.Write("DeleteLoginProfile", needDeleteLoginProfile, deleteLoginProfile),
		op.Write("ChangePassword", needChangePassword, p.changePassword),
	}
}

func needCreateLoginProfile(c *op.Call, in *shape.CreateLoginProfileRequest) ([]op.Need, error) {
	return needSubject(c, "CreateLoginProfile", in.UserName)
}

func (p *passwords) createLoginProfile(_ context.Context, c *op.Call, in *shape.CreateLoginProfileRequest) (*shape.CreateLoginProfileResponse, error) {
	u, err := mustUserOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if in.Password == nil { // only for the root user of a member of an organization
		return nil, validationError("Password is required.")
	}
	was, err := directory.GetLoginProfile(c.Snap, u)
	if err != nil {
		return nil, err
	}
	if was != nil {
		return nil, awserr.New(409, "EntityAlreadyExists", "Login Profile for user %s already exists.", u.Name)
	}
	profile := &directory.LoginProfile{
		Account:       u.Account,
		User:          u.ID,
		Created:       directory.At(c.Now),
		ResetRequired: orElse(in.PasswordResetRequired, false),
	}
	if err := p.set(c, profile, *in.Password); err != nil {
		return nil, err
	}
	return &shape.CreateLoginProfileResponse{LoginProfile: describeLoginProfile(u, profile)}, directory.PutLoginProfile(c.Tx, profile)
}

func needGetLoginProfile(c *op.Call, in *shape.GetLoginProfileRequest) ([]op.Need, error) {
	return needSubject(c, "GetLoginProfile", in.UserName)
}

func getLoginProfile(_ context.Context, c *op.Call, in *shape.GetLoginProfileRequest) (*shape.GetLoginProfileResponse, error) {
	u, profile, err := mustLoginProfile(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &shape.GetLoginProfileResponse{LoginProfile: describeLoginProfile(u, profile)}, nil
}

func needUpdateLoginProfile(c *op.Call, in *shape.UpdateLoginProfileRequest) ([]op.Need, error) {
	return needUser(c, "UpdateLoginProfile", in.UserName)
}

// updateLoginProfile leaves as it is what the request leaves out.
func (p *passwords) updateLoginProfile(_ context.Context, c *op.Call, in *shape.UpdateLoginProfileRequest) (*op.None, error) {
	_, was, err := mustLoginProfile(c, &in.UserName)
	if err != nil {
		return nil, err
	}
	profile := *was
	profile.ResetRequired = orElse(in.PasswordResetRequired, was.ResetRequired)
	if in.Password != nil {
		if err := p.set(c, &profile, *in.Password); err != nil {
			return nil, err
		}
	}
	return &op.None{}, directory.PutLoginProfile(c.Tx, &profile)
}

func needDeleteLoginProfile(c *op.Call, in *shape.DeleteLoginProfileRequest) ([]op.Need, error) {
	return needSubject(c, "DeleteLoginProfile", in.UserName)
}

func deleteLoginProfile(_ context.Context, c *op.Call, in *shape.DeleteLoginProfileRequest) (*op.None, error) {
	u, _, err := mustLoginProfile(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteLoginProfile(c.Tx, u)
}

func needChangePassword(c *op.Call, _ *shape.ChangePasswordRequest) ([]op.Need, error) {
	if c.Caller.Kind != op.User {
		return need("ChangePassword", c.Caller.ARN), nil
	}
	return needSubject(c, "ChangePassword", nil)
}

// changePassword is for users, each for itself: root's password is none of IAM's.
func (p *passwords) changePassword(_ context.Context, c *op.Call, in *shape.ChangePasswordRequest) (*op.None, error) {
	if c.Caller.Kind != op.User {
		return nil, awserr.New(400, "InvalidUserType", "Only IAM Users can change their own password")
	}
	_, was, err := mustLoginProfile(c, nil)
	if err != nil {
		return nil, err
	}
	right, err := p.match(c, was.Passwords[0], in.OldPassword)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, awserr.New(403, "AccessDenied", "The old password was incorrect.")
	}
	profile := *was
	profile.ResetRequired = false
	if err := p.set(c, &profile, in.NewPassword); err != nil {
		return nil, err
	}
	return &op.None{}, directory.PutLoginProfile(c.Tx, &profile)
}

// mustLoginProfile is a user, as userOf finds it, and its login profile.
func mustLoginProfile(c *op.Call, name *string) (*directory.User, *directory.LoginProfile, error) {
	u, err := mustUserOf(c, name)
	if err != nil {
		return nil, nil, err
	}
	profile, err := directory.GetLoginProfile(c.Snap, u)
	if err == nil && profile == nil {
		err = noSuchEntity("Login Profile for User %s cannot be found.", u.Name)
	}
	return u, profile, err
}

func describeLoginProfile(u *directory.User, p *directory.LoginProfile) *shape.LoginProfile {
	return &shape.LoginProfile{UserName: u.Name, CreateDate: p.Created.Time(), PasswordResetRequired: &p.ResetRequired}
}
