package organizations

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func accountOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeAccount", needDescribeAccount, describeAccount),
		op.Read("ListAccounts", needAll[shape.ListAccountsRequest]("ListAccounts"), listAccounts),
		op.Read("ListAccountsForParent", needListAccountsForParent, listAccountsForParent),
		op.Write("CloseAccount", needCloseAccount, closeAccount),
	}
}

func needDescribeAccount(c *op.Call, in *shape.DescribeAccountRequest) ([]op.Need, error) {
	return needTarget(c, "DescribeAccount", in.AccountId)
}

func describeAccount(_ context.Context, c *op.Call, in *shape.DescribeAccountRequest) (*shape.DescribeAccountResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	a, err := member(c, o, in.AccountId)
	if err != nil {
		return nil, err
	}
	out := describeMember(o, a)
	return &shape.DescribeAccountResponse{Account: &out}, nil
}

func listAccounts(_ context.Context, c *op.Call, in *shape.ListAccountsRequest) (*shape.ListAccountsResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	out := &shape.ListAccountsResponse{}
	out.Accounts, out.NextToken, err = pageOfMembers(c, o, in.NextToken, in.MaxResults)
	return out, err
}

func needListAccountsForParent(c *op.Call, in *shape.ListAccountsForParentRequest) ([]op.Need, error) {
	return needTarget(c, "ListAccountsForParent", in.ParentId)
}

// listAccountsForParent lists all accounts, since they are all below the root.
func listAccountsForParent(_ context.Context, c *op.Call, in *shape.ListAccountsForParentRequest) (*shape.ListAccountsForParentResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	if in.ParentId != o.Root {
		return nil, awserr.New(400, "ParentNotFoundException", "You specified a parent that doesn't exist.")
	}
	out := &shape.ListAccountsForParentResponse{}
	out.Accounts, out.NextToken, err = pageOfMembers(c, o, in.NextToken, in.MaxResults)
	return out, err
}

// pageOfMembers is one page of the accounts in an organization.
func pageOfMembers(c *op.Call, o *directory.Organization, token *string, most *int32) ([]shape.Account, *string, error) {
	cursor, err := cursorOf(token)
	if err != nil {
		return nil, nil, err
	}
	id := func(a *directory.Account) string { return string(a.ID) }
	members, next, err := page(o.Members(c.Snap, ids.Account(cursor)), most, id, op.All)
	if err != nil {
		return nil, nil, err
	}
	out := make([]shape.Account, len(members))
	for i, a := range members {
		out[i] = describeMember(o, a)
	}
	return out, next, nil
}

func needCloseAccount(c *op.Call, in *shape.CloseAccountRequest) ([]op.Need, error) {
	return needTarget(c, "CloseAccount", in.AccountId)
}

// closeAccount is done when it replies. The account stays in the organization, and
// nobody in it can call anything any more.
func closeAccount(_ context.Context, c *op.Call, in *shape.CloseAccountRequest) (*op.None, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	was, err := member(c, o, in.AccountId)
	if err != nil {
		return nil, err
	}
	if was.ID == o.Management {
		return nil, constraintViolation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
	}
	if was.Closed != 0 {
		return nil, awserr.New(400, "AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
	}
	closed := *was
	closed.Closed = directory.At(c.Now)
	return &op.None{}, directory.PutAccount(c.Tx, &closed)
}

// findMember is the account of that ID in an organization, or nil.
func findMember(c *op.Call, o *directory.Organization, id string) (*directory.Account, error) {
	a, err := directory.GetAccount(c.Snap, ids.Account(id))
	if err != nil || a == nil || a.Organization != o.ID {
		return nil, err
	}
	return a, nil
}

func describeMember(o *directory.Organization, a *directory.Account) shape.Account {
	out := shape.Account{
		Id:              (*string)(&a.ID),
		Arn:             new(accountARN(o, string(a.ID))),
		Email:           optional(a.Email),
		Name:            optional(a.Name),
		JoinedMethod:    new(shape.AccountJoinedMethodCreated),
		JoinedTimestamp: new(a.Joined.Time()),
		Paths:           []string{string(o.ID) + "/" + o.Root + "/" + string(a.ID) + "/"},
		Status:          new(shape.AccountStatusActive),
		State:           new(shape.AccountStateActive),
	}
	if a.ID == o.Management {
		out.JoinedMethod = new(shape.AccountJoinedMethodInvited) // as AWS has it
	}
	if a.Closed != 0 {
		out.Status, out.State = new(shape.AccountStatusSuspended), new(shape.AccountStateClosed)
	}
	return out
}
