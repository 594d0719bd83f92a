package cfn

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) changeSetOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateChangeSet", needCreateChangeSet, s.createChangeSet),
		op.Read("DescribeChangeSet", needDescribeChangeSet, describeChangeSet),
		op.Read("ListChangeSets", needListChangeSets, listChangeSets),
		op.Write("ExecuteChangeSet", needExecuteChangeSet, s.executeChangeSet),
		op.Write("DeleteChangeSet", needDeleteChangeSet, deleteChangeSet),
	}
}

// The types and statuses of change sets.
const (
	typeCreate = "CREATE"
	typeUpdate = "UPDATE"
	typeImport = "IMPORT"

	complete    = "CREATE_COMPLETE"
	failed      = "FAILED"
	available   = "AVAILABLE"
	unavailable = "UNAVAILABLE"
	obsolete    = "OBSOLETE"
	executing   = "EXECUTE_IN_PROGRESS"

	review = "REVIEW_IN_PROGRESS"
)

func needCreateChangeSet(c *op.Call, in *shape.CreateChangeSetInput) ([]op.Need, error) {
	n, err := needStack(c, "CreateChangeSet", in.StackName)
	n.NewTags = newTags(in.Tags)
	n.Context["cloudformation:changesetname"] = []string{in.ChangeSetName}
	for i := range in.ResourcesToImport {
		n.Context["cloudformation:importresourcetypes"] = append(n.Context["cloudformation:importresourcetypes"], in.ResourcesToImport[i].ResourceType)
	}
	return needsWith(n, in.TemplateURL, in.RoleARN, in.ResourceTypes), err
}

func (s *service) createChangeSet(ctx context.Context, c *op.Call, in *shape.CreateChangeSetInput) (*shape.CreateChangeSetOutput, error) {
	kind := typeUpdate
	if in.ChangeSetType != nil {
		kind = *in.ChangeSetType
	}
	stack, isNew, err := s.stackFor(ctx, c, in, kind)
	if err != nil {
		return nil, err
	}
	if there, err := changeSetNamed(c, stack, in.ChangeSetName); err != nil {
		return nil, err
	} else if there != nil {
		if in.ClientToken != nil && there.Token == *in.ClientToken {
			return &shape.CreateChangeSetOutput{Id: new(stack.ChangeSetARN(there)), StackId: new(stack.ARN())}, nil
		}
		return nil, awserr.New(400, "AlreadyExistsException", "ChangeSet %s cannot be created due to a mismatch with existing attribute(s)", in.ChangeSetName)
	}
	set, err := newChangeSet(c, stack, kind, in)
	if err != nil {
		return nil, err
	}
	if err := s.propose(c, stack, set, in); err != nil {
		return nil, err
	}
	if isNew {
		err = announce(c, stack, review, "User Initiated")
		if err == nil {
			err = directory.CreateStack(c.Tx, stack)
		}
	}
	if err == nil {
		err = stack.PutChangeSet(c.Tx, set)
	}
	return &shape.CreateChangeSetOutput{Id: new(stack.ChangeSetARN(set)), StackId: new(stack.ARN())}, err
}

// mostChangeSets is how many change sets a stack has.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const mostChangeSets = 1000

// newChangeSet is the change set that a request asks for, but for what it changes.
func newChangeSet(c *op.Call, stack *directory.Stack, kind string, in *shape.CreateChangeSetInput) (*directory.ChangeSet, error) {
	all, err := stack.ChangeSets(c.Snap)
	switch {
	case err != nil:
		return nil, err
	case len(all) >= mostChangeSets:
		return nil, awserr.New(400, "LimitExceededException", "ChangeSet limit exceeded for stack %s", stack.ARN())
	case in.DeploymentMode != nil:
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not make change sets that are aware of drift (DeploymentMode %s).", *in.DeploymentMode)
	case in.ResourcesToImport != nil && kind != typeImport:
		return nil, invalid("ResourcesToImport can only be specified for a change set of type IMPORT")
	case value(in.OnStackFailure) == shape.OnStackFailureDelete && kind != typeCreate:
		return nil, invalid("OnStackFailure DELETE can only be specified for a change set of type CREATE")
	}
	return &directory.ChangeSet{
		ID: c.IDs.UUID(), Name: in.ChangeSetName, Description: value(in.Description), Kind: kind, Created: directory.At(c.Now),
		Status: complete, Execution: available, Token: value(in.ClientToken), RoleARN: value(in.RoleARN),
		Nested: isTrue(in.IncludeNestedStacks), OnFailure: value(in.OnStackFailure), ImportExisting: isTrue(in.ImportExistingResources),
		Base: stack.LastOperation(),
	}, nil
}

