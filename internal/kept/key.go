package kept

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/kms"
)

func keyOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateKey", needCreateKey, createKey),
		op.Read("DescribeKey", needDescribeKey, describeKey),
		op.Write("ScheduleKeyDeletion", needScheduleKeyDeletion, scheduleKeyDeletion),
	}
}

func needCreateKey(*op.Call, *shape.CreateKeyRequest) ([]op.Need, error) {
	return []op.Need{{Action: "kms:CreateKey", Resource: "*"}}, nil
}

func createKey(_ context.Context, c *op.Call, _ *shape.CreateKeyRequest) (*shape.CreateKeyResponse, error) {
	if err := onlyStacks(c, "kms:CreateKey", noKMS); err != nil {
		return nil, err
	}
	k := named(c, directory.KMSKey, c.IDs.UUID())
	return &shape.CreateKeyResponse{KeyMetadata: describe(k)}, directory.PutKept(c.Tx, k)
}

// describe leaves out what a record can't be: enabled, or of use for anything.
func describe(k *directory.Kept) *shape.KeyMetadata {
	return &shape.KeyMetadata{
		AWSAccountId: new(string(k.Account)),
		Arn:          new(k.ARN()),
		CreationDate: new(k.Created.Time()),
		Enabled:      new(false),
		KeyId:        k.Name,
		KeyManager:   new(shape.KeyManagerTypeCustomer),
		KeyState:     new(shape.KeyStateUnavailable),
	}
}

// keyNamed is the key of an ID or ARN, or of an alias's name or ARN.
func keyNamed(c *op.Call, name string) (*directory.Kept, error) {
	asked := name
	own := named(c, directory.KMSAlias, "").ARN()
	name = strings.TrimPrefix(strings.TrimPrefix(name, own), "key/")
	if strings.HasPrefix(name, aliasPrefix) {
		a, err := find(c, directory.KMSAlias, name)
		if err != nil {
			return nil, err
		}
		if a == nil {
			return nil, errNoAlias(c, name)
		}
		name = a.Target
	}
	k, err := find(c, directory.KMSKey, name)
	if err == nil && k == nil {
		if !strings.HasPrefix(asked, "arn:") {
			asked = named(c, directory.KMSKey, name).ARN()
		}
		err = awserr.New(400, "NotFoundException", "Key '%s' does not exist", asked)
	}
	return k, err
}

func needDescribeKey(c *op.Call, in *shape.DescribeKeyRequest) ([]op.Need, error) {
	k, err := keyNamed(c, in.KeyId)
	if err != nil {
		return nil, err
	}
	return []op.Need{needOn("kms:DescribeKey", k)}, nil
}

func describeKey(_ context.Context, c *op.Call, in *shape.DescribeKeyRequest) (*shape.DescribeKeyResponse, error) {
	k, err := keyNamed(c, in.KeyId)
	if err != nil {
		return nil, err
	}
	return &shape.DescribeKeyResponse{KeyMetadata: describe(k)}, nil
}

func needScheduleKeyDeletion(c *op.Call, in *shape.ScheduleKeyDeletionRequest) ([]op.Need, error) {
	k, err := keyNamed(c, in.KeyId)
	if err != nil {
		return nil, err
	}
	return []op.Need{needOn("kms:ScheduleKeyDeletion", k)}, nil
}

// scheduleKeyDeletion waits for nothing: there is nothing that the key could be missed for.
func scheduleKeyDeletion(_ context.Context, c *op.Call, in *shape.ScheduleKeyDeletionRequest) (*shape.ScheduleKeyDeletionResponse, error) {
	k, err := keyNamed(c, in.KeyId)
	if err != nil {
		return nil, err
	}
	return &shape.ScheduleKeyDeletionResponse{KeyId: new(k.ARN()), DeletionDate: new(c.Now)}, directory.DeleteKept(c.Tx, k)
}
