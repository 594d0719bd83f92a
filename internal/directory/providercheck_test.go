package directory

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// federated is a store in which an account has a provider of each kind and is an issuer.
type federated struct {
	*filled
	oidc   *OIDCProvider
	saml   *SAMLProvider
	issuer *Outbound
}

func federate(t *testing.T) *federated {
	f := &federated{filled: fill(t)}
	a := f.ann.Account
	f.oidc = &OIDCProvider{Entity: Entity{ID: "1", Account: a, Name: "example.com", Path: "/"}, Issuer: "https://example.com"}
	f.saml = &SAMLProvider{Entity: Entity{ID: "2", Account: a, Name: "corp", Path: "/"}, RequireEncryption: true}
	f.issuer = &Outbound{Account: a, Issuer: "abc"}
	key, err := f.saml.SealKey(f.ring, "K", 1, []byte("saml"))
	must(t, err)
	f.saml.Keys = []SAMLKey{key}
	signing, err := f.issuer.SealKey(f.ring, SigningKey{ID: "S", Algorithm: "RS256"}, []byte("signing"))
	must(t, err)
	f.issuer.Keys = []SigningKey{signing}
	f.update(func(tx store.Tx) error {
		must(t, OIDCProviders.Put(tx, nil, f.oidc))
		must(t, SAMLProviders.Put(tx, nil, f.saml))
		must(t, PutSAMLMetadata(tx, f.saml, "<xml>"))
		return PutOutbound(tx, f.issuer)
	})
	return f
}

func TestCheckFindsNothingAboutProviders(t *testing.T) {
	if r := federate(t).check(); r.Found > 0 {
		t.Errorf("problems %q", r.Problems)
	}
}

// Each way in which these records and their indexes can disagree is found.
func TestCheckFindsDamagedProviders(t *testing.T) {
	const a ids.Account = "123456789012"
	for name, tc := range map[string]struct {
		damage func(f *federated, tx store.Tx) error
		want   string
	}{
		"OIDC provider without its name": {func(_ *federated, tx store.Tx) error { return tx.Delete(OIDCProviders.nameKey(a, "example.com")) }, "index oidcprovidername/"},
		"OIDC provider of another issuer": {func(f *federated, tx store.Tx) error {
			p := *f.oidc
			p.Issuer = "https://evil.example.com"
			return OIDCProviders.Put(tx, f.oidc, &p)
		}, "its issuer is https://evil.example.com"},
		"SAML provider without metadata": {func(f *federated, tx store.Tx) error { return tx.Delete(f.saml.metadataKey()) }, "samlmetadata/123456789012/2 does not exist"},
		"metadata of no provider":        {func(f *federated, tx store.Tx) error { return SAMLProviders.Delete(tx, f.saml) }, "its provider does not exist"},
		"SAML provider with another's key": {func(f *federated, tx store.Tx) error {
			p := *f.saml
			p.Keys = []SAMLKey{{ID: "K", Sealed: f.issuer.Keys[0].Sealed}}
			return SAMLProviders.Put(tx, f.saml, &p)
		}, "private key K cannot be opened"},
		"SAML provider without the key that it requires": {func(f *federated, tx store.Tx) error {
			p := *f.saml
			p.Keys = nil
			return SAMLProviders.Put(tx, f.saml, &p)
		}, "requires encryption and has no private key"},
		"issuer with another's key": {func(f *federated, tx store.Tx) error {
			o := *f.issuer
			o.Keys = []SigningKey{{ID: "S", Sealed: f.saml.Keys[0].Sealed}}
			return PutOutbound(tx, &o)
		}, "signing key S cannot be opened"},
		"issuer that is not found": {func(_ *federated, tx store.Tx) error { return tx.Delete(outboundIssuerKey("abc")) }, `issuer abc is ""'s`},
		"issuer of no account": {func(_ *federated, tx store.Tx) error {
			return PutOutbound(tx, &Outbound{Account: "000000000000", Issuer: "x"})
		}, "its account does not exist"},
		"issuer in a wrong place":               {func(f *federated, tx store.Tx) error { return put(tx, outboundKey("000000000000"), f.issuer) }, "holds account 123456789012"},
		"issuer of an account that has another": {func(_ *federated, tx store.Tx) error { return tx.Put(outboundIssuerKey("x"), []byte(a)) }, "which has another issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			f := federate(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx) })
			if r := f.check(); !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("%d problems %q, want one with %q", r.Found, r.Problems, tc.want)
			}
		})
	}
}
