package cfn

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/store"
)

func (s *service) stackOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateStack", needCreateStack, s.createStack),
		op.Write("UpdateStack", needUpdateStack, s.updateStack),
		op.Write("DeleteStack", needDeleteStack, s.deleteStack),
		op.Read("DescribeStacks", needDescribeStacks, describeStacks),
		op.Read("ListStacks", anywhere[shape.ListStacksInput]("ListStacks"), listStacks),
	}
}

func needCreateStack(c *op.Call, in *shape.CreateStackInput) ([]op.Need, error) {
	n := need(c, "CreateStack", in.StackName)
	n.NewTags = newTags(in.Tags)
	return withPolicyURL(needsWith(n, in.TemplateURL, in.RoleARN, in.ResourceTypes), in.StackPolicyURL), nil
}

// needsWith adds what a request says of templates, types and roles.
func needsWith(n op.Need, url, role *string, types []string) []op.Need {
	if url != nil {
		n.Context["cloudformation:templateurl"] = []string{*url}
	}
	if types != nil {
		n.Context["cloudformation:resourcetypes"] = types
	}
	if value(role) == "" {
		return []op.Need{n}
	}
	n.Context["cloudformation:rolearn"] = []string{*role}
	return []op.Need{n, needPass(*role)}
}

func newTags(given []shape.Tag) []directory.Tag {
	var tags []directory.Tag
	for i := range given {
		tags = append(tags, directory.Tag{Key: given[i].Key, Value: given[i].Value})
	}
	return tags
}

func (s *service) createStack(ctx context.Context, c *op.Call, in *shape.CreateStackInput) (*shape.CreateStackOutput, error) {
	there, err := directory.StackNamed(c.Snap, c.Caller.Account, c.Region, in.StackName)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if same(there, engine.Create, in.ClientRequestToken) {
			return &shape.CreateStackOutput{StackId: new(there.ARN()), OperationId: ptr(there.LastOperations[0].ID)}, nil
		}
		return nil, exists(in.StackName)
	}
	if in.OnFailure != nil && in.DisableRollback != nil {
		return nil, invalid("You cannot specify both OnFailure and DisableRollback")
	}
	stack, err := newStack(ctx, c, in.StackName)
	if err != nil {
		return nil, err
	}
	p, err := s.prepare(c, stack, nil, &asked{
		source: source{Body: in.TemplateBody, URL: in.TemplateURL}, Parameters: in.Parameters, Tags: in.Tags,
		Capabilities: in.Capabilities, NotificationARNs: in.NotificationARNs, ResourceTypes: in.ResourceTypes, Rollback: in.RollbackConfiguration,
	})
	if err != nil {
		return nil, err
	}
	if stack.Policy, err = s.policy(c, &given{"StackPolicy", in.StackPolicyBody, in.StackPolicyURL, p.bound.Template()}); err != nil {
		return nil, err
	}
	stack.Protected, stack.RetainOnCreate = isTrue(in.EnableTerminationProtection), isTrue(in.RetainExceptOnCreate)
	stack.OnFailure, stack.DisableRollback = value(in.OnFailure), isTrue(in.DisableRollback)
	if in.TimeoutInMinutes != nil {
		stack.Timeout = int(*in.TimeoutInMinutes)
	}
	stack.RoleARN = value(in.RoleARN)
	begun, err := s.begin(ctx, c, stack, p, &directory.StackOperation{Kind: engine.Create}, value(in.ClientRequestToken))
	if err != nil {
		return nil, err
	}
	if err := directory.CreateStack(c.Tx, stack); err != nil {
		return nil, err
	}
	return &shape.CreateStackOutput{StackId: new(stack.ARN()), OperationId: &begun.ID}, nil
}

// exists refuses a name that is taken.
func exists(name string) error {
	return awserr.New(400, "AlreadyExistsException", "Stack [%s] already exists", name)
}

// same reports whether a stack's last operation is the one that a client asks for again.
func same(s *directory.Stack, kind string, token *string) bool {
	return token != nil && s.Token == *token && len(s.LastOperations) > 0 && s.LastOperations[0].Kind == kind
}

