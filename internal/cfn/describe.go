package cfn

import (
	"context"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// pageSize is how many stacks, events and so on a page has; clients can't ask for another.
const pageSize = 100

func needDescribeStacks(c *op.Call, in *shape.DescribeStacksInput) ([]op.Need, error) {
	if in.StackName == nil {
		return []op.Need{{Action: "cloudformation:DescribeStacks", Resource: "*"}}, nil
	}
	return one("DescribeStacks")(c, *in.StackName)
}

func describeStacks(_ context.Context, c *op.Call, in *shape.DescribeStacksInput) (*shape.DescribeStacksOutput, error) {
	if in.StackName != nil {
		stack, err := find(c, *in.StackName)
		if err != nil {
			return nil, err
		}
		if stack == nil {
			return nil, invalid("Stack with id %s does not exist", *in.StackName)
		}
		shown, err := show(c, stack)
		if err != nil {
			return nil, err
		}
		return &shape.DescribeStacksOutput{Stacks: []shape.Stack{*shown}}, nil
	}
	page, err := stacksPage(c, in.NextToken, func(s *directory.Stack) bool { return s.Status != "DELETE_COMPLETE" })
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeStacksOutput{NextToken: page.Next}
	for _, stack := range page.Items {
		shown, err := show(c, stack)
		if err != nil {
			return nil, err
		}
		out.Stacks = append(out.Stacks, *shown)
	}
	return out, nil
}

func listStacks(_ context.Context, c *op.Call, in *shape.ListStacksInput) (*shape.ListStacksOutput, error) {
	page, err := stacksPage(c, in.NextToken, func(s *directory.Stack) bool {
		return len(in.StackStatusFilter) == 0 || slices.Contains(in.StackStatusFilter, s.Status)
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListStacksOutput{NextToken: page.Next, StackSummaries: []shape.StackSummary{}}
	for _, s := range page.Items {
		shown := shape.StackSummary{
			StackId: new(s.ARN()), StackName: s.Name, StackStatus: s.Status, StackStatusReason: ptr(s.Reason), CreationTime: s.Created.Time(),
			LastUpdatedTime: moment(s.Updated), DeletionTime: moment(s.Deleted), ParentId: ptr(s.Parent), RootId: ptr(s.Root),
			DriftInformation: &shape.StackDriftInformationSummary{StackDriftStatus: drift(s.Drift), LastCheckTimestamp: moment(s.DriftChecked)},
			LastOperations:   lastOperations(s),
		}
		if s.Inputs != "" {
			inputs, err := s.GetInputs(c.Snap, c.Keyring, s.Inputs)
			if err != nil {
				return nil, err
			}
			shown.TemplateDescription = ptr(inputs.Description)
		}
		out.StackSummaries = append(out.StackSummaries, shown)
	}
	return out, nil
}

func lastOperations(s *directory.Stack) []shape.OperationEntry {
	var list []shape.OperationEntry
	for _, o := range s.LastOperations {
		list = append(list, shape.OperationEntry{OperationId: ptr(o.ID), OperationType: ptr(o.Kind)})
	}
	return list
}

// stacksPage is one page of the stacks of the call's region, the newest first.
func stacksPage(c *op.Call, token *string, wanted func(*directory.Stack) bool) (op.Page[*directory.Stack], error) {
	after, ok := op.Cursor(token)
	if !ok {
		return op.Page[*directory.Stack]{}, badToken()
	}
	list := directory.ListStacks(c.Snap, c.Caller.Account, c.Region, after)
	return op.PageOf(list, pageSize, directory.StackCursor, wanted)
}

// badToken refuses a NextToken that no page has returned.
func badToken() error { return invalid("The specified NextToken is invalid.") }

// show is a stack as DescribeStacks shows it.
func show(c *op.Call, s *directory.Stack) (*shape.Stack, error) {
	shown := &shape.Stack{
		StackId: new(s.ARN()), StackName: s.Name, StackStatus: s.Status, StackStatusReason: ptr(s.Reason),
		CreationTime: s.Created.Time(), LastUpdatedTime: moment(s.Updated), DeletionTime: moment(s.Deleted),
		DisableRollback: &s.DisableRollback, EnableTerminationProtection: &s.Protected, RoleARN: ptr(s.RoleARN),
		ParentId: ptr(s.Parent), RootId: ptr(s.Root), ChangeSetId: ptr(s.ChangeSet), DeletionMode: ptr(s.DeletionMode),
		DriftInformation:      &shape.StackDriftInformation{StackDriftStatus: drift(s.Drift), LastCheckTimestamp: moment(s.DriftChecked)},
		RollbackConfiguration: &shape.RollbackConfiguration{}, NotificationARNs: []string{}, Capabilities: []string{}, Tags: []shape.Tag{},
	}
	if s.Timeout > 0 {
		shown.TimeoutInMinutes = new(int32(s.Timeout))
	}
	if s.RetainOnCreate {
		shown.RetainExceptOnCreate = new(true)
	}
	shown.LastOperations = lastOperations(s)
	if s.Inputs == "" {
		return shown, nil
	}
	if err := showInputs(c, s, shown); err != nil {
		return nil, err
	}
	outputs, err := s.GetOutputs(c.Snap, c.Keyring)
	for i := range outputs {
		o := &outputs[i]
		shown.Outputs = append(shown.Outputs, shape.Output{OutputKey: &o.Key, OutputValue: &o.Value, Description: ptr(o.Description), ExportName: ptr(o.Export)})
	}
	return shown, err
}

func showInputs(c *op.Call, s *directory.Stack, shown *shape.Stack) error {
	in, err := s.GetInputs(c.Snap, c.Keyring, s.Inputs)
	if err != nil {
		return err
	}
	if in.Template == "" {
		return nil
	}
	shown.NotificationARNs, shown.Capabilities = append(shown.NotificationARNs, in.NotificationARNs...), append(shown.Capabilities, in.Capabilities...)
	shown.Tags, shown.RollbackConfiguration = tags(in.Tags), rollback(in)
	shown.Description, shown.Parameters = ptr(in.Description), shownParameters(in)
	return nil
}

func tags(list []directory.Tag) []shape.Tag {
	shown := []shape.Tag{}
	for _, t := range list {
		shown = append(shown, shape.Tag{Key: t.Key, Value: t.Value})
	}
	return shown
}

func rollback(in *directory.StackInputs) *shape.RollbackConfiguration {
	r := &shape.RollbackConfiguration{MonitoringTimeInMinutes: in.MonitoringMinutes}
	for _, t := range in.Triggers {
		r.RollbackTriggers = append(r.RollbackTriggers, shape.RollbackTrigger{Arn: t.ARN, Type: t.Type})
	}
	return r
}

// shownParameters are the values of parameters, those with NoEcho as ****.
func shownParameters(in *directory.StackInputs) []shape.Parameter {
	var shown []shape.Parameter
	for _, name := range in.Order {
		p := shape.Parameter{ParameterKey: &name, ParameterValue: new(in.Parameters[name]), ResolvedValue: ptr(in.Resolved[name])}
		if slices.Contains(in.NoEcho, name) {
			p.ParameterValue, p.ResolvedValue = new("****"), nil
		}
		shown = append(shown, p)
	}
	return shown
}

func moment(m directory.Millis) *time.Time {
	if m == 0 {
		return nil
	}
	return new(m.Time())
}

func drift(status string) string {
	if status == "" {
		return "NOT_CHECKED"
	}
	return status
}
