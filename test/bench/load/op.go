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
	GetSecretValue    Op = "GetSecretValue"
	CreateSecret      Op = "CreateSecret" // with the one value that GetSecretValue reads
)

// ParseOp finds an operation by its name.
func ParseOp(name string) (Op, error) {
	switch op := Op(name); op {
	case GetCallerIdentity, GetUser, ListAccessKeys, CreateUser, CreateAccessKey, AssumeRole, GetSecretValue, CreateSecret:
		return op, nil
	}
	return "", fmt.Errorf("unknown operation %q", name)
}

// service is the name of the operation's service in signing scopes.
func (op Op) service() string {
	switch op {
	case GetCallerIdentity, AssumeRole:
		return "sts"
	case GetSecretValue, CreateSecret:
		return "secretsmanager"
	}
	return "iam"
}

// target is the operation as AWS JSON names it; "" for AWS Query.
func (op Op) target() string {
	if op.service() == "secretsmanager" {
		return "secretsmanager." + string(op)
	}
	return ""
}

// readsUser says that the operation is about one of the users that exist before the run.
func (op Op) readsUser() bool { return op == GetUser || op == ListAccessKeys }

// Role is the ARN of the role that AssumeRole asks for.
const Role = "arn:aws:iam::123456789012:role/bench"

// form appends the operation's body for a user; user names need no escaping here.
func (op Op) form(dst []byte, user string) []byte {
	switch op {
	case GetSecretValue:
		return append(dst, `{"SecretId":"bench"}`...)
	case CreateSecret:
		return append(dst, `{"Name":"bench","ClientRequestToken":"00000000-0000-0000-0000-000000000001","SecretString":"{\"user\":\"bench\",\"password\":\"correct-horse\"}"}`...)
	}
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
