package sts

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func ownSessionOperations() []op.Operation {
	return []op.Operation{
		op.Mostly("GetSessionToken", usesMFA, needGetSessionToken, getSessionToken),
	}
}

func usesMFA(in *shape.GetSessionTokenRequest) bool {
	return mfa{in.SerialNumber, in.TokenCode}.given()
}

// needGetSessionToken: policies have no say, as it is about who the caller is.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
func needGetSessionToken(c *op.Call, _ *shape.GetSessionTokenRequest) ([]op.Need, error) {
	return nil, longTermOnly(c, "GetSessionToken")
}

func getSessionToken(_ context.Context, c *op.Call, in *shape.GetSessionTokenRequest) (*shape.GetSessionTokenResponse, error) {
	used, err := mfa{in.SerialNumber, in.TokenCode}.use(c)
	if err != nil {
		return nil, err
	}
	s := &directory.Session{Account: c.Caller.Account, Kind: directory.OwnSession, Of: bearerID(&c.Caller), MFA: used}
	credentials, err := issue(c, s, ownSeconds(c, in.DurationSeconds))
	if err != nil {
		return nil, err
	}
	return &shape.GetSessionTokenResponse{Credentials: credentials}, nil
}
