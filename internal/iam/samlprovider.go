package iam

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func samlProviderOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateSAMLProvider", needCreateSAMLProvider, createSAMLProvider),
		op.Read("GetSAMLProvider", needGetSAMLProvider, getSAMLProvider),
		op.Read("ListSAMLProviders", needListSAMLProviders, listSAMLProviders),
		op.Write("UpdateSAMLProvider", needUpdateSAMLProvider, updateSAMLProvider),
		op.Write("DeleteSAMLProvider", needDeleteSAMLProvider, deleteSAMLProvider),
	}
}

func needCreateSAMLProvider(c *op.Call, in *shape.CreateSAMLProviderRequest) ([]op.Need, error) {
	arn := directory.SAMLProviders.ARN(c.Caller.Account, "/", in.Name)
	return needTagged(need("CreateSAMLProvider", arn), "TagSAMLProvider", in.Tags), nil
}

func createSAMLProvider(_ context.Context, c *op.Call, in *shape.CreateSAMLProviderRequest) (*shape.CreateSAMLProviderResponse, error) {
	taken, err := directory.SAMLProviders.ByName(c.Snap, c.Caller.Account, in.Name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, awserr.New(409, "EntityAlreadyExists", "Provider with name %s already exists.", in.Name)
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.SAMLProviders, samlProvidersPerAccount); err != nil {
		return nil, err
	}
	p := &directory.SAMLProvider{Entity: directory.Entity{
		ID:      ids.EntityID(newSAMLID(c)),
		Account: c.Caller.Account,
		Name:    in.Name,
		Path:    "/",
		Created: directory.At(c.Now),
		Tags:    tags,
	}}
	change := samlChange{metadata: &in.SAMLMetadataDocument, mode: in.AssertionEncryptionMode, addKey: in.AddPrivateKey}
	if err := change.apply(c, p); err != nil {
		return nil, err
	}
	out := &shape.CreateSAMLProviderResponse{SAMLProviderArn: new(p.ARN()), Tags: describeTags(tags)}
	return out, directory.SAMLProviders.Put(c.Tx, nil, p)
}

// newSAMLID makes the ID of a provider or of a key of one.
func newSAMLID(c *op.Call) string { return c.IDs.Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 24) }

// samlChange is what a call does to a provider. Its texts are AWS's:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
type samlChange struct {
	metadata, mode, addKey, removeKey *string
}

