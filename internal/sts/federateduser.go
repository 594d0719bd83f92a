package sts

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func federatedUserOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetFederationToken", needGetFederationToken, getFederationToken),
	}
}

func needGetFederationToken(c *op.Call, in *shape.GetFederationTokenRequest) ([]op.Need, error) {
	if err := longTermOnly(c, "GetFederationToken"); err != nil {
		return nil, err
	}
	n := op.Need{
		Action:   "sts:GetFederationToken",
		Resource: directory.FederatedUserARN(c.Caller.Account, in.Name),
		NewTags:  requestTags(in.Tags),
	}
	needs := []op.Need{n}
	if len(in.Tags) > 0 {
		n.Action = "sts:TagSession"
		needs = append(needs, n)
	}
	return needs, nil
}

// getFederationToken: a session without session policies may do nothing but what
// policies of resources allow it by name.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
func getFederationToken(_ context.Context, c *op.Call, in *shape.GetFederationTokenRequest) (*shape.GetFederationTokenResponse, error) {
	s := &directory.Session{
		Account: c.Caller.Account,
		Kind:    directory.FederatedSession,
		Of:      bearerID(&c.Caller),
		Name:    in.Name,
	}
	if err := limit(c, s, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	if err := tagSession(s, nil, in.Tags, nil); err != nil {
		return nil, err
	}
	size, err := packed(s)
	if err != nil {
		return nil, err
	}
	if size == nil {
		size = new(int32(0)) // unlike the other operations
	}
	credentials, err := issue(c, s, ownSeconds(c, in.DurationSeconds))
	if err != nil {
		return nil, err
	}
	return &shape.GetFederationTokenResponse{
		Credentials:      credentials,
		PackedPolicySize: size,
		FederatedUser: &shape.FederatedUser{
			Arn:             directory.FederatedUserARN(s.Account, s.Name),
			FederatedUserId: string(s.Account) + ":" + s.Name,
		},
	}, nil
}
