package iam

import (
	"context"
	"slices"
	"strconv"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func delegationOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateDelegationRequest", needCreateDelegationRequest, createDelegationRequest),
		op.Read("GetDelegationRequest", needGetDelegationRequest, getDelegationRequest),
		op.Read("ListDelegationRequests", needListDelegationRequests, listDelegationRequests),
		op.Write("AssociateDelegationRequest", needAssociateDelegationRequest, associateDelegationRequest),
		op.Write("UpdateDelegationRequest", needUpdateDelegationRequest, updateDelegationRequest),
		op.Write("AcceptDelegationRequest", needAcceptDelegationRequest, acceptDelegationRequest),
		op.Write("RejectDelegationRequest", needRejectDelegationRequest, rejectDelegationRequest),
		op.Write("SendDelegationToken", needSendDelegationToken, sendDelegationToken),
		op.Read("GetHumanReadableSummary", needGetHumanReadableSummary, getHumanReadableSummary),
	}
}

func needCreateDelegationRequest(_ *op.Call, in *shape.CreateDelegationRequestRequest) ([]op.Need, error) {
	needs := need("CreateDelegationRequest", "*")
	needs = withContext(needs, "iam:delegationduration", strconv.Itoa(int(in.SessionDuration)))
	needs = withContext(needs, "iam:notificationchannel", in.NotificationChannel)
	return withContext(needs, "iam:templatearn", orElse(in.Permissions.PolicyTemplateArn, "")), nil
}

// createDelegationRequest is on AWS for partners alone. Here it is for whoever is
// permitted to, and what they ask for is one of their managed policies.
func createDelegationRequest(_ context.Context, c *op.Call, in *shape.CreateDelegationRequestRequest) (*shape.CreateDelegationRequestResponse, error) {
	if err := directory.DropDelegations(c.Tx, c.Caller.Account, c.Now); err != nil {
		return nil, err
	}
	used, err := directory.HasDelegationWorkflow(c.Snap, c.Caller.Account, in.RequestorWorkflowId)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, awserr.New(409, "EntityAlreadyExists", "A delegation request with workflow id %s already exists.", in.RequestorWorkflowId)
	}
	if err := checkCount(c, directory.DelegationsMade, delegationRequestsPerAccount); err != nil {
		return nil, err
	}
	parameters := templateParameters(in.Permissions.Parameters)
	policy, err := fillTemplate(c, orElse(in.Permissions.PolicyTemplateArn, ""), parameters)
	if err != nil {
		return nil, err
	}
	d := &directory.DelegationRequest{
		ID:           c.IDs.UUID(),
		Requestor:    c.Caller.Account,
		Workflow:     in.RequestorWorkflowId,
		Description:  in.Description,
		Message:      in.RequestMessage,
		Redirect:     in.RedirectUrl,
		Channel:      in.NotificationChannel,
		Template:     *in.Permissions.PolicyTemplateArn,
		Parameters:   parameters,
		Policy:       policy,
		Session:      in.SessionDuration,
		OwnerSends:   orElse(in.OnlySendByOwner, false),
		OwnerAccount: accountOf(in.OwnerAccountId),
		Created:      directory.At(c.Now),
	}
	d = d.Reach(directory.DelegationUnassigned, c.Now)
	return &shape.CreateDelegationRequestResponse{DelegationRequestId: &d.ID}, directory.PutDelegationRequest(c.Tx, nil, d)
}

func needGetDelegationRequest(c *op.Call, in *shape.GetDelegationRequestRequest) ([]op.Need, error) {
	return needUnlessOwner(c, "GetDelegationRequest", in.DelegationRequestId)
}

func getDelegationRequest(_ context.Context, c *op.Call, in *shape.GetDelegationRequestRequest) (*shape.GetDelegationRequestResponse, error) {
	d, err := mustDelegation(c, in.DelegationRequestId)
	if err != nil {
		return nil, err
	}
	out := &shape.GetDelegationRequestResponse{}
	if out.DelegationRequest, err = describeDelegation(c, d); err != nil {
		return nil, err
	}
	if orElse(in.DelegationPermissionCheck, false) {
		out.PermissionCheckStatus = new(shape.PermissionCheckStatusTypeComplete)
		out.PermissionCheckResult = new(shape.PermissionCheckResultTypeUnsure)
		if c.Caller.Kind == op.Root {
			out.PermissionCheckResult = new(shape.PermissionCheckResultTypeAllowed)
		}
	}
	return out, nil
}

func needListDelegationRequests(*op.Call, *shape.ListDelegationRequestsRequest) ([]op.Need, error) {
	return need("ListDelegationRequests", "*"), nil
}

