package policy

// A Kind says what a document is for. It decides which elements a document must
// and must not have, and names, in a decision, the policies that denied.
type Kind uint8

const (
	// Identity is an inline policy of a user, group or role.
	Identity Kind = iota + 1
	// Managed is a policy with a name of its own, to be attached. It must say
	// Version 2012-10-17. In a decision it counts as what it is attached as.
	Managed
	// Boundary is a permissions boundary; as a text, it is a managed policy.
	Boundary
	// Session is a policy that was passed when a session was asked for.
	Session
	// Resource is a policy of a resource: a bucket, a queue, a secret.
	Resource
	// Trust is the policy of a role that says who may assume it. The role is its
	// resource, and all its actions are STS's.
	Trust
)

// String is the name as AWS's texts have it: "identity-based policy".
func (k Kind) String() string {
	switch k {
	case Identity, Managed:
		return "identity-based policy"
	case Boundary:
		return "permissions boundary"
	case Session:
		return "session policy"
	case Resource:
		return "resource-based policy"
	case Trust:
		return "role trust policy"
	}
	return "policy"
}

// hasPrincipal: such a document names those it concerns. Others concern whom they
// are attached to.
func (k Kind) hasPrincipal() bool { return k == Resource || k == Trust }

// An Effect is what a statement does when it applies.
type Effect bool

// A statement that applies allows the request or denies it.
const (
	Allow Effect = true
	Deny  Effect = false
)

func (e Effect) String() string {
	if e == Allow {
		return "Allow"
	}
	return "Deny"
}
