package cfn

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) eventOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeStackEvents", needDescribeStackEvents, describeStackEvents),
		op.Read("DescribeEvents", needDescribeEvents, describeEvents),
	}
}

func needDescribeStackEvents(c *op.Call, in *shape.DescribeStackEventsInput) ([]op.Need, error) {
	return one("DescribeStackEvents")(c, in.StackName)
}

func describeStackEvents(_ context.Context, c *op.Call, in *shape.DescribeStackEventsInput) (*shape.DescribeStackEventsOutput, error) {
	stack, err := find(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	page, err := op.PageOf(stack.ListEvents(c.Snap, after), pageSize, directory.EventCursor, op.All)
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeStackEventsOutput{NextToken: page.Next}
	for _, e := range page.Items {
		out.StackEvents = append(out.StackEvents, shape.StackEvent{
			EventId: e.ID, StackId: stack.ARN(), StackName: stack.Name, Timestamp: e.Time.Time(),
			LogicalResourceId: &e.Logical, PhysicalResourceId: &e.Physical, ResourceType: &e.Type,
			ResourceStatus: &e.Status, ResourceStatusReason: ptr(e.Reason), ResourceProperties: ptr(e.Properties),
			ClientRequestToken: ptr(e.Token), OperationId: ptr(e.Operation),
		})
	}
	return out, nil
}
