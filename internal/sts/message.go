package sts

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func messageOperations() []op.Operation {
	return []op.Operation{
		op.Read("DecodeAuthorizationMessage", needDecodeAuthorizationMessage, decodeAuthorizationMessage),
	}
}

func needDecodeAuthorizationMessage(c *op.Call, _ *shape.DecodeAuthorizationMessageRequest) ([]op.Need, error) {
	return []op.Need{{Action: "sts:DecodeAuthorizationMessage", Resource: "*"}}, notWithOwnSession(c, "DecodeAuthorizationMessage")
}

// decodeAuthorizationMessage opens what a denial said in a form that its caller could
// not read. Only the account that was denied can have it opened.
func decodeAuthorizationMessage(_ context.Context, c *op.Call, in *shape.DecodeAuthorizationMessageRequest) (*shape.DecodeAuthorizationMessageResponse, error) {
	text, ok := directory.OpenMessage(c.Keyring, c.Caller.Account, in.EncodedMessage)
	if !ok {
		return nil, awserr.New(400, "InvalidAuthorizationMessageException", "Message is not valid")
	}
	return &shape.DecodeAuthorizationMessageResponse{DecodedMessage: &text}, nil
}
