package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type serverCertificateProperties struct {
	ServerCertificateName string `json:",omitempty"`
	Path                  string `json:",omitempty"`
	CertificateBody       string `json:",omitempty"`
	CertificateChain      string `json:",omitempty"`
	PrivateKey            string `json:",omitempty"`
	Tags                  []Tag  `json:",omitempty"`
}

var serverCertificate = Kind[serverCertificateProperties]{
	Type: "AWS::IAM::ServerCertificate",
	Check: func(_, want *serverCertificateProperties) error {
		switch {
		case want.CertificateBody == "":
			return missingKey("CertificateBody")
		case want.PrivateKey == "":
			return missingKey("PrivateKey")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *serverCertificateProperties) (Result, error) {
		reply, err := Do[iam.UploadServerCertificateResponse](ctx, api, &iam.UploadServerCertificateRequest{
			ServerCertificateName: cmp.Or(want.ServerCertificateName, r.Name(mostEntityName)),
			Path:                  orNil(want.Path),
			CertificateBody:       want.CertificateBody,
			CertificateChain:      orNil(want.CertificateChain),
			PrivateKey:            want.PrivateKey,
			Tags:                  iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		return certificateResult(reply.ServerCertificateMetadata), nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *serverCertificateProperties) (Result, error) {
		name := r.Physical
		if was.Path != want.Path {
			in := &iam.UpdateServerCertificateRequest{ServerCertificateName: name, NewPath: new(cmp.Or(want.Path, "/"))}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		if err := r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same: foldedKey,
			untag: func(keys []string) any {
				return &iam.UntagServerCertificateRequest{ServerCertificateName: name, TagKeys: keys}
			},
			tag: func(tags []Tag) any {
				return &iam.TagServerCertificateRequest{ServerCertificateName: name, Tags: iamTags(tags)}
			},
		}); err != nil {
			return Result{}, err
		}
		c, err := getServerCertificate(ctx, api, name)
		if err != nil {
			return Result{}, err
		}
		return certificateResult(c.ServerCertificateMetadata), nil
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *serverCertificateProperties) error {
		_, err := api.Call(ctx, &iam.DeleteServerCertificateRequest{ServerCertificateName: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	// What the certificate is made of can't change, and is taken to be the same.
	Read: func(ctx context.Context, api API, r Resource, was *serverCertificateProperties) (*serverCertificateProperties, Result, error) {
		c, err := getServerCertificate(ctx, api, r.Physical)
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := *was
		is.ServerCertificateName = c.ServerCertificateMetadata.ServerCertificateName
		is.Path = c.ServerCertificateMetadata.Path
		is.Tags = r.shown(fromIAM(c.Tags), was.Tags, foldedKey)
		return &is, certificateResult(c.ServerCertificateMetadata), nil
	},
}

func getServerCertificate(ctx context.Context, api API, name string) (*iam.ServerCertificate, error) {
	reply, err := Do[iam.GetServerCertificateResponse](ctx, api, &iam.GetServerCertificateRequest{ServerCertificateName: name})
	if err != nil {
		return nil, err
	}
	return reply.ServerCertificate, nil
}

func certificateResult(m *iam.ServerCertificateMetadata) Result {
	return Result{Physical: m.ServerCertificateName, Attrs: map[string]string{"Arn": m.Arn}}
}
