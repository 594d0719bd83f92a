package op

import "github.com/iamd-project/iamd/internal/ids"

// PrincipalKind says what sort of identity makes a call.
type PrincipalKind int

// The kinds of principal.
const (
	Root PrincipalKind = iota + 1
	User
	RoleSession
)

// Principal is who makes a call, as found in the call's own transaction.
type Principal struct {
	Kind    PrincipalKind
	Account ids.Account
	ARN     string
	ID      string    // the account for root, AIDA… for a user, AROA…:session for a role session
	Name    string    // user name; empty for root
	KeyID   ids.KeyID // the access key that signed
}
