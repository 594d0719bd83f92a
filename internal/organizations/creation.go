package organizations

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func creationOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateAccount", needCreateAccount, createAccount),
		op.Read("DescribeCreateAccountStatus", needAll[shape.DescribeCreateAccountStatusRequest]("DescribeCreateAccountStatus"), describeCreateAccountStatus),
		op.Read("ListCreateAccountStatus", needAll[shape.ListCreateAccountStatusRequest]("ListCreateAccountStatus"), listCreateAccountStatus),
	}
}

func needCreateAccount(_ *op.Call, in *shape.CreateAccountRequest) ([]op.Need, error) {
	create := need("CreateAccount", "*")
	if len(in.Tags) == 0 {
		return []op.Need{create}, nil
	}
	tag := need("TagResource", "*") // the account has no name yet
	create.NewTags = tagsOf(in.Tags)
	tag.NewTags = create.NewTags
	return []op.Need{create, tag}, nil
}

// createAccount replies that it is in progress, as AWS does, and clients ask on. By
// then it is done: there is an account, or a reason why there is none.
func createAccount(_ context.Context, c *op.Call, in *shape.CreateAccountRequest) (*shape.CreateAccountResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	roleName, err := accessRoleName(in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	n := &directory.AccountCreation{
		ID:           newCreationID(c.IDs),
		Organization: o.ID,
		Name:         in.AccountName,
		Requested:    directory.At(c.Now),
	}
	taken, err := directory.AccountByEmail(c.Snap, in.Email)
	if err != nil {
		return nil, err
	}
	if !isASCII(in.Email) {
		n.Failure = shape.CreateAccountFailureReasonInvalidEmail
	} else if taken != nil {
		n.Failure = shape.CreateAccountFailureReasonEmailAlreadyExists
	} else if n.Account, err = directory.FreeAccount(c.Tx, c.IDs); err != nil {
		return nil, err
	} else if err := makeMember(c, o, n, in.Email, tags, roleName); err != nil {
		return nil, err
	}
	if err := directory.PutAccountCreation(c.Tx, n); err != nil {
		return nil, err
	}
	return &shape.CreateAccountResponse{CreateAccountStatus: &shape.CreateAccountStatus{
		Id:                 &n.ID,
		AccountName:        &n.Name,
		State:              new(shape.CreateAccountStateInProgress),
		RequestedTimestamp: new(n.Requested.Time()),
	}}, nil
}

// isASCII: addresses have no other characters.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// makeMember makes the account that was asked for, with the role by which the
// account that manages the organization gets into it.
func makeMember(c *op.Call, o *directory.Organization, n *directory.AccountCreation, email string, tags []directory.Tag, roleName string) error {
	a := &directory.Account{
		ID:           n.Account,
		Name:         n.Name,
		Email:        email,
		Created:      n.Requested,
		Organization: o.ID,
		Joined:       n.Requested,
		Tags:         tags,
	}
	if err := directory.PutAccount(c.Tx, a); err != nil {
		return err
	}
	return makeAccessRole(c, a.ID, o.Management, roleName)
}

func describeCreateAccountStatus(_ context.Context, c *op.Call, in *shape.DescribeCreateAccountStatusRequest) (*shape.DescribeCreateAccountStatusResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	n, err := directory.GetAccountCreation(c.Snap, o.ID, in.CreateAccountRequestId)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, awserr.New(400, "CreateAccountStatusNotFoundException",
			"We can't find a create account request with the CreateAccountRequestId that you specified.")
	}
	out := describeCreation(n)
	return &shape.DescribeCreateAccountStatusResponse{CreateAccountStatus: &out}, nil
}

func listCreateAccountStatus(_ context.Context, c *op.Call, in *shape.ListCreateAccountStatusRequest) (*shape.ListCreateAccountStatusResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.NextToken)
	if err != nil {
		return nil, err
	}
	wanted := func(n *directory.AccountCreation) bool {
		return len(in.States) == 0 || slices.Contains(in.States, stateOf(n))
	}
	id := func(n *directory.AccountCreation) string { return n.ID }
	found, next, err := page(directory.AccountCreations(c.Snap, o.ID, cursor), in.MaxResults, id, wanted)
	if err != nil {
		return nil, err
	}
	out := &shape.ListCreateAccountStatusResponse{CreateAccountStatuses: make([]shape.CreateAccountStatus, len(found)), NextToken: next}
	for i, n := range found {
		out.CreateAccountStatuses[i] = describeCreation(n)
	}
	return out, nil
}

func stateOf(n *directory.AccountCreation) string {
	if n.Failure != "" {
		return shape.CreateAccountStateFailed
	}
	return shape.CreateAccountStateSucceeded
}

func describeCreation(n *directory.AccountCreation) shape.CreateAccountStatus {
	return shape.CreateAccountStatus{
		Id:                 &n.ID,
		AccountName:        &n.Name,
		State:              new(stateOf(n)),
		RequestedTimestamp: new(n.Requested.Time()),
		CompletedTimestamp: new(n.Requested.Time()),
		AccountId:          optional(string(n.Account)),
		FailureReason:      optional(n.Failure),
	}
}

// accessRoleName is the name of a new account's role.
func accessRoleName(given *string) (string, error) {
	if given == nil {
		return "OrganizationAccountAccessRole", nil
	}
	if *given == "" || strings.HasPrefix(*given, "AWSServiceRoleFor") {
		return "", invalidInput("INVALID_ROLE_NAME",
			"You provided a role name that isn't valid. A role name can't begin with the reserved prefix AWSServiceRoleFor.")
	}
	return *given, nil
}
