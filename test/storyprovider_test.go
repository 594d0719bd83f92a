package test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func providerStories() []story {
	return []story{
		{name: "OpenID Connect providers", given: givenIssuer, steps: openIDSteps},
		{name: "SAML providers", given: givenSAML, steps: samlSteps},
	}
}

// givenIssuer starts an issuer, and ends one that is then not to be reached.
func givenIssuer(t *testing.T, _ *server, v values) {
	v["issuer"] = newOpenID(t).URL
	v["oidc"] = "arn:aws:iam::" + v["account"] + ":oidc-provider/" + strings.TrimPrefix(v["issuer"], "http://")
	gone := httptest.NewTLSServer(nil)
	v["gone"] = gone.URL
	gone.Close()
}

const notOIDC = "arn:aws:iam::<account>:saml-provider/x"

var openIDSteps = []step{
	does(&iam.CreateOpenIDConnectProviderInput{Url: new("<issuer>"), ClientIDList: []string{"a"}, Tags: oneTag}).
		shows("OpenIDConnectProviderArn", "<oidc>").shows("Tags.#", "1"),
	fails("EntityAlreadyExists", &iam.CreateOpenIDConnectProviderInput{Url: new("<issuer>")}).says("Provider with url <issuer> already exists."),
	fails("InvalidInput", &iam.CreateOpenIDConnectProviderInput{Url: new("https://x.example.com"), ThumbprintList: []string{thumbprint}, Tags: reservedTag}),
	fails("OpenIdIdpCommunicationError", &iam.CreateOpenIDConnectProviderInput{Url: new("<gone>")}).
		says("Please check .well-known/openid-configuration of provider: <gone> is valid."),
	does(&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>")}).shows("Url", "<issuer>").shows("ClientIDList.#", "1").
		shows("CreateDate", "*").shows("Tags.#", "1").shows("ThumbprintList.#", "0"),
	does(&iam.ListOpenIDConnectProvidersInput{}).shows("OpenIDConnectProviderList.#", "1").shows("OpenIDConnectProviderList.0.Arn", "<oidc>"),
	does(&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), ClientID: new("b")},
		&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), ClientID: new("a")},
		&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: new("<oidc>"), ThumbprintList: []string{thumbprint}}),
	does(&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>")}).shows("ClientIDList.#", "1").shows("ClientIDList.0", "b").
		shows("ThumbprintList.0", thumbprint),
	does(&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: new("<oidc>")}).shows("Tags.#", "2"),
	does(&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), TagKeys: []string{"Cost"}}),
	does(&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: new("<oidc>")}).shows("Tags.#", "1").shows("Tags.0.Key", "Team"),

	fails("InvalidInput", &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC)},
		&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC)},
		&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC), ClientID: new("b")},
		&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC), ClientID: new("b")},
		&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: new(notOIDC), ThumbprintList: []string{thumbprint}},
		&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC), Tags: oneTag},
		&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new(notOIDC), TagKeys: []string{"a"}},
		&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: new(notOIDC)}).says("ARN " + notOIDC + " is not valid."),
	does(&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>")}),
	fails("NoSuchEntity", &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>")}).says("OpenId connect Provider <oidc> cannot be found."),
	fails("NoSuchEntity", &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>")},
		&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), ClientID: new("b")},
		&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), ClientID: new("b")},
		&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: new("<oidc>"), ThumbprintList: []string{thumbprint}},
		&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), Tags: oneTag},
		&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), TagKeys: []string{"a"}},
		&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: new("<oidc>")}).says("OpenIDConnect Provider not found for arn <oidc>"),
}

const thumbprint = "0123456789abcdef0123456789abcdef01234567"

func givenSAML(t *testing.T, _ *server, v values) {
	_, v["metadata"] = newSAML(t)
	for _, name := range []string{"one", "two", "three"} {
		v[name] = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(newRSA(t))}))
	}
	v["saml"] = "arn:aws:iam::" + v["account"] + ":saml-provider/corp"
}

const notSAML = "arn:aws:iam::<account>:oidc-provider/x"

