package arn

import "strings"

// A Kind is the first word of an IAM resource.
type Kind string

// The kinds whose names carry a path, and the two kinds of identity provider,
// which have none: all that follows an OIDC provider's kind is its URL.
const (
	User              Kind = "user"
	Group             Kind = "group"
	Role              Kind = "role"
	Policy            Kind = "policy"
	InstanceProfile   Kind = "instance-profile"
	ServerCertificate Kind = "server-certificate"
	MFA               Kind = "mfa"
	OIDCProvider      Kind = "oidc-provider"
	SAMLProvider      Kind = "saml-provider"
)

func (k Kind) known() bool {
	switch k {
	case User, Group, Role, Policy, InstanceProfile, ServerCertificate, MFA:
		return true
	}
	return k.pathless()
}

func (k Kind) pathless() bool { return k == OIDCProvider || k == SAMLProvider }

// An Entity is the resource part of an IAM name: user/team/ann is the user ann
// with the path /team/.
type Entity struct {
	Kind Kind
	// Path begins and ends with a slash. The plain "/" may also be written "".
	Path string
	Name string
}

// Entity takes an IAM name apart. It reports false for a name that is not IAM's,
// has a kind not listed here (root among them) or lacks a name.
func (a ARN) Entity() (Entity, bool) {
	kind, rest, ok := strings.Cut(a.Resource, "/")
	e := Entity{Kind: Kind(kind), Path: "/", Name: rest}
	if !ok || a.Service != "iam" || a.Region != "" || !e.Kind.known() {
		return Entity{}, false
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && !e.Kind.pathless() {
		e.Path, e.Name = "/"+rest[:i+1], rest[i+1:]
	}
	return e, e.Name != ""
}

// Resource writes the entity as it stands at the end of an ARN.
func (e Entity) Resource() string {
	if e.Path == "" {
		return string(e.Kind) + "/" + e.Name
	}
	return string(e.Kind) + e.Path + e.Name
}

// A Session is a role in use under a name its caller chose. The role's path is
// not in a session's ARN, so the role's own ARN cannot be told from it.
type Session struct{ Role, Name string }

// Session takes arn:…:sts::…:assumed-role/role/session apart.
func (a ARN) Session() (Session, bool) {
	rest, ok := strings.CutPrefix(a.Resource, "assumed-role/")
	if !ok || a.Service != "sts" || a.Region != "" {
		return Session{}, false
	}
	role, name, _ := strings.Cut(rest, "/")
	if role == "" || name == "" || strings.Contains(name, "/") {
		return Session{}, false
	}
	return Session{Role: role, Name: name}, true
}

// IsRoot reports whether a names an account as such: arn:…:iam::…:root.
func (a ARN) IsRoot() bool { return a.Service == "iam" && a.Region == "" && a.Resource == "root" }

// An Owner is what all names of one account share. Its methods do not check what
// they are given.
type Owner struct{ Partition, Account string }

// Owner returns whose name a is.
func (a ARN) Owner() Owner { return Owner{a.Partition, a.Account} }

// Root names the account itself.
func (o Owner) Root() ARN { return o.in("iam", "root") }

// Entity names an IAM entity of the account.
func (o Owner) Entity(e Entity) ARN { return o.in("iam", e.Resource()) }

// Session names a role session.
func (o Owner) Session(s Session) ARN { return o.in("sts", "assumed-role/"+s.Role+"/"+s.Name) }

// FederatedUser names the bearer of what GetFederationToken gave out.
func (o Owner) FederatedUser(name string) ARN { return o.in("sts", "federated-user/"+name) }

func (o Owner) in(service, resource string) ARN {
	return ARN{Partition: o.Partition, Service: service, Account: o.Account, Resource: resource}
}
