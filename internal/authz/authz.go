// Package authz decides whether a caller may do what it asks.
package authz

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
)

// Decision is how a request was decided, in the words of the audit record.
type Decision string

// The decisions. A call that takes no permission has none.
const (
	Allow        Decision = "Allow"
	ImplicitDeny Decision = "ImplicitDeny"
)

// Authorize decides on all of needs. A refusal is an *awserr.Refusal in AWS's
// text.
//
// Policies are kept but not asked yet, and so what holds is the truth about users
// without any: root may do everything, and anybody else nothing that takes a
// permission.
func Authorize(c *op.Call, needs []op.Need) (Decision, error) {
	if len(needs) == 0 {
		return "", nil
	}
	if c.Caller.Kind == op.Root {
		return Allow, nil
	}
	n := needs[0]
	return ImplicitDeny, awserr.Refuse(awserr.AccessDenied,
		"User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
		c.Caller.ARN, n.Action, n.Resource, n.Action)
}
