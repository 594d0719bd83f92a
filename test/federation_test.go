package test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/beevik/etree"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/crewjam/saml"
	"github.com/go-jose/go-jose/v4"
)

// nobody is a client of STS without credentials.
func (s *server) nobody() *sts.Client {
	return sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{}, Credentials: aws.AnonymousCredentials{}})
}

func newRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	return must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
}

// openID is an OpenID Connect issuer on this machine.
type openID struct {
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey
}

func newOpenID(t *testing.T) *openID {
	t.Helper()
	o := &openID{t: t, key: newRSA(t)}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v any = map[string]string{"issuer": o.URL, "jwks_uri": o.URL + "/keys"}
		if r.URL.Path == "/keys" {
			v = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: o.key.Public(), KeyID: "k", Algorithm: "RS256"}}}
		}
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *openID) token(subject string, more map[string]any) *string {
	o.t.Helper()
	claims := map[string]any{"iss": o.URL, "sub": subject, "aud": "sts.amazonaws.com", "iat": time.Now().Unix(), "exp": time.Now().Unix() + 60}
	for name, v := range more {
		claims[name] = v
	}
	payload := must[[]byte](o.t)(json.Marshal(claims))
	signer := must[jose.Signer](o.t)(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: o.key, KeyID: "k"}}, nil))
	signed := must[*jose.JSONWebSignature](o.t)(signer.Sign(payload))
	return new(must[string](o.t)(signed.CompactSerialize()))
}

func federated(provider, actions, condition string) *string {
	return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},"Action":[%s],"Condition":%s}]}`,
		provider, actions, condition))
}

func TestWebIdentity(t *testing.T) {
	t.Parallel()
	s, idp := start(t), newOpenID(t)
	name := strings.TrimPrefix(idp.URL, "http://")
	provider := "arn:aws:iam::123456789012:oidc-provider/" + name
	root := s.iam(s.root(t))
	condition := fmt.Sprintf(`{"StringEquals":{"%s:aud":"sts.amazonaws.com"},"StringLike":{"%s:sub":"repo:acme/*"}}`, name, name)
	role := s.role(t, "ci", federated(provider, `"sts:AssumeRoleWithWebIdentity","sts:SetSourceIdentity","sts:TagSession"`, condition),
		new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",`+
			`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:FederatedProvider":"%s"}}}]}`, provider)))
	ask := func(token *string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		return s.nobody().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("build"), WebIdentityToken: token})
	}
	const denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	tags := map[string]any{
		"https://aws.amazon.com/tags":            map[string]any{"principal_tags": map[string]any{"team": []string{"red"}}, "transitive_tag_keys": []string{"team"}},
		"https://aws.amazon.com/source_identity": "acme",
	}
	_, err := ask(idp.token("repo:acme/x", nil))
	refusedAs(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+idp.URL)
	in := &iam.CreateOpenIDConnectProviderInput{Url: &idp.URL, ClientIDList: []string{"sts.amazonaws.com"}}
	must[*iam.CreateOpenIDConnectProviderOutput](t)(root.CreateOpenIDConnectProvider(t.Context(), in))

	out := must[*sts.AssumeRoleWithWebIdentityOutput](t)(ask(idp.token("repo:acme/x", tags)))
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::123456789012:assumed-role/ci/build" || *out.Audience != "sts.amazonaws.com" ||
		*out.SubjectFromWebIdentityToken != "repo:acme/x" || *out.Provider != provider || *out.SourceIdentity != "acme" {
		t.Errorf("AssumeRoleWithWebIdentity replied %+v", out)
	}
	must[*iam.ListUsersOutput](t)(s.iam(temporary(out.Credentials)).ListUsers(t.Context(), &iam.ListUsersInput{}))
	plain := must[*sts.AssumeRoleWithWebIdentityOutput](t)(ask(idp.token("repo:acme/x", nil)))
	if _, err := s.iam(temporary(plain.Credentials)).ListUsers(t.Context(), &iam.ListUsersInput{}); err == nil {
		t.Error("a session without the tag may list users")
	}

	for _, tc := range []struct {
		name, code, text string
		token            *string
	}{
		{"another subject", "AccessDenied", denied, idp.token("repo:evil/x", nil)},
		{"another audience", "InvalidIdentityToken", "Incorrect token audience", idp.token("repo:acme/x", map[string]any{"aud": "x"})},
		{"another key", "InvalidIdentityToken", "Token signature invalid", (&openID{Server: idp.Server, t: t, key: newRSA(t)}).token("repo:acme/x", nil)},
		{"no token", "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", new("opaque")},
	} {
		t.Log(tc.name)
		_, err := ask(tc.token)
		refusedAs(t, err, tc.code, tc.text)
	}
	role = roleARN + "none"
	_, err = ask(idp.token("repo:acme/x", nil))
	refusedAs(t, err, "AccessDenied", denied)
	role = s.role(t, "untagged", federated(provider, `"sts:AssumeRoleWithWebIdentity"`, condition), nil)
	must[*sts.AssumeRoleWithWebIdentityOutput](t)(ask(idp.token("repo:acme/x", nil)))
	_, err = ask(idp.token("repo:acme/x", map[string]any{"https://aws.amazon.com/source_identity": "acme"}))
	refusedAs(t, err, "AccessDenied", "Not authorized to perform sts:SetSourceIdentity")
}

