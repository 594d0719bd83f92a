package sts

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func delegatedOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetDelegatedAccessToken", needGetDelegatedAccessToken, getDelegatedAccessToken),
	}
}

func needGetDelegatedAccessToken(c *op.Call, _ *shape.GetDelegatedAccessTokenRequest) ([]op.Need, error) {
	return []op.Need{{Action: "sts:GetDelegatedAccessToken", Resource: "*"}}, notWithOwnSession(c, "GetDelegatedAccessToken")
}

// getDelegatedAccessToken lets the account that asked for a delegation act in the place
// of who approved it, within the policy of the request. AWS sends the token through a
// notification; here it is the ID of the request, once that is finalized.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html
func getDelegatedAccessToken(_ context.Context, c *op.Call, in *shape.GetDelegatedAccessTokenRequest) (*shape.GetDelegatedAccessTokenResponse, error) {
	d, err := directory.GetDelegationRequest(c.Snap, in.TradeInToken)
	if err != nil {
		return nil, err
	}
	if d == nil || d.Requestor != c.Caller.Account || d.State(c.Now) != directory.DelegationFinalized {
		return nil, awserr.New(400, "ExpiredTradeInTokenException", "The trade-in token provided in the request has expired and can no longer be exchanged for credentials.")
	}
	of, name, _ := strings.Cut(d.Approver.ID, ":")
	if of == string(d.OwnerAccount) {
		of = "" // root
	}
	s := &directory.Session{
		Account: d.OwnerAccount, Kind: directory.DelegatedSession, Of: ids.EntityID(of), Name: name,
		Limited: true, Policy: d.Policy,
	}
	size, err := packed(s)
	if err != nil {
		return nil, err
	}
	credentials, err := issue(c, s, d.Session)
	if err != nil {
		return nil, err
	}
	return &shape.GetDelegatedAccessTokenResponse{Credentials: credentials, AssumedPrincipal: &d.Approver.ARN, PackedPolicySize: size}, nil
}
