package cfn

import (
	"context"
	"errors"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// The types of events, and what has become of an operation.
const (
	stackEvent        = "STACK_EVENT"
	progressEvent     = "PROGRESS_EVENT"
	provisioningError = "PROVISIONING_ERROR"

	inProgress = "IN_PROGRESS"
	succeeded  = "SUCCEEDED"
)

func needDescribeEvents(c *op.Call, in *shape.DescribeEventsInput) ([]op.Need, error) {
	if in.ChangeSetName != nil {
		return needOfChangeSet(c, "DescribeEvents", *in.ChangeSetName, in.StackName)
	}
	stack, err := stackOfEvents(c, in)
	if _, refused := errors.AsType[*awserr.Error](err); refused {
		err = nil // Run says so to those who may ask
	}
	switch {
	case stack != nil:
		return one("DescribeEvents")(c, stack.ARN())
	case in.StackName != nil:
		return one("DescribeEvents")(c, *in.StackName)
	}
	return []op.Need{{Action: "cloudformation:DescribeEvents", Resource: "*"}}, err
}

// stackOfEvents is the stack that a request for the events of a stack, or of one of its
// operations, means.
func stackOfEvents(c *op.Call, in *shape.DescribeEventsInput) (*directory.Stack, error) {
	var named, of *directory.Stack
	var err error
	if in.StackName != nil {
		if named, err = existing(c, *in.StackName); err != nil {
			return nil, err
		}
	}
	if in.OperationId == nil {
		return named, nil
	}
	of, err = directory.StackOfOperation(c.Snap, c.Caller.Account, c.Region, *in.OperationId)
	if err == nil && (of == nil || named != nil && named.ID != of.ID) {
		err = invalid("Operation [%s] does not exist", *in.OperationId)
	}
	return of, err
}

func describeEvents(_ context.Context, c *op.Call, in *shape.DescribeEventsInput) (*shape.DescribeEventsOutput, error) {
	failedOnly := in.Filters != nil && isTrue(in.Filters.FailedEvents)
	if in.ChangeSetName != nil {
		return changeSetEvents(c, in, failedOnly)
	}
	if in.StackName == nil && in.OperationId == nil {
		return nil, invalid("One of ChangeSetName, OperationId or StackName must be specified.")
	}
	stack, err := stackOfEvents(c, in)
	if err != nil {
		return nil, err
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	page, err := op.PageOf(stack.ListEvents(c.Snap, after), pageSize, directory.EventCursor, func(e *directory.StackEvent) bool {
		return (in.OperationId == nil || e.Operation == *in.OperationId) && (!failedOnly || strings.HasSuffix(e.Status, "_FAILED"))
	})
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeEventsOutput{NextToken: page.Next, OperationEvents: []shape.OperationEvent{}}
	for _, e := range page.Items {
		out.OperationEvents = append(out.OperationEvents, operationEvent(stack, e))
	}
	return out, nil
}

func operationEvent(s *directory.Stack, e *directory.StackEvent) shape.OperationEvent {
	kind := kindOfOperation(s, e.Operation)
	shown := shape.OperationEvent{
		EventId: &e.ID, StackId: new(s.ARN()), Timestamp: new(e.Time.Time()), OperationId: ptr(e.Operation), OperationType: ptr(kind),
		LogicalResourceId: &e.Logical, PhysicalResourceId: ptr(e.Physical), ResourceType: &e.Type, ResourceStatus: &e.Status,
		ResourceStatusReason: ptr(e.Reason), ResourceProperties: ptr(e.Properties), ClientRequestToken: ptr(e.Token),
	}
	switch {
	case e.Physical == s.ARN():
		shown.EventType, shown.OperationStatus = new(stackEvent), new(outcome(kind, e.Status))
		if *shown.OperationStatus == inProgress {
			shown.StartTime = shown.Timestamp
		} else {
			shown.EndTime = shown.Timestamp
		}
	case strings.HasSuffix(e.Status, "_FAILED"):
		shown.EventType = new(provisioningError)
	default:
		shown.EventType = new(progressEvent)
	}
	return shown
}

// kindOfOperation is what an operation of a stack was asked to do; "" for one so long ago
// that it is not remembered.
func kindOfOperation(s *directory.Stack, id string) string {
	for _, o := range s.LastOperations {
		if o.ID == id {
			return o.Kind
		}
	}
	return ""
}

// outcome is what has become of an operation when its stack has a status.
func outcome(kind, status string) string {
	backward := kind == engine.Rollback || kind == engine.ContinueRollback
	switch {
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return inProgress
	case strings.HasSuffix(status, "ROLLBACK_COMPLETE") && !backward, strings.HasSuffix(status, "_FAILED"):
		return failed
	}
	return succeeded
}

// changeSetEvents tells of the making of a change set.
func changeSetEvents(c *op.Call, in *shape.DescribeEventsInput, failedOnly bool) (*shape.DescribeEventsOutput, error) {
	stack, set, err := findChangeSet(c, *in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		return nil, badToken()
	}
	out := &shape.DescribeEventsOutput{OperationEvents: []shape.OperationEvent{}}
	if in.OperationId != nil && *in.OperationId != set.ID || failedOnly && set.Status != failed {
		return out, nil
	}
	at, status := set.Created.Time(), succeeded
	if set.Status == failed {
		status = failed
	}
	out.OperationEvents = append(out.OperationEvents, shape.OperationEvent{
		EventId: &set.ID, EventType: new(stackEvent), OperationId: &set.ID, OperationType: new("CREATE_CHANGESET"), OperationStatus: &status,
		StackId: new(stack.ARN()), LogicalResourceId: &stack.Name, PhysicalResourceId: new(stack.ARN()), ResourceType: new(engine.StackType),
		ResourceStatusReason: ptr(set.Reason), ClientRequestToken: ptr(set.Token), Timestamp: &at, StartTime: &at, EndTime: &at,
	})
	return out, nil
}
