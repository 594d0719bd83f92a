package federation

import (
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/iamd-project/iamd/arn"
)

// awsAttribute begins the names of the attributes that speak to AWS. Case matters.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
const awsAttribute = "https://aws.amazon.com/SAML/Attributes/"

const (
	minDuration = 900 * time.Second
	maxDuration = 43200 * time.Second
)

// readAttributes reads what the assertion says about the session and the user.
func (i *SAMLIdentity) readAttributes(a *etree.Element) error {
	for _, statement := range children(a, assertionNS, "AttributeStatement") {
		for _, attribute := range children(statement, assertionNS, "Attribute") {
			name := attribute.SelectAttrValue("Name", "")
			var values []string
			for _, v := range children(attribute, assertionNS, "AttributeValue") {
				if s, ok := text(v); ok {
					values = append(values, s)
				}
			}
			if err := i.readAttribute(name, values); err != nil {
				return err
			}
		}
	}
	switch {
	case len(i.Roles) == 0:
		return invalidToken("Role is required in AuthnResponse")
	case i.SessionName == "":
		return invalidToken("RoleSessionName is required in AuthnResponse")
	case !sessionName.MatchString(i.SessionName):
		return invalidToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	return nil
}

func (i *SAMLIdentity) readAttribute(name string, values []string) error {
	ours, ok := strings.CutPrefix(name, awsAttribute)
	if !ok {
		i.readKey(name, values)
		return nil
	}
	if tag, ok := strings.CutPrefix(ours, "PrincipalTag:"); ok {
		value, err := oneValue("PrincipalTag:"+tag, values)
		i.Tags = append(i.Tags, Tag{tag, value})
		return err
	}
	var err error
	switch ours {
	case "Role":
		for _, v := range values {
			if grant, ok := parseGrant(v); ok {
				i.Roles = append(i.Roles, grant)
			}
		}
	case "RoleSessionName":
		i.SessionName, err = oneValue(ours, values)
	case "SourceIdentity":
		i.SourceIdentity, err = oneValue(ours, values)
	case "SessionDuration":
		i.Duration, err = parseDuration(values)
	case "TransitiveTagKeys":
		i.TransitiveTagKeys = append(i.TransitiveTagKeys, values...)
	}
	return err
}

// oneValue is the value of an attribute that has just one; "" for none.
func oneValue(name string, values []string) (string, error) {
	if len(values) > 1 {
		return "", invalidToken("%s in AuthnResponse must have one value", name)
	}
	return strings.Join(values, ""), nil
}

// parseGrant reads the ARNs of a role and of a provider, in either order.
func parseGrant(s string) (RoleGrant, bool) {
	one, other, _ := strings.Cut(s, ",")
	g := RoleGrant{Role: strings.TrimSpace(one), Provider: strings.TrimSpace(other)}
	if kindOf(g.Role) == arn.SAMLProvider {
		g.Role, g.Provider = g.Provider, g.Role
	}
	return g, kindOf(g.Role) == arn.Role && kindOf(g.Provider) == arn.SAMLProvider
}

func kindOf(s string) arn.Kind {
	name, err := arn.Parse(s)
	if err != nil {
		return ""
	}
	e, _ := name.Entity()
	return e.Kind
}

func parseDuration(values []string) (time.Duration, error) {
	s, err := oneValue("SessionDuration", values)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 32)
	d := time.Duration(n) * time.Second
	if err != nil || d < minDuration || d > maxDuration {
		return 0, invalidToken("SessionDuration in AuthnResponse must be between %d and %d", minDuration/time.Second, maxDuration/time.Second)
	}
	return d, nil
}

// readKey makes an attribute a condition key, if it is one that AWS knows. Of
// several attributes for one key only the first counts.
func (i *SAMLIdentity) readKey(name string, values []string) {
	key, ok := samlKeys[name]
	if !ok || len(values) == 0 || i.Context["saml:"+key.name] != nil {
		return
	}
	if !key.list {
		values = values[:1]
	}
	i.Context["saml:"+key.name] = values
}

// samlKey is a condition key, in lower case and without saml:.
type samlKey struct {
	name string
	list bool
}

// samlKeys are the condition keys by the names of the attributes that they come from.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html#saml-attribute-mapping
var samlKeys = map[string]samlKey{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":  {"edupersonaffiliation", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":  {"edupersonnickname", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":  {"edupersonorgdn", false},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":  {"edupersonorgunitdn", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":  {"edupersonprimaryaffiliation", false},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":  {"edupersonprincipalname", false},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":  {"edupersonentitlement", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":  {"edupersonprimaryorgunitdn", false},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":  {"edupersonscopedaffiliation", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": {"edupersontargetedid", true},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11": {"edupersonassurance", true},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2":  {"eduorghomepageuri", true},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3":  {"eduorgidentityauthnpolicyuri", true},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4":  {"eduorglegalname", true},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5":  {"eduorgsuperioruri", true},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6":  {"eduorgwhitepagesuri", true},
	"urn:oid:2.5.4.3":                   {"cn", true},

	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":              {"name", false},
	"http://schemas.xmlsoap.org/claims/CommonName":                            {"commonname", false},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":         {"givenname", false},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname":           {"surname", false},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":      {"mail", false},
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": {"uid", false},

	"2.5.4.3":                    {"commonname", false},
	"2.5.4.4":                    {"surname", false},
	"2.4.5.42":                   {"givenname", false},
	"2.5.4.45":                   {"x500uniqueidentifier", false},
	"0.9.2342.19200300100.1.1":   {"uid", false},
	"0.9.2342.19200300100.1.3":   {"mail", false},
	"0.9.2342.19200300.100.1.45": {"organizationstatus", false},
}
