package policy

import (
	"strings"

	"github.com/iamd-project/iamd/arn"
)

// A Principal is who asks.
type Principal struct {
	// Type says what the principal is; the zero Type is nobody in particular.
	Type PrincipalType
	// ARN is the principal as GetCallerIdentity names it; for a Provider, the ARN or
	// the host name of the identity provider that vouches for the caller.
	ARN string
	// Account is the principal's own: twelve digits. Providers, services and
	// anonymous callers have none.
	Account string
	// Source is the ARN of the role behind a RoleSession or of the user behind a
	// FederatedUser. Others have none.
	Source string
	// ID is the unique id of the user or the role (AIDA…, AROA…), behind a session, too.
	ID string
	// Services are the names that a Service answers to: "ec2.amazonaws.com".
	Services []string
	// CanonicalID is the account's canonical user id, if it has one.
	CanonicalID string
}

// A PrincipalType is what a principal is.
type PrincipalType uint8

// The types of principals. A user's session from GetSessionToken is the User; a
// FederatedUser is a session from GetFederationToken; a Provider is who calls
// AssumeRoleWithWebIdentity or AssumeRoleWithSAML, before there is a session.
const (
	Anonymous PrincipalType = iota
	User
	RoleSession
	FederatedUser
	Root
	Service
	Provider
)

// A grant is how closely a Principal element names the caller. It decides what
// an Allow in a resource's policy is worth, see decide.go.
type grant uint8

const (
	noGrant      grant = iota
	accountGrant       // names the account, which may delegate to the caller
	sourceGrant        // names the role or user behind the session
	directGrant        // names the caller, or everybody
)

// principals is a compiled Principal or NotPrincipal.
type principals struct {
	not       bool
	everybody bool // "*"
	awsAll    bool // {"AWS": "*"}
	accounts  []string
	arns      []string
	ids       []string
	services  []string
	providers []string
	canonical []string
}

func compilePrincipals(v *node, not bool) *principals {
	p := &principals{not: not, everybody: v.kind == '"'}
	for _, f := range v.fields {
		values := []string{f.value.text}
		if f.value.kind == '[' {
			values = values[:0]
			for _, item := range f.value.items {
				values = append(values, item.text)
			}
		}
		switch f.name {
		case "AWS":
			for _, value := range values {
				p.addAWS(value)
			}
		case "Service":
			p.services = values
		case "Federated":
			p.providers = values
		case "CanonicalUser":
			p.canonical = values
		}
	}
	return p
}

func (p *principals) addAWS(value string) {
	a, err := arn.Parse(value)
	switch {
	case value == "*":
		p.awsAll = true
	case isAccount(value):
		p.accounts = append(p.accounts, value)
	case err != nil:
		p.ids = append(p.ids, value)
	case a.IsRoot():
		p.accounts = append(p.accounts, a.Account)
	default:
		p.arns = append(p.arns, value)
	}
}

// principalForms are the kinds of principals and what is one of the kind. A
// wildcard stands alone; it is not for parts of names:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
var principalForms = map[string]func(string) bool{
	"AWS":           isAWSPrincipal,
	"Service":       func(s string) bool { return s == "*" || isHost(s) },
	"Federated":     func(s string) bool { return s == "*" || isHost(s) || isProvider(s) },
	"CanonicalUser": func(s string) bool { return s != "" && strings.IndexFunc(s, notAlphanumeric) < 0 },
}

func isAWSPrincipal(s string) bool {
	if s == "*" || isAccount(s) || isUniqueID(s) {
		return true
	}
	a, err := arn.Parse(s)
	if err != nil || a.Account == "" || a.Region != "" || strings.ContainsAny(s, "*?") {
		return false
	}
	if a.Service == "iam" {
		e, ok := a.Entity()
		return a.IsRoot() || ok && (e.Kind == arn.User || e.Kind == arn.Role)
	}
	_, session := a.Session()
	return session || a.Service == "sts" && strings.HasPrefix(a.Resource, "federated-user/")
}

func isProvider(s string) bool {
	a, err := arn.Parse(s)
	if err != nil || strings.ContainsAny(s, "*?") {
		return false
	}
	e, ok := a.Entity()
	return ok && (e.Kind == arn.OIDCProvider || e.Kind == arn.SAMLProvider)
}

func isHost(s string) bool {
	return strings.Contains(s, ".") && !strings.ContainsAny(s, "*? :\t\n")
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isUniqueID: AWS keeps users and roles in trust policies as ids, and shows the
// ids of those that were deleted since.
func isUniqueID(s string) bool {
	return len(s) >= 16 && (strings.HasPrefix(s, "AIDA") || strings.HasPrefix(s, "AROA")) &&
		strings.IndexFunc(s, notAlphanumeric) < 0
}
