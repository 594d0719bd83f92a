package iam

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func passwordPolicyOperations() []op.Operation {
	return []op.Operation{
		op.Write("UpdateAccountPasswordPolicy", needUpdateAccountPasswordPolicy, updateAccountPasswordPolicy),
		op.Read("GetAccountPasswordPolicy", needGetAccountPasswordPolicy, getAccountPasswordPolicy),
		op.Write("DeleteAccountPasswordPolicy", needDeleteAccountPasswordPolicy, deleteAccountPasswordPolicy),
	}
}

func needUpdateAccountPasswordPolicy(*op.Call, *shape.UpdateAccountPasswordPolicyRequest) ([]op.Need, error) {
	return need("UpdateAccountPasswordPolicy", "*"), nil
}

// updateAccountPasswordPolicy replaces the whole policy: what is left out goes back
// to its default.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
func updateAccountPasswordPolicy(_ context.Context, c *op.Call, in *shape.UpdateAccountPasswordPolicyRequest) (*op.None, error) {
	const defaultLength = 6
	return &op.None{}, directory.PutPasswordPolicy(c.Tx, c.Caller.Account, &directory.PasswordPolicy{
		MinimumLength:   orElse(in.MinimumPasswordLength, defaultLength),
		Symbols:         orElse(in.RequireSymbols, false),
		Numbers:         orElse(in.RequireNumbers, false),
		Uppercase:       orElse(in.RequireUppercaseCharacters, false),
		Lowercase:       orElse(in.RequireLowercaseCharacters, false),
		UsersMayChange:  orElse(in.AllowUsersToChangePassword, false),
		MaxAge:          orElse(in.MaxPasswordAge, 0),
		ReusePrevention: orElse(in.PasswordReusePrevention, 0),
		HardExpiry:      in.HardExpiry,
	})
}

func orElse[T any](p *T, absent T) T {
	if p == nil {
		return absent
	}
	return *p
}

func needGetAccountPasswordPolicy(*op.Call, *shape.GetAccountPasswordPolicyRequest) ([]op.Need, error) {
	return need("GetAccountPasswordPolicy", "*"), nil
}

func getAccountPasswordPolicy(_ context.Context, c *op.Call, _ *shape.GetAccountPasswordPolicyRequest) (*shape.GetAccountPasswordPolicyResponse, error) {
	p, err := directory.GetPasswordPolicy(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, noSuchEntity("The Password Policy with domain name %s cannot be found.", c.Caller.Account)
	}
	out := &shape.PasswordPolicy{
		MinimumPasswordLength:      &p.MinimumLength,
		RequireSymbols:             &p.Symbols,
		RequireNumbers:             &p.Numbers,
		RequireUppercaseCharacters: &p.Uppercase,
		RequireLowercaseCharacters: &p.Lowercase,
		AllowUsersToChangePassword: &p.UsersMayChange,
		ExpirePasswords:            new(p.MaxAge > 0),
		HardExpiry:                 p.HardExpiry,
	}
	if p.MaxAge > 0 {
		out.MaxPasswordAge = &p.MaxAge
	}
	if p.ReusePrevention > 0 {
		out.PasswordReusePrevention = &p.ReusePrevention
	}
	return &shape.GetAccountPasswordPolicyResponse{PasswordPolicy: out}, nil
}

func needDeleteAccountPasswordPolicy(*op.Call, *shape.DeleteAccountPasswordPolicyRequest) ([]op.Need, error) {
	return need("DeleteAccountPasswordPolicy", "*"), nil
}

func deleteAccountPasswordPolicy(_ context.Context, c *op.Call, _ *shape.DeleteAccountPasswordPolicyRequest) (*op.None, error) {
	p, err := directory.GetPasswordPolicy(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, noSuchEntity("The account policy with name PasswordPolicy cannot be found.")
	}
	return &op.None{}, directory.DeletePasswordPolicy(c.Tx, c.Caller.Account)
}

var errPasswordPolicy = awserr.New(400, "PasswordPolicyViolation", "Password does not conform to the account password policy.")

// checkPassword holds a password to the account's policy, or without one to AWS's
// own: eight characters of three kinds.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func checkPassword(p *directory.PasswordPolicy, plain string) error {
	upper := containsRange(plain, 'A', 'Z')
	lower := containsRange(plain, 'a', 'z')
	number := containsRange(plain, '0', '9')
	symbol := strings.ContainsAny(plain, "!@#$%^&*()_+-=[]{}|'")
	length := len([]rune(plain))
	if p == nil {
		kinds := 0
		for _, has := range []bool{upper, lower, number, symbol} {
			if has {
				kinds++
			}
		}
		if length < 8 || kinds < 3 {
			return errPasswordPolicy
		}
		return nil
	}
	if length < int(p.MinimumLength) || p.Uppercase && !upper || p.Lowercase && !lower || p.Numbers && !number || p.Symbols && !symbol {
		return errPasswordPolicy
	}
	return nil
}

func containsRange(s string, from, to rune) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return from <= r && r <= to })
}
