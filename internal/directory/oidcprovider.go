package directory

import "github.com/iamd-project/iamd/arn"

// OIDCProvider is an OpenID Connect issuer whose tokens an account takes. Its name
// is the issuer's URL without https://, and its path is always "/".
type OIDCProvider struct {
	Entity
	Issuer      string   `cbor:"10,keyasint"`           // the URL, as its tokens say it
	ClientIDs   []string `cbor:"11,keyasint,omitempty"` // whom tokens may be for
	Thumbprints []string `cbor:"12,keyasint,omitempty"` // of certificates, SHA-1 in lower-case hex
}

// OIDCProviders is where OpenID Connect providers are kept. AWS gives them no
// unique ID; the one that they are kept under is shown nowhere.
var OIDCProviders = Kind[OIDCProvider, *OIDCProvider]{"oidcprovider", arn.OIDCProvider}

// ARN names the provider.
func (p *OIDCProvider) ARN() string { return OIDCProviders.ARN(p.Account, p.Path, p.Name) }
