package cfn_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

const described = `AWSTemplateFormatVersion: 2010-09-09
Description: all there is
Metadata: {By: hand}
Parameters:
  Name: {Type: String, Default: ann, AllowedValues: [ann, bob], Description: whose}
  Secret: {Type: String, NoEcho: true, Default: hidden}
Resources:
  Ann: {Type: AWS::IAM::User, Properties: {UserName: !Ref Name}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Ann}}
  P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: v}}
`

func TestTemplateSummary(t *testing.T) {
	w := newWorld(t)
	w.create("s", described)
	body := described
	for name, in := range map[string]*shape.GetTemplateSummaryInput{"a body": {TemplateBody: &body}, "a stack": {StackName: new("s")}} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			out := must[shape.GetTemplateSummaryOutput](w, in)
			if *out.Description != "all there is" || *out.Version != "2010-09-09" || *out.Metadata != `{"By":"hand"}` || out.DeclaredTransforms != nil || out.Warnings != nil {
				t.Errorf("got %+v", out)
			}
			if !slices.Equal(out.Capabilities, []string{"CAPABILITY_NAMED_IAM"}) || *out.CapabilitiesReason != "The following resource(s) require capabilities: [AWS::IAM::AccessKey, AWS::IAM::User]" {
				t.Errorf("got %q, %s", out.Capabilities, *out.CapabilitiesReason)
			}
			if !slices.Equal(out.ResourceTypes, []string{"AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::SSM::Parameter"}) {
				t.Errorf("got %q", out.ResourceTypes)
			}
			p := out.Parameters
			if len(p) != 2 || *p[0].ParameterKey != "Name" || *p[0].DefaultValue != "ann" || *p[0].ParameterType != "String" || *p[0].Description != "whose" || *p[0].NoEcho ||
				!slices.Equal(p[0].ParameterConstraints.AllowedValues, []string{"ann", "bob"}) || !*p[1].NoEcho || *p[1].DefaultValue != "****" {
				t.Errorf("got %+v", p)
			}
			user := out.ResourceIdentifierSummaries[0]
			if *user.ResourceType != "AWS::IAM::User" || !slices.Equal(user.LogicalResourceIds, []string{"Ann"}) || !slices.Equal(user.ResourceIdentifiers, []string{"UserName"}) {
				t.Errorf("got %+v", user)
			}
		})
	}
	w.t = t
	out := must[shape.ValidateTemplateOutput](w, &shape.ValidateTemplateInput{TemplateBody: &body})
	if len(out.Parameters) != 2 || *out.Description != "all there is" || *out.Parameters[1].DefaultValue != "****" || !slices.Equal(out.Capabilities, []string{"CAPABILITY_NAMED_IAM"}) {
		t.Errorf("got %+v", out)
	}
}

