package test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestCrashInImport kills the server while it takes users into a stack: all of them are
// the stack's then, or none, and none is harmed.
func TestCrashInImport(t *testing.T) {
	t.Parallel()
	s := start(t)
	for round := range 4 {
		prefix := fmt.Sprintf("r%d-", round)
		st := s.stack(s.root(t), "imports-"+prefix+"x")
		users, template := toImport(t, st, prefix)
		first := `{"Resources":{` + importedGroup(prefix) + `}}`
		if got := st.create(t, first, nil); got != "CREATE_COMPLETE" {
			t.Fatal(got)
		}
		made := must[*cloudformation.CreateChangeSetOutput](t)(st.c.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &st.name, ChangeSetName: new("import"), ChangeSetType: cfntypes.ChangeSetTypeImport, TemplateBody: &template,
			Capabilities: namedIAM, ResourcesToImport: users,
		}))
		done := make(chan error, 1)
		go func() {
			_, err := st.c.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id})
			done <- err
		}()
		<-time.After(time.Duration(rand.Int64N(int64(80 * time.Millisecond))))
		s.kill(t)
		<-done // it may have failed
		s = start(t, onData(s.data))
		again := s.stack(s.root(t), st.name)
		again.arn = st.arn
		again.checkImport(t, len(users), prefix)
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}

func importedGroup(prefix string) string {
	return `"Group":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"` + prefix + `group"}}`
}

// toImport makes users, and the template that has them and a group.
func toImport(t *testing.T, st *stack, prefix string) ([]cfntypes.ResourceToImport, string) {
	t.Helper()
	var list []cfntypes.ResourceToImport
	parts := []string{importedGroup(prefix)}
	for i := range 20 {
		name, logical := fmt.Sprintf("%suser-%d", prefix, i), fmt.Sprintf("User%d", i)
		must[*iam.CreateUserOutput](t)(st.s.iam(st.k).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))
		list = append(list, cfntypes.ResourceToImport{
			LogicalResourceId: &logical, ResourceType: new("AWS::IAM::User"), ResourceIdentifier: map[string]string{"UserName": name},
		})
		parts = append(parts, `"`+logical+`":{"Type":"AWS::IAM::User","DeletionPolicy":"Retain","Properties":{"UserName":"`+name+`"}}`)
	}
	return list, `{"Resources":{` + strings.Join(parts, ",") + `}}`
}

func (st *stack) checkImport(t *testing.T, users int, prefix string) {
	t.Helper()
	status, want := st.ends(t), 1
	if status == "IMPORT_COMPLETE" {
		want += users
	} else if status != "CREATE_COMPLETE" {
		t.Errorf("the stack is %s: %q", status, st.news(t))
	}
	t.Logf("%s: %s", st.name, status)
	if got := len(st.present(t)); got != want {
		t.Errorf("the stack is %s and has %d resources, want %d", status, got, want)
	}
	if got := st.delete(t); got != "DELETE_COMPLETE" {
		t.Errorf("deleted: %s", got)
	}
	for i := range users {
		must[*iam.GetUserOutput](t)(st.s.iam(st.k).GetUser(t.Context(), &iam.GetUserInput{UserName: new(fmt.Sprintf("%suser-%d", prefix, i))}))
	}
}
