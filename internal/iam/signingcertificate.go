package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func signingCertificateOperations() []op.Operation {
	return []op.Operation{
		op.Write("UploadSigningCertificate", needUploadSigningCertificate, uploadSigningCertificate),
		op.Read("ListSigningCertificates", needListSigningCertificates, listSigningCertificates),
		op.Write("UpdateSigningCertificate", needUpdateSigningCertificate, updateSigningCertificate),
		op.Write("DeleteSigningCertificate", needDeleteSigningCertificate, deleteSigningCertificate),
	}
}

func needUploadSigningCertificate(c *op.Call, in *shape.UploadSigningCertificateRequest) ([]op.Need, error) {
	return needSubject(c, "UploadSigningCertificate", in.UserName)
}

func uploadSigningCertificate(_ context.Context, c *op.Call, in *shape.UploadSigningCertificateRequest) (*shape.UploadSigningCertificateResponse, error) {
	u, err := mustUserOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	certs := parseCertificates(in.CertificateBody)
	if len(certs) != 1 {
		return nil, awserr.New(400, "MalformedCertificate", "Certificate %s is malformed.", in.CertificateBody)
	}
	if why := outsideValidity(certs[0], c.Now); why != "" {
		return nil, awserr.New(400, "InvalidCertificate", "%s", why)
	}
	taken, err := directory.HasSigningCertificate(c.Snap, u.Account, certs[0].Raw)
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, awserr.New(409, "DuplicateCertificate", "The same certificate is associated with an IAM user in the account.")
	}
	others, err := directory.SigningCertificates.Of(c.Snap, u)
	if err != nil {
		return nil, err
	}
	if err := checkRoom(c, certificatesPerUser, len(others)); err != nil {
		return nil, err
	}
	sc := &directory.SigningCertificate{
		Credential: newCredential(c, u, c.IDs.Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)),
		Body:       in.CertificateBody,
		DER:        certs[0].Raw,
	}
	return &shape.UploadSigningCertificateResponse{Certificate: describeSigningCertificate(u, sc)}, directory.PutSigningCertificate(c.Tx, sc)
}

func needListSigningCertificates(c *op.Call, in *shape.ListSigningCertificatesRequest) ([]op.Need, error) {
	return needSubject(c, "ListSigningCertificates", in.UserName)
}

func listSigningCertificates(_ context.Context, c *op.Call, in *shape.ListSigningCertificatesRequest) (*shape.ListSigningCertificatesResponse, error) {
	u, err := userOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := pageOfCredentials(c, directory.SigningCertificates, u, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &shape.ListSigningCertificatesResponse{
		Certificates: make([]shape.SigningCertificate, len(p.items)),
		IsTruncated:  &p.more,
		Marker:       p.marker,
	}
	for i, sc := range p.items {
		out.Certificates[i] = *describeSigningCertificate(u, sc)
	}
	return out, nil
}

func needUpdateSigningCertificate(c *op.Call, in *shape.UpdateSigningCertificateRequest) ([]op.Need, error) {
	return needSubject(c, "UpdateSigningCertificate", in.UserName)
}

func updateSigningCertificate(_ context.Context, c *op.Call, in *shape.UpdateSigningCertificateRequest) (*op.None, error) {
	sc, err := mustSigningCertificate(c, in.UserName, in.CertificateId)
	if err != nil {
		return nil, err
	}
	return setStatus(c, directory.SigningCertificates, sc, in.Status)
}

func needDeleteSigningCertificate(c *op.Call, in *shape.DeleteSigningCertificateRequest) ([]op.Need, error) {
	return needSubject(c, "DeleteSigningCertificate", in.UserName)
}

func deleteSigningCertificate(_ context.Context, c *op.Call, in *shape.DeleteSigningCertificateRequest) (*op.None, error) {
	sc, err := mustSigningCertificate(c, in.UserName, in.CertificateId)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteSigningCertificate(c.Tx, sc)
}

func mustSigningCertificate(c *op.Call, userName *string, id string) (*directory.SigningCertificate, error) {
	u, err := mustUserOf(c, userName)
	if err != nil {
		return nil, err
	}
	sc, err := directory.SigningCertificates.Get(c.Snap, u, id)
	if err == nil && sc == nil {
		err = noSuchEntity("The Certificate with id %s cannot be found.", id)
	}
	return sc, err
}

func describeSigningCertificate(u *directory.User, sc *directory.SigningCertificate) *shape.SigningCertificate {
	return &shape.SigningCertificate{
		UserName:        u.Name,
		CertificateId:   sc.ID,
		CertificateBody: sc.Body,
		Status:          sc.Status(),
		UploadDate:      new(sc.Created.Time()),
	}
}
