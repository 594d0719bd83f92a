package op

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
)

// PrincipalKind says what sort of identity makes a call.
type PrincipalKind int

// The kinds of principal. Nobody is who calls an operation that takes no signature,
// until its Needs has found out who is meant.
const (
	Nobody PrincipalKind = iota
	Root
	User
	RoleSession
	FederatedUser
	WebIdentity  // somebody for whom an OpenID Connect provider vouches
	SAMLIdentity // somebody for whom a SAML provider vouches
)

// Principal is who makes a call, as found in the call's own transaction.
type Principal struct {
	Kind    PrincipalKind
	Account ids.Account
	ARN     string
	ID      string    // the account for root, AIDA… for a user, AROA…:session for a role session, account:name for a federated user
	Name    string    // user name; empty for root and sessions of roles
	KeyID   ids.KeyID // the access key that signed
	// Bearer is the user, or the role or user behind a session; nil for root.
	Bearer *directory.Entity
	// Session is what temporary credentials say; nil for a long-term key.
	Session *directory.Session
	// Provider is, for a WebIdentity or SAMLIdentity, the provider as policies name it:
	// its ARN, or the host of a provider that AWS knows.
	Provider string
}

// Standing is the principal as work that outlives the call keeps it.
func (p *Principal) Standing() directory.Standing {
	s := directory.Standing{Account: p.Account, KeyID: p.KeyID}
	switch {
	case p.Session != nil:
		session := *p.Session
		session.Secret = "" // nobody signs with it any more
		s.Session = &session
	case p.Bearer != nil:
		s.User = p.Bearer.ID
	}
	return s
}
