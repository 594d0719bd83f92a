package load

import "fmt"

// Op is an operation that the generator can send.
type Op string

// The operations, by AWS's names.
const (
	GetCallerIdentity Op = "GetCallerIdentity"
	GetUser           Op = "GetUser"
	ListAccessKeys    Op = "ListAccessKeys"
	CreateUser        Op = "CreateUser"
	CreateAccessKey   Op = "CreateAccessKey"
	AssumeRole        Op = "AssumeRole"
)

// ParseOp finds an operation by its name.
func ParseOp(name string) (Op, error) {
	switch op := Op(name); op {
	case GetCallerIdentity, GetUser, ListAccessKeys, CreateUser, CreateAccessKey, AssumeRole:
		return op, nil
	}
	return "", fmt.Errorf("unknown operation %q", name)
}

// service is the name of the operation's service in signing scopes.
func (op Op) service() string {
	if op == GetCallerIdentity || op == AssumeRole {
		return "sts"
	}
	return "iam"
}

// readsUser says that the operation is about one of the users that exist before the run.
func (op Op) readsUser() bool { return op == GetUser || op == ListAccessKeys }

// Role is the ARN of the role that AssumeRole asks for.
const Role = "arn:aws:iam::123456789012:role/bench"

// form appends the operation's body for a user; user names need no escaping here.
func (op Op) form(dst []byte, user string) []byte {
	dst = append(append(dst, "Action="...), op...)
	switch op {
	case GetCallerIdentity:
		return append(dst, "&Version=2011-06-15"...)
	case AssumeRole:
		return append(dst, "&RoleArn="+Role+"&RoleSessionName=bench&Version=2011-06-15"...)
	}
	dst = append(append(dst, "&UserName="...), user...)
	return append(dst, "&Version=2010-05-08"...)
}
