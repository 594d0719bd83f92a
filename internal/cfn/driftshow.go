package cfn

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func needDetectStackResourceDrift(c *op.Call, in *shape.DetectStackResourceDriftInput) ([]op.Need, error) {
	return one("DetectStackResourceDrift")(c, in.StackName)
}

func (s *service) detectStackResourceDrift(_ context.Context, c *op.Call, in *shape.DetectStackResourceDriftInput) (*shape.DetectStackResourceDriftOutput, error) {
	stack, err := steady(c, in.StackName)
	if err != nil {
		return nil, err
	}
	found, err := s.observe(c, stack, []string{in.LogicalResourceId})
	switch {
	case err != nil:
		return nil, err
	case found.failed != "":
		return nil, invalid("%s", found.failed)
	case found.drifts[0].Status == shape.StackResourceDriftStatusNotChecked:
		res, err := stack.GetResource(c.Snap, in.LogicalResourceId)
		if err != nil {
			return nil, err
		}
		return nil, invalid("Drift detection on resource type [%s] is not supported.", res.Type)
	}
	if _, err := keepDrifts(c, stack, found.drifts); err != nil {
		return nil, err
	}
	shown, err := showDrift(c, stack, &found.drifts[0])
	if err != nil {
		return nil, err
	}
	return &shape.DetectStackResourceDriftOutput{StackResourceDrift: shown}, directory.PutStack(c.Tx, stack)
}

// showDrift is the drift of a resource as replies have it.
func showDrift(c *op.Call, stack *directory.Stack, d *directory.ResourceDrift) (*shape.StackResourceDrift, error) {
	res, err := stack.GetResource(c.Snap, d.Logical)
	if err != nil {
		return nil, err
	}
	shown := &shape.StackResourceDrift{
		StackId: stack.ARN(), LogicalResourceId: d.Logical, PhysicalResourceId: &res.Now.Physical, ResourceType: res.Type,
		StackResourceDriftStatus: d.Status, Timestamp: d.Checked.Time(), ExpectedProperties: ptr(d.Expected), ActualProperties: ptr(d.Actual),
	}
	if d.Actual != "" {
		shown.PropertyDifferences = []shape.PropertyDifference{}
	}
	for _, x := range d.Differences {
		shown.PropertyDifferences = append(shown.PropertyDifferences, shape.PropertyDifference{
			PropertyPath: x.Path, ExpectedValue: x.Expected, ActualValue: x.Actual, DifferenceType: x.Kind,
		})
	}
	return shown, nil
}

// A detection is named by nothing but its ID.
func needDescribeStackDriftDetectionStatus(*op.Call, *shape.DescribeStackDriftDetectionStatusInput) ([]op.Need, error) {
	return []op.Need{{Action: "cloudformation:DescribeStackDriftDetectionStatus", Resource: "*"}}, nil
}

func describeStackDriftDetectionStatus(_ context.Context, c *op.Call, in *shape.DescribeStackDriftDetectionStatusInput) (*shape.DescribeStackDriftDetectionStatusOutput, error) {
	d, err := directory.GetDetection(c.Snap, c.Caller.Account, c.Region, in.StackDriftDetectionId)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, invalid("StackDriftDetectionId %s does not exist", in.StackDriftDetectionId)
	}
	out := &shape.DescribeStackDriftDetectionStatusOutput{
		StackId: d.Stack, StackDriftDetectionId: d.ID, DetectionStatus: d.Status, DetectionStatusReason: ptr(d.Reason), Timestamp: d.Began.Time(),
	}
	out.StackDriftStatus, out.DriftedStackResourceCount = &d.Drift, new(int32(d.Drifted))
	return out, nil
}

func needDescribeStackResourceDrifts(c *op.Call, in *shape.DescribeStackResourceDriftsInput) ([]op.Need, error) {
	return one("DescribeStackResourceDrifts")(c, in.StackName)
}

func describeStackResourceDrifts(_ context.Context, c *op.Call, in *shape.DescribeStackResourceDriftsInput) (*shape.DescribeStackResourceDriftsOutput, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	all, err := driftsOf(c, stack)
	if err != nil {
		return nil, err
	}
	wanted := in.StackResourceDriftStatusFilters
	all = slices.DeleteFunc(all, func(d directory.ResourceDrift) bool { return wanted != nil && !slices.Contains(wanted, d.Status) })
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	size := pageSize
	if in.MaxResults != nil {
		size = int(*in.MaxResults)
	}
	cursor := func(d directory.ResourceDrift) string { return d.Logical }
	page, err := op.PageOf(op.After(all, after, cursor), size, cursor, op.All)
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeStackResourceDriftsOutput{StackResourceDrifts: []shape.StackResourceDrift{}, NextToken: page.Next}
	for i := range page.Items {
		shown, err := showDrift(c, stack, &page.Items[i])
		if err != nil {
			return nil, err
		}
		out.StackResourceDrifts = append(out.StackResourceDrifts, *shown)
	}
	return out, nil
}
