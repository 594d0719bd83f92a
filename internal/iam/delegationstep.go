package iam

import (
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// The steps of a delegation request from state to state.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html

func caller(c *op.Call) directory.Party {
	return directory.Party{ID: c.Caller.ID, ARN: c.Caller.ARN}
}

func needAssociateDelegationRequest(c *op.Call, in *shape.AssociateDelegationRequestRequest) ([]op.Need, error) {
	return needDelegation(c, "AssociateDelegationRequest", in.DelegationRequestId)
}

// associateDelegationRequest makes the caller the owner.
func associateDelegationRequest(_ context.Context, c *op.Call, in *shape.AssociateDelegationRequestRequest) (*op.None, error) {
	was, err := mustDelegationIn(c, in.DelegationRequestId, directory.DelegationUnassigned)
	if err != nil {
		return nil, err
	}
	d := was.Reach(directory.DelegationAssigned, c.Now)
	d.OwnerAccount, d.Owner = c.Caller.Account, caller(c)
	return &op.None{}, directory.PutDelegationRequest(c.Tx, was, d)
}

func needUpdateDelegationRequest(c *op.Call, in *shape.UpdateDelegationRequestRequest) ([]op.Need, error) {
	return needUnlessOwner(c, "UpdateDelegationRequest", in.DelegationRequestId)
}

// updateDelegationRequest puts the request before somebody who may accept it.
func updateDelegationRequest(_ context.Context, c *op.Call, in *shape.UpdateDelegationRequestRequest) (*op.None, error) {
	was, err := mustDelegationIn(c, in.DelegationRequestId, directory.DelegationAssigned, directory.DelegationPending)
	if err != nil {
		return nil, err
	}
	d := was.Reach(directory.DelegationPending, c.Now)
	if in.Notes != nil {
		d.Notes = in.Notes
	}
	return &op.None{}, directory.PutDelegationRequest(c.Tx, was, d)
}

func needAcceptDelegationRequest(c *op.Call, in *shape.AcceptDelegationRequestRequest) ([]op.Need, error) {
	return needDelegation(c, "AcceptDelegationRequest", in.DelegationRequestId)
}

// rootSession is the longest session that the root user may approve.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html
const rootSession = 4 * time.Hour

func acceptDelegationRequest(_ context.Context, c *op.Call, in *shape.AcceptDelegationRequestRequest) (*op.None, error) {
	was, err := mustDelegationIn(c, in.DelegationRequestId, directory.DelegationAssigned, directory.DelegationPending)
	if err != nil {
		return nil, err
	}
	if c.Caller.Kind == op.Root && time.Duration(was.Session)*time.Second > rootSession {
		return nil, invalidInput("The root user can only accept delegation requests with a duration of 4 hours or less.")
	}
	d := was.Reach(directory.DelegationAccepted, c.Now)
	d.Approver = caller(c)
	return &op.None{}, directory.PutDelegationRequest(c.Tx, was, d)
}

func needRejectDelegationRequest(c *op.Call, in *shape.RejectDelegationRequestRequest) ([]op.Need, error) {
	return needDelegation(c, "RejectDelegationRequest", in.DelegationRequestId)
}

func rejectDelegationRequest(_ context.Context, c *op.Call, in *shape.RejectDelegationRequestRequest) (*op.None, error) {
	was, err := mustDelegationIn(c, in.DelegationRequestId,
		directory.DelegationAssigned, directory.DelegationPending, directory.DelegationAccepted)
	if err != nil {
		return nil, err
	}
	d := was.Reach(directory.DelegationRejected, c.Now)
	d.Rejection = in.Notes
	return &op.None{}, directory.PutDelegationRequest(c.Tx, was, d)
}

func needSendDelegationToken(c *op.Call, in *shape.SendDelegationTokenRequest) ([]op.Need, error) {
	return needDelegation(c, "SendDelegationToken", in.DelegationRequestId)
}

// sendDelegationToken lets the requestor begin. AWS sends it a token by SNS, which
// is not here: what the requestor trades in is the request's ID, under its own
// signature, and good from now on.
func sendDelegationToken(_ context.Context, c *op.Call, in *shape.SendDelegationTokenRequest) (*op.None, error) {
	was, err := mustDelegationIn(c, in.DelegationRequestId, directory.DelegationAccepted)
	if err != nil {
		return nil, err
	}
	if was.OwnerSends && !isOwner(c, was) {
		return nil, awserr.New(403, "AccessDenied", "Only the owner of the delegation request %s can send its token.", was.ID)
	}
	return &op.None{}, directory.PutDelegationRequest(c.Tx, was, was.Reach(directory.DelegationFinalized, c.Now))
}

func needGetHumanReadableSummary(c *op.Call, in *shape.GetHumanReadableSummaryRequest) ([]op.Need, error) {
	_, id, ok := directory.ParseDelegationARN(in.EntityArn)
	if !ok {
		return nil, invalidInput("ARN %s is not valid.", in.EntityArn)
	}
	return needDelegation(c, "GetHumanReadableSummary", id)
}

// getHumanReadableSummary has no words of its own: on AWS, a language model finds
// them. The policy itself is in GetDelegationRequest.
func getHumanReadableSummary(_ context.Context, c *op.Call, in *shape.GetHumanReadableSummaryRequest) (*shape.GetHumanReadableSummaryResponse, error) {
	a, id, _ := directory.ParseDelegationARN(in.EntityArn)
	d, err := mustDelegation(c, id)
	if err != nil {
		return nil, err
	}
	if d.OwnerAccount != "" && d.OwnerAccount != a {
		return nil, noSuchDelegation(id)
	}
	return &shape.GetHumanReadableSummaryResponse{Locale: in.Locale, SummaryState: new(shape.SummaryStateTypeNotSupported)}, nil
}
