package cfn

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) resourceOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeStackResource", needDescribeStackResource, describeStackResource),
		op.Read("DescribeStackResources", needDescribeStackResources, describeStackResources),
		op.Read("ListStackResources", needListStackResources, listStackResources),
	}
}

// mostDescribed is how many resources DescribeStackResources returns; it has no pages.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
const mostDescribed = 100

// drifts is what is known of the drift of a stack's resources, by logical ID.
type drifts map[string]directory.ResourceDrift

func driftsByID(c *op.Call, stack *directory.Stack) (drifts, error) {
	all, err := driftsOf(c, stack)
	known := drifts{}
	for _, d := range all {
		known[d.Logical] = d
	}
	return known, err
}

func (d drifts) of(logical string) *shape.StackResourceDriftInformation {
	is := d[logical]
	return &shape.StackResourceDriftInformation{StackResourceDriftStatus: drift(is.Status), LastCheckTimestamp: moment(is.Checked)}
}

// noResource refuses a logical ID that a stack does not have.
func noResource(logical, stack string) error {
	return invalid("Resource %s does not exist for stack %s", logical, stack)
}

func needDescribeStackResource(c *op.Call, in *shape.DescribeStackResourceInput) ([]op.Need, error) {
	return one("DescribeStackResource")(c, in.StackName)
}

func describeStackResource(_ context.Context, c *op.Call, in *shape.DescribeStackResourceInput) (*shape.DescribeStackResourceOutput, error) {
	stack, err := lookUp(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack '%s' does not exist", in.StackName)
	}
	all, err := stack.Resources(c.Snap)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(res *directory.StackResource) bool { return res.Logical == in.LogicalResourceId })
	if i < 0 {
		return nil, noResource(in.LogicalResourceId, in.StackName)
	}
	res := all[i]
	known, err := driftsByID(c, stack)
	if err != nil {
		return nil, err
	}
	metadata, err := metadataOf(c, stack, res)
	return &shape.DescribeStackResourceOutput{StackResourceDetail: &shape.StackResourceDetail{
		StackId: new(stack.ARN()), StackName: &stack.Name, LogicalResourceId: res.Logical, PhysicalResourceId: ptr(res.Physical()),
		ResourceType: res.Type, ResourceStatus: res.Status, ResourceStatusReason: ptr(res.Reason), LastUpdatedTimestamp: res.Updated.Time(),
		Metadata: &metadata, DriftInformation: known.of(res.Logical),
	}}, err
}

// metadataOf is the Metadata that a resource was made with, as JSON; that of one which is
// gone is not known any more.
func metadataOf(c *op.Call, s *directory.Stack, res *directory.StackResource) (string, error) {
	if res.Now == nil {
		return "{}", nil
	}
	state, err := s.GetState(c.Snap, c.Keyring, res.Now)
	if err != nil || state.Metadata == "" {
		return "{}", err
	}
	return state.Metadata, nil
}

func needDescribeStackResources(c *op.Call, in *shape.DescribeStackResourcesInput) ([]op.Need, error) {
	if in.StackName != nil {
		return one("DescribeStackResources")(c, *in.StackName)
	}
	stack, err := directory.StackOfPhysical(c.Snap, c.Caller.Account, c.Region, value(in.PhysicalResourceId))
	if err != nil || stack == nil {
		return []op.Need{{Action: "cloudformation:DescribeStackResources", Resource: "*"}}, err
	}
	return one("DescribeStackResources")(c, stack.ARN())
}

func describeStackResources(_ context.Context, c *op.Call, in *shape.DescribeStackResourcesInput) (*shape.DescribeStackResourcesOutput, error) {
	stack, err := stackOfResources(c, in)
	if err != nil {
		return nil, err
	}
	all, err := stack.Resources(c.Snap)
	if err != nil {
		return nil, err
	}
	known, err := driftsByID(c, stack)
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeStackResourcesOutput{StackResources: []shape.StackResource{}}
	for _, res := range all {
		if in.LogicalResourceId != nil && res.Logical != *in.LogicalResourceId || len(out.StackResources) == mostDescribed {
			continue
		}
		out.StackResources = append(out.StackResources, shape.StackResource{
			StackId: new(stack.ARN()), StackName: &stack.Name, LogicalResourceId: res.Logical, PhysicalResourceId: ptr(res.Physical()),
			ResourceType: res.Type, ResourceStatus: res.Status, ResourceStatusReason: ptr(res.Reason), Timestamp: res.Updated.Time(),
			DriftInformation: known.of(res.Logical),
		})
	}
	if in.LogicalResourceId != nil && len(out.StackResources) == 0 {
		return nil, noResource(*in.LogicalResourceId, stack.Name)
	}
	return out, nil
}

// stackOfResources is the stack that a request for resources means.
func stackOfResources(c *op.Call, in *shape.DescribeStackResourcesInput) (*directory.Stack, error) {
	var stack *directory.Stack
	var err error
	var missing error
	switch {
	case in.StackName != nil && in.PhysicalResourceId != nil:
		return nil, invalid("Cannot specify both StackName and PhysicalResourceId")
	case in.StackName != nil:
		stack, err = lookUp(c, *in.StackName)
		missing = invalid("Stack with id %s does not exist", *in.StackName)
	case in.PhysicalResourceId != nil:
		stack, err = directory.StackOfPhysical(c.Snap, c.Caller.Account, c.Region, *in.PhysicalResourceId)
		missing = invalid("Stack for %s does not exist", *in.PhysicalResourceId)
	default:
		return nil, invalid("Either StackName or PhysicalResourceId must be specified.")
	}
	if err == nil && stack == nil {
		err = missing
	}
	return stack, err
}

func needListStackResources(c *op.Call, in *shape.ListStackResourcesInput) ([]op.Need, error) {
	return one("ListStackResources")(c, in.StackName)
}

func listStackResources(_ context.Context, c *op.Call, in *shape.ListStackResourcesInput) (*shape.ListStackResourcesOutput, error) {
	stack, err := lookUp(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack with id %s does not exist", in.StackName)
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	all, err := stack.Resources(c.Snap)
	if err != nil {
		return nil, err
	}
	cursor := func(res *directory.StackResource) string { return res.Logical }
	page, err := op.PageOf(op.After(all, after, cursor), pageSize, cursor, op.All)
	if err != nil {
		return nil, err
	}
	known, err := driftsByID(c, stack)
	if err != nil {
		return nil, err
	}
	out := &shape.ListStackResourcesOutput{NextToken: page.Next, StackResourceSummaries: []shape.StackResourceSummary{}}
	for _, res := range page.Items {
		out.StackResourceSummaries = append(out.StackResourceSummaries, shape.StackResourceSummary{
			LogicalResourceId: res.Logical, PhysicalResourceId: ptr(res.Physical()), ResourceType: res.Type, ResourceStatus: res.Status,
			ResourceStatusReason: ptr(res.Reason), LastUpdatedTimestamp: res.Updated.Time(),
			DriftInformation: (*shape.StackResourceDriftInformationSummary)(known.of(res.Logical)),
		})
	}
	return out, nil
}
