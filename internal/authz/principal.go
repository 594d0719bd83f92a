package authz

import (
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// principal is the caller as policies know it.
func principal(p *op.Principal) policy.Principal {
	who := policy.Principal{Type: principalTypes[p.Kind], ARN: p.ARN, Account: string(p.Account)}
	switch p.Kind {
	case op.User:
		who.ID = p.ID
	case op.RoleSession:
		who.ID, who.Source = string(p.Bearer.ID), roleARN(p)
	case op.FederatedUser:
		if p.Bearer != nil {
			who.ID, who.Source = string(p.Bearer.ID), directory.Users.ARN(p.Account, p.Bearer.Path, p.Bearer.Name)
		}
	case op.WebIdentity, op.SAMLIdentity:
		who.ARN, who.Account = p.Provider, ""
	}
	return who
}

var principalTypes = map[op.PrincipalKind]policy.PrincipalType{
	op.Nobody:        policy.Anonymous,
	op.Root:          policy.Root,
	op.User:          policy.User,
	op.RoleSession:   policy.RoleSession,
	op.FederatedUser: policy.FederatedUser,
	op.WebIdentity:   policy.Provider,
	op.SAMLIdentity:  policy.Provider,
}

func roleARN(p *op.Principal) string {
	return directory.Roles.ARN(p.Account, p.Bearer.Path, p.Bearer.Name)
}

// barred reports whether AWS does not let these credentials call IAM, whatever
// policies say: those of a federated user never, those that a user got for itself
// only with MFA. Which operations of STS sessions may call, STS knows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
func barred(p *op.Principal, needs []op.Need) bool {
	if p.Session == nil || !strings.HasPrefix(needs[0].Action, "iam:") {
		return false
	}
	switch p.Session.Kind {
	case directory.FederatedSession:
		return true
	case directory.OwnSession:
		return p.Session.MFA == 0 && !p.Session.AssumedRoot
	}
	return false
}
