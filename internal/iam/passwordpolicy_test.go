package iam_test

import (
	"encoding/json"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func TestPasswordPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	get := &shape.GetAccountPasswordPolicyRequest{}
	const none = "The Password Policy with domain name 123456789012 cannot be found."
	w.Refused(w.Root(), "GetAccountPasswordPolicy", get, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "DeleteAccountPasswordPolicy", &shape.DeleteAccountPasswordPolicyRequest{},
		404, "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")

	for _, tc := range []struct {
		name string
		in   shape.UpdateAccountPasswordPolicyRequest
		want string // what the policy shows, in JSON
	}{
		{"everything", shape.UpdateAccountPasswordPolicyRequest{
			MinimumPasswordLength: new(int32(14)), RequireSymbols: new(true), RequireNumbers: new(true),
			RequireUppercaseCharacters: new(true), RequireLowercaseCharacters: new(true), AllowUsersToChangePassword: new(true),
			MaxPasswordAge: new(int32(90)), PasswordReusePrevention: new(int32(24)), HardExpiry: new(false),
		}, `{"AllowUsersToChangePassword":true,"ExpirePasswords":true,"HardExpiry":false,"MaxPasswordAge":90,"MinimumPasswordLength":14,` +
			`"PasswordReusePrevention":24,"RequireLowercaseCharacters":true,"RequireNumbers":true,"RequireSymbols":true,"RequireUppercaseCharacters":true}`},
		{"nothing, which is the defaults", shape.UpdateAccountPasswordPolicyRequest{},
			`{"AllowUsersToChangePassword":false,"ExpirePasswords":false,"HardExpiry":null,"MaxPasswordAge":null,"MinimumPasswordLength":6,` +
				`"PasswordReusePrevention":null,"RequireLowercaseCharacters":false,"RequireNumbers":false,"RequireSymbols":false,"RequireUppercaseCharacters":false}`},
	} {
		optest.Must[op.None](w, w.Root(), "UpdateAccountPasswordPolicy", &tc.in)
		got, err := json.Marshal(optest.Must[shape.GetAccountPasswordPolicyResponse](w, w.Root(), "GetAccountPasswordPolicy", get).PasswordPolicy)
		if err != nil || string(got) != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
	w.Refused(otherAccount(t, w), "GetAccountPasswordPolicy", get,
		404, "NoSuchEntity", "The Password Policy with domain name 210987654321 cannot be found.")
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DeleteAccountPasswordPolicy", &shape.DeleteAccountPasswordPolicyRequest{})
	w.Refused(w.Root(), "GetAccountPasswordPolicy", get, 404, "NoSuchEntity", none)
}

// Passwords are held to the policy of the account, and without one to AWS's.
func TestPasswordsConform(t *testing.T) {
	for _, tc := range []struct {
		policy *shape.UpdateAccountPasswordPolicyRequest
		plain  string
		good   bool
	}{
		{nil, "Passw0rd", true},
		{nil, "passw0rd!", true},
		{nil, "Passw0r", false},   // short
		{nil, "Password", false},  // two kinds of characters
		{nil, "passw~rd1", false}, // ~ is no symbol here
		{&shape.UpdateAccountPasswordPolicyRequest{}, "simple", true},
		{&shape.UpdateAccountPasswordPolicyRequest{}, "short", false},
		{&shape.UpdateAccountPasswordPolicyRequest{}, "fünfeh", true}, // characters, not bytes
		{&shape.UpdateAccountPasswordPolicyRequest{MinimumPasswordLength: new(int32(10))}, "ninechars", false},
		{&shape.UpdateAccountPasswordPolicyRequest{RequireUppercaseCharacters: new(true)}, "lower-case", false},
		{&shape.UpdateAccountPasswordPolicyRequest{RequireLowercaseCharacters: new(true)}, "UPPER-CASE", false},
		{&shape.UpdateAccountPasswordPolicyRequest{RequireNumbers: new(true)}, "no-numbers", false},
		{&shape.UpdateAccountPasswordPolicyRequest{RequireSymbols: new(true)}, "noSymbols1", false},
		{&shape.UpdateAccountPasswordPolicyRequest{RequireSymbols: new(true)}, "it'sone", true},
	} {
		w := optest.New(t, iam.Service())
		createUser(w, "Bob", "")
		if tc.policy != nil {
			optest.Must[op.None](w, w.Root(), "UpdateAccountPasswordPolicy", tc.policy)
		}
		in := &shape.CreateLoginProfileRequest{UserName: new("Bob"), Password: &tc.plain}
		if tc.good {
			optest.Must[shape.CreateLoginProfileResponse](w, w.Root(), "CreateLoginProfile", in)
		} else {
			w.Refused(w.Root(), "CreateLoginProfile", in, 400, "PasswordPolicyViolation", "Password does not conform to the account password policy.")
		}
	}
}
