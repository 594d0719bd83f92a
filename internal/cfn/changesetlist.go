package cfn

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func needListChangeSets(c *op.Call, in *shape.ListChangeSetsInput) ([]op.Need, error) {
	return one("ListChangeSets")(c, in.StackName)
}

func listChangeSets(_ context.Context, c *op.Call, in *shape.ListChangeSetsInput) (*shape.ListChangeSetsOutput, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	all, err := stack.ChangeSets(c.Snap)
	if err != nil {
		return nil, err
	}
	cursor := func(set *directory.ChangeSet) string { return set.ID }
	page, err := op.PageOf(op.After(all, after, cursor), pageSize, cursor, op.All)
	if err != nil {
		return nil, err
	}
	out := &shape.ListChangeSetsOutput{NextToken: page.Next, Summaries: []shape.ChangeSetSummary{}}
	for _, set := range page.Items {
		shown := shape.ChangeSetSummary{
			ChangeSetId: new(stack.ChangeSetARN(set)), ChangeSetName: &set.Name, StackId: new(stack.ARN()), StackName: &stack.Name,
			CreationTime: new(set.Created.Time()), Description: ptr(set.Description), Status: &set.Status, StatusReason: ptr(set.Reason),
			ExecutionStatus: new(execution(stack, set)), IncludeNestedStacks: &set.Nested,
		}
		if set.ImportExisting {
			shown.ImportExistingResources = &set.ImportExisting
		}
		out.Summaries = append(out.Summaries, shown)
	}
	return out, nil
}
