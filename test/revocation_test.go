package test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// revocation is something that root takes away from Bob, and a call of his that it ends.
type revocation struct {
	name   string
	call   func() error
	revoke func() error
	code   string // of the refusal
}

// Whatever is taken away is gone with the reply that says so: of the calls in flight
// those that began later are all refused.
func TestRevocationIsImmediate(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, root := t.Context(), s.iam(s.root(t))
	bob := s.userKey(t, "Bob")
	name := new("Bob")
	list := func() error { return only(s.iam(bob).ListUsers(ctx, &iam.ListUsersInput{})) }
	whoAmI := func(k key) func() error {
		return func() error { return only(s.sts(k).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})) }
	}
	must[*iam.CreateGroupOutput](t)(root.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("devs")}))
	narrow := s.policy(t, "narrow", allowing(`"s3:*"`, "*"))
	wide := s.policy(t, "wide", allowing(`"iam:ListUsers","sts:AssumeRole"`, "*"))
	for _, r := range []revocation{
		{"a boundary", list, func() error {
			return only(root.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: narrow}))
		}, "AccessDenied"},
		{"an inline policy", list, func() error {
			return only(root.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: new("test")}))
		}, "AccessDenied"},
		{"a deny", list, func() error {
			return only(root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: new("test"), PolicyDocument: denying("iam:ListUsers")}))
		}, "AccessDenied"},
	} {
		s.allow(t, "Bob", allowing(`"iam:ListUsers"`, "*"))
		must[*iam.DeleteUserPermissionsBoundaryOutput](t)(root.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: name}))
		r.test(t)
	}
	must[*iam.DeleteUserPolicyOutput](t)(root.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: new("test")}))

	for _, r := range []revocation{
		{"a group", list, func() error {
			return only(root.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: new("devs"), UserName: name}))
		}, "AccessDenied"},
		{"a group's policy", list, func() error {
			return only(root.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: new("devs"), PolicyArn: wide}))
		}, "AccessDenied"},
		{"a version of a policy", list, func() error {
			return only(root.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: wide, PolicyDocument: allowing(`"sts:AssumeRole"`, "*"), SetAsDefault: true}))
		}, "AccessDenied"},
	} {
		must[*iam.AddUserToGroupOutput](t)(root.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new("devs"), UserName: name}))
		must[*iam.AttachGroupPolicyOutput](t)(root.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: wide}))
		r.test(t)
	}

	arn := s.role(t, "reader", trusting(accountRoot, ""), nil)
	session := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn})
	own := temporary(must[*sts.GetSessionTokenOutput](t)(s.sts(bob).GetSessionToken(ctx, &sts.GetSessionTokenInput{})).Credentials)
	for _, r := range []revocation{
		{"a role", whoAmI(session), func() error {
			return only(root.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: new("reader")}))
		}, "InvalidClientTokenId"},
		{"a key's status", whoAmI(bob), func() error {
			return only(root.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: &bob.ID, Status: types.StatusTypeInactive}))
		}, "InvalidClientTokenId"},
		{"the user", whoAmI(own), func() error {
			return errors.Join(
				only(root.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &bob.ID})),
				only(root.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: new("devs"), UserName: name})),
				only(root.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name})),
			)
		}, "InvalidClientTokenId"},
	} {
		r.test(t)
	}
}

// test revokes in the middle of many calls.
func (r revocation) test(t *testing.T) {
	t.Helper()
	const callers, before, after = 16, 8, 8 // calls of each
	var revoked atomic.Bool
	var warm, done sync.WaitGroup
	warm.Add(callers)
	for range callers {
		done.Go(func() {
			for range before {
				if err := r.call(); err != nil {
					t.Errorf("%s, before: %v", r.name, err)
				}
			}
			warm.Done()
			for refused := 0; refused < after; {
				late := revoked.Load()
				err := r.call()
				e, ok := errors.AsType[smithy.APIError](err)
				switch {
				case err != nil && (!ok || e.ErrorCode() != r.code):
					t.Errorf("%s: %v, want %s", r.name, err, r.code)
					return
				case err == nil && late:
					t.Errorf("%s: a call that began after the reply was allowed", r.name)
					return
				case late:
					refused++
				}
			}
		})
	}
	warm.Wait()
	err := r.revoke()
	revoked.Store(true)
	done.Wait()
	if err != nil {
		t.Errorf("%s: %v", r.name, err)
	}
}
