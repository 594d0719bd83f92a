package cfn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) driftOperations() []op.Operation {
	return []op.Operation{
		op.Write("DetectStackDrift", needDetectStackDrift, s.detectStackDrift),
		op.Write("DetectStackResourceDrift", needDetectStackResourceDrift, s.detectStackResourceDrift),
		op.Read("DescribeStackDriftDetectionStatus", needDescribeStackDriftDetectionStatus, describeStackDriftDetectionStatus),
		op.Read("DescribeStackResourceDrifts", needDescribeStackResourceDrifts, describeStackResourceDrifts),
	}
}

func needDetectStackDrift(c *op.Call, in *shape.DetectStackDriftInput) ([]op.Need, error) {
	return one("DetectStackDrift")(c, in.StackName)
}

func (s *service) detectStackDrift(_ context.Context, c *op.Call, in *shape.DetectStackDriftInput) (*shape.DetectStackDriftOutput, error) {
	stack, err := steady(c, in.StackName)
	if err != nil {
		return nil, err
	}
	found, err := s.observe(c, stack, in.LogicalResourceIds)
	if err != nil {
		return nil, err
	}
	drifts, err := keepDrifts(c, stack, found.drifts)
	if err != nil {
		return nil, err
	}
	d := &directory.DriftDetection{
		ID: c.IDs.UUID(), Stack: stack.ARN(), Status: shape.StackDriftDetectionStatusDetectionComplete, Reason: found.failed,
		Drift: stack.Drift, Drifted: drifted(drifts), Began: directory.At(c.Now),
	}
	if found.failed != "" {
		d.Status = shape.StackDriftDetectionStatusDetectionFailed
	}
	if err := stack.AddDetection(c.Tx, d); err != nil {
		return nil, err
	}
	return &shape.DetectStackDriftOutput{StackDriftDetectionId: d.ID}, directory.PutStack(c.Tx, stack)
}

// steady is the stack that a request names, in a state in which drift can be looked for.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
func steady(c *op.Call, named string) (*directory.Stack, error) {
	stack, err := existing(c, named)
	if err != nil {
		return nil, err
	}
	switch stack.Status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE":
		return stack, nil
	}
	return nil, invalid("Drift detection cannot be performed on stack [%s] in status [%s].", stack.ARN(), stack.Status)
}

// observation is what a look at resources has found.
type observation struct {
	drifts []directory.ResourceDrift
	failed string // why it did not see all; "" if it did
}

// observed is the key of a look at a stack as it is after so many events.
type observed struct {
	stack, logical string
	events         int64
}

// observe looks at resources of a stack, as the caller; at all if none are named.
func (s *service) observe(c *op.Call, stack *directory.Stack, logical []string) (*observation, error) {
	subjects, err := engine.Subjects(c.Snap, c.Keyring, stack)
	if err != nil {
		return nil, err
	}
	for _, name := range logical {
		if !slices.ContainsFunc(subjects, func(s *engine.Subject) bool { return s.Logical == name }) {
			return nil, invalid("Resource %s does not exist for stack %s", name, stack.Name)
		}
	}
	if logical != nil {
		subjects = slices.DeleteFunc(subjects, func(s *engine.Subject) bool { return !slices.Contains(logical, s.Logical) })
	}
	as, now := c.Caller.Standing(), directory.At(c.Now)
	key := observed{stack.ID, strings.Join(logical, ","), stack.Events}
	return op.Outside(c, key, func(ctx context.Context) (*observation, error) {
		found := &observation{}
		var unseen []string
		for _, subject := range subjects {
			d, err := s.driftOf(ctx, &as, subject)
			if reason := engine.Refusal(err); reason != "" {
				unseen = append(unseen, subject.Logical+": "+reason)
				continue
			}
			if err != nil {
				return nil, err
			}
			d.Checked = now
			found.drifts = append(found.drifts, *d)
		}
		if len(unseen) > 0 {
			found.failed = fmt.Sprintf("Failed to detect drift on resources [%s]", strings.Join(unseen, "; "))
		}
		return found, nil
	})
}