func TestTemplateRefused(t *testing.T) {
	w := newWorld(t)
	body, broken, foreign := described, `{`, `{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}`
	const unknown = "Template format error: Unrecognized resource types: [AWS::SQS::Queue]"
	w.invalid(&shape.ValidateTemplateInput{}, "Either Template URL or Template Body must be specified.")
	w.invalid(&shape.ValidateTemplateInput{TemplateBody: &foreign}, unknown)
	w.invalid(&shape.GetTemplateSummaryInput{TemplateBody: &foreign}, unknown)
	for _, typ := range []string{"Custom::Thing", "AWS::CloudFormation::CustomResource", "AWS::Lambda::Function"} {
		w.invalid(&shape.ValidateTemplateInput{TemplateBody: new(`{"Resources":{"R":{"Type":"` + typ + `"}}}`)},
			"Template format error: Unrecognized resource types: ["+typ+"]; iamd does not run Lambda functions, nor custom resources, which they serve")
	}
	warned := must[shape.GetTemplateSummaryOutput](w, &shape.GetTemplateSummaryInput{TemplateBody: &foreign, TemplateSummaryConfig: &shape.TemplateSummaryConfig{TreatUnrecognizedResourceTypesAsWarnings: new(true)}})
	if !slices.Equal(warned.Warnings.UnrecognizedResourceTypes, []string{"AWS::SQS::Queue"}) || len(warned.ResourceIdentifierSummaries) != 0 {
		t.Errorf("got %+v", warned)
	}
	if _, _, err := w.Do(w.Root(), "ValidateTemplate", &shape.ValidateTemplateInput{TemplateBody: &broken}); !isCode(err, "ValidationError") {
		t.Errorf("got %v", err)
	}
	const one = "You must specify one and only one of the following parameters: StackName, StackSetName, TemplateBody, TemplateURL."
	w.invalid(&shape.GetTemplateSummaryInput{}, one)
	w.invalid(&shape.GetTemplateSummaryInput{StackName: new("s"), TemplateBody: &body}, one)
	w.invalid(&shape.GetTemplateSummaryInput{StackName: new("s")}, "Stack with id s does not exist")
	w.Refused(w.Root(), "GetTemplateSummary", &shape.GetTemplateSummaryInput{StackSetName: new("x")}, 404, "StackSetNotFoundException", "StackSet x not found")
	w.invalid(&shape.GetTemplateInput{}, "StackName is required if ChangeSetName is not specified.")
	w.invalid(&shape.GetTemplateInput{ChangeSetName: new("c")}, "StackName is a required parameter.")
	w.invalid(&shape.GetTemplateInput{StackName: new("s")}, "Stack with id s does not exist")
	missing := "arn:aws:cloudformation:us-east-1:123456789012:changeSet/c/00000000-0000-4000-8000-000000000000"
	w.Refused(w.Root(), "GetTemplate", &shape.GetTemplateInput{ChangeSetName: &missing}, 404, "ChangeSetNotFound", "ChangeSet ["+missing+"] does not exist")
}

func isCode(err error, code string) bool {
	e, _ := awserr.Public(err, awserr.Query)
	return err != nil && e.Code == code
}

// A template is shown as it was submitted, and as its macros made it; also of what is
// under review, and of what is gone.
func TestGetTemplate(t *testing.T) {
	w := newWorld(t)
	body := ` {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::U": ["N", ["a", "b"], {"U${N}": {"Type": "AWS::IAM::User"}}]}}`
	shown := func(in *shape.GetTemplateInput) string {
		t.Helper()
		out := must[shape.GetTemplateOutput](w, in)
		if !slices.Equal(out.StagesAvailable, []string{"Original", "Processed"}) {
			t.Errorf("stages %q", out.StagesAvailable)
		}
		return *out.TemplateBody
	}
	w.Refused(w.Root(), "CreateStack", &shape.CreateStackInput{StackName: "s", TemplateBody: &body, Capabilities: capabilities}, 400,
		"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
	set := must[shape.CreateChangeSetOutput](w, &shape.CreateChangeSetInput{
		StackName: "s", ChangeSetName: "c", ChangeSetType: new("CREATE"), TemplateBody: &body, Capabilities: capabilities,
	})
	if got := shown(&shape.GetTemplateInput{StackName: new("s")}); got != "{}" {
		t.Errorf("under review: %s", got)
	}
	w.invalid(&shape.GetTemplateSummaryInput{StackName: new("s")}, "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
	if got := shown(&shape.GetTemplateInput{ChangeSetName: set.Id}); got != body {
		t.Errorf("of the change set: %s", got)
	}
	must[shape.ExecuteChangeSetOutput](w, &shape.ExecuteChangeSetInput{ChangeSetName: *set.Id})
	w.is("s", "CREATE_COMPLETE")
	must[op.None](w, &shape.DeleteStackInput{StackName: "s"})
	if got := shown(&shape.GetTemplateInput{StackName: set.StackId, TemplateStage: new("Original")}); got != body {
		t.Errorf("of the stack: %s", got)
	}
	processed := shown(&shape.GetTemplateInput{StackName: set.StackId, TemplateStage: new("Processed")})
	if !json.Valid([]byte(processed)) || !strings.Contains(processed, `"Ub"`) || strings.Contains(processed, "ForEach") {
		t.Errorf("processed: %s", processed)
	}
	summary := must[shape.GetTemplateSummaryOutput](w, &shape.GetTemplateSummaryInput{TemplateBody: &body})
	if !slices.Equal(summary.DeclaredTransforms, []string{"AWS::LanguageExtensions"}) || !slices.Equal(summary.Capabilities, []string{"CAPABILITY_AUTO_EXPAND"}) {
		t.Errorf("got %+v", summary)
	}
}
