package iam

import (
	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// parsePolicyARN reads the name of a managed policy, whether there is one or not.
func parsePolicyARN(s string) (arn.ARN, error) {
	name, err := arn.Parse(s)
	if err != nil {
		return arn.ARN{}, validationError("Invalid ARN:  Could not be parsed!") // both spaces are AWS's
	}
	if e, ok := name.Entity(); !ok || e.Kind != arn.Policy {
		return arn.ARN{}, invalidInput("ARN %s is not valid.", s)
	}
	return name, nil
}

// findPolicy is the account's own policy or AWS's of that name, or nil. Another
// account's is as absent.
func findPolicy(c *op.Call, s string) (*directory.Policy, error) {
	name, err := parsePolicyARN(s)
	if err != nil {
		return nil, err
	}
	if name.Account != string(c.Caller.Account) && name.Account != string(directory.AWS) {
		return nil, nil
	}
	return directory.FindPolicy(c.Snap, name)
}

func mustPolicy(c *op.Call, s string) (*directory.Policy, error) {
	p, err := findPolicy(c, s)
	if err == nil && p == nil {
		err = noSuchEntity("Policy %s was not found.", s)
	}
	return p, err
}

// mustOwnPolicy is a policy that the account may change, which leaves out AWS's.
func mustOwnPolicy(c *op.Call, s string) (*directory.Policy, error) {
	name, err := parsePolicyARN(s)
	if err != nil {
		return nil, err
	}
	if name.Account != string(c.Caller.Account) {
		return nil, awserr.New(403, "AccessDenied", "Policy is outside your own account.")
	}
	return mustPolicy(c, s)
}

// needPolicy is a permission on a policy, whether there is one or not.
func needPolicy(c *op.Call, action, s string) ([]op.Need, error) {
	p, err := findPolicy(c, s)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return need(action, s), nil
	}
	return needOn(action, p.ARN(), p.Tags), nil
}
