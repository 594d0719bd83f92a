package kind

import (
	"cmp"
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type samlProviderProperties struct {
	Name                    string    `json:",omitempty"`
	SamlMetadataDocument    string    `json:",omitempty"`
	AssertionEncryptionMode string    `json:",omitempty"`
	AddPrivateKey           string    `json:",omitempty"`
	RemovePrivateKey        string    `json:",omitempty"`
	PrivateKeyList          []samlKey `json:",omitempty"`
	Tags                    []Tag     `json:",omitempty"`
}

type samlKey struct{ KeyId, Timestamp string }

func (p *samlProviderProperties) keyIDs() []string {
	var ids []string
	for _, k := range p.PrivateKeyList {
		ids = append(ids, k.KeyId)
	}
	return ids
}

// mode is Allowed by default.
func (p *samlProviderProperties) mode() string {
	return cmp.Or(p.AssertionEncryptionMode, iam.AssertionEncryptionModeTypeAllowed)
}

var samlProvider = Kind[samlProviderProperties]{
	Type: "AWS::IAM::SAMLProvider",
	// Keys get their IDs from the service: a template can take one out of the list, and
	// put none in.
	Check: func(was, want *samlProviderProperties) error {
		known := &samlProviderProperties{}
		if was != nil {
			known = was
		}
		switch {
		case want.SamlMetadataDocument == "":
			return missingKey("SamlMetadataDocument")
		case len(missing(want.keyIDs(), known.keyIDs())) > 0:
			return Invalid("#/PrivateKeyList: the IDs of private keys are given by the service; AddPrivateKey adds a key")
		case want.RemovePrivateKey != "" && want.RemovePrivateKey != known.RemovePrivateKey:
			return Invalid("#/RemovePrivateKey: a change makes a new provider, which has no such key; PrivateKeyList without the key removes it")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *samlProviderProperties) (Result, error) {
		reply, err := Do[iam.CreateSAMLProviderResponse](ctx, api, &iam.CreateSAMLProviderRequest{
			Name:                    cmp.Or(want.Name, r.Name(mostEntityName)),
			SAMLMetadataDocument:    want.SamlMetadataDocument,
			AssertionEncryptionMode: orNil(want.AssertionEncryptionMode),
			AddPrivateKey:           orNil(want.AddPrivateKey),
			Tags:                    iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		made := arnResult(*reply.SAMLProviderArn)
		is, err := getSAMLProvider(ctx, api, made.Physical)
		if err != nil {
			return made, err
		}
		return samlResult(made.Physical, is), nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *samlProviderProperties) (Result, error) {
		arn := r.Physical
		if was.SamlMetadataDocument != want.SamlMetadataDocument || was.mode() != want.mode() {
			in := &iam.UpdateSAMLProviderRequest{
				SAMLProviderArn:         arn,
				SAMLMetadataDocument:    &want.SamlMetadataDocument,
				AssertionEncryptionMode: new(want.mode()),
			}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		for _, id := range missing(was.keyIDs(), want.keyIDs()) {
			in := &iam.UpdateSAMLProviderRequest{SAMLProviderArn: arn, RemovePrivateKey: new(id)}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		return Result{Physical: arn}, r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same:  foldedKey,
			untag: func(keys []string) any { return &iam.UntagSAMLProviderRequest{SAMLProviderArn: arn, TagKeys: keys} },
			tag:   func(tags []Tag) any { return &iam.TagSAMLProviderRequest{SAMLProviderArn: arn, Tags: iamTags(tags)} },
		})
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *samlProviderProperties) error {
		_, err := api.Call(ctx, &iam.DeleteSAMLProviderRequest{SAMLProviderArn: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *samlProviderProperties) (*samlProviderProperties, Result, error) {
		p, err := getSAMLProvider(ctx, api, r.Physical)
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := &samlProviderProperties{
			Name:                    was.Name,
			SamlMetadataDocument:    orNone(p.SAMLMetadataDocument),
			AssertionEncryptionMode: orNone(p.AssertionEncryptionMode),
			AddPrivateKey:           was.AddPrivateKey,
			RemovePrivateKey:        was.RemovePrivateKey,
			Tags:                    r.shown(fromIAM(p.Tags), was.Tags, foldedKey),
		}
		for _, k := range p.PrivateKeyList {
			is.PrivateKeyList = append(is.PrivateKeyList, samlKey{orNone(k.KeyId), k.Timestamp.UTC().Format(time.RFC3339)})
		}
		is.PrivateKeyList = ordered(is.PrivateKeyList, was.PrivateKeyList, func(a, b samlKey) bool { return a.KeyId == b.KeyId })
		return is, samlResult(r.Physical, p), nil
	},
}

func getSAMLProvider(ctx context.Context, api API, arn string) (*iam.GetSAMLProviderResponse, error) {
	return Do[iam.GetSAMLProviderResponse](ctx, api, &iam.GetSAMLProviderRequest{SAMLProviderArn: arn})
}

func samlResult(arn string, p *iam.GetSAMLProviderResponse) Result {
	made := arnResult(arn)
	made.Attrs["SamlProviderUUID"] = orNone(p.SAMLProviderUUID)
	return made
}
