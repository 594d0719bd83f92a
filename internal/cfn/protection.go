package cfn

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) protectionOperations() []op.Operation {
	return []op.Operation{
		op.Write("UpdateTerminationProtection", needUpdateTerminationProtection, updateTerminationProtection),
	}
}

func needUpdateTerminationProtection(c *op.Call, in *shape.UpdateTerminationProtectionInput) ([]op.Need, error) {
	return one("UpdateTerminationProtection")(c, in.StackName)
}

// updateTerminationProtection changes a stack's own protection: a nested one has that of
// its root.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html
func updateTerminationProtection(_ context.Context, c *op.Call, in *shape.UpdateTerminationProtectionInput) (*shape.UpdateTerminationProtectionOutput, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	switch {
	case stack.Root != "":
		return nil, invalid("Termination protection cannot be updated on the nested stack %s: it has that of its root %s", stack.ARN(), stack.Root)
	case stack.Status == "DELETE_IN_PROGRESS" || stack.Status == "DELETE_COMPLETE":
		return nil, invalid("Stack:%s is in %s state and can not be updated.", stack.ARN(), stack.Status)
	}
	stack.Protected = in.EnableTerminationProtection
	return &shape.UpdateTerminationProtectionOutput{StackId: new(stack.ARN())}, directory.PutStack(c.Tx, stack)
}
