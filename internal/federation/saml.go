package federation

import (
	"crypto/rsa"
	"crypto/sha1" // what AWS makes name qualifiers with
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"

	"github.com/iamd-project/iamd/internal/awserr"
)

// SAMLProvider is a SAML provider as an account has it.
type SAMLProvider struct {
	Account           string
	Name              string
	UUID              string // ends the sign-in URL of a provider that requires encryption
	Metadata          *Metadata
	RequireEncryption bool
	Keys              []*rsa.PrivateKey // that assertions may be encrypted for
}

// SAMLIdentity is what an assertion that was verified says.
type SAMLIdentity struct {
	Identity
	Issuer        string
	Subject       string
	SubjectType   string // "persistent", "transient", or the format's URI
	Audience      string // the recipient: which sign-in URL the response was meant for
	NameQualifier string
	SessionName   string
	Roles         []RoleGrant
	Duration      time.Duration // the longest that a session may last; 0 when it doesn't say
	Ends          time.Time     // when a session ends at the latest; zero when it doesn't say
}

// RoleGrant is a role that the provider lets the user assume, by ARN.
type RoleGrant struct{ Role, Provider string }

const (
	maxResponse = 100000          // as the model of AssumeRoleWithSAML has it
	redeemTime  = 5 * time.Minute // between issuing a response and using it
)