// listDelegationRequests lists what the caller's account owns. A request that
// nobody owns yet is in no list.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListDelegationRequests.html
func listDelegationRequests(_ context.Context, c *op.Call, in *shape.ListDelegationRequestsRequest) (*shape.ListDelegationRequestsResponse, error) {
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	p, err := sifted(directory.DelegationsOf(c.Snap, c.Caller.Account, cursor), in.MaxItems,
		func(d *directory.DelegationRequest) string { return d.ID },
		func(d *directory.DelegationRequest) bool { return in.OwnerId == nil || *in.OwnerId == d.Owner.ARN })
	if err != nil {
		return nil, err
	}
	out := &shape.ListDelegationRequestsResponse{
		DelegationRequests: make([]shape.DelegationRequest, len(p.items)),
		IsTruncated:        &p.more,
		Marker:             p.marker,
	}
	for i, d := range p.items {
		described, err := describeDelegation(c, d)
		if err != nil {
			return nil, err
		}
		out.DelegationRequests[i] = *described
	}
	return out, nil
}

// needDelegation is a permission on a request, in the account that owns it or, as
// nobody does, in the caller's.
func needDelegation(c *op.Call, action, id string) ([]op.Need, error) {
	d, err := directory.GetDelegationRequest(c.Snap, id)
	if err != nil {
		return nil, err
	}
	if d == nil || d.OwnerAccount == "" {
		return need(action, directory.DelegationARN(c.Caller.Account, id)), nil
	}
	needs := need(action, directory.DelegationARN(d.OwnerAccount, id))
	if d.Owner.ARN == "" {
		return needs, nil
	}
	return withContext(needs, "iam:delegationrequestowner", d.Owner.ARN), nil
}

// needUnlessOwner is needDelegation for what the owner may do by default.
func needUnlessOwner(c *op.Call, action, id string) ([]op.Need, error) {
	d, err := directory.GetDelegationRequest(c.Snap, id)
	if err != nil {
		return nil, err
	}
	if d != nil && isOwner(c, d) {
		return nil, nil
	}
	return needDelegation(c, action, id)
}

func isOwner(c *op.Call, d *directory.DelegationRequest) bool {
	return d.OwnerAccount == c.Caller.Account && d.Owner.ID == c.Caller.ID
}

// mustDelegation is a request that the caller's account may see: its own, that of
// another which it made, or one that may become anybody's.
func mustDelegation(c *op.Call, id string) (*directory.DelegationRequest, error) {
	d, err := directory.GetDelegationRequest(c.Snap, id)
	if err != nil {
		return nil, err
	}
	if d == nil || d.OwnerAccount != "" && d.OwnerAccount != c.Caller.Account && d.Requestor != c.Caller.Account {
		return nil, noSuchDelegation(id)
	}
	return d, nil
}

// mustDelegationIn is a request of the caller's account that is in one of the states.
func mustDelegationIn(c *op.Call, id string, states ...directory.DelegationState) (*directory.DelegationRequest, error) {
	d, err := mustDelegation(c, id)
	if err != nil {
		return nil, err
	}
	if d.OwnerAccount != "" && d.OwnerAccount != c.Caller.Account {
		return nil, noSuchDelegation(id)
	}
	if state := d.State(c.Now); !slices.Contains(states, state) {
		return nil, invalidInput("The delegation request %s is in state %s.", id, state)
	}
	return d, nil
}

func noSuchDelegation(id string) error {
	return noSuchEntity("The delegation request with id %s cannot be found.", id)
}

func describeDelegation(c *op.Call, d *directory.DelegationRequest) (*shape.DelegationRequest, error) {
	requestor, err := directory.GetAccount(c.Snap, d.Requestor)
	if err != nil {
		return nil, err
	}
	permissions := &shape.DelegationPermission{PolicyTemplateArn: &d.Template}
	for _, p := range d.Parameters {
		permissions.Parameters = append(permissions.Parameters, shape.PolicyParameter{Name: &p.Name, Type: &p.Type, Values: p.Values})
	}
	return &shape.DelegationRequest{
		DelegationRequestId: &d.ID,
		OwnerAccountId:      unlessEmpty(string(d.OwnerAccount)),
		OwnerId:             unlessEmpty(d.Owner.ARN),
		ApproverId:          unlessEmpty(d.Approver.ARN),
		Description:         &d.Description,
		RequestMessage:      d.Message,
		Permissions:         permissions,
		PermissionPolicy:    new(string(d.Policy)),
		RequestorId:         new(string(d.Requestor)),
		RequestorName:       unlessEmpty(requestor.Name),
		RedirectUrl:         d.Redirect,
		SessionDuration:     &d.Session,
		OnlySendByOwner:     &d.OwnerSends,
		Notes:               d.Notes,
		RejectionReason:     d.Rejection,
		State:               new(string(d.State(c.Now))),
		CreateDate:          new(d.Created.Time()),
		UpdatedTime:         new(d.Updated.Time()),
		ExpirationTime:      new(d.Expires.Time()),
	}, nil
}

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
