package sts

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func rootOperations() []op.Operation {
	return []op.Operation{
		op.Read("AssumeRoot", needAssumeRoot, assumeRoot),
	}
}

// mostRoot is how long a session of AssumeRoot lasts, at most and unless the call says
// less, in seconds.
const mostRoot = 900

func needAssumeRoot(c *op.Call, in *shape.AssumeRootRequest) ([]op.Need, error) {
	if c.Caller.Kind == op.Root {
		return nil, accessDenied("AssumeRoot cannot be called with root user credentials.")
	}
	if err := notWithOwnSession(c, "AssumeRoot"); err != nil {
		return nil, err
	}
	target, err := targetAccount(in.TargetPrincipal)
	if err != nil {
		return nil, err
	}
	n := op.Need{Action: "sts:AssumeRoot", Resource: directory.RootARN(target), Unexplained: true}
	if in.TaskPolicyArn.Arn != nil {
		n.Context = map[string][]string{"sts:taskpolicyarn": {*in.TaskPolicyArn.Arn}}
	}
	return []op.Need{n}, nil
}

// targetAccount reads an account ID or the ARN of its root user.
func targetAccount(s string) (ids.Account, error) {
	if name, err := arn.Parse(s); err == nil && name.IsRoot() {
		s = name.Account
	}
	a, err := ids.ParseAccount(s)
	if err != nil {
		return "", validationError("Value '%s' at 'targetPrincipal' is not an account ID or the ARN of a root user.", s)
	}
	return a, nil
}

// assumeRoot gives the account that manages an organization a session of the root user
// of another, for one of the tasks that AWS has policies for.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
func assumeRoot(_ context.Context, c *op.Call, in *shape.AssumeRootRequest) (*shape.AssumeRootResponse, error) {
	task, err := taskPolicy(c, in.TaskPolicyArn.Arn)
	if err != nil {
		return nil, err
	}
	target, err := targetAccount(in.TargetPrincipal)
	if err != nil {
		return nil, err
	}
	if err := checkRootAccess(c, target, task); err != nil {
		return nil, err
	}
	s := &directory.Session{
		Account: target, Kind: directory.OwnSession, AssumedRoot: true,
		Limited: true, Managed: []ids.EntityID{task.ID},
	}
	if from := c.Caller.Session; from != nil {
		s.SourceIdentity = from.SourceIdentity
	}
	credentials, err := issue(c, s, secondsOr(in.DurationSeconds, mostRoot))
	if err != nil {
		return nil, err
	}
	out := &shape.AssumeRootResponse{Credentials: credentials}
	if s.SourceIdentity != "" {
		out.SourceIdentity = &s.SourceIdentity
	}
	return out, nil
}

const taskPath = "/root-task/"

func taskPolicy(c *op.Call, name *string) (*directory.Policy, error) {
	if name == nil {
		return nil, validationError("A task policy needs an ARN.")
	}
	parsed, err := arn.Parse(*name)
	if err != nil {
		return nil, validationError("Invalid ARN:  Could not be parsed!")
	}
	p, err := directory.FindPolicy(c.Snap, parsed)
	if err == nil && (p == nil || p.Account != directory.AWS || p.Path != taskPath) {
		err = validationError("%s is not a policy of a task for root users.", *name)
	}
	return p, err
}

// checkRootAccess makes sure that the caller's account manages the organization that
// the target is in, and has said that it may do such tasks.
func checkRootAccess(c *op.Call, target ids.Account, task *directory.Policy) error {
	denied := accessDenied("User: %s is not authorized to perform: sts:AssumeRoot on resource: %s", c.Caller.ARN, directory.RootARN(target))
	own, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return err
	}
	other, err := directory.GetAccount(c.Snap, target)
	if err != nil {
		return err
	}
	if own.Organization == "" || other == nil || other.Organization != own.Organization || other.ID == own.ID || other.Closed != 0 {
		return denied
	}
	o, err := directory.GetOrganization(c.Snap, own.Organization)
	if err != nil {
		return err
	}
	enabled := o.RootSessions
	if strings.HasPrefix(task.Name, "IAM") {
		enabled = o.RootCredentials
	}
	if o.Management != own.ID || !enabled {
		return denied
	}
	return nil
}
