package federation_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/federation"
)

const (
	samlRole     = "arn:aws:iam::123456789012:role/ops"
	samlProvider = "arn:aws:iam::123456789012:saml-provider/corp"
	entityID     = "https://idp.example.com/metadata"
	ownSignIn    = "https://signin.aws.amazon.com/saml/acs/SAMLUUID"
)

// idp is a SAML identity provider with real keys, whose certificate ended long ago.
type idp struct {
	t      *testing.T
	server *saml.IdentityProvider
}

func newIDP(t *testing.T, key *rsa.PrivateKey) *idp {
	t.Helper()
	cert := selfSigned(t, key)
	u, err := url.Parse(entityID)
	if err != nil {
		t.Fatal(err)
	}
	return &idp{t, &saml.IdentityProvider{Key: key, Certificate: cert, MetadataURL: *u}}
}

func selfSigned(t *testing.T, key *rsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: now.AddDate(-9, 0, 0), NotAfter: now.AddDate(-8, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (i *idp) metadata() string { return metadata(entityID, "", i.server.Certificate) }

func metadata(entity, validity string, certs ...*x509.Certificate) string {
	var keys strings.Builder
	for _, cert := range certs {
		fmt.Fprintf(&keys, `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>`+
			"<ds:X509Certificate>\n%s\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>", base64.StdEncoding.EncodeToString(cert.Raw))
	}
	return `<?xml version="1.0" encoding="UTF-8"?>` +
		fmt.Sprintf(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s" %s>`, entity, validity) +
		`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` + keys.String() +
		`<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>` +
		`</md:IDPSSODescriptor></md:EntityDescriptor>`
}

func (i *idp) provider() *federation.SAMLProvider {
	i.t.Helper()
	m, err := federation.ParseMetadata(i.metadata())
	if err != nil {
		i.t.Fatal(err)
	}
	return &federation.SAMLProvider{Account: "123456789012", Name: "corp", UUID: "SAMLUUID", Metadata: m}
}

func attribute(name string, values ...string) saml.Attribute {
	a := saml.Attribute{Name: name, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}
	for _, v := range values {
		a.Values = append(a.Values, saml.AttributeValue{Type: "xs:string", Value: v})
	}
	return a
}

func aws(name string, values ...string) saml.Attribute {
	return attribute("https://aws.amazon.com/SAML/Attributes/"+name, values...)
}

// assertion is a good one.
func (i *idp) assertion() *saml.Assertion {
	return &saml.Assertion{
		ID: "id-assertion", IssueInstant: now.Add(-time.Minute), Version: "2.0",
		Issuer: saml.Issuer{Value: entityID},
		Subject: &saml.Subject{
			NameID: &saml.NameID{Format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", Value: "ann"},
			SubjectConfirmations: []saml.SubjectConfirmation{{
				Method: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
				SubjectConfirmationData: &saml.SubjectConfirmationData{
					NotOnOrAfter: now.Add(4 * time.Minute), Recipient: "https://signin.aws.amazon.com/saml",
				},
			}},
		},
		Conditions: &saml.Conditions{
			NotBefore: now.Add(-time.Minute), NotOnOrAfter: now.Add(time.Hour),
			AudienceRestrictions: []saml.AudienceRestriction{{Audience: saml.Audience{Value: "urn:amazon:webservices"}}},
		},
		AuthnStatements: []saml.AuthnStatement{{AuthnInstant: now}},
		AttributeStatements: []saml.AttributeStatement{{Attributes: []saml.Attribute{
			aws("Role", samlRole+","+samlProvider), aws("RoleSessionName", "ann@example.com"),
		}}},
	}
}

// response signs the assertion and a response around it, and encrypts the assertion
// if there is a certificate to encrypt it for.
func (i *idp) response(a *saml.Assertion, encryptFor *x509.Certificate) *etree.Element {
	i.t.Helper()
	descriptor := &saml.SPSSODescriptor{}
	if encryptFor != nil {
		descriptor.KeyDescriptors = []saml.KeyDescriptor{{Use: "encryption", KeyInfo: saml.KeyInfo{X509Data: saml.X509Data{
			X509Certificates: []saml.X509Certificate{{Data: base64.StdEncoding.EncodeToString(encryptFor.Raw)}},
		}}}}
	}
	req := &saml.IdpAuthnRequest{
		IDP: i.server, Now: now, Assertion: a, SPSSODescriptor: descriptor,
		ACSEndpoint: &saml.IndexedEndpoint{Location: "https://signin.aws.amazon.com/saml"},
	}
	if err := req.MakeResponse(); err != nil {
		i.t.Fatal(err)
	}
	return req.ResponseEl
}

func encode(t *testing.T, e *etree.Element) string {
	t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(e)
	text, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

// child is the nth element of that name directly below e.
func child(t *testing.T, e *etree.Element, name string, n int) *etree.Element {
	t.Helper()
	for _, c := range e.ChildElements() {
		if c.Tag == name {
			if n--; n < 0 {
				return c
			}
		}
	}
	t.Fatalf("no %s in %s", name, e.Tag)
	return nil
}

func TestSAML(t *testing.T) {
	i := newIDP(t, rsaKey())
	a := i.assertion()
	a.AuthnStatements[0].SessionNotOnOrAfter = new(now.Add(time.Hour))
	a.AttributeStatements[0].Attributes = append(a.AttributeStatements[0].Attributes,
		aws("Role", "arn:aws:iam::123456789012:saml-provider/corp, arn:aws:iam::123456789012:role/team/dev"),
		aws("SessionDuration", "1800"), aws("SourceIdentity", "ann"),
		aws("PrincipalTag:Team", "red"), aws("PrincipalTag:Cost", "12"), aws("TransitiveTagKeys", "Team"),
		attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff", "faculty"), attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "dc=a", "dc=b"),
		attribute("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "ann@example.com"), attribute("2.5.4.4", "Smith"),
		attribute("unknown", "x"))
	got, err := i.provider().Verify(encode(t, i.response(a, nil)), now)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(entityID + "123456789012/corp"))
	qualifier := base64.StdEncoding.EncodeToString(sum[:])
	want := &federation.SAMLIdentity{
		Identity: federation.Identity{
			SourceIdentity: "ann", Tags: []federation.Tag{{Key: "Cost", Value: "12"}, {Key: "Team", Value: "red"}}, TransitiveTagKeys: []string{"Team"},
			Context: map[string][]string{
				"saml:aud": {"https://signin.aws.amazon.com/saml"}, "saml:doc": {"123456789012/corp"}, "saml:iss": {entityID},
				"saml:namequalifier": {qualifier}, "saml:sub": {"ann"}, "saml:sub_type": {"persistent"},
				"saml:edupersonaffiliation": {"staff", "faculty"}, "saml:edupersonorgdn": {"dc=a"},
				"saml:mail": {"ann@example.com"}, "saml:surname": {"Smith"},
			},
		},
		Issuer: entityID, Subject: "ann", SubjectType: "persistent", Audience: "https://signin.aws.amazon.com/saml",
		NameQualifier: qualifier, SessionName: "ann@example.com", Duration: 30 * time.Minute, Ends: now.Add(time.Hour),
		Roles: []federation.RoleGrant{{Role: samlRole, Provider: samlProvider}, {Role: "arn:aws:iam::123456789012:role/team/dev", Provider: samlProvider}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if !got.Grants(samlRole, samlProvider) || got.Grants(samlRole, samlProvider+"2") || got.Grants(samlRole+"2", samlProvider) {
		t.Error("grants")
	}
}

func TestSAMLSignatures(t *testing.T) {
	i := newIDP(t, rsaKey())
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other := newIDP(t, stranger)
	good := func() *etree.Element { return i.response(i.assertion(), nil) }
	unsigned := func(r *etree.Element) *etree.Element { r.RemoveChild(child(t, r, "Signature", 0)); return r }
	evil := func() *etree.Element {
		a := i.assertion()
		a.Subject.NameID.Value = "root"
		e := a.Element()
		e.SelectAttr("ID").Value = "id-evil"
		return e
	}
	for name, tc := range map[string]struct {
		response *etree.Element
		want     string // "" for accepted
	}{
		"both are signed":         {good(), ""},
		"the assertion is signed": {unsigned(good()), ""},
		"another's key":           {other.response(other.assertion(), nil), "Response signature invalid"},
		"another's assertion":     {unsigned(other.response(other.assertion(), nil)), "Response signature invalid"},
		"nothing is signed": {func() *etree.Element {
			r := unsigned(good())
			a := child(t, r, "Assertion", 0)
			a.RemoveChild(child(t, a, "Signature", 0))
			return r
		}(), "Response signature invalid"},
		"a changed response": {func() *etree.Element { r := good(); r.CreateAttr("Destination", "x"); return r }(), "Response signature invalid"},
		"a changed subject": {func() *etree.Element {
			r := unsigned(good())
			child(t, child(t, child(t, r, "Assertion", 0), "Subject", 0), "NameID", 0).SetText("root")
			return r
		}(), "Response signature invalid"},
		"an assertion before it": {func() *etree.Element { r := unsigned(good()); r.InsertChildAt(0, evil()); return r }(), "Invalid SAML response"},
		"an assertion after it":  {func() *etree.Element { r := unsigned(good()); r.AddChild(evil()); return r }(), "Invalid SAML response"},
		"the assertion in the other": {func() *etree.Element { // the signed one hides in the evil one's signature
			r := unsigned(good())
			signed := child(t, r, "Assertion", 0)
			signature := child(t, signed, "Signature", 0).Copy()
			r.RemoveChild(signed)
			wrapper := evil()
			object := etree.NewElement("ds:Object")
			object.AddChild(signed)
			signature.AddChild(object)
			wrapper.AddChild(signature)
			r.AddChild(wrapper)
			return r
		}(), "Response signature invalid"},
		"the same ID": {func() *etree.Element {
			r := unsigned(good())
			signed := child(t, r, "Assertion", 0)
			e := evil()
			e.SelectAttr("ID").Value = "id-assertion"
			e.AddChild(child(t, signed, "Signature", 0).Copy())
			r.RemoveChild(signed)
			r.AddChild(e)
			return r
		}(), "Response signature invalid"},
		"the response in the other": {func() *etree.Element {
			inner := good()
			outer := inner.Copy()
			outer.SelectAttr("ID").Value = "id-outer"
			outer.RemoveChild(child(t, outer, "Assertion", 0))
			outer.AddChild(evil())
			extension := etree.NewElement("samlp:Extensions")
			extension.AddChild(inner)
			outer.AddChild(extension)
			return outer
		}(), "Response signature invalid"},
	} {
		got, err := i.provider().Verify(encode(t, tc.response), now)
		if tc.want == "" {
			if err != nil || got.Subject != "ann" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		refused(t, name, err, 400, "InvalidIdentityToken", tc.want)
	}
}

func TestSAMLRefuses(t *testing.T) {
	i := newIDP(t, rsaKey())
	attributes := func(list ...saml.Attribute) func(*saml.Assertion) {
		return func(a *saml.Assertion) { a.AttributeStatements[0].Attributes = list }
	}
	role, name := aws("Role", samlRole+","+samlProvider), aws("RoleSessionName", "ann")
	const (
		invalid = "InvalidIdentityToken"
		late    = "Token must be redeemed within 5 minutes of issuance"
		bad     = "Invalid SAML response"
		denied  = "Not authorized to perform sts:AssumeRoleWithSAML"
	)
	for what, tc := range map[string]struct {
		change     func(*saml.Assertion)
		status     int
		code, text string
	}{
		"another issuer":       {func(a *saml.Assertion) { a.Issuer.Value = "https://evil.example.com" }, 400, invalid, "Issuer not present in specified provider"},
		"old":                  {func(a *saml.Assertion) { a.IssueInstant = now.Add(-5*time.Minute - time.Second) }, 400, "ExpiredTokenException", late},
		"issued in the future": {func(a *saml.Assertion) { a.IssueInstant = now.Add(6 * time.Minute) }, 400, invalid, bad},
		"over":                 {func(a *saml.Assertion) { a.Conditions.NotOnOrAfter = now }, 400, "ExpiredTokenException", late},
		"not yet":              {func(a *saml.Assertion) { a.Conditions.NotBefore = now.Add(6 * time.Minute) }, 400, invalid, bad},
		"confirmation is over": {func(a *saml.Assertion) { a.Subject.SubjectConfirmations[0].SubjectConfirmationData.NotOnOrAfter = now }, 400, "ExpiredTokenException", late},
		"session is over":      {func(a *saml.Assertion) { a.AuthnStatements[0].SessionNotOnOrAfter = new(now) }, 400, "ExpiredTokenException", late},
		"no conditions":        {func(a *saml.Assertion) { a.Conditions = nil }, 400, invalid, "Response does not contain the required audience."},
		"no audience":          {func(a *saml.Assertion) { a.Conditions.AudienceRestrictions = nil }, 400, invalid, "Response does not contain the required audience."},
		"two audiences, one of them another's": {func(a *saml.Assertion) {
			a.Conditions.AudienceRestrictions = append(a.Conditions.AudienceRestrictions, saml.AudienceRestriction{Audience: saml.Audience{Value: "urn:other"}})
		}, 400, invalid, "Response does not contain the required audience."},
		"no subject":      {func(a *saml.Assertion) { a.Subject = nil }, 403, "AccessDenied", denied},
		"no name":         {func(a *saml.Assertion) { a.Subject.NameID = nil }, 403, "AccessDenied", denied},
		"no confirmation": {func(a *saml.Assertion) { a.Subject.SubjectConfirmations = nil }, 400, invalid, bad},
		"two confirmations": {func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations = append(a.Subject.SubjectConfirmations, a.Subject.SubjectConfirmations[0])
		}, 400, invalid, bad},
		"another recipient": {func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = "https://signin.aws.amazon.com.example.com/saml"
		}, 400, invalid, "The recipient of the SAML response is not a sign-in URL of AWS"},
		"another provider's sign-in": {func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = ownSignIn + "2"
		}, 400, invalid, "The recipient of the SAML response is not a sign-in URL of AWS"},
		"no attributes":          {func(a *saml.Assertion) { a.AttributeStatements = nil }, 400, invalid, "Role is required in AuthnResponse"},
		"roles without provider": {attributes(aws("Role", samlRole), name), 400, invalid, "Role is required in AuthnResponse"},
		"two roles in a pair":    {attributes(aws("Role", samlRole+","+samlRole), name), 400, invalid, "Role is required in AuthnResponse"},
		"no session name":        {attributes(role), 400, invalid, "RoleSessionName is required in AuthnResponse"},
		"two session names":      {attributes(role, aws("RoleSessionName", "ann", "eve")), 400, invalid, "RoleSessionName in AuthnResponse must have one value"},
		"session name":           {attributes(role, aws("RoleSessionName", "Ann Smith")), 400, invalid, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"},
		"source identity":        {attributes(role, name, aws("SourceIdentity", "aws:ann")), 400, invalid, `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`},
		"short session":          {attributes(role, name, aws("SessionDuration", "899")), 400, invalid, "SessionDuration in AuthnResponse must be between 900 and 43200"},
		"session without end":    {attributes(role, name, aws("SessionDuration", "forever")), 400, invalid, "SessionDuration in AuthnResponse must be between 900 and 43200"},
		"tag twice":              {attributes(role, name, aws("PrincipalTag:a", "1"), aws("PrincipalTag:A", "1")), 400, invalid, "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
	} {
		a := i.assertion()
		tc.change(a)
		_, err := i.provider().Verify(encode(t, i.response(a, nil)), now)
		refused(t, what, err, tc.status, tc.code, tc.text)
	}
	for what, tc := range map[string]struct{ response, text string }{
		"no base64":       {"<xml>", "Invalid base64 SAMLResponse"},
		"too long":        {strings.Repeat("A", 100001), bad},
		"no XML":          {base64.StdEncoding.EncodeToString([]byte("hello")), bad},
		"an assertion":    {encode(t, i.assertion().Element()), bad},
		"a document type": {base64.StdEncoding.EncodeToString([]byte(`<!DOCTYPE r [<!ENTITY a "b">]><r/>`)), bad},
		"too deep":        {base64.StdEncoding.EncodeToString([]byte(strings.Repeat("<a>", 60) + strings.Repeat("</a>", 60))), bad},
		"two roots":       {base64.StdEncoding.EncodeToString([]byte("<a/><b/>")), bad},
	} {
		_, err := i.provider().Verify(tc.response, now)
		refused(t, what, err, 400, invalid, tc.text)
	}
	r := i.response(i.assertion(), nil)
	r.RemoveChild(child(t, r, "Signature", 0))
	child(t, child(t, r, "Status", 0), "StatusCode", 0).SelectAttr("Value").Value = "urn:oasis:names:tc:SAML:2.0:status:Responder"
	_, err := i.provider().Verify(encode(t, r), now)
	refused(t, "a failure", err, 400, invalid, bad)
}

func TestSAMLComment(t *testing.T) {
	i := newIDP(t, rsaKey())
	a := i.assertion()
	a.Subject.NameID.Value = "root.ann"
	r := i.response(a, nil)
	name := child(t, child(t, child(t, r, "Assertion", 0), "Subject", 0), "NameID", 0)
	name.SetText("root")
	name.AddChild(etree.NewComment("x"))
	name.CreateText(".ann")
	got, err := i.provider().Verify(encode(t, r), now)
	if err != nil || got.Subject != "root.ann" {
		t.Errorf("a comment that the signature doesn't cover: %+v, %v", got, err)
	}
}

func TestSAMLEncrypted(t *testing.T) {
	i := newIDP(t, rsaKey())
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := federation.ParseDecryptionKey(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	if err != nil {
		t.Fatal(err)
	}
	private, err := federation.DecryptionKey(der)
	if err != nil {
		t.Fatal(err)
	}
	a := i.assertion()
	a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = ownSignIn
	a.Conditions.AudienceRestrictions[0].Audience.Value = ownSignIn
	sealed := i.response(a, selfSigned(t, key))
	alone := sealed.Copy()
	alone.RemoveChild(child(t, alone, "Signature", 0))
	p := i.provider()
	p.RequireEncryption = true
	p.Keys = []*rsa.PrivateKey{rsaKey(), private}
	for name, r := range map[string]*etree.Element{"signed without and within": sealed, "signed within": alone} {
		if got, err := p.Verify(encode(t, r), now); err != nil || got.Subject != "ann" || got.Audience != ownSignIn {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = p.Verify(encode(t, i.response(a, nil)), now)
	refused(t, "not encrypted", err, 400, "InvalidIdentityToken", "The SAML assertion must be encrypted")
	a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = "https://signin.aws.amazon.com/saml"
	_, err = p.Verify(encode(t, i.response(a, selfSigned(t, key))), now)
	refused(t, "for all providers", err, 400, "InvalidIdentityToken", "The recipient of the SAML response is not a sign-in URL of AWS")
	p.Keys = p.Keys[:1]
	_, err = p.Verify(encode(t, sealed), now)
	refused(t, "for another key", err, 400, "InvalidIdentityToken", "The SAML assertion cannot be decrypted")
}

func TestParseMetadata(t *testing.T) {
	i := newIDP(t, rsaKey())
	cert := i.server.Certificate
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		text  string
		certs int // 0 for refused
		until time.Time
	}{
		"good":              {i.metadata(), 1, time.Time{}},
		"two keys":          {metadata(entityID, "", cert, selfSigned(t, small)), 2, time.Time{}},
		"validity":          {metadata(entityID, `validUntil="2030-01-02T03:04:05Z"`, cert), 1, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)},
		"validity, no zone": {metadata(entityID, `validUntil="2030-01-02T03:04:05"`, cert), 1, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)},
		"bad validity":      {metadata(entityID, `validUntil="tomorrow"`, cert), 0, time.Time{}},
		"no certificate":    {metadata(entityID, ""), 0, time.Time{}},
		"no entity ID":      {metadata("", "", cert), 0, time.Time{}},
		"bad certificate":   {strings.Replace(i.metadata(), "MII", "AAA", 1), 0, time.Time{}},
		"byte order mark":   {"\ufeff" + i.metadata(), 0, time.Time{}},
		"document type":     {`<!DOCTYPE x>` + strings.TrimPrefix(i.metadata(), `<?xml version="1.0" encoding="UTF-8"?>`), 0, time.Time{}},
		"another namespace": {strings.Replace(i.metadata(), "SAML:2.0:metadata", "SAML:1.0:metadata", 1), 0, time.Time{}},
		"for encryption":    {strings.Replace(i.metadata(), `use="signing"`, `use="encryption"`, 1), 0, time.Time{}},
		"no XML":            {strings.Repeat("x", 1000), 0, time.Time{}},
		"21 certificates":   {metadata(entityID, "", slices.Repeat([]*x509.Certificate{cert}, 21)...), 0, time.Time{}},
		"cut":               {i.metadata()[:1000], 0, time.Time{}},
		"two documents":     {i.metadata() + strings.TrimPrefix(i.metadata(), `<?xml version="1.0" encoding="UTF-8"?>`), 0, time.Time{}},
	} {
		m, err := federation.ParseMetadata(tc.text)
		if tc.certs == 0 {
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if err != nil || m.EntityID != entityID || len(m.Certificates) != tc.certs || !m.ValidUntil.Equal(tc.until) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestParseDecryptionKey(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":     "",
		"text":        "hello",
		"public":      string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})),
		"damaged":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})),
		"an EC key":   string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecKey(t)})),
		"two of them": strings.Repeat(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())})), 2),
	} {
		if _, err := federation.ParseDecryptionKey(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzSAML(f *testing.F) {
	key := rsaKey()
	m := &federation.Metadata{EntityID: entityID, Certificates: []*x509.Certificate{{PublicKey: key.Public()}}}
	f.Add([]byte(`<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Status><StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></Status>` +
		`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="a"><Issuer>` + entityID + `</Issuer></Assertion></Response>`))
	f.Add([]byte(`<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="r"><Signature xmlns="http://www.w3.org/2000/09/xmldsig#">` +
		`<SignedInfo><Reference URI="#r"/></SignedInfo><SignatureValue/></Signature></p:Response>`))
	p := &federation.SAMLProvider{Account: "123456789012", Name: "corp", Metadata: m, Keys: []*rsa.PrivateKey{key}}
	f.Fuzz(func(t *testing.T, xml []byte) {
		found, err := p.Verify(base64.StdEncoding.EncodeToString(xml), now)
		if _, ok := errors.AsType[*awserr.Error](err); !ok || found != nil {
			t.Errorf("%q: %v, %v", xml, found, err)
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add(metadata(entityID, `validUntil="2030-01-02T03:04:05Z"`))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := federation.ParseMetadata(text)
		if err == nil && (m.EntityID == "" || len(m.Certificates) == 0) {
			t.Errorf("%q: %+v", text, m)
		}
	})
}
