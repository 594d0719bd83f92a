package cfn_test

import (
	"fmt"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const drifting = `{"Parameters":{"Hidden":{"Type":"String","NoEcho":true,"Default":"/hush/"}},"Resources":{
	"U":{"Type":"AWS::IAM::User","Properties":{"UserName":"ann","Path":{"Ref":"Hidden"},"Tags":[{"Key":"k","Value":"v"}]}},
	"G":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"one","ManagedPolicyArns":["arn:aws:iam::aws:policy/ReadOnlyAccess"]}},
	"K":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"U"}}},
	"M":{"Type":"AWS::CDK::Metadata","Properties":{"Analytics":"x"}}}}`

// driftLines are the drifts of a stack, one line each.
func (w *world) driftLines(stack string, filters ...string) []string {
	w.t.Helper()
	var lines []string
	out := must[shape.DescribeStackResourceDriftsOutput](w, &shape.DescribeStackResourceDriftsInput{StackName: stack, StackResourceDriftStatusFilters: filters})
	for _, d := range out.StackResourceDrifts {
		line := d.LogicalResourceId + " " + d.StackResourceDriftStatus
		for _, x := range d.PropertyDifferences {
			line += fmt.Sprintf(" [%s %s %s->%s]", x.DifferenceType, x.PropertyPath, x.ExpectedValue, x.ActualValue)
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) detect(stack string) *shape.DescribeStackDriftDetectionStatusOutput {
	w.t.Helper()
	made := must[shape.DetectStackDriftOutput](w, &shape.DetectStackDriftInput{StackName: stack})
	return must[shape.DescribeStackDriftDetectionStatusOutput](w, &shape.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: made.StackDriftDetectionId})
}

func TestDrift(t *testing.T) {
	w := newWorld(t)
	w.create("s", drifting)
	if got := w.driftLines("s"); got != nil {
		t.Errorf("before anybody looks: %q", got)
	}
	d := w.detect("s")
	if d.DetectionStatus != "DETECTION_COMPLETE" || *d.StackDriftStatus != "IN_SYNC" || *d.DriftedStackResourceCount != 0 || d.StackId != *w.stack("s").StackId {
		t.Errorf("%+v", d)
	}
	sameLines(t, w.driftLines("s"), []string{"G IN_SYNC", "K IN_SYNC", "M NOT_CHECKED", "U IN_SYNC"})

	for _, in := range []any{
		&iamshape.TagUserRequest{UserName: "ann", Tags: []iamshape.Tag{{Key: "k", Value: "w"}, {Key: "more", Value: "m"}}},
		&iamshape.UpdateUserRequest{UserName: "ann", NewPath: new("/loud/")},
		&iamshape.DetachGroupPolicyRequest{GroupName: "one", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		&iamshape.AttachGroupPolicyRequest{GroupName: "one", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess"},
	} {
		if _, err := w.Call(t.Context(), nil, "", "", in); err != nil {
			t.Fatal(err)
		}
	}
	one := must[shape.DetectStackResourceDriftOutput](w, &shape.DetectStackResourceDriftInput{StackName: "s", LogicalResourceId: "U"}).StackResourceDrift
	if want := `{"UserName":"ann","Path":"****","Tags":[{"Key":"k","Value":"v"}]}`; *one.ExpectedProperties != want {
		t.Errorf("expected %s, want %s", *one.ExpectedProperties, want)
	}
	if want := `{"UserName":"ann","Path":"****","Tags":[{"Key":"k","Value":"w"},{"Key":"more","Value":"m"}]}`; *one.ActualProperties != want {
		t.Errorf("actual %s, want %s", *one.ActualProperties, want)
	}
	if got := w.stack("s").DriftInformation; got.StackDriftStatus != "DRIFTED" || got.LastCheckTimestamp == nil {
		t.Errorf("the stack: %+v", got)
	}
	must[shape.DetectStackDriftOutput](w, &shape.DetectStackDriftInput{StackName: "s", LogicalResourceIds: []string{"G"}})
	sameLines(t, w.driftLines("s", "MODIFIED"), []string{
		"G MODIFIED [NOT_EQUAL /ManagedPolicyArns/0 arn:aws:iam::aws:policy/ReadOnlyAccess->arn:aws:iam::aws:policy/IAMReadOnlyAccess]",
		`U MODIFIED [NOT_EQUAL /Path ****->****] [NOT_EQUAL /Tags/0/Value v->w] [ADD /Tags/1 null->{"Key":"more","Value":"m"}]`,
	})

	keys := must[iamshape.ListAccessKeysResponse](w, &iamshape.ListAccessKeysRequest{UserName: new("ann")}).AccessKeyMetadata
	if _, err := w.Call(t.Context(), nil, "", "", &iamshape.DeleteAccessKeyRequest{UserName: new("ann"), AccessKeyId: *keys[0].AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	if d := w.detect("s"); *d.StackDriftStatus != "DRIFTED" || *d.DriftedStackResourceCount != 3 {
		t.Errorf("%+v", d)
	}
	sameLines(t, w.driftLines("s", "DELETED", "NOT_CHECKED"), []string{"K DELETED", "M NOT_CHECKED"})
	res := must[shape.DescribeStackResourceOutput](w, &shape.DescribeStackResourceInput{StackName: "s", LogicalResourceId: "K"})
	if got := res.StackResourceDetail.DriftInformation; got.StackResourceDriftStatus != "DELETED" || got.LastCheckTimestamp == nil {
		t.Errorf("%+v", got)
	}
}

// What was seen of a resource is forgotten when its stack changes it.
func TestDriftOfAnotherState(t *testing.T) {
	w := newWorld(t)
	w.create("s", group)
	w.detect("s")
	must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: new(other), Capabilities: capabilities})
	if got := w.driftLines("s"); got != nil {
		t.Errorf("%q", got)
	}
	for range 25 { // only some are remembered
		w.detect("s")
	}
	sameLines(t, w.driftLines("s"), []string{"G IN_SYNC"})
}

func TestDriftRefusals(t *testing.T) {
	w := newWorld(t)
	w.create("s", drifting)
	w.changeSet("r", "set", group, shape.CreateChangeSetInput{ChangeSetType: new("CREATE")})
	w.refused(&shape.DetectStackDriftInput{StackName: "none"}, "ValidationError", "Stack [none] does not exist")
	w.refused(&shape.DetectStackDriftInput{StackName: "r"}, "ValidationError",
		"Drift detection cannot be performed on stack ["+*w.stack("r").StackId+"] in status [REVIEW_IN_PROGRESS].")
	w.refused(&shape.DetectStackDriftInput{StackName: "s", LogicalResourceIds: []string{"X"}}, "ValidationError", "Resource X does not exist for stack s")
	w.refused(&shape.DetectStackResourceDriftInput{StackName: "s", LogicalResourceId: "M"}, "ValidationError",
		"Drift detection on resource type [AWS::CDK::Metadata] is not supported.")
	w.refused(&shape.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: "x"}, "ValidationError", "StackDriftDetectionId x does not exist")
	w.refused(&shape.DescribeStackResourceDriftsInput{StackName: "none"}, "ValidationError", "Stack [none] does not exist")
}
