package cfn

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// hookOperations tell of hooks, of which none runs here: they are of the type registry.
func (s *service) hookOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeChangeSetHooks", needDescribeChangeSetHooks, describeChangeSetHooks),
		op.Read("GetHookResult", anywhere[shape.GetHookResultInput]("GetHookResult"), getHookResult),
		op.Read("ListHookResults", anywhere[shape.ListHookResultsInput]("ListHookResults"), listHookResults),
	}
}

func needDescribeChangeSetHooks(c *op.Call, in *shape.DescribeChangeSetHooksInput) ([]op.Need, error) {
	return needOfChangeSet(c, "DescribeChangeSetHooks", in.ChangeSetName, in.StackName)
}

func describeChangeSetHooks(_ context.Context, c *op.Call, in *shape.DescribeChangeSetHooksInput) (*shape.DescribeChangeSetHooksOutput, error) {
	stack, set, err := findChangeSet(c, in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		return nil, badToken()
	}
	status := "PLANNED"
	if set.Status != complete {
		status = unavailable
	}
	return &shape.DescribeChangeSetHooksOutput{
		ChangeSetId: new(stack.ChangeSetARN(set)), ChangeSetName: &set.Name, StackId: new(stack.ARN()), StackName: &stack.Name,
		Hooks: []shape.ChangeSetHook{}, Status: &status,
	}, nil
}

func getHookResult(_ context.Context, _ *op.Call, in *shape.GetHookResultInput) (*shape.GetHookResultOutput, error) {
	return nil, awserr.New(404, "HookResultNotFound", "The hook result %s does not exist.", value(in.HookResultId))
}

func listHookResults(_ context.Context, _ *op.Call, in *shape.ListHookResultsInput) (*shape.ListHookResultsOutput, error) {
	switch {
	case in.NextToken != nil:
		return nil, badToken()
	case (in.TargetType == nil) != (in.TargetId == nil):
		return nil, invalid("TargetType and TargetId must be specified together.")
	case in.TargetId != nil:
		return nil, awserr.New(404, "HookResultNotFound", "The specified target doesn't have any requested Hook invocations.")
	}
	return &shape.ListHookResultsOutput{HookResults: []shape.HookResultSummary{}}, nil
}