var samlSteps = []step{
	does(&iam.CreateSAMLProviderInput{Name: new("corp"), SAMLMetadataDocument: new("<metadata>"), Tags: oneTag}).shows("SAMLProviderArn", "<saml>").shows("Tags.#", "1"),
	fails("EntityAlreadyExists", &iam.CreateSAMLProviderInput{Name: new("CORP"), SAMLMetadataDocument: new("<metadata>")}),
	fails("InvalidInput", &iam.CreateSAMLProviderInput{Name: new("x"), SAMLMetadataDocument: new(strings.Repeat("x", 1000))},
		&iam.UpdateSAMLProviderInput{SAMLProviderArn: new("<saml>"), SAMLMetadataDocument: new(strings.Repeat("x", 1000))}).says("Could not parse metadata"),
	does(&iam.GetSAMLProviderInput{SAMLProviderArn: new("<saml>")}).shows("SAMLMetadataDocument", "<metadata>").shows("CreateDate", "*").
		shows("ValidUntil", "*").shows("Tags.#", "1").shows("AssertionEncryptionMode", "Allowed").shows("PrivateKeyList.#", "0"),
	does(&iam.ListSAMLProvidersInput{}).shows("SAMLProviderList.#", "1").shows("SAMLProviderList.0.Arn", "<saml>").shows("SAMLProviderList.0.ValidUntil", "*").
		shows("SAMLProviderList.0.CreateDate", "*"),
	does(&iam.UpdateSAMLProviderInput{SAMLProviderArn: new("<saml>"), AddPrivateKey: new("<one>"), AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired}).
		shows("SAMLProviderArn", "<saml>"),
	does(&iam.UpdateSAMLProviderInput{SAMLProviderArn: new("<saml>"), AddPrivateKey: new("<two>")}),
	fails("LimitExceeded", &iam.UpdateSAMLProviderInput{SAMLProviderArn: new("<saml>"), AddPrivateKey: new("<three>")}).says("Private key limit of 2 is reached."),
	does(&iam.GetSAMLProviderInput{SAMLProviderArn: new("<saml>")}).shows("AssertionEncryptionMode", "Required").shows("PrivateKeyList.#", "2"),
	does(&iam.TagSAMLProviderInput{SAMLProviderArn: new("<saml>"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListSAMLProviderTagsInput{SAMLProviderArn: new("<saml>")}).shows("Tags.#", "2"),
	does(&iam.UntagSAMLProviderInput{SAMLProviderArn: new("<saml>"), TagKeys: []string{"Cost"}}),
	does(&iam.ListSAMLProviderTagsInput{SAMLProviderArn: new("<saml>")}).shows("Tags.#", "1").shows("Tags.0.Key", "Team"),
	fails("InvalidInput", &iam.GetSAMLProviderInput{SAMLProviderArn: new(notSAML)}, &iam.DeleteSAMLProviderInput{SAMLProviderArn: new(notSAML)},
		&iam.TagSAMLProviderInput{SAMLProviderArn: new(notSAML), Tags: oneTag}, &iam.UntagSAMLProviderInput{SAMLProviderArn: new(notSAML), TagKeys: []string{"a"}},
		&iam.ListSAMLProviderTagsInput{SAMLProviderArn: new(notSAML)}).says("ARN " + notSAML + " is not valid."),
	does(&iam.DeleteSAMLProviderInput{SAMLProviderArn: new("<saml>")}),
	fails("NoSuchEntity", &iam.GetSAMLProviderInput{SAMLProviderArn: new("<saml>")}, &iam.DeleteSAMLProviderInput{SAMLProviderArn: new("<saml>")},
		&iam.UpdateSAMLProviderInput{SAMLProviderArn: new("<saml>"), SAMLMetadataDocument: new("<metadata>")},
		&iam.TagSAMLProviderInput{SAMLProviderArn: new("<saml>"), Tags: oneTag}, &iam.UntagSAMLProviderInput{SAMLProviderArn: new("<saml>"), TagKeys: []string{"a"}},
		&iam.ListSAMLProviderTagsInput{SAMLProviderArn: new("<saml>")}),
	does(&iam.CreateSAMLProviderInput{Name: new("keyed"), SAMLMetadataDocument: new("<metadata>"), AddPrivateKey: new("<three>")}),
}
