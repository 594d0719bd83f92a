package iam_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func createLogin(w *optest.World, user, plain string) *shape.LoginProfile {
	in := &shape.CreateLoginProfileRequest{UserName: &user, Password: &plain}
	return optest.Must[shape.CreateLoginProfileResponse](w, w.Root(), "CreateLoginProfile", in).LoginProfile
}

func getLogin(w *optest.World, caller op.Principal, user *string) *shape.LoginProfile {
	return optest.Must[shape.GetLoginProfileResponse](w, caller, "GetLoginProfile", &shape.GetLoginProfileRequest{UserName: user}).LoginProfile
}

func TestLoginProfileLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "/eng/")
	bob := new("bob")
	const none = "Login Profile for User Bob cannot be found."
	w.Refused(w.Root(), "GetLoginProfile", &shape.GetLoginProfileRequest{UserName: bob}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UpdateLoginProfile", &shape.UpdateLoginProfileRequest{UserName: "bob"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "DeleteLoginProfile", &shape.DeleteLoginProfileRequest{UserName: bob}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "CreateLoginProfile", &shape.CreateLoginProfileRequest{UserName: bob}, 400, "ValidationError", "Password is required.")
	w.Refused(w.Root(), "CreateLoginProfile", &shape.CreateLoginProfileRequest{Password: new("Passw0rd")},
		400, "ValidationError", "Must specify userName when calling with non-User credentials")
	w.Refused(w.Root(), "CreateLoginProfile", &shape.CreateLoginProfileRequest{UserName: new("eve"), Password: new("Passw0rd")},
		404, "NoSuchEntity", "The user with name eve cannot be found.")

	p := createLogin(w, "bob", "Passw0rd")
	if p.UserName != "Bob" || p.CreateDate != w.Now || *p.PasswordResetRequired {
		t.Errorf("CreateLoginProfile replied %+v", p)
	}
	w.Refused(w.Root(), "CreateLoginProfile", &shape.CreateLoginProfileRequest{UserName: bob, Password: new("Passw0rd")},
		409, "EntityAlreadyExists", "Login Profile for user Bob already exists.")

	// What an update leaves out stays as it is.
	created := w.Now
	w.Now = w.Now.Add(time.Hour)
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", &shape.UpdateLoginProfileRequest{UserName: "bob", PasswordResetRequired: new(true)})
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", &shape.UpdateLoginProfileRequest{UserName: "bob", Password: new("Passw1rd")})
	if p := getLogin(w, w.User("Bob"), nil); p.UserName != "Bob" || p.CreateDate != created || !*p.PasswordResetRequired {
		t.Errorf("GetLoginProfile replied %+v", p)
	}

	optest.Must[op.None](w, w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "Bob", NewUserName: new("Robert")})
	if p := getLogin(w, w.Root(), new("robert")); p.UserName != "Robert" {
		t.Errorf("after a rename: %+v", p)
	}
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Robert"},
		409, "DeleteConflict", "Cannot delete entity, must delete login profile first.")
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DeleteLoginProfile", &shape.DeleteLoginProfileRequest{UserName: new("robert")})
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Robert"})
	checkClean(t, w)
}

func TestChangePassword(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "/eng/")
	bob := w.User("Bob")
	change := func(old, fresh string) *shape.ChangePasswordRequest {
		return &shape.ChangePasswordRequest{OldPassword: old, NewPassword: fresh}
	}
	w.Refused(w.Root(), "ChangePassword", change("Passw0rd", "Passw1rd"), 400, "InvalidUserType", "Only IAM Users can change their own password")
	session := op.Principal{Kind: op.RoleSession, Account: optest.Account, ARN: "arn:aws:sts::123456789012:assumed-role/r/s", ID: "AROAX:s"}
	w.Refused(session, "ChangePassword", change("Passw0rd", "Passw1rd"), 400, "InvalidUserType", "Only IAM Users can change their own password")
	w.Refused(bob, "ChangePassword", change("Passw0rd", "Passw1rd"), 404, "NoSuchEntity", "Login Profile for User Bob cannot be found.")

	createLogin(w, "Bob", "Passw0rd")
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", &shape.UpdateLoginProfileRequest{UserName: "Bob", PasswordResetRequired: new(true)})
	w.Refused(bob, "ChangePassword", change("passw0rd", "Passw1rd"), 403, "AccessDenied", "The old password was incorrect.")
	w.Refused(bob, "ChangePassword", change("Passw0rd", "short"), 400, "PasswordPolicyViolation", "Password does not conform to the account password policy.")
	_, needs, err := w.Do(bob, "ChangePassword", change("Passw0rd", "Passw1rd"))
	if err != nil || resources(needs)[0] != "arn:aws:iam::123456789012:user/eng/Bob" {
		t.Errorf("ChangePassword needs %v: %v", needs, err)
	}
	if p := getLogin(w, bob, nil); *p.PasswordResetRequired {
		t.Error("a password that its user has set must be reset")
	}
	w.Refused(bob, "ChangePassword", change("Passw0rd", "Passw2rd"), 403, "AccessDenied", "The old password was incorrect.")
	optest.Must[op.None](w, bob, "ChangePassword", change("Passw1rd", "Passw0rd"))
}

// Of the last passwords as many as the policy says may not come back, whoever sets them.
func TestPasswordReuse(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	plain := func(n int) string { return fmt.Sprintf("Passw0rd-%d", n) }
	set := func(n int) *shape.UpdateLoginProfileRequest {
		return &shape.UpdateLoginProfileRequest{UserName: "Bob", Password: new(plain(n))}
	}
	createLogin(w, "Bob", plain(0))
	for n := 1; n <= 3; n++ {
		optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", set(n))
	}
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", set(3)) // there is no policy yet: 0 1 2 3 3
	optest.Must[op.None](w, w.Root(), "UpdateAccountPasswordPolicy", &shape.UpdateAccountPasswordPolicyRequest{PasswordReusePrevention: new(int32(3))})
	const text = "Password does not conform to the account password policy."
	w.Refused(w.Root(), "UpdateLoginProfile", set(3), 400, "PasswordPolicyViolation", text)
	w.Refused(w.Root(), "UpdateLoginProfile", set(2), 400, "PasswordPolicyViolation", text)
	w.Refused(w.User("Bob"), "ChangePassword", &shape.ChangePasswordRequest{OldPassword: plain(3), NewPassword: plain(2)}, 400, "PasswordPolicyViolation", text)
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", set(1))
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", set(2)) // 3 3 1 2, and before that 0 1 2
	w.Refused(w.Root(), "UpdateLoginProfile", set(3), 400, "PasswordPolicyViolation", text)
	optest.Must[op.None](w, w.Root(), "UpdateLoginProfile", set(0))
}
