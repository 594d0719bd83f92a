package directory

import (
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
)

// addProviderSpaces adds the checks of identity providers and issuers.
func addProviderSpaces(c *checker, spaces map[string]spaceCheck) {
	addKind(c, spaces, OIDCProviders, func(key string, p *OIDCProvider) error {
		if p.Path != "/" || p.Issuer != "https://"+p.Name && p.Issuer != "http://"+p.Name {
			c.problem("%s: its issuer is %s", key, p.Issuer)
		}
		return nil
	})
	addKind(c, spaces, SAMLProviders, c.samlProvider)
	spaces[samlMetadata] = c.samlMetadata
	spaces[outbounds], spaces[outboundIssuers] = c.outbound, c.outboundIssuer
}

// samlProvider makes sure that the provider has metadata and its keys open.
func (c *checker) samlProvider(key string, p *SAMLProvider) error {
	for _, k := range p.Keys {
		if _, err := p.OpenKey(c.ring, k); err != nil {
			c.problem("%s: private key %s cannot be opened", key, k.ID)
		}
	}
	if p.RequireEncryption && len(p.Keys) == 0 {
		c.problem("%s: requires encryption and has no private key", key)
	}
	if _, err := SAMLMetadata(c.r, p); err != nil {
		c.problem("%s: %v", key, err)
	}
	return nil
}

// samlMetadata makes sure that the provider is there.
func (c *checker) samlMetadata(key string, _ []byte) error {
	account, id, _ := strings.Cut(strings.TrimPrefix(key, samlMetadata), "/")
	p, err := SAMLProviders.ByID(c.r, ids.Account(account), ids.EntityID(id))
	if err == nil && p == nil {
		c.problem("%s: its provider does not exist", key)
	}
	return err
}