// execution is whether a change set can be executed: not if the stack has changed since.
func execution(stack *directory.Stack, set *directory.ChangeSet) string {
	if set.Execution == available && set.Base != stack.LastOperation() {
		return obsolete
	}
	return set.Execution
}

// stackFor is the stack that a change set is of: a new one to review, if it is to make one.
func (s *service) stackFor(ctx context.Context, c *op.Call, in *shape.CreateChangeSetInput, kind string) (_ *directory.Stack, isNew bool, err error) {
	stack, err := find(c, in.StackName)
	if err != nil {
		return nil, false, err
	}
	switch {
	case stack == nil && kind == typeUpdate:
		return nil, false, invalid("Stack [%s] does not exist", in.StackName)
	case stack == nil:
		stack, err = newStack(ctx, c, in.StackName)
		return stack, true, err
	case kind == typeCreate && stack.Status != review:
		return nil, false, invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", in.StackName, in.ChangeSetName)
	case kind != typeCreate && stack.Status == review && stack.Inputs == "" && kind == typeUpdate:
		return nil, false, invalid("Stack [%s] does not exist", in.StackName)
	case kind != typeCreate && stack.Status != review && !updatable(stack):
		return nil, false, invalid("Stack:%s is in %s state and can not be updated.", stack.ARN(), stack.Status)
	}
	return stack, false, nil
}

// propose works out what a change set would do. What is wrong with the template that only
// a plan can find makes a change set that has failed.
func (s *service) propose(c *op.Call, stack *directory.Stack, set *directory.ChangeSet, in *shape.CreateChangeSetInput) error {
	var former *directory.StackInputs
	var err error
	if stack.Inputs != "" {
		if former, err = stack.GetInputs(c.Snap, c.Keyring, stack.Inputs); err != nil {
			return err
		}
	}
	p, err := s.prepare(c, stack, former, &asked{
		source: source{Body: in.TemplateBody, URL: in.TemplateURL, Previous: in.UsePreviousTemplate}, Parameters: in.Parameters, Tags: in.Tags,
		Capabilities: in.Capabilities, NotificationARNs: in.NotificationARNs, ResourceTypes: in.ResourceTypes, Rollback: in.RollbackConfiguration,
		Proposed: true,
	})
	if err != nil {
		return err
	}
	if _, err := actor(c, set.RoleARN); err != nil {
		return err
	}
	if err := s.compare(c, stack, set, former, p, in); err != nil {
		return err
	}
	return tooLarge(stack.PutInputs(c.Tx, c.Keyring, set.ID, p.inputs))
}

func (s *service) compare(c *op.Call, stack *directory.Stack, set *directory.ChangeSet, former *directory.StackInputs, p *prepared, in *shape.CreateChangeSetInput) error {
	was, changes, err := changesOf(c, stack, former, p)
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		fail(set, e.Message)
		return nil
	}
	if err != nil {
		return err
	}
	reason, err := s.importing(c, set, in, p, changes)
	switch {
	case err != nil:
		return err
	case reason != "":
		fail(set, reason)
		return nil
	case set.Kind == typeImport && (was != nil && !engine.SameOutputs(was, p.bound) || was == nil && len(p.bound.Outputs()) > 0):
		return invalid("As part of the import operation, you cannot modify or add [Outputs]")
	case former != nil && unchanged(stack, former, was, p, changes):
		fail(set, "The submitted information didn't contain changes. Submit different information to create a change set.")
	}
	rendered, err := changes.Render()
	if err != nil {
		return refusal(err)
	}
	text, err := json.Marshal(rendered)
	if err != nil {
		return err
	}
	return tooLarge(stack.PutChanges(c.Tx, c.Keyring, set.ID, string(text)))
}

// fail makes a change set one that can't be executed.
func fail(set *directory.ChangeSet, reason string) {
	set.Status, set.Execution, set.Reason = failed, unavailable, reason
}

// changeSetNamed is the change set of a stack that has a name, or that ARN; nil for none.
func changeSetNamed(c *op.Call, stack *directory.Stack, name string) (*directory.ChangeSet, error) {
	all, err := stack.ChangeSets(c.Snap)
	if err != nil {
		return nil, err
	}
	for _, set := range all {
		if set.Name == name || stack.ChangeSetARN(set) == name {
			return set, nil
		}
	}
	return nil, nil
}

