package directory

import (
	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/ids"
)

// Role is an IAM role.
type Role struct {
	Entity
	Trust       Document `cbor:"10,keyasint"` // the policy that says who may assume it
	Description *string  `cbor:"11,keyasint,omitempty"`
	MaxSession  int32    `cbor:"12,keyasint"` // how long a session may last, in seconds
}

// Roles is where roles are kept.
var Roles = Kind[Role, *Role]{"role", arn.Role}

// ARN names the role.
func (role *Role) ARN() string { return Roles.ARN(role.Account, role.Path, role.Name) }

// SessionARN names a session of the role.
func (role *Role) SessionARN(name string) string {
	return owner(role.Account).Session(arn.Session{Role: role.Name, Name: name}).String()
}

// FederatedUserARN names the bearer of what GetFederationToken gave out.
func FederatedUserARN(a ids.Account, name string) string {
	return owner(a).FederatedUser(name).String()
}