// newSAML is a SAML identity provider, and its metadata.
func newSAML(t *testing.T) (idp *saml.IdentityProvider, metadata string) {
	t.Helper()
	key := newRSA(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	idp = &saml.IdentityProvider{
		Key: key, Certificate: must[*x509.Certificate](t)(x509.ParseCertificate(der)),
		MetadataURL: *must[*url.URL](t)(url.Parse("https://idp.example.com/metadata")), SSOURL: *must[*url.URL](t)(url.Parse("https://idp.example.com/sso")),
	}
	doc := etree.NewDocument()
	doc.SetRoot(must[*etree.Element](t)(idp.SignedMetadata()))
	return idp, must[string](t)(doc.WriteToString())
}

// samlResponse is what a SAML identity provider says about a user now.
func samlResponse(t *testing.T, idp *saml.IdentityProvider, role, provider, user string) *string {
	t.Helper()
	return samlResponseAt(t, time.Now(), idp, role, provider, user)
}

func samlResponseAt(t *testing.T, now time.Time, idp *saml.IdentityProvider, role, provider, user string) *string {
	t.Helper()
	attribute := func(name, value string) saml.Attribute {
		return saml.Attribute{Name: "https://aws.amazon.com/SAML/Attributes/" + name, Values: []saml.AttributeValue{{Value: value}}}
	}
	req := &saml.IdpAuthnRequest{
		IDP: idp, Now: now, SPSSODescriptor: &saml.SPSSODescriptor{},
		ACSEndpoint: &saml.IndexedEndpoint{Location: "https://signin.aws.amazon.com/saml"},
		Assertion: &saml.Assertion{
			ID: "id-a", IssueInstant: now, Version: "2.0", Issuer: saml.Issuer{Value: idp.MetadataURL.String()},
			Subject: &saml.Subject{
				NameID: &saml.NameID{Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", Value: user},
				SubjectConfirmations: []saml.SubjectConfirmation{{Method: "urn:oasis:names:tc:SAML:2.0:cm:bearer", SubjectConfirmationData: &saml.SubjectConfirmationData{
					NotOnOrAfter: now.Add(time.Minute), Recipient: "https://signin.aws.amazon.com/saml",
				}}},
			},
			Conditions: &saml.Conditions{
				NotBefore: now, NotOnOrAfter: now.Add(time.Minute),
				AudienceRestrictions: []saml.AudienceRestriction{{Audience: saml.Audience{Value: "urn:amazon:webservices"}}},
			},
			AuthnStatements: []saml.AuthnStatement{{AuthnInstant: now}},
			AttributeStatements: []saml.AttributeStatement{{Attributes: []saml.Attribute{
				attribute("Role", role+","+provider), attribute("RoleSessionName", user), attribute("SessionDuration", "900"), attribute("PrincipalTag:team", "red"),
			}}},
		},
	}
	if err := req.MakeResponse(); err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(req.ResponseEl)
	return new(base64.StdEncoding.EncodeToString(must[[]byte](t)(doc.WriteToBytes())))
}

func TestSAMLIdentity(t *testing.T) {
	t.Parallel()
	s := start(t)
	idp, metadata := newSAML(t)
	root := s.iam(s.root(t))
	provider := *must[*iam.CreateSAMLProviderOutput](t)(root.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{Name: new("corp"), SAMLMetadataDocument: &metadata})).SAMLProviderArn
	role := s.role(t, "ops", federated(provider, `"sts:AssumeRoleWithSAML","sts:TagSession"`,
		`{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml","saml:doc":"123456789012/corp","aws:RequestTag/team":"red"},"StringNotEquals":{"saml:sub":"eve"}}`),
		allowing(`"iam:ListUsers"`, "*"))
	ask := func(response *string) (*sts.AssumeRoleWithSAMLOutput, error) {
		return s.nobody().AssumeRoleWithSAML(t.Context(), &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: &provider, SAMLAssertion: response})
	}
	out := must[*sts.AssumeRoleWithSAMLOutput](t)(ask(samlResponse(t, idp, role, provider, "ann")))
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::123456789012:assumed-role/ops/ann" || *out.Subject != "ann" || *out.SubjectType != "persistent" ||
		*out.Issuer != "https://idp.example.com/metadata" || *out.Audience != "https://signin.aws.amazon.com/saml" || *out.NameQualifier == "" {
		t.Errorf("AssumeRoleWithSAML replied %+v", out)
	}
	if left := time.Until(*out.Credentials.Expiration); left > 15*time.Minute || left < 10*time.Minute {
		t.Errorf("the session ends in %v, not as the assertion says", left)
	}
	must[*iam.ListUsersOutput](t)(s.iam(temporary(out.Credentials)).ListUsers(t.Context(), &iam.ListUsersInput{}))
	const denied = "Not authorized to perform sts:AssumeRoleWithSAML"
	_, err := ask(samlResponse(t, idp, role, provider, "eve"))
	refusedAs(t, err, "AccessDenied", denied)
	_, err = ask(samlResponse(t, idp, role+"2", provider, "ann"))
	refusedAs(t, err, "AccessDenied", denied)
	_, err = ask(new("aGVsbG8="))
	refusedAs(t, err, "InvalidIdentityToken", "Invalid SAML response")
	stranger := *idp
	stranger.Key = newRSA(t)
	_, err = ask(samlResponse(t, &stranger, role, provider, "ann"))
	refusedAs(t, err, "InvalidIdentityToken", "Response signature invalid")
	must[*iam.DeleteSAMLProviderOutput](t)(root.DeleteSAMLProvider(t.Context(), &iam.DeleteSAMLProviderInput{SAMLProviderArn: &provider}))
	_, err = ask(samlResponse(t, idp, role, provider, "ann"))
	refusedAs(t, err, "InvalidIdentityToken", "Specified provider doesn't exist.")
}

