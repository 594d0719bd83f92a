package directory

import (
	"fmt"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// SAMLProvider is a SAML identity provider whose assertions an account takes. Its
// path is always "/", and its ID is what AWS calls its UUID. Its metadata, which can
// be long, is kept beside it.
type SAMLProvider struct {
	Entity
	ValidUntil        Millis    `cbor:"10,keyasint"`
	RequireEncryption bool      `cbor:"11,keyasint"`
	Keys              []SAMLKey `cbor:"12,keyasint,omitempty"` // oldest first
}

// SAMLKey is a private key that a provider's assertions are encrypted for.
type SAMLKey struct {
	ID     string `cbor:"1,keyasint"`
	Added  Millis `cbor:"2,keyasint"`
	Sealed []byte `cbor:"3,keyasint"` // PKCS #8, sealed to the provider's key and this ID
}

// SAMLProviders is where SAML providers are kept.
var SAMLProviders = Kind[SAMLProvider, *SAMLProvider]{"samlprovider", arn.SAMLProvider}

// ARN names the provider.
func (p *SAMLProvider) ARN() string { return SAMLProviders.ARN(p.Account, p.Path, p.Name) }

func (p *SAMLProvider) metadataKey() string {
	return samlMetadata + string(p.Account) + "/" + string(p.ID)
}

// SAMLMetadata is the provider's metadata, as it was given.
func SAMLMetadata(r store.Reader, p *SAMLProvider) (string, error) {
	text, ok, err := r.Get(p.metadataKey())
	if err == nil && !ok {
		err = fmt.Errorf("%s does not exist", p.metadataKey())
	}
	return string(text), err
}

// PutSAMLMetadata stores the provider's metadata, which the provider is not put with.
func PutSAMLMetadata(tx store.Tx, p *SAMLProvider, text string) error {
	return tx.Put(p.metadataKey(), []byte(text))
}

// DeleteSAMLProvider removes p and its metadata.
func DeleteSAMLProvider(tx store.Tx, p *SAMLProvider) error {
	if err := tx.Delete(p.metadataKey()); err != nil {
		return err
	}
	return SAMLProviders.Delete(tx, p)
}

func (p *SAMLProvider) keyPlace(id string) string {
	return SAMLProviders.key(p.Account, p.ID) + "/" + id
}

// SealKey is a private key of p, in PKCS #8, sealed so that it opens only as p's.
func (p *SAMLProvider) SealKey(ring *seal.Keyring, id string, added Millis, der []byte) (SAMLKey, error) {
	sealed, err := ring.Seal(der, p.keyPlace(id))
	return SAMLKey{ID: id, Added: added, Sealed: sealed}, err
}

// OpenKey returns what SealKey sealed.
func (p *SAMLProvider) OpenKey(ring *seal.Keyring, k SAMLKey) (der []byte, err error) {
	if der, err = ring.Open(k.Sealed, p.keyPlace(k.ID)); err != nil {
		err = fmt.Errorf("private key %s of SAML provider %s: %w", k.ID, p.ID, err)
	}
	return der, err
}
