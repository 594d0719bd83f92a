package iam

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func accessKeyOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateAccessKey", needCreateAccessKey, createAccessKey),
		op.Read("ListAccessKeys", needListAccessKeys, listAccessKeys),
		op.Write("UpdateAccessKey", needUpdateAccessKey, updateAccessKey),
		op.Write("DeleteAccessKey", needDeleteAccessKey, deleteAccessKey),
		op.Read("GetAccessKeyLastUsed", needGetAccessKeyLastUsed, getAccessKeyLastUsed),
	}
}

func needCreateAccessKey(c *op.Call, in *shape.CreateAccessKeyRequest) ([]op.Need, error) {
	return needSubject(c, "CreateAccessKey", in.UserName)
}

// createAccessKey makes a key and shows its secret, which no other operation
// does. The quota counts Inactive keys too, and is exact: this runs in a
// serializable transaction. (AWS lets concurrent calls exceed it.)
func createAccessKey(_ context.Context, c *op.Call, in *shape.CreateAccessKeyRequest) (*shape.CreateAccessKeyResponse, error) {
	s, err := subjectOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := checkRoom(c, accessKeysPerUser, len(s.HeldKeys())); err != nil {
		return nil, err
	}
	key, secret, err := directory.NewAccessKey(c.Tx, c.IDs, c.Keyring, s, c.Now)
	if err != nil {
		return nil, err
	}
	return &shape.CreateAccessKeyResponse{AccessKey: &shape.AccessKey{
		UserName:        s.name,
		AccessKeyId:     string(key.ID),
		Status:          shape.StatusTypeActive,
		SecretAccessKey: string(secret),
		CreateDate:      new(key.Created.Time()),
	}}, nil
}

func needListAccessKeys(c *op.Call, in *shape.ListAccessKeysRequest) ([]op.Need, error) {
	return needSubject(c, "ListAccessKeys", in.UserName)
}

func listAccessKeys(_ context.Context, c *op.Call, in *shape.ListAccessKeysRequest) (*shape.ListAccessKeysResponse, error) {
	s, err := subjectOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	keys := slices.Clone(s.HeldKeys())
	slices.SortFunc(keys, compareKeys)
	p, err := paged(op.After(keys, cursor, accessKeyCursor), in.MaxItems, accessKeyCursor)
	if err != nil {
		return nil, err
	}
	out := &shape.ListAccessKeysResponse{
		AccessKeyMetadata: make([]shape.AccessKeyMetadata, len(p.items)),
		IsTruncated:       &p.more,
		Marker:            p.marker,
	}
	for i, k := range p.items {
		out.AccessKeyMetadata[i] = shape.AccessKeyMetadata{
			UserName:    s.name,
			AccessKeyId: (*string)(&k.ID),
			Status:      new(k.Status()),
			CreateDate:  new(k.Created.Time()),
		}
	}
	return out, nil
}

func needUpdateAccessKey(c *op.Call, in *shape.UpdateAccessKeyRequest) ([]op.Need, error) {
	return needSubject(c, "UpdateAccessKey", in.UserName)
}

func updateAccessKey(_ context.Context, c *op.Call, in *shape.UpdateAccessKeyRequest) (*op.None, error) {
	s, was, err := mustAccessKey(c, in.UserName, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	key := *was
	key.Active = in.Status == shape.StatusTypeActive
	return &op.None{}, directory.PutAccessKey(c.Tx, s, &key)
}

func needDeleteAccessKey(c *op.Call, in *shape.DeleteAccessKeyRequest) ([]op.Need, error) {
	return needSubject(c, "DeleteAccessKey", in.UserName)
}

func deleteAccessKey(_ context.Context, c *op.Call, in *shape.DeleteAccessKeyRequest) (*op.None, error) {
	s, key, err := mustAccessKey(c, in.UserName, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteAccessKey(c.Tx, s, key)
}

func needGetAccessKeyLastUsed(c *op.Call, in *shape.GetAccessKeyLastUsedRequest) ([]op.Need, error) {
	key, err := ownAccessKey(c, in.AccessKeyId)
	if err != nil || key == nil {
		return need("GetAccessKeyLastUsed", "*"), err
	}
	owner, err := ownerOf(c, key)
	if err != nil {
		return nil, err
	}
	return needOn("GetAccessKeyLastUsed", owner.ARN(), owner.tags), nil
}

func getAccessKeyLastUsed(_ context.Context, c *op.Call, in *shape.GetAccessKeyLastUsedRequest) (*shape.GetAccessKeyLastUsedResponse, error) {
	key, err := ownAccessKey(c, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, noSuchAccessKey(in.AccessKeyId)
	}
	owner, err := ownerOf(c, key)
	if err != nil {
		return nil, err
	}
	used, err := directory.GetLastUsed(c.Snap, key.ID)
	if err != nil {
		return nil, err
	}
	out := &shape.GetAccessKeyLastUsedResponse{
		UserName:          owner.name,
		AccessKeyLastUsed: &shape.AccessKeyLastUsed{ServiceName: "N/A", Region: "N/A"},
	}
	if used != nil {
		out.AccessKeyLastUsed = &shape.AccessKeyLastUsed{
			LastUsedDate: new(used.Date.Time()),
			ServiceName:  used.Service,
			Region:       used.Region,
		}
	}
	return out, nil
}

// mustAccessKey is a subject and its key of that ID; anybody else's is as absent.
func mustAccessKey(c *op.Call, userName *string, id string) (subject, *directory.AccessKey, error) {
	s, err := subjectOf(c, userName)
	if err != nil {
		return subject{}, nil, err
	}
	key, err := ownAccessKey(c, id)
	if err == nil && (key == nil || key.Owner != s.Owner()) {
		err = noSuchAccessKey(id)
	}
	return s, key, err
}

// ownAccessKey is the key of that ID if it belongs to the caller's account, or nil.
func ownAccessKey(c *op.Call, id string) (*directory.AccessKey, error) {
	key, err := directory.GetAccessKey(c.Snap, ids.KeyID(id))
	if err != nil || key == nil || key.Account != c.Caller.Account {
		return nil, err
	}
	return key, nil
}

// ownerOf is whose key it is.
func ownerOf(c *op.Call, key *directory.AccessKey) (subject, error) {
	if key.IsRoot() {
		return rootSubject(c, key.Account)
	}
	u, err := directory.KeyUser(c.Snap, key)
	if err != nil {
		return subject{}, err
	}
	return userSubject(u), nil
}

// compareKeys orders the keys of one owner by age. Two of the same millisecond
// need an order, too, for a listing in pages.
func compareKeys(a, b directory.HeldKey) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
}

// accessKeyCursor orders keys as compareKeys does.
func accessKeyCursor(k directory.HeldKey) string {
	return fmt.Sprintf("%015d/%s", int64(k.Created), k.ID)
}

func noSuchAccessKey(id string) error {
	return noSuchEntity("The Access Key with id %s cannot be found.", id)
}
