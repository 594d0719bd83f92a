package sts

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func callerOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetCallerIdentity", op.Free, getCallerIdentity),
		op.Read("GetAccessKeyInfo", needGetAccessKeyInfo, getAccessKeyInfo),
	}
}

// getCallerIdentity takes no permission, not even from a user that is denied it:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(_ context.Context, c *op.Call, _ *shape.GetCallerIdentityRequest) (*shape.GetCallerIdentityResponse, error) {
	return &shape.GetCallerIdentityResponse{
		UserId:  &c.Caller.ID,
		Account: (*string)(&c.Caller.Account),
		Arn:     &c.Caller.ARN,
	}, nil
}

func needGetAccessKeyInfo(c *op.Call, _ *shape.GetAccessKeyInfoRequest) ([]op.Need, error) {
	return []op.Need{{Action: "sts:GetAccessKeyInfo", Resource: "*"}}, notWithOwnSession(c, "GetAccessKeyInfo")
}

// getAccessKeyInfo reads the account out of the ID itself: the key need not
// exist, nor be ours.
func getAccessKeyInfo(_ context.Context, c *op.Call, in *shape.GetAccessKeyInfoRequest) (*shape.GetAccessKeyInfoResponse, error) {
	account, err := accountOf(c, ids.KeyID(in.AccessKeyId))
	if err != nil {
		return nil, err
	}
	return &shape.GetAccessKeyInfoResponse{Account: (*string)(&account)}, nil
}

// accountOf knows a stored key's account from its record, since an ID that was
// given to us by configuration need not carry one.
func accountOf(c *op.Call, keyID ids.KeyID) (ids.Account, error) {
	key, err := directory.GetAccessKey(c.Snap, keyID)
	if err != nil {
		return "", err
	}
	if key != nil {
		return key.Account, nil
	}
	account, ok := keyID.Account()
	if !ok {
		return "", awserr.New(400, "ValidationError", "Invalid value for parameter: AccessKeyId")
	}
	return account, nil
}
