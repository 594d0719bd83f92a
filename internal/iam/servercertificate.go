package iam

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func serverCertificateOperations() []op.Operation {
	return []op.Operation{
		op.Write("UploadServerCertificate", needUploadServerCertificate, uploadServerCertificate),
		op.Read("GetServerCertificate", needGetServerCertificate, getServerCertificate),
		op.Read("ListServerCertificates", needListServerCertificates, listServerCertificates),
		op.Write("UpdateServerCertificate", needUpdateServerCertificate, updateServerCertificate),
		op.Write("DeleteServerCertificate", needDeleteServerCertificate, deleteServerCertificate),
		op.Write("TagServerCertificate", needTagServerCertificate, tagServerCertificate),
		op.Write("UntagServerCertificate", needUntagServerCertificate, untagServerCertificate),
		op.Read("ListServerCertificateTags", needListServerCertificateTags, listServerCertificateTags),
	}
}

func needUploadServerCertificate(c *op.Call, in *shape.UploadServerCertificateRequest) ([]op.Need, error) {
	arn := directory.ServerCertificates.ARN(c.Caller.Account, pathOf(in.Path), in.ServerCertificateName)
	return needTagged(need("UploadServerCertificate", arn), "TagServerCertificate", in.Tags), nil
}

func uploadServerCertificate(_ context.Context, c *op.Call, in *shape.UploadServerCertificateRequest) (*shape.UploadServerCertificateResponse, error) {
	if err := checkServerCertificateFree(c, in.ServerCertificateName); err != nil {
		return nil, err
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	chain := strings.TrimRight(orElse(in.CertificateChain, ""), " \t\r\n")
	if err := checkMost(c, certificateChainSize, len(chain)); err != nil {
		return nil, err
	}
	cert, err := checkServerCertificate(in.CertificateBody, chain, in.PrivateKey, c.Now)
	if err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.ServerCertificates, serverCertificatesPerAccount); err != nil {
		return nil, err
	}
	s := &directory.ServerCertificate{
		Entity: directory.Entity{
			ID:      c.IDs.EntityID(ids.ServerCertificate),
			Account: c.Caller.Account,
			Name:    in.ServerCertificateName,
			Path:    pathOf(in.Path),
			Created: directory.At(c.Now),
			Tags:    tags,
		},
		Body:    strings.TrimRight(in.CertificateBody, " \t\r\n"), // as AWS does
		Chain:   chain,
		Expires: directory.At(cert.NotAfter),
	}
	if err := s.SealKey(c.Keyring, in.PrivateKey); err != nil {
		return nil, err
	}
	out := &shape.UploadServerCertificateResponse{ServerCertificateMetadata: describeServerCertificate(s), Tags: describeTags(tags)}
	return out, directory.ServerCertificates.Put(c.Tx, nil, s)
}

func checkServerCertificateFree(c *op.Call, name string) error {
	taken, err := directory.ServerCertificates.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && taken != nil {
		err = awserr.New(409, "EntityAlreadyExists", "The Server Certificate with name %s already exists.", name)
	}
	return err
}

func needGetServerCertificate(c *op.Call, in *shape.GetServerCertificateRequest) ([]op.Need, error) {
	return needEntity(c, directory.ServerCertificates, "GetServerCertificate", in.ServerCertificateName)
}

// getServerCertificate shows all but the private key, which no operation does.
func getServerCertificate(_ context.Context, c *op.Call, in *shape.GetServerCertificateRequest) (*shape.GetServerCertificateResponse, error) {
	s, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	out := &shape.ServerCertificate{
		ServerCertificateMetadata: describeServerCertificate(s),
		CertificateBody:           s.Body,
		Tags:                      describeTags(s.Tags),
	}
	if s.Chain != "" {
		out.CertificateChain = &s.Chain
	}
	if out.Tags == nil {
		out.Tags = []shape.Tag{} // this reply has the list even when it is empty
	}
	return &shape.GetServerCertificateResponse{ServerCertificate: out}, nil
}

func needListServerCertificates(c *op.Call, in *shape.ListServerCertificatesRequest) ([]op.Need, error) {
	return need("ListServerCertificates", directory.ServerCertificates.ARN(c.Caller.Account, pathOf(in.PathPrefix), "")), nil
}

func listServerCertificates(_ context.Context, c *op.Call, in *shape.ListServerCertificatesRequest) (*shape.ListServerCertificatesResponse, error) {
	p, err := pageOfKind(c, directory.ServerCertificates, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &shape.ListServerCertificatesResponse{
		ServerCertificateMetadataList: make([]shape.ServerCertificateMetadata, len(p.items)),
		IsTruncated:                   &p.more,
		Marker:                        p.marker,
	}
	for i, s := range p.items {
		out.ServerCertificateMetadataList[i] = *describeServerCertificate(s)
	}
	return out, nil
}

func needUpdateServerCertificate(c *op.Call, in *shape.UpdateServerCertificateRequest) ([]op.Need, error) {
	return needRename(c, directory.ServerCertificates, "UpdateServerCertificate", in.ServerCertificateName, in.NewServerCertificateName, in.NewPath)
}

func updateServerCertificate(_ context.Context, c *op.Call, in *shape.UpdateServerCertificateRequest) (*op.None, error) {
	was, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	s := renamed(was, in.NewServerCertificateName, in.NewPath)
	if !strings.EqualFold(s.Name, was.Name) {
		if err := checkServerCertificateFree(c, s.Name); err != nil {
			return nil, err
		}
	}
	return &op.None{}, directory.ServerCertificates.Put(c.Tx, was, s)
}

func needDeleteServerCertificate(c *op.Call, in *shape.DeleteServerCertificateRequest) ([]op.Need, error) {
	return needEntity(c, directory.ServerCertificates, "DeleteServerCertificate", in.ServerCertificateName)
}

func deleteServerCertificate(_ context.Context, c *op.Call, in *shape.DeleteServerCertificateRequest) (*op.None, error) {
	s, err := mustServerCertificate(c, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.ServerCertificates.Delete(c.Tx, s)
}

func mustServerCertificate(c *op.Call, name string) (*directory.ServerCertificate, error) {
	s, err := directory.ServerCertificates.ByName(c.Snap, c.Caller.Account, name)
	if err == nil && s == nil {
		err = noSuchEntity("The Server Certificate with name %s cannot be found.", name)
	}
	return s, err
}

func describeServerCertificate(s *directory.ServerCertificate) *shape.ServerCertificateMetadata {
	return &shape.ServerCertificateMetadata{
		Path:                  s.Path,
		ServerCertificateName: s.Name,
		ServerCertificateId:   string(s.ID),
		Arn:                   s.ARN(),
		UploadDate:            new(s.Created.Time()),
		Expiration:            new(s.Expires.Time()),
	}
}
