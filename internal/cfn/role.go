package cfn

import (
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// needPass is the permission to hand a role to CloudFormation.
func needPass(role string) op.Need {
	return op.Need{
		Action: "iam:PassRole", Resource: role,
		Context: map[string][]string{"iam:passedtoservice": {engine.Service}},
	}
}

// actor is who the calls of an operation are made as: the role that the stack has, or
// the caller.
func actor(c *op.Call, role string) (directory.Standing, error) {
	if role == "" {
		return c.Caller.Standing(), nil
	}
	bad := invalid("Role %s is invalid or cannot be assumed", role)
	prefix := "arn:aws:iam::" + string(c.Caller.Account) + ":role/"
	rest, ok := strings.CutPrefix(role, prefix)
	if !ok {
		return directory.Standing{}, bad
	}
	r, err := directory.Roles.ByName(c.Snap, c.Caller.Account, rest[strings.LastIndexByte(rest, '/')+1:])
	if err != nil {
		return directory.Standing{}, err
	}
	if r == nil || r.ARN() != role {
		return directory.Standing{}, bad
	}
	trusts, err := trustsUs(r)
	if err != nil || !trusts {
		return directory.Standing{}, bad
	}
	now := directory.At(c.Now)
	return directory.Standing{Account: c.Caller.Account, Session: &directory.Session{
		Account: c.Caller.Account, Kind: directory.RoleSession, Of: r.ID, Name: "AWSCloudFormation", Issued: now, Expires: now,
	}}, nil
}

// trustsUs reports whether CloudFormation may assume the role.
func trustsUs(r *directory.Role) (bool, error) {
	doc, err := policy.Parse(string(r.Trust), policy.Trust)
	if err != nil {
		return false, err
	}
	set := policy.Set{Resource: []policy.Policy{{Name: r.ARN(), Document: doc}}, Required: true}
	return set.Decide(&policy.Request{
		Principal: policy.Principal{Type: policy.Service, Services: []string{engine.Service}},
		Action:    "sts:AssumeRole",
		Resource:  r.ARN(),
		Account:   string(r.Account),
	}).Allowed, nil
}