// newStack is a stack that is not there yet.
func newStack(ctx context.Context, c *op.Call, name string) (*directory.Stack, error) {
	if strings.HasPrefix(name, "arn:") {
		return nil, invalid("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	counts, err := directory.CountsOf(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if counts[directory.Stacks] >= c.Quota(stacksPerAccount) {
		return nil, awserr.New(400, "LimitExceededException", "Limit exceeded for resource of type 'AWS::CloudFormation::Stack'. Reason: The account has %d stacks", counts[directory.Stacks])
	}
	stack := &directory.Stack{
		ID: c.IDs.UUID(), Account: c.Caller.Account, Region: c.Region, Name: name, Created: directory.At(c.Now),
	}
	if parent, ok := engine.ParentOf(ctx); ok {
		stack.Parent, stack.Root = parent.Stack, parent.Root
	}
	return stack, nil
}

// begin stores an operation on a stack, and has the engine do it once this call is
// durable. stack itself is the caller's to store.
func (s *service) begin(ctx context.Context, c *op.Call, stack *directory.Stack, p *prepared, o *directory.StackOperation, token string) (*directory.StackOperation, error) {
	var err error
	if o.As, err = actor(c, stack.RoleARN); err != nil {
		return nil, err
	}
	if stack.Policy != "" && o.Kind == engine.Update && o.Policy == "" && o.NewPolicy == "" {
		if err := checkPolicy("existing stack policy", stack.Policy, p.bound.Template()); err != nil {
			return nil, err
		}
	}
	o.ID, o.Began, o.Phase = c.IDs.UUID(), directory.At(c.Now), engine.Forward
	o.KeepOnFailure = stack.DisableRollback || stack.OnFailure == "DO_NOTHING"
	o.DeleteOnFailure = stack.OnFailure == "DELETE"
	if _, nested := engine.ParentOf(ctx); nested {
		o.Held = o.Kind == engine.Update
	}
	if o.Continues == "" {
		o.Former = stack.Inputs
	} else if err := stack.DeleteInputs(c.Tx, stack.Inputs); err != nil { // of the one that failed
		return nil, err
	}
	stack.Inputs = c.IDs.UUID()
	if err := stack.PutInputs(c.Tx, c.Keyring, stack.Inputs, p.inputs); err != nil {
		return nil, tooLarge(err)
	}
	for _, name := range p.imports {
		if err := stack.PutImport(c.Tx, name); err != nil {
			return nil, err
		}
	}
	stack.Token = token
	enter(stack, o)
	status := "CREATE_IN_PROGRESS"
	if o.Kind != engine.Create {
		status, stack.Updated = "UPDATE_IN_PROGRESS", directory.At(c.Now)
	}
	if o.Importing {
		status = "IMPORT_IN_PROGRESS"
	}
	if err := announce(c, stack, status, "User Initiated"); err != nil {
		return nil, err
	}
	c.After = func(ctx context.Context) { s.Engine.Finish(ctx, stack) }
	return o, nil
}

// enter makes o what goes on with a stack.
func enter(stack *directory.Stack, o *directory.StackOperation) {
	stack.Operation = o
	stack.LastOperations = slices.Insert(stack.LastOperations, 0, directory.OperationEntry{ID: o.ID, Kind: o.Kind})
	stack.LastOperations = stack.LastOperations[:min(len(stack.LastOperations), 5)]
}

// tooLarge is the answer to inputs that are too large to keep.
func tooLarge(err error) error {
	if err == store.ErrTooLarge {
		return awserr.New(400, "LimitExceededException", "The template, its parameters and tags are too large together.")
	}
	return err
}

// announce gives a stack a status, and tells of it.
func announce(c *op.Call, stack *directory.Stack, status, reason string) error {
	stack.Status, stack.Reason = status, reason
	e := directory.StackEvent{
		ID: c.IDs.UUID(), Logical: stack.Name, Physical: stack.ARN(), Type: engine.StackType, Status: status, Reason: reason, Token: stack.Token,
	}
	if stack.Operation != nil {
		e.Operation = stack.Operation.ID
		if err := stack.PutOperation(c.Tx, e.Operation); err != nil {
			return err
		}
	}
	stack.Number(&e, directory.At(c.Now))
	return stack.PutEvent(c.Tx, &e)
}

func needUpdateStack(c *op.Call, in *shape.UpdateStackInput) ([]op.Need, error) {
	n, err := needStack(c, "UpdateStack", in.StackName)
	n.NewTags = newTags(in.Tags)
	return withPolicyURL(needsWith(n, in.TemplateURL, in.RoleARN, in.ResourceTypes), in.StackPolicyURL), err
}

func (s *service) updateStack(ctx context.Context, c *op.Call, in *shape.UpdateStackInput) (*shape.UpdateStackOutput, error) {
	stack, err := find(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	if same(stack, engine.Update, in.ClientRequestToken) {
		return &shape.UpdateStackOutput{StackId: new(stack.ARN()), OperationId: ptr(stack.LastOperations[0].ID)}, nil
	}
	if !updatable(stack) {
		return nil, invalid("Stack:%s is in %s state and can not be updated.", stack.ARN(), stack.Status)
	}
	former, err := stack.GetInputs(c.Snap, c.Keyring, stack.Inputs)
	if err != nil {
		return nil, err
	}
	p, err := s.prepare(c, stack, former, &asked{
		source: source{Body: in.TemplateBody, URL: in.TemplateURL, Previous: in.UsePreviousTemplate}, Parameters: in.Parameters, Tags: in.Tags,
		Capabilities: in.Capabilities, NotificationARNs: in.NotificationARNs, ResourceTypes: in.ResourceTypes, Rollback: in.RollbackConfiguration,
	})
	if err != nil {
		return nil, err
	}
	was, changes, err := changesOf(c, stack, former, p)
	if err != nil {
		return nil, err
	}
	if unchanged(stack, former, was, p, changes) {
		return nil, invalid("No updates are to be performed.")
	}
	if in.RoleARN != nil {
		stack.RoleARN = *in.RoleARN
	}
	stack.DisableRollback, stack.OnFailure = isTrue(in.DisableRollback), ""
	o := reopen(stack, engine.Update)
	if o.Policy, o.NewPolicy, err = s.updatePolicies(c, in, p.bound.Template()); err != nil {
		return nil, err
	}
	begun, err := s.begin(ctx, c, stack, p, o, value(in.ClientRequestToken))
	if err != nil {
		return nil, err
	}
	return &shape.UpdateStackOutput{StackId: new(stack.ARN()), OperationId: &begun.ID}, directory.PutStack(c.Tx, stack)
}

// reopen is a new operation on a stack. Where the last one failed and was left so, the new
// one goes back to what was before that, if it fails, too.
func reopen(stack *directory.Stack, kind string) *directory.StackOperation {
	o := &directory.StackOperation{Kind: kind}
	if left := stack.Operation; left != nil {
		o.Former, o.Continues, o.Imports = left.Former, left.Mark(), maps.Clone(left.Imports)
	}
	return o
}

// updatable reports whether a stack is in a state that an update can begin in.
func updatable(s *directory.Stack) bool {
	switch s.Status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "UPDATE_FAILED", "CREATE_FAILED":
		return true
	}
	return false
}

// changesOf is what would become of a stack's resources. was is the template so far; nil
// for none.
func changesOf(c *op.Call, stack *directory.Stack, former *directory.StackInputs, p *prepared) (was *template.Bound, _ *plan.Plan, err error) {
	current, err := engine.Current(c.Snap, c.Keyring, stack)
	if err != nil {
		return nil, nil, err
	}
	for logical, is := range current {
		if res := p.bound.Template().Resource(logical); res != nil && res.Type != is.Type {
			return nil, nil, invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", logical)
		}
	}
	if former != nil {
		if was, _, err = engine.Bind(c.Snap, c.Keyring, stack, former); err != nil {
			return nil, nil, refusal(err)
		}
	}
	changes, err := plan.Compare(current, was, p.bound, p.inputs.Tags)
	return was, changes, refusal(err)
}

// unchanged reports whether an update would do nothing at all.
func unchanged(stack *directory.Stack, former *directory.StackInputs, was *template.Bound, p *prepared, changes *plan.Plan) bool {
	return !changes.Any() && stack.Status != "UPDATE_FAILED" && stack.Status != "CREATE_FAILED" &&
		slices.Equal(former.Tags, p.inputs.Tags) && engine.SameOutputs(was, p.bound)
}

func needDeleteStack(c *op.Call, in *shape.DeleteStackInput) ([]op.Need, error) {
	n, err := needStack(c, "DeleteStack", in.StackName)
	return needsWith(n, nil, in.RoleARN, nil), err
}

func (s *service) deleteStack(ctx context.Context, c *op.Call, in *shape.DeleteStackInput) (*op.None, error) {
	stack, err := find(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil || stack.Status == "DELETE_COMPLETE" {
		return &op.None{}, nil
	}
	if stack.Protected {
		return nil, invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", stack.Name)
	}
	if _, nested := engine.ParentOf(ctx); stack.Parent != "" && !nested && stack.Status != "DELETE_FAILED" {
		return nil, invalid("Nested stack %s can only be deleted with its parent %s", stack.ARN(), stack.Parent)
	}
	if stack.Operation != nil && stack.Operation.Phase != engine.Stuck {
		if stack.Operation.Kind == engine.Delete {
			return &op.None{}, nil
		}
		return nil, invalid("Stack:%s is in %s state and can not be deleted.", stack.ARN(), stack.Status)
	}
	force := value(in.DeletionMode) == "FORCE_DELETE_STACK"
	if (len(in.RetainResources) > 0 || force) && stack.Status != "DELETE_FAILED" {
		return nil, invalid("Invalid operation on stack [%s]. This stack is currently in a non-terminal [%s] state. To delete the stack from this state, the status must be DELETE_FAILED", stack.ARN(), stack.Status)
	}
	if value(in.RoleARN) != "" {
		stack.RoleARN = *in.RoleARN
	}
	as, err := actor(c, stack.RoleARN)
	if err != nil {
		return nil, err
	}
	o := reopen(stack, engine.Delete)
	o.ID, o.Phase, o.As, o.Began = c.IDs.UUID(), engine.Remove, as, directory.At(c.Now)
	o.Retain, o.Force = in.RetainResources, force
	stack.Token, stack.DeletionMode = value(in.ClientRequestToken), value(in.DeletionMode)
	enter(stack, o)
	if err := announce(c, stack, "DELETE_IN_PROGRESS", "User Initiated"); err != nil {
		return nil, err
	}
	c.After = func(ctx context.Context) { s.Engine.Finish(ctx, stack) }
	return &op.None{}, directory.PutStack(c.Tx, stack)
}