// driftOf looks at one resource.
func (s *service) driftOf(ctx context.Context, as *directory.Standing, subject *engine.Subject) (*directory.ResourceDrift, error) {
	d := &directory.ResourceDrift{Logical: subject.Logical, State: subject.Now.State, Status: shape.StackResourceDriftStatusNotChecked}
	k := kind.Find(subject.Now.Type)
	if k == nil || !k.Readable() {
		return d, nil
	}
	actual, err := s.Engine.Actual(ctx, as, subject)
	if err != nil {
		return nil, err
	}
	expected, _ := k.Schema.Check(subject.Expected)
	masked, _ := k.Schema.Check(subject.Masked)
	d.Expected = plan.Texts(masked).JSON()
	if actual == nil {
		d.Status = shape.StackResourceDriftStatusDeleted
		return d, nil
	}
	compareDrift(d, k.Schema, expected, actual, masked)
	return d, nil
}

// compareDrift says how a resource's properties differ from those that its template gives;
// what that leaves out is not looked at. masked are those as people may see them.
func compareDrift(d *directory.ResourceDrift, schema *kind.Schema, expected, actual, masked *tree.Node) {
	shown := &tree.Node{Kind: tree.Map}
	d.Status = shape.StackResourceDriftStatusInSync
	differing := map[string]bool{}
	for _, change := range schema.Diff(expected, actual) {
		differing[change.Name] = true
	}
	for _, f := range expected.Fields {
		is, seen := actual.Get(f.Key), masked.Get(f.Key)
		if !differing[f.Key] || is == nil && schema.Properties[f.Key] != nil && schema.Properties[f.Key].WriteOnly {
			shown.Fields = append(shown.Fields, tree.Field{Key: f.Key, Value: seen})
			continue
		}
		d.Status = shape.StackResourceDriftStatusModified
		visible := plan.Unmask(is, f.Value, seen)
		if is != nil {
			shown.Fields = append(shown.Fields, tree.Field{Key: f.Key, Value: visible})
		}
		for _, diff := range plan.Differences(f.Value, is, seen, visible) {
			d.Differences = append(d.Differences, difference(f.Key, diff))
		}
	}
	d.Actual = plan.Texts(shown).JSON()
}

// difference is one as it is kept.
func difference(property string, of plan.Difference) directory.Difference {
	d := directory.Difference{Path: plan.Pointer(append([]string{property}, of.Path...)...), Kind: shape.DifferenceTypeNotEqual}
	switch {
	case of.Before == nil:
		d.Kind = shape.DifferenceTypeAdd
	case of.After == nil:
		d.Kind = shape.DifferenceTypeRemove
	}
	d.Expected, d.Actual = shownValue(of.Before), shownValue(of.After)
	return d
}

// shownValue is a value by itself; one that is not there is "null", as AWS has it.
func shownValue(n *tree.Node) string {
	if n == nil {
		return "null"
	}
	return plan.Text(n)
}

// keepDrifts stores what was found, beside what is known of the other resources of the
// stack, and what that makes of the whole stack. PutStack must follow.
func keepDrifts(c *op.Call, stack *directory.Stack, found []directory.ResourceDrift) ([]directory.ResourceDrift, error) {
	known, err := driftsOf(c, stack)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(found)
	for _, d := range known {
		if !slices.ContainsFunc(found, func(f directory.ResourceDrift) bool { return f.Logical == d.Logical }) {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b directory.ResourceDrift) int { return strings.Compare(a.Logical, b.Logical) })
	stack.Drift, stack.DriftChecked = shape.StackDriftStatusInSync, directory.At(c.Now)
	if drifted(all) > 0 {
		stack.Drift = shape.StackDriftStatusDrifted
	}
	return all, tooLarge(stack.PutDrifts(c.Tx, c.Keyring, all))
}

// driftsOf is what is known of the drift of a stack's resources: nothing of those that
// have changed with the stack since they were looked at.
func driftsOf(c *op.Call, stack *directory.Stack) ([]directory.ResourceDrift, error) {
	all, err := stack.Drifts(c.Snap, c.Keyring)
	if err != nil {
		return nil, err
	}
	var current []directory.ResourceDrift
	for _, d := range all {
		res, err := stack.GetResource(c.Snap, d.Logical)
		if err != nil {
			return nil, err
		}
		if res != nil && res.Now != nil && res.Now.State == d.State {
			current = append(current, d)
		}
	}
	return current, nil
}

// drifted is how many of resources are not what they should be.
func drifted(drifts []directory.ResourceDrift) int {
	n := 0
	for i := range drifts {
		if s := drifts[i].Status; s == shape.StackResourceDriftStatusModified || s == shape.StackResourceDriftStatusDeleted {
			n++
		}
	}
	return n
}