// findChangeSet is the change set that a request names, and its stack. It refuses one that
// is not there; the stack alone is returned where only that is.
func findChangeSet(c *op.Call, name string, stackName *string) (*directory.Stack, *directory.ChangeSet, error) {
	stack, err := stackOf(c, name, stackName)
	if err != nil {
		return nil, nil, err
	}
	missing := awserr.New(404, "ChangeSetNotFound", "ChangeSet [%s] does not exist", name)
	if stack == nil {
		return nil, nil, missing
	}
	set, err := changeSetNamed(c, stack, name)
	if err != nil || set != nil {
		return stack, set, err
	}
	return stack, nil, missing
}

// stackOf is the stack that a request for a change set means; nil if there is none.
func stackOf(c *op.Call, name string, stackName *string) (*directory.Stack, error) {
	isARN := strings.HasPrefix(name, "arn:")
	switch {
	case stackName != nil:
		stack, err := find(c, *stackName)
		if err == nil && stack == nil && !isARN {
			err = invalid("Stack [%s] does not exist", *stackName)
		}
		return stack, err
	case !isARN:
		return nil, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	stack, err := directory.StackOfChangeSet(c.Snap, name[strings.LastIndexByte(name, '/')+1:])
	if err != nil || stack == nil || stack.Account != c.Caller.Account || stack.Region != c.Region {
		return nil, err
	}
	return stack.Clone(), nil
}

// needOfChangeSet is the permission on the stack of a change set.
func needOfChangeSet(c *op.Call, action, name string, stackName *string) ([]op.Need, error) {
	named := "*"
	stack, err := stackOf(c, name, stackName)
	if _, refused := errors.AsType[*awserr.Error](err); err != nil && !refused {
		return nil, err
	}
	switch {
	case stack != nil:
		named = stack.ARN()
	case stackName != nil:
		named = *stackName
	}
	n, err := needStack(c, action, named)
	n.Context["cloudformation:changesetname"] = []string{name}
	return []op.Need{n}, err
}

func needDescribeChangeSet(c *op.Call, in *shape.DescribeChangeSetInput) ([]op.Need, error) {
	return needOfChangeSet(c, "DescribeChangeSet", in.ChangeSetName, in.StackName)
}

func describeChangeSet(_ context.Context, c *op.Call, in *shape.DescribeChangeSetInput) (*shape.DescribeChangeSetOutput, error) {
	stack, set, err := findChangeSet(c, in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	inputs, err := stack.GetInputs(c.Snap, c.Keyring, set.ID)
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeChangeSetOutput{
		ChangeSetId: new(stack.ChangeSetARN(set)), ChangeSetName: &set.Name, StackId: new(stack.ARN()), StackName: &stack.Name,
		Description: ptr(set.Description), CreationTime: new(set.Created.Time()), Status: &set.Status, StatusReason: ptr(set.Reason),
		ExecutionStatus: new(execution(stack, set)), IncludeNestedStacks: &set.Nested, Capabilities: inputs.Capabilities, Tags: tags(inputs.Tags),
		NotificationARNs: append([]string{}, inputs.NotificationARNs...), RollbackConfiguration: rollback(inputs),
		OnStackFailure: ptr(set.OnFailure), Changes: []shape.Change{},
	}
	if set.ImportExisting {
		out.ImportExistingResources = &set.ImportExisting
	}
	out.Parameters = shownParameters(inputs)
	return out, changesPage(c, stack, set, in, out)
}

// changesPage adds a page of a change set's changes to out.
func changesPage(c *op.Call, stack *directory.Stack, set *directory.ChangeSet, in *shape.DescribeChangeSetInput, out *shape.DescribeChangeSetOutput) error {
	text, err := stack.GetChanges(c.Snap, c.Keyring, set.ID)
	if err != nil || text == "" {
		return err
	}
	var rendered plan.Rendering
	if err := json.Unmarshal([]byte(text), &rendered); err != nil {
		return err
	}
	all := rendered.Plain
	if isTrue(in.IncludePropertyValues) {
		all = rendered.Values
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return badToken()
	}
	cursor := func(r shape.ResourceChange) string { return *r.LogicalResourceId }
	page, err := op.PageOf(op.After(all, after, cursor), pageSize, cursor, op.All)
	if err != nil {
		return err
	}
	for i := range page.Items {
		out.Changes = append(out.Changes, shape.Change{Type: new("Resource"), ResourceChange: &page.Items[i]})
	}
	out.NextToken = page.Next
	return nil
}

func needExecuteChangeSet(c *op.Call, in *shape.ExecuteChangeSetInput) ([]op.Need, error) {
	return needOfChangeSet(c, "ExecuteChangeSet", in.ChangeSetName, in.StackName)
}

func (s *service) executeChangeSet(ctx context.Context, c *op.Call, in *shape.ExecuteChangeSetInput) (*shape.ExecuteChangeSetOutput, error) {
	stack, set, err := findChangeSet(c, in.ChangeSetName, in.StackName)
	if stack != nil && set == nil && executed(stack, in) {
		return &shape.ExecuteChangeSetOutput{}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := executable(stack, set, in); err != nil {
		return nil, err
	}
	inputs, err := stack.GetInputs(c.Snap, c.Keyring, set.ID)
	if err != nil {
		return nil, err
	}
	p := &prepared{inputs: inputs}
	if p.bound, p.imports, err = engine.Bind(c.Snap, c.Keyring, stack, inputs); err != nil {
		return nil, refusal(err)
	}
	o := reopen(stack, engine.Update)
	if stack.Inputs == "" {
		o.Kind = engine.Create
	}
	o.Executes, o.Importing = true, set.Kind == typeImport
	if o.Imports == nil {
		o.Imports = map[string]map[string]string{}
	}
	maps.Copy(o.Imports, set.Imports)
	if set.RoleARN != "" {
		stack.RoleARN = set.RoleARN
	}
	stack.DisableRollback, stack.OnFailure = isTrue(in.DisableRollback), set.OnFailure
	if in.RetainExceptOnCreate != nil {
		stack.RetainOnCreate = *in.RetainExceptOnCreate
	}
	stack.ChangeSet, stack.Updated = stack.ChangeSetARN(set), directory.At(c.Now)
	set.Execution = executing // the engine removes it, and all others
	if err := stack.PutChangeSet(c.Tx, set); err != nil {
		return nil, err
	}
	if _, err := s.begin(ctx, c, stack, p, o, value(in.ClientRequestToken)); err != nil {
		return nil, err
	}
	return &shape.ExecuteChangeSetOutput{}, directory.PutStack(c.Tx, stack)
}

// executed reports whether a stack's last operation is the execution that a client asks
// for again.
func executed(stack *directory.Stack, in *shape.ExecuteChangeSetInput) bool {
	named := stack.ChangeSet == in.ChangeSetName || strings.Contains(stack.ChangeSet, "/"+in.ChangeSetName+"/")
	return named && in.ClientRequestToken != nil && stack.Token == *in.ClientRequestToken
}

// executable refuses to execute a change set that is not fit for it.
func executable(stack *directory.Stack, set *directory.ChangeSet, in *shape.ExecuteChangeSetInput) error {
	now := execution(stack, set)
	switch {
	case set.Status != complete:
		return awserr.New(400, "InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", stack.ChangeSetARN(set), set.Status)
	case now != available:
		return awserr.New(400, "InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current execution status of [%s]", stack.ChangeSetARN(set), now)
	case stack.Status != review && !updatable(stack):
		return invalid("Stack:%s is in %s state and can not be updated.", stack.ARN(), stack.Status)
	case set.OnFailure != "" && in.DisableRollback != nil:
		return invalid("DisableRollback can't be specified for a change set that was created with OnStackFailure")
	}
	return nil
}

func needDeleteChangeSet(c *op.Call, in *shape.DeleteChangeSetInput) ([]op.Need, error) {
	return needOfChangeSet(c, "DeleteChangeSet", in.ChangeSetName, in.StackName)
}

func deleteChangeSet(_ context.Context, c *op.Call, in *shape.DeleteChangeSetInput) (*shape.DeleteChangeSetOutput, error) {
	out := &shape.DeleteChangeSetOutput{}
	stack, err := stackOf(c, in.ChangeSetName, in.StackName)
	if err != nil || stack == nil {
		return out, err
	}
	set, err := changeSetNamed(c, stack, in.ChangeSetName)
	if err != nil || set == nil {
		return out, err
	}
	if set.Execution == executing {
		return nil, awserr.New(400, "InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in its current execution status of [%s]", stack.ChangeSetARN(set), set.Execution)
	}
	return out, stack.DeleteChangeSet(c.Tx, set.ID)
}
