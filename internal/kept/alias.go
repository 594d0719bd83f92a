package kept

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/kms"
)

const aliasPrefix = "alias/"

func aliasOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateAlias", needCreateAlias, createAlias),
		op.Write("UpdateAlias", needUpdateAlias, updateAlias),
		op.Write("DeleteAlias", needDeleteAlias, deleteAlias),
	}
}

func errNoAlias(c *op.Call, name string) error {
	return awserr.New(400, "NotFoundException", "Alias %s is not found.", named(c, directory.KMSAlias, name).ARN())
}

// aliasNamed is an alias that is there.
func aliasNamed(c *op.Call, name string) (*directory.Kept, error) {
	a, err := find(c, directory.KMSAlias, name)
	if err == nil && a == nil {
		err = errNoAlias(c, name)
	}
	return a, err
}

// needAlias is the permission on an alias and on a key that it leads to, or will.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
func needAlias(c *op.Call, action, alias, key string) ([]op.Need, error) {
	k, err := keyNamed(c, key)
	if err != nil {
		return nil, err
	}
	return []op.Need{needOn(action, named(c, directory.KMSAlias, alias)), needOn(action, k)}, nil
}

func needCreateAlias(c *op.Call, in *shape.CreateAliasRequest) ([]op.Need, error) {
	return needAlias(c, "kms:CreateAlias", in.AliasName, in.TargetKeyId)
}

func createAlias(_ context.Context, c *op.Call, in *shape.CreateAliasRequest) (*op.None, error) {
	if err := onlyStacks(c, "kms:CreateAlias", noKMS); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.AliasName, aliasPrefix) {
		return nil, awserr.New(400, "ValidationException", "Invalid identifier")
	}
	if strings.HasPrefix(in.AliasName, aliasPrefix+"aws/") {
		return nil, awserr.New(400, "NotAuthorizedException", "")
	}
	if a, err := find(c, directory.KMSAlias, in.AliasName); err != nil {
		return nil, err
	} else if a != nil {
		return nil, awserr.New(400, "AlreadyExistsException", "An alias with the name %s already exists", a.ARN())
	}
	k, err := keyNamed(c, in.TargetKeyId)
	if err != nil {
		return nil, err
	}
	a := named(c, directory.KMSAlias, in.AliasName)
	a.Target = k.Name
	return &op.None{}, directory.PutKept(c.Tx, a)
}

func needUpdateAlias(c *op.Call, in *shape.UpdateAliasRequest) ([]op.Need, error) {
	return needAlias(c, "kms:UpdateAlias", in.AliasName, in.TargetKeyId)
}

func updateAlias(_ context.Context, c *op.Call, in *shape.UpdateAliasRequest) (*op.None, error) {
	a, err := aliasNamed(c, in.AliasName)
	if err != nil {
		return nil, err
	}
	k, err := keyNamed(c, in.TargetKeyId)
	if err != nil {
		return nil, err
	}
	moved := *a
	moved.Target = k.Name
	return &op.None{}, directory.PutKept(c.Tx, &moved)
}

// needDeleteAlias asks for the alias alone where its key is gone before it.
func needDeleteAlias(c *op.Call, in *shape.DeleteAliasRequest) ([]op.Need, error) {
	a, err := aliasNamed(c, in.AliasName)
	if err != nil {
		return nil, err
	}
	return []op.Need{needOn("kms:DeleteAlias", a), needOn("kms:DeleteAlias", named(c, directory.KMSKey, a.Target))}, nil
}

func deleteAlias(_ context.Context, c *op.Call, in *shape.DeleteAliasRequest) (*op.None, error) {
	a, err := aliasNamed(c, in.AliasName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteKept(c.Tx, a)
}
