package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// put keeps a text in bucket "templates" of the stack's account.
func (st *stack) put(t *testing.T, name, text string) {
	t.Helper()
	must[*s3.PutObjectOutput](t)(st.s.s3(st.k).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: new("templates"), Key: &name, Body: strings.NewReader(text),
	}))
}

func (s *server) withTemplates(t *testing.T, name string) *stack {
	t.Helper()
	st := s.stack(s.root(t), name)
	must[*s3.CreateBucketOutput](t)(s.s3(st.k).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: new("templates")}))
	return st
}

// The template of a nested stack may change while its parent's stays as it is: an update
// of the parent looks. A bad one is taken back to what the stack was made of, whatever is
// at its URL by then.
func TestNestedTemplateChanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	st := s.withTemplates(t, "nest")
	child := func(path, more string) string {
		return `{"Resources":{"User":{"Type":"AWS::IAM::User","Properties":{"UserName":"inner","Path":"` + path + `"}}` + more + `}}`
	}
	const parent = `{"Resources":{"Child":{"Type":"AWS::CloudFormation::Stack","Properties":{"TemplateURL":"https://s3.us-east-1.amazonaws.com/templates/child"}}}}`
	path := func() string {
		out := must[*iam.GetUserOutput](t)(s.iam(st.k).GetUser(t.Context(), &iam.GetUserInput{UserName: new("inner")}))
		return *out.User.Path
	}
	is := func(what, got, want, wantPath string) {
		t.Helper()
		if at := path(); got != want || at != wantPath {
			t.Errorf("%s: the stack is %s, the user at %s; want %s, %s", what, got, at, want, wantPath)
		}
	}
	st.put(t, "child", child("/one/", ""))
	is("made", st.create(t, parent, nil), "CREATE_COMPLETE", "/one/")

	set := st.changeSet(t, parent, nil)
	if len(set.Changes) != 1 {
		t.Fatalf("changes: %s", printed(set.Changes))
	}
	change := set.Changes[0].ResourceChange
	if d := change.Details; change.Action != "Modify" || change.Replacement != "False" || len(d) != 1 || d[0].ChangeSource != "Automatic" || d[0].Evaluation != "Dynamic" {
		t.Errorf("change: %s", printed(change))
	}
	must[*cloudformation.DeleteChangeSetOutput](t)(st.c.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: set.ChangeSetId}))
	is("nothing new", st.update(t, parent, nil), "UPDATE_COMPLETE", "/one/")
	st.put(t, "child", child("/two/", ""))
	is("changed", st.update(t, parent, nil), "UPDATE_COMPLETE", "/two/")
	must[*iam.CreateGroupOutput](t)(s.iam(st.k).CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: new("taken")}))
	st.put(t, "child", child("/three/", `,"G":{"Type":"AWS::IAM::Group","DependsOn":"User","Properties":{"GroupName":"taken"}}`))
	is("bad", st.change(t, parent, nil), "UPDATE_ROLLBACK_COMPLETE", "/two/")
	st.put(t, "child", child("/four/", ""))
	is("good again", st.update(t, parent, nil), "UPDATE_COMPLETE", "/four/")
	if got := st.delete(t); got != "DELETE_COMPLETE" {
		t.Errorf("deleted: %s", got)
	}

	bare := s.stack(st.k, "bare") // acknowledges nothing, and so nothing for the nested one
	bare.arn = *must[*cloudformation.CreateStackOutput](t)(bare.c.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &bare.name, TemplateBody: new(parent)})).StackId
	if got, news := bare.ends(t), strings.Join(bare.news(t), "\n"); got != "ROLLBACK_COMPLETE" || !strings.Contains(news, "Requires capabilities : [CAPABILITY_NAMED_IAM]") {
		t.Errorf("without capabilities: %s\n%s", got, news)
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}

// Parts of a template may be in a bucket, whose policies hold for who makes the stack.
func TestTemplateIncludes(t *testing.T) {
	t.Parallel()
	s := start(t)
	st := s.withTemplates(t, "parts")
	const template = `
Resources:
  User:
    Type: AWS::IAM::User
    Properties:
      UserName: included
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://templates/part.yaml}}
`
	create := func() error {
		_, err := st.c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: &st.name, TemplateBody: new(template), Capabilities: slices.Concat(namedIAM, []cfntypes.Capability{"CAPABILITY_AUTO_EXPAND"}),
		})
		return err
	}
	refusedWith(t, "a part that is not there", create(), "ValidationError")
	st.put(t, "part.yaml", "Path: /part/\nTags: [{Key: at, Value: !Ref AWS::StackName}]\n")
	if err := create(); err != nil {
		t.Fatal(err)
	}
	if got := st.ends(t); got != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s: %q", got, st.news(t))
	}
	user := must[*iam.GetUserOutput](t)(s.iam(st.k).GetUser(t.Context(), &iam.GetUserInput{UserName: new("included")})).User
	if *user.Path != "/part/" || *user.Tags[0].Value != "parts" {
		t.Errorf("the user: %s", printed(user))
	}
	for stage, want := range map[cfntypes.TemplateStage]string{"Original": "AWS::Include", "Processed": "/part/"} {
		out := must[*cloudformation.GetTemplateOutput](t)(st.c.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: &st.name, TemplateStage: stage}))
		if !strings.Contains(*out.TemplateBody, want) {
			t.Errorf("%s: %s", stage, *out.TemplateBody)
		}
	}
}