// apply changes p, which is a copy of what is stored, and stores the metadata.
func (change samlChange) apply(c *op.Call, p *directory.SAMLProvider) error {
	if change.addKey != nil && change.removeKey != nil {
		return invalidInput("Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	}
	if change.metadata != nil {
		if err := putSAMLMetadata(c, p, *change.metadata); err != nil {
			return err
		}
	}
	if change.addKey != nil {
		if err := addSAMLKey(c, p, *change.addKey); err != nil {
			return err
		}
	}
	if change.removeKey != nil {
		n := len(p.Keys)
		p.Keys = slices.DeleteFunc(slices.Clone(p.Keys), func(k directory.SAMLKey) bool { return k.ID == *change.removeKey })
		if len(p.Keys) == n {
			return invalidInput("Failed to remove private key because the Key ID does not match a private key.")
		}
	}
	if change.mode != nil {
		p.RequireEncryption = *change.mode == shape.AssertionEncryptionModeTypeRequired
	}
	if p.RequireEncryption && len(p.Keys) == 0 {
		if change.removeKey != nil {
			return invalidInput("Failed to remove private key.")
		}
		return invalidInput("Unable to set assertion encryption mode to Required because no private key is provided.")
	}
	return nil
}

// validForever is how long metadata are good that don't say: AWS shows a hundred
// years from the provider's creation.
const validForever = 100

func putSAMLMetadata(c *op.Call, p *directory.SAMLProvider, document string) error {
	if err := checkMost(c, samlMetadataSize, len(document)); err != nil {
		return err
	}
	m, err := federation.ParseMetadata(document)
	if err != nil {
		return invalidInput("Could not parse metadata")
	}
	if m.ValidUntil.IsZero() {
		m.ValidUntil = p.Created.Time().AddDate(validForever, 0, 0)
	}
	p.ValidUntil = directory.At(m.ValidUntil)
	return directory.PutSAMLMetadata(c.Tx, p, document)
}

func addSAMLKey(c *op.Call, p *directory.SAMLProvider, pem string) error {
	if most := c.Quota(privateKeysPerProvider); len(p.Keys) >= most {
		return awserr.New(409, "LimitExceeded", "Private key limit of %d is reached.", most)
	}
	der, err := federation.ParseDecryptionKey(pem)
	if err != nil {
		return invalidInput("Invalid private key.")
	}
	key, err := p.SealKey(c.Keyring, newSAMLID(c), directory.At(c.Now), der)
	if err != nil {
		return err
	}
	p.Keys = append(slices.Clip(p.Keys), key)
	return nil
}

func needSAMLProvider(c *op.Call, action, s string) ([]op.Need, error) {
	return needProvider(c, directory.SAMLProviders, arn.SAMLProvider, action, s)
}

func mustSAMLProvider(c *op.Call, s string) (*directory.SAMLProvider, error) {
	return mustProvider(c, directory.SAMLProviders, arn.SAMLProvider, s, "Manifest not found for arn %s")
}

func needGetSAMLProvider(c *op.Call, in *shape.GetSAMLProviderRequest) ([]op.Need, error) {
	return needSAMLProvider(c, "GetSAMLProvider", in.SAMLProviderArn)
}

// getSAMLProvider shows all but the private keys, which no operation does.
func getSAMLProvider(_ context.Context, c *op.Call, in *shape.GetSAMLProviderRequest) (*shape.GetSAMLProviderResponse, error) {
	p, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	document, err := directory.SAMLMetadata(c.Snap, p)
	if err != nil {
		return nil, err
	}
	mode := shape.AssertionEncryptionModeTypeAllowed
	if p.RequireEncryption {
		mode = shape.AssertionEncryptionModeTypeRequired
	}
	out := &shape.GetSAMLProviderResponse{
		SAMLProviderUUID:        (*string)(&p.ID),
		SAMLMetadataDocument:    &document,
		AssertionEncryptionMode: &mode,
		PrivateKeyList:          make([]shape.SAMLPrivateKey, len(p.Keys)),
		CreateDate:              new(p.Created.Time()),
		ValidUntil:              new(p.ValidUntil.Time()),
		Tags:                    shownTags(p.Tags),
	}
	for i, k := range p.Keys {
		out.PrivateKeyList[i] = shape.SAMLPrivateKey{KeyId: &k.ID, Timestamp: new(k.Added.Time())}
	}
	return out, nil
}

func needListSAMLProviders(*op.Call, *shape.ListSAMLProvidersRequest) ([]op.Need, error) {
	return need("ListSAMLProviders", "*"), nil
}

// listSAMLProviders lists all at once, which the quota bounds.
func listSAMLProviders(_ context.Context, c *op.Call, _ *shape.ListSAMLProvidersRequest) (*shape.ListSAMLProvidersResponse, error) {
	out := &shape.ListSAMLProvidersResponse{SAMLProviderList: []shape.SAMLProviderListEntry{}}
	for p, err := range directory.SAMLProviders.List(c.Snap, c.Caller.Account, "/", "") {
		if err != nil {
			return nil, err
		}
		entry := shape.SAMLProviderListEntry{Arn: new(p.ARN()), CreateDate: new(p.Created.Time()), ValidUntil: new(p.ValidUntil.Time())}
		out.SAMLProviderList = append(out.SAMLProviderList, entry)
	}
	return out, nil
}

func needUpdateSAMLProvider(c *op.Call, in *shape.UpdateSAMLProviderRequest) ([]op.Need, error) {
	return needSAMLProvider(c, "UpdateSAMLProvider", in.SAMLProviderArn)
}

func updateSAMLProvider(_ context.Context, c *op.Call, in *shape.UpdateSAMLProviderRequest) (*shape.UpdateSAMLProviderResponse, error) {
	was, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	change := samlChange{metadata: in.SAMLMetadataDocument, mode: in.AssertionEncryptionMode, addKey: in.AddPrivateKey, removeKey: in.RemovePrivateKey}
	if change == (samlChange{}) {
		return nil, invalidInput("Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	}
	p := *was
	if err := change.apply(c, &p); err != nil {
		return nil, err
	}
	return &shape.UpdateSAMLProviderResponse{SAMLProviderArn: new(p.ARN())}, directory.SAMLProviders.Put(c.Tx, was, &p)
}

func needDeleteSAMLProvider(c *op.Call, in *shape.DeleteSAMLProviderRequest) ([]op.Need, error) {
	return needSAMLProvider(c, "DeleteSAMLProvider", in.SAMLProviderArn)
}

// deleteSAMLProvider leaves roles that trust the provider alone, as AWS does.
func deleteSAMLProvider(_ context.Context, c *op.Call, in *shape.DeleteSAMLProviderRequest) (*op.None, error) {
	p, err := mustSAMLProvider(c, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteSAMLProvider(c.Tx, p)
}