var (
	errResponse  = invalidToken("Invalid SAML response")
	errSigned    = invalidToken("Response signature invalid")
	errRedeem    = awserr.New(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
	errNoSubject = awserr.New(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
	errAudience  = invalidToken("Response does not contain the required audience.")
)

// Grants reports whether the user may assume the role through the provider.
func (i *SAMLIdentity) Grants(role, provider string) bool {
	for _, g := range i.Roles {
		if g.Role == role && g.Provider == provider {
			return true
		}
	}
	return false
}

// Verify makes sure that the provider made the response, in base64, that it was
// meant for AWS and that it is good now. Its errors are *awserr.Error.
func (p *SAMLProvider) Verify(response string, now time.Time) (*SAMLIdentity, error) {
	if len(response) > maxResponse {
		return nil, errResponse
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(response), ""))
	if err != nil {
		return nil, invalidToken("Invalid base64 SAMLResponse")
	}
	root, err := parseXML(raw)
	if err != nil || !is(root, protocolNS, "Response") {
		return nil, errResponse
	}
	if err := p.checkIssuer(root, false); err != nil {
		return nil, err
	}
	assertion, err := p.assertion(root)
	if err != nil {
		return nil, err
	}
	if err := p.checkIssuer(assertion, true); err != nil {
		return nil, err
	}
	return p.read(assertion, now)
}

// checkIssuer compares who e says has made it with who the provider is.
func (p *SAMLProvider) checkIssuer(e *etree.Element, must bool) error {
	if len(children(e, assertionNS, "Issuer")) == 0 && !must {
		return nil
	}
	if issuer, ok := text(only(e, assertionNS, "Issuer")); !ok || issuer != p.Metadata.EntityID {
		return invalidToken("Issuer not present in specified provider")
	}
	return nil
}

// assertion is the one assertion of a response, which the provider has signed, alone
// or with the response around it.
func (p *SAMLProvider) assertion(root *etree.Element) (*etree.Element, error) {
	vouched := len(children(root, signatureNS, "Signature")) > 0
	if vouched {
		var err error
		if root, err = p.Metadata.signed(root); err != nil {
			return nil, errSigned
		}
	}
	status := only(root, protocolNS, "Status")
	if status == nil {
		return nil, errResponse
	}
	code := only(status, protocolNS, "StatusCode")
	if code == nil || code.SelectAttrValue("Value", "") != "urn:oasis:names:tc:SAML:2.0:status:Success" {
		return nil, errResponse
	}
	plain, sealed := children(root, assertionNS, "Assertion"), children(root, assertionNS, "EncryptedAssertion")
	if len(plain)+len(sealed) != 1 {
		return nil, errResponse
	}
	var assertion *etree.Element
	switch {
	case len(sealed) == 1:
		var err error
		if assertion, err = p.decrypt(sealed[0]); err != nil {
			return nil, err
		}
	case p.RequireEncryption:
		return nil, invalidToken("The SAML assertion must be encrypted")
	default:
		assertion = plain[0]
	}
	if vouched {
		return assertion, nil
	}
	signed, err := p.Metadata.signed(assertion)
	if err != nil {
		return nil, errSigned
	}
	return signed, nil
}

// decrypt opens an encrypted assertion with one of the provider's keys. Why it
// does not open is not said, since that would help to guess what is in it.
func (p *SAMLProvider) decrypt(e *etree.Element) (*etree.Element, error) {
	data := only(e, encryptedNS, "EncryptedData")
	if data == nil {
		return nil, errResponse
	}
	// The key may stand beside the data instead of in it.
	if info := only(data, signatureNS, "KeyInfo"); info != nil && len(children(info, encryptedNS, "EncryptedKey")) == 0 {
		for _, key := range children(e, encryptedNS, "EncryptedKey") {
			info.AddChild(key.Copy())
		}
	}
	for _, key := range p.Keys {
		plain, err := xmlenc.Decrypt(key, data)
		if err != nil {
			continue
		}
		if found, err := parseXML(plain); err == nil && is(found, assertionNS, "Assertion") {
			return found, nil
		}
	}
	return nil, invalidToken("The SAML assertion cannot be decrypted")
}

// read takes an assertion apart that is known to be the provider's.
func (p *SAMLProvider) read(a *etree.Element, now time.Time) (*SAMLIdentity, error) {
	found := &SAMLIdentity{Issuer: p.Metadata.EntityID}
	issued, err := timeOf(a, "IssueInstant")
	if err != nil || issued.IsZero() || now.Add(clockSkew).Before(issued) {
		return nil, errResponse
	}
	if now.After(issued.Add(redeemTime)) {
		return nil, errRedeem
	}
	if err := p.readSubject(found, a, now); err != nil {
		return nil, err
	}
	if err := p.checkConditions(a, now); err != nil {
		return nil, err
	}
	for _, s := range children(a, assertionNS, "AuthnStatement") {
		ends, err := timeOf(s, "SessionNotOnOrAfter")
		if err != nil {
			return nil, errResponse
		}
		if !ends.IsZero() && (found.Ends.IsZero() || ends.Before(found.Ends)) {
			found.Ends = ends
		}
	}
	if !found.Ends.IsZero() && !now.Before(found.Ends) {
		return nil, errRedeem
	}
	document := p.Account + "/" + p.Name
	sum := sha1.Sum([]byte(found.Issuer + document))
	found.NameQualifier = base64.StdEncoding.EncodeToString(sum[:])
	found.Context = map[string][]string{
		"saml:aud":           {found.Audience},
		"saml:doc":           {document},
		"saml:iss":           {found.Issuer},
		"saml:namequalifier": {found.NameQualifier},
		"saml:sub":           {found.Subject},
		"saml:sub_type":      {found.SubjectType},
	}
	if err := found.readAttributes(a); err != nil {
		return nil, err
	}
	return found, found.check()
}

// readSubject reads who the assertion is about and whom it is meant for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html#saml_subject-name-id
func (p *SAMLProvider) readSubject(found *SAMLIdentity, a *etree.Element, now time.Time) error {
	subject := only(a, assertionNS, "Subject")
	if subject == nil {
		return errNoSubject
	}
	name := only(subject, assertionNS, "NameID")
	var ok bool
	if found.Subject, ok = text(name); !ok {
		return errNoSubject
	}
	found.SubjectType = subjectType(name.SelectAttrValue("Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"))
	confirmation := only(subject, assertionNS, "SubjectConfirmation")
	if confirmation == nil || confirmation.SelectAttrValue("Method", "") != "urn:oasis:names:tc:SAML:2.0:cm:bearer" {
		return errResponse
	}
	data := only(confirmation, assertionNS, "SubjectConfirmationData")
	if data == nil {
		return errResponse
	}
	until, err := timeOf(data, "NotOnOrAfter")
	if err != nil || until.IsZero() || data.SelectAttr("NotBefore") != nil { // a bearer's has none
		return errResponse
	}
	if !now.Before(until) {
		return errRedeem
	}
	found.Audience = data.SelectAttrValue("Recipient", "")
	if !p.isSignIn(found.Audience) {
		return invalidToken("The recipient of the SAML response is not a sign-in URL of AWS")
	}
	return nil
}

func subjectType(format string) string {
	for _, short := range []string{"persistent", "transient"} {
		if format == "urn:oasis:names:tc:SAML:2.0:nameid-format:"+short {
			return short
		}
	}
	return format
}

// signIn is the sign-in URL of all regions or of one.
// https://docs.aws.amazon.com/general/latest/gr/signin-service.html
var signIn = regexp.MustCompile(`^https://([a-z0-9-]+\.)?signin\.aws\.amazon\.com/saml(/acs/([A-Z0-9]+))?$`)

// isSignIn reports whether url is one where the provider's responses go. Those of a
// provider that requires encryption go to its own.
func (p *SAMLProvider) isSignIn(url string) bool {
	part := signIn.FindStringSubmatch(url)
	if part == nil {
		return false
	}
	if own := part[3]; own != "" || p.RequireEncryption {
		return own == p.UUID
	}
	return true
}

// checkConditions makes sure that the assertion is good now, and for AWS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html#saml_audience-restriction
func (p *SAMLProvider) checkConditions(a *etree.Element, now time.Time) error {
	conditions := only(a, assertionNS, "Conditions")
	if conditions == nil {
		return errAudience
	}
	from, err := timeOf(conditions, "NotBefore")
	if err != nil || now.Add(clockSkew).Before(from) {
		return errResponse
	}
	until, err := timeOf(conditions, "NotOnOrAfter")
	if err != nil {
		return errResponse
	}
	if !until.IsZero() && !now.Before(until) {
		return errRedeem
	}
	restrictions := children(conditions, assertionNS, "AudienceRestriction")
	if len(restrictions) == 0 {
		return errAudience
	}
	for _, r := range restrictions { // each must be met
		met := false
		for _, audience := range children(r, assertionNS, "Audience") {
			s, _ := text(audience)
			met = met || s == "urn:amazon:webservices" || p.isSignIn(s)
		}
		if !met {
			return errAudience
		}
	}
	return nil
}

// ParseDecryptionKey reads an RSA private key in PEM, and returns it in PKCS #8.
func ParseDecryptionKey(text string) (der []byte, err error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(strings.TrimSpace(string(rest))) > 0 {
		return nil, errors.New("not one key in PEM")
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		err = errors.New("not a private key")
	}
	if err != nil {
		return nil, err
	}
	if _, ok := key.(*rsa.PrivateKey); !ok {
		return nil, errors.New("not an RSA key")
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// DecryptionKey reads what ParseDecryptionKey returned.
func DecryptionKey(der []byte) (*rsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	return private, nil
}