// An account vouches for its principals, and a client that others wrote believes it.
func TestWebIdentityToken(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--public-url", "http://iam.example.com"))
	bob := s.userKey(t, "Bob")
	root := s.iam(s.root(t))
	ask := func(algorithm string, tags ...types.Tag) (*sts.GetWebIdentityTokenOutput, error) {
		return s.sts(bob).GetWebIdentityToken(t.Context(), &sts.GetWebIdentityTokenInput{Audience: []string{"https://api.example.com"}, SigningAlgorithm: &algorithm, Tags: tags})
	}
	_, err := ask("RS256")
	refusedAs(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: sts:GetWebIdentityToken "+
		"on resource: * because no identity-based policy allows the sts:GetWebIdentityToken action")
	s.allow(t, "Bob", new(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*",`+
		`"Condition":{"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"https://api.example.com"}}}]}`))
	_, err = ask("RS256")
	refusedAs(t, err, "OutboundWebIdentityFederationDisabledException", "Outbound web identity federation is disabled for your account.")
	issuer := *must[*iam.EnableOutboundWebIdentityFederationOutput](t)(root.EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{})).IssuerIdentifier
	if !strings.HasPrefix(issuer, "http://iam.example.com/issuer/") {
		t.Fatalf("issuer %s", issuer)
	}
	_, err = ask("HS256")
	refusedAs(t, err, "ValidationError", "1 validation error detected: Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]")

	// What the proxy in front of the server would do.
	proxy := &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(s.url) }}}
	ctx := oidc.ClientContext(t.Context(), proxy)
	provider := must[*oidc.Provider](t)(oidc.NewProvider(ctx, issuer))
	for _, algorithm := range []string{"RS256", "ES384"} {
		out := must[*sts.GetWebIdentityTokenOutput](t)(ask(algorithm, types.Tag{Key: new("job"), Value: new("7")}))
		verifier := provider.Verifier(&oidc.Config{ClientID: "https://api.example.com", SupportedSigningAlgs: []string{algorithm}})
		token := must[*oidc.IDToken](t)(verifier.Verify(ctx, *out.WebIdentityToken))
		var claims struct {
			AWS map[string]any `json:"https://sts.amazonaws.com/"`
		}
		if err := token.Claims(&claims); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(claims.AWS); token.Subject != "arn:aws:iam::123456789012:user/Bob" || !token.Expiry.Equal(*out.Expiration) ||
			got != "map[aws_account:123456789012 request_tags:map[job:7] source_region:us-east-1]" {
			t.Errorf("%s: %+v with %s", algorithm, token, got)
		}
	}
	must[*iam.DisableOutboundWebIdentityFederationOutput](t)(root.DisableOutboundWebIdentityFederation(t.Context(), &iam.DisableOutboundWebIdentityFederationInput{}))
	_, err = ask("RS256")
	refusedAs(t, err, "OutboundWebIdentityFederationDisabledException", "Outbound web identity federation is disabled for your account.")
	must[*oidc.Provider](t)(oidc.NewProvider(ctx, issuer)) // for tokens that are out
}
