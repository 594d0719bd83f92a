package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func aliasOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateAccountAlias", needCreateAccountAlias, createAccountAlias),
		op.Write("DeleteAccountAlias", needDeleteAccountAlias, deleteAccountAlias),
		op.Read("ListAccountAliases", needListAccountAliases, listAccountAliases),
	}
}

func needCreateAccountAlias(*op.Call, *shape.CreateAccountAliasRequest) ([]op.Need, error) {
	return need("CreateAccountAlias", "*"), nil
}

// createAccountAlias replaces the alias that the account has, as AWS does: only one
// that is taken, by whomever, is refused.
func createAccountAlias(_ context.Context, c *op.Call, in *shape.CreateAccountAliasRequest) (*op.None, error) {
	taken, err := directory.AliasAccount(c.Snap, in.AccountAlias)
	if err != nil {
		return nil, err
	}
	if taken != "" {
		return nil, awserr.New(409, "EntityAlreadyExists", "The account alias %s already exists.", in.AccountAlias)
	}
	return &op.None{}, directory.PutAccountAlias(c.Tx, c.Caller.Account, in.AccountAlias)
}

func needDeleteAccountAlias(*op.Call, *shape.DeleteAccountAliasRequest) ([]op.Need, error) {
	return need("DeleteAccountAlias", "*"), nil
}

func deleteAccountAlias(_ context.Context, c *op.Call, in *shape.DeleteAccountAliasRequest) (*op.None, error) {
	alias, err := directory.AccountAlias(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if alias != in.AccountAlias {
		return nil, noSuchEntity("The account alias %s cannot be found.", in.AccountAlias)
	}
	return &op.None{}, directory.DeleteAccountAlias(c.Tx, c.Caller.Account)
}

func needListAccountAliases(*op.Call, *shape.ListAccountAliasesRequest) ([]op.Need, error) {
	return need("ListAccountAliases", "*"), nil
}

// listAccountAliases is a list by name only: an account has one alias at most.
func listAccountAliases(_ context.Context, c *op.Call, in *shape.ListAccountAliasesRequest) (*shape.ListAccountAliasesResponse, error) {
	if _, err := cursorOf(in.Marker); err != nil {
		return nil, err
	}
	alias, err := directory.AccountAlias(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	out := &shape.ListAccountAliasesResponse{AccountAliases: []string{}, IsTruncated: new(false)}
	if alias != "" && in.Marker == nil {
		out.AccountAliases = []string{alias}
	}
	return out, nil
}
