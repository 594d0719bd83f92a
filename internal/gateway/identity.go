package gateway

import (
	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// Identity is a caller as records have it.
func Identity(p *op.Principal) audit.Identity {
	i := audit.Identity{
		Type:        identityTypes[p.Kind],
		PrincipalID: p.ID,
		ARN:         p.ARN,
		Account:     string(p.Account),
		KeyID:       string(p.KeyID),
		UserName:    p.Name,
		Provider:    p.Provider,
	}
	if s := p.Session; s != nil {
		i.Session = &audit.Session{
			Created:        s.Issued.Time(),
			MFA:            s.MFA != 0,
			Provider:       s.Provider,
			SourceIdentity: s.SourceIdentity,
		}
		if p.Kind == op.RoleSession || p.Kind == op.FederatedUser {
			i.Session.Issuer = issuer(p)
		}
	}
	return i
}

// issuer is the role or user, or root, that a session is of.
func issuer(p *op.Principal) audit.Issuer {
	e := p.Bearer
	switch {
	case e == nil:
		return audit.Issuer{Type: "Root", PrincipalID: string(p.Account), ARN: directory.RootARN(p.Account), Account: string(p.Account)}
	case p.Kind == op.RoleSession:
		return audit.Issuer{
			Type: "Role", PrincipalID: string(e.ID), ARN: directory.Roles.ARN(e.Account, e.Path, e.Name),
			Account: string(e.Account), UserName: e.Name,
		}
	}
	return audit.Issuer{
		Type: "IAMUser", PrincipalID: string(e.ID), ARN: directory.Users.ARN(e.Account, e.Path, e.Name),
		Account: string(e.Account), UserName: e.Name,
	}
}

var identityTypes = map[op.PrincipalKind]audit.IdentityType{
	op.Root:          audit.Root,
	op.User:          audit.IAMUser,
	op.RoleSession:   audit.AssumedRole,
	op.FederatedUser: audit.FederatedUser,
	op.WebIdentity:   audit.WebIdentityUser,
	op.SAMLIdentity:  audit.SAMLUser,
}
