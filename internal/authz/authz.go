// Package authz decides whether a caller may do what it asks: it gathers the policies
// that bear on a call, in the call's own transaction, and has package policy decide.
package authz

import (
	"cmp"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// Authorizer decides. It is safe for concurrent use.
type Authorizer struct {
	Documents *policy.Cache // of compiled policies
	recent    recent
}

// The results of a decision, in the words of the audit record.
const (
	allow        = "Allow"
	implicitDeny = "ImplicitDeny"
	explicitDeny = "ExplicitDeny"
)

// Authorize decides on all of needs: the first that is denied denies the call. A call
// that takes no permission has no decision. A refusal is an *awserr.Refusal in AWS's
// text.
func (a *Authorizer) Authorize(c *op.Call, needs []op.Need) (audit.Decision, error) {
	if len(needs) == 0 {
		return audit.Decision{}, nil
	}
	if barred(&c.Caller, needs) {
		return audit.Decision{Result: implicitDeny}, &awserr.Refusal{Kind: awserr.BadToken}
	}
	set, err := a.set(c)
	if err != nil {
		return audit.Decision{}, err
	}
	d := audit.Decision{Result: allow}
	var room [8]policy.Reason
	for i := range needs {
		if set.Resource, err = a.resource(&needs[i]); err != nil {
			return audit.Decision{}, err
		}
		set.Required = needs[i].PolicyKind == policy.Trust // a role that is not there trusts nobody
		r := request(c, &needs[i])
		decided, reasons := set.Reasons(&r, room[:0])
		if !decided.Allowed {
			return denial(decided, reasons), refusal(c, &needs[i], decided)
		}
		d.Statements = appendStatements(d.Statements, reasons)
	}
	return d, nil
}

func denial(decided policy.Decision, reasons []policy.Reason) audit.Decision {
	d := audit.Decision{Result: implicitDeny, Statements: appendStatements(nil, reasons)}
	if decided.Explicit {
		d.Result = explicitDeny
	}
	return d
}

func appendStatements(list []audit.Statement, reasons []policy.Reason) []audit.Statement {
	for _, r := range reasons {
		list = append(list, audit.Statement{Policy: r.Policy, Sid: r.Sid})
	}
	return list
}

// refusal words a denial as AWS does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func refusal(c *op.Call, n *op.Need, decided policy.Decision) error {
	if c.Caller.Provider != "" { // nobody yet whom a text could name
		return awserr.Refuse(awserr.AccessDenied, "Not authorized to perform %s", n.Action)
	}
	why := " " + decided.Why(n.Action)
	if n.Unexplained {
		why = ""
	}
	return awserr.Refuse(awserr.AccessDenied, "User: %s is not authorized to perform: %s on resource: %s%s",
		cmp.Or(c.Caller.ARN, "anonymous"), n.Action, n.Resource, why)
}

func request(c *op.Call, n *op.Need) policy.Request {
	return policy.Request{
		Principal: principal(&c.Caller),
		Action:    n.Action,
		Resource:  n.Resource,
		Account:   string(n.Owner),
		Context:   &asked{c, n},
	}
}
