package cfn

import (
	"context"

	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) accountOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeAccountLimits", anywhere[shape.DescribeAccountLimitsInput]("DescribeAccountLimits"), describeAccountLimits),
	}
}

// describeAccountLimits tells of the limits that there are. AWS's third one,
// ConcurrentResourcesLimit, is none here.
func describeAccountLimits(_ context.Context, c *op.Call, in *shape.DescribeAccountLimitsInput) (*shape.DescribeAccountLimitsOutput, error) {
	if in.NextToken != nil {
		return nil, badToken()
	}
	limit := func(name string, n int) shape.AccountLimit {
		return shape.AccountLimit{Name: &name, Value: new(int32(n))}
	}
	return &shape.DescribeAccountLimitsOutput{AccountLimits: []shape.AccountLimit{
		limit("StackLimit", int(c.Quota(stacksPerAccount))),
		limit("StackOutputsLimit", template.MaxOutputs),
	}}, nil
}
