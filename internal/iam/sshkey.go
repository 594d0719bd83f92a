package iam

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func sshKeyOperations() []op.Operation {
	return []op.Operation{
		op.Write("UploadSSHPublicKey", needUploadSSHPublicKey, uploadSSHPublicKey),
		op.Read("GetSSHPublicKey", needGetSSHPublicKey, getSSHPublicKey),
		op.Read("ListSSHPublicKeys", needListSSHPublicKeys, listSSHPublicKeys),
		op.Write("UpdateSSHPublicKey", needUpdateSSHPublicKey, updateSSHPublicKey),
		op.Write("DeleteSSHPublicKey", needDeleteSSHPublicKey, deleteSSHPublicKey),
	}
}

func needUploadSSHPublicKey(c *op.Call, in *shape.UploadSSHPublicKeyRequest) ([]op.Need, error) {
	return needUser(c, "UploadSSHPublicKey", in.UserName)
}

func uploadSSHPublicKey(_ context.Context, c *op.Call, in *shape.UploadSSHPublicKeyRequest) (*shape.UploadSSHPublicKeyResponse, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	wire, err := parseSSHPublicKey(in.SSHPublicKeyBody)
	if err != nil {
		return nil, err
	}
	others, err := directory.SSHPublicKeys.Of(c.Snap, u)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if bytes.Equal(other.Wire, wire) {
			return nil, awserr.New(400, "DuplicateSSHPublicKey", "The SSH public key is already associated with the specified IAM user.")
		}
	}
	if err := checkRoom(c, sshPublicKeysPerUser, len(others)); err != nil {
		return nil, err
	}
	k := &directory.SSHPublicKey{
		Credential: newCredential(c, u, string(c.IDs.EntityID(ids.PublicKey))),
		Body:       strings.TrimSpace(in.SSHPublicKeyBody),
		Wire:       wire,
	}
	return &shape.UploadSSHPublicKeyResponse{SSHPublicKey: describeSSHPublicKey(u, k, k.Body)}, directory.SSHPublicKeys.Put(c.Tx, k)
}

func needGetSSHPublicKey(c *op.Call, in *shape.GetSSHPublicKeyRequest) ([]op.Need, error) {
	return needUser(c, "GetSSHPublicKey", in.UserName)
}

// getSSHPublicKey shows the key in the encoding that is asked for, and as it was
// given if that is the one.
func getSSHPublicKey(_ context.Context, c *op.Call, in *shape.GetSSHPublicKeyRequest) (*shape.GetSSHPublicKeyResponse, error) {
	u, k, err := mustSSHPublicKey(c, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	body := k.Body
	if isPEM := strings.HasPrefix(body, "-----BEGIN"); isPEM != (in.Encoding == shape.EncodingTypePem) {
		if body, err = encodeSSHPublicKey(k.Wire, in.Encoding); err != nil {
			return nil, err
		}
	}
	return &shape.GetSSHPublicKeyResponse{SSHPublicKey: describeSSHPublicKey(u, k, body)}, nil
}

func needListSSHPublicKeys(c *op.Call, in *shape.ListSSHPublicKeysRequest) ([]op.Need, error) {
	return needSubject(c, "ListSSHPublicKeys", in.UserName)
}

func listSSHPublicKeys(_ context.Context, c *op.Call, in *shape.ListSSHPublicKeysRequest) (*shape.ListSSHPublicKeysResponse, error) {
	u, err := userOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := pageOfCredentials(c, directory.SSHPublicKeys, u, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &shape.ListSSHPublicKeysResponse{
		SSHPublicKeys: make([]shape.SSHPublicKeyMetadata, len(p.items)),
		IsTruncated:   &p.more,
		Marker:        p.marker,
	}
	for i, k := range p.items {
		out.SSHPublicKeys[i] = shape.SSHPublicKeyMetadata{UserName: u.Name, SSHPublicKeyId: k.ID, Status: k.Status(), UploadDate: k.Created.Time()}
	}
	return out, nil
}

func needUpdateSSHPublicKey(c *op.Call, in *shape.UpdateSSHPublicKeyRequest) ([]op.Need, error) {
	return needUser(c, "UpdateSSHPublicKey", in.UserName)
}

func updateSSHPublicKey(_ context.Context, c *op.Call, in *shape.UpdateSSHPublicKeyRequest) (*op.None, error) {
	_, k, err := mustSSHPublicKey(c, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	return setStatus(c, directory.SSHPublicKeys, k, in.Status)
}

func needDeleteSSHPublicKey(c *op.Call, in *shape.DeleteSSHPublicKeyRequest) ([]op.Need, error) {
	return needUser(c, "DeleteSSHPublicKey", in.UserName)
}

func deleteSSHPublicKey(_ context.Context, c *op.Call, in *shape.DeleteSSHPublicKeyRequest) (*op.None, error) {
	_, k, err := mustSSHPublicKey(c, in.UserName, in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.SSHPublicKeys.Delete(c.Tx, k)
}

func mustSSHPublicKey(c *op.Call, userName, id string) (*directory.User, *directory.SSHPublicKey, error) {
	u, err := mustUser(c, userName)
	if err != nil {
		return nil, nil, err
	}
	k, err := directory.SSHPublicKeys.Get(c.Snap, u, id)
	if err == nil && k == nil {
		err = noSuchEntity("The Public Key with id %s cannot be found.", id)
	}
	return u, k, err
}

func describeSSHPublicKey(u *directory.User, k *directory.SSHPublicKey, body string) *shape.SSHPublicKey {
	return &shape.SSHPublicKey{
		UserName:         u.Name,
		SSHPublicKeyId:   k.ID,
		Fingerprint:      sshFingerprint(k.Wire),
		SSHPublicKeyBody: body,
		Status:           k.Status(),
		UploadDate:       new(k.Created.Time()),
	}
}

// sshFingerprint is what ssh-keygen -l -E md5 shows.
func sshFingerprint(wire []byte) string {
	return strings.ReplaceAll(fmt.Sprintf("% x", md5.Sum(wire)), " ", ":")
}
