package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// A key that is rotated, as AWS's own client reads the change set.
func TestChangeSetOfRotation(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, k := rootKeyOf(t, s, "create", "changes")
	st := s.stack(k, "keys")
	template := `{"Parameters":{"Serial":{"Type":"Number","Default":"1"}},"Resources":{
		"User":{"Type":"AWS::IAM::User"},
		"Key":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"User"},"Serial":{"Ref":"Serial"}}},
		"Secret":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":{"Fn::GetAtt":["Key","SecretAccessKey"]}}}}}`
	if got := st.create(t, template, nil); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	set := st.changeSet(t, template, parameters{"Serial": "2"})
	var lines []string
	for _, c := range set.Changes {
		r := c.ResourceChange
		lines = append(lines, fmt.Sprint(r.Action, " ", *r.LogicalResourceId, " ", r.Replacement, " ", r.PolicyAction))
		for _, d := range r.Details {
			lines = append(lines, strings.TrimSpace(fmt.Sprint(" ", d.Evaluation, " ", d.ChangeSource, " ", aws.ToString(d.CausingEntity), " ",
				*d.Target.Path, " ", *d.Target.BeforeValue, " ", *d.Target.AfterValue)))
		}
	}
	sameLines(t, "changes", lines, []string{
		"Modify Key True ReplaceAndDelete",
		"Static ParameterReference Serial /Properties/Serial 1 2",
		"Dynamic DirectModification  /Properties/Serial 1 2",
		"Modify Secret False ",
		"Static ResourceAttribute Key.SecretAccessKey /Properties/SecretString **** {{changeSet:KNOWN_AFTER_APPLY}}",
		"Dynamic DirectModification  /Properties/SecretString **** {{changeSet:KNOWN_AFTER_APPLY}}",
	})
	if set.ExecutionStatus != cfntypes.ExecutionStatusAvailable {
		t.Errorf("the change set is %s", set.ExecutionStatus)
	}
}

// A user that is there comes into a stack, drifts from it, and is seen to.
func TestImportAndDrift(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, k := rootKeyOf(t, s, "create", "import")
	st := s.stack(k, "users")
	users := s.iam(k)
	must[*iam.CreateUserOutput](t)(users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("ann")}))
	template := `{"Resources":{"User":{"Type":"AWS::IAM::User","DeletionPolicy":"Retain","Properties":{"UserName":"ann","Path":"/"}}}}`
	made := must[*cloudformation.CreateChangeSetOutput](t)(st.c.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &st.name, ChangeSetName: new("import"), ChangeSetType: cfntypes.ChangeSetTypeImport, TemplateBody: &template, Capabilities: namedIAM,
		ResourcesToImport: []cfntypes.ResourceToImport{{
			LogicalResourceId: new("User"), ResourceType: new("AWS::IAM::User"), ResourceIdentifier: map[string]string{"UserName": "ann"},
		}},
	}))
	st.arn = *made.StackId
	must[*cloudformation.ExecuteChangeSetOutput](t)(st.c.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id}))
	if got := st.ends(t); got != "IMPORT_COMPLETE" {
		t.Fatal(got)
	}

	must[*iam.UpdateUserOutput](t)(users.UpdateUser(t.Context(), &iam.UpdateUserInput{UserName: new("ann"), NewPath: new("/other/")}))
	detection := must[*cloudformation.DetectStackDriftOutput](t)(st.c.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: &st.name}))
	status := must[*cloudformation.DescribeStackDriftDetectionStatusOutput](t)(st.c.DescribeStackDriftDetectionStatus(t.Context(),
		&cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: detection.StackDriftDetectionId}))
	if status.DetectionStatus != cfntypes.StackDriftDetectionStatusDetectionComplete || status.StackDriftStatus != cfntypes.StackDriftStatusDrifted || *status.DriftedStackResourceCount != 1 {
		t.Errorf("%+v", status)
	}
	drifts := must[*cloudformation.DescribeStackResourceDriftsOutput](t)(st.c.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &st.name}))
	var lines []string
	for _, d := range drifts.StackResourceDrifts {
		for _, x := range d.PropertyDifferences {
			lines = append(lines, fmt.Sprint(*d.LogicalResourceId, " ", d.StackResourceDriftStatus, " ", x.DifferenceType, " ", *x.PropertyPath, " ", *x.ExpectedValue, " ", *x.ActualValue))
		}
	}
	if want := []string{"User MODIFIED NOT_EQUAL /Path / /other/"}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if got := st.delete(t); got != "DELETE_COMPLETE" {
		t.Fatal(got)
	}
	must[*iam.GetUserOutput](t)(users.GetUser(t.Context(), &iam.GetUserInput{UserName: new("ann")}))
}
