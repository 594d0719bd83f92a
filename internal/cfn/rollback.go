package cfn

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) rollbackOperations() []op.Operation {
	return []op.Operation{
		op.Write("CancelUpdateStack", needCancelUpdateStack, s.cancelUpdateStack),
		op.Write("RollbackStack", needRollbackStack, s.rollbackStack),
		op.Write("ContinueUpdateRollback", needContinueUpdateRollback, s.continueUpdateRollback),
		op.Write("SignalResource", needSignalResource, s.signalResource),
	}
}

// existing is the stack that a request names; it refuses one that is not there.
func existing(c *op.Call, named string) (*directory.Stack, error) {
	stack, err := find(c, named)
	if err == nil && stack == nil {
		err = invalid("Stack [%s] does not exist", named)
	}
	return stack, err
}

func needCancelUpdateStack(c *op.Call, in *shape.CancelUpdateStackInput) ([]op.Need, error) {
	return one("CancelUpdateStack")(c, in.StackName)
}

func (s *service) cancelUpdateStack(ctx context.Context, c *op.Call, in *shape.CancelUpdateStackInput) (*op.None, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	_, nested := engine.ParentOf(ctx)
	held := nested && stack.Operation != nil && stack.Operation.Held
	if stack.Status != "UPDATE_IN_PROGRESS" && !held {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	stack.Operation.Cancelled = true
	c.After = func(ctx context.Context) {
		s.Engine.Wake(stack.ID)
		s.Engine.Finish(ctx, stack)
	}
	return &op.None{}, directory.PutStack(c.Tx, stack)
}

func needRollbackStack(c *op.Call, in *shape.RollbackStackInput) ([]op.Need, error) {
	n, err := needStack(c, "RollbackStack", in.StackName)
	return needsWith(n, nil, in.RoleARN, nil), err
}

func (s *service) rollbackStack(_ context.Context, c *op.Call, in *shape.RollbackStackInput) (*shape.RollbackStackOutput, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if same(stack, engine.Rollback, in.ClientRequestToken) {
		return &shape.RollbackStackOutput{StackId: new(stack.ARN()), OperationId: &stack.LastOperations[0].ID}, nil
	}
	if stack.Operation == nil || stack.Status != "CREATE_FAILED" && stack.Status != "UPDATE_FAILED" {
		return nil, invalid("Stack:%s is in %s state and can not be rolled back.", stack.ARN(), stack.Status)
	}
	o := reopen(stack, engine.Rollback)
	o.Phase = engine.Back
	status := "UPDATE_ROLLBACK_IN_PROGRESS"
	if o.Former == "" {
		o.Phase, status = engine.Remove, "ROLLBACK_IN_PROGRESS"
	}
	if in.RetainExceptOnCreate != nil {
		stack.RetainOnCreate = *in.RetainExceptOnCreate
	}
	if err := s.goBack(c, stack, o, status, in.RoleARN, in.ClientRequestToken); err != nil {
		return nil, err
	}
	return &shape.RollbackStackOutput{StackId: new(stack.ARN()), OperationId: &o.ID}, nil
}

// goBack begins an operation that takes back what another one has left.
func (s *service) goBack(c *op.Call, stack *directory.Stack, o *directory.StackOperation, status string, role, token *string) (err error) {
	if value(role) != "" {
		stack.RoleARN = *role
	}
	if o.As, err = actor(c, stack.RoleARN); err != nil {
		return err
	}
	o.ID, o.Began, stack.Token = c.IDs.UUID(), directory.At(c.Now), value(token)
	enter(stack, o)
	if err := announce(c, stack, status, "User Initiated"); err != nil {
		return err
	}
	c.After = func(ctx context.Context) { s.Engine.Finish(ctx, stack) }
	return directory.PutStack(c.Tx, stack)
}

func needContinueUpdateRollback(c *op.Call, in *shape.ContinueUpdateRollbackInput) ([]op.Need, error) {
	n, err := needStack(c, "ContinueUpdateRollback", in.StackName)
	return needsWith(n, nil, in.RoleARN, nil), err
}

func (s *service) continueUpdateRollback(_ context.Context, c *op.Call, in *shape.ContinueUpdateRollbackInput) (*shape.ContinueUpdateRollbackOutput, error) {
	out := &shape.ContinueUpdateRollbackOutput{}
	stack, err := existing(c, in.StackName)
	if err != nil || same(stack, engine.ContinueRollback, in.ClientRequestToken) {
		return out, err
	}
	if stack.Operation == nil || stack.Status != "UPDATE_ROLLBACK_FAILED" {
		return nil, invalid("Stack:%s is in %s state and can not continue an update rollback.", stack.ARN(), stack.Status)
	}
	o := reopen(stack, engine.ContinueRollback)
	for _, logical := range in.ResourcesToSkip {
		if !slices.Contains(stack.Operation.Failed, logical) {
			return nil, invalid("Resource %s can not be skipped: it has not failed to roll back", logical)
		}
	}
	o.Phase, o.Retain = engine.Back, in.ResourcesToSkip
	return out, s.goBack(c, stack, o, "UPDATE_ROLLBACK_IN_PROGRESS", in.RoleARN, in.ClientRequestToken)
}

func needSignalResource(c *op.Call, in *shape.SignalResourceInput) ([]op.Need, error) {
	return one("SignalResource")(c, in.StackName)
}

// signalResource is for resources that wait, as their CreationPolicy says.
func (s *service) signalResource(_ context.Context, c *op.Call, in *shape.SignalResourceInput) (*op.None, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	r, err := stack.GetResource(c.Snap, in.LogicalResourceId)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, invalid("Resource %s does not exist for stack %s", in.LogicalResourceId, stack.Name)
	case r.Status != "CREATE_IN_PROGRESS" && r.Status != "UPDATE_IN_PROGRESS":
		return nil, invalid("Resource %s is in %s state and cannot be signaled", r.Logical, r.Status)
	}
	c.After = func(context.Context) { s.Engine.Wake(stack.ID) }
	return &op.None{}, stack.PutSignal(c.Tx, r.Logical, &directory.Signal{ID: in.UniqueId, Failed: in.Status == "FAILURE"})
}
