package directory

import (
	"github.com/iamd-project/iamd/arn"
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
