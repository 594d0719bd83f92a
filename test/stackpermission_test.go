package test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// mayDo gives a user a policy that allows actions on everything, and no other.
func (s *server) mayDo(t *testing.T, user string, actions ...string) {
	t.Helper()
	must[*iam.PutUserPolicyOutput](t)(s.iam(s.root(t)).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: &user, PolicyName: new("may"), PolicyDocument: new(mayAll(actions)),
	}))
}

func mayAll(actions []string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["%s"],"Resource":"*"}]}`, strings.Join(actions, `","`))
}

// stackRole makes a role that CloudFormation may assume and that may do that.
func (s *server) stackRole(t *testing.T, name string, actions ...string) (arn string) {
	t.Helper()
	c := s.iam(s.root(t))
	made := must[*iam.CreateRoleOutput](t)(c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudformation.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	must[*iam.PutRolePolicyOutput](t)(c.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("may"), PolicyDocument: new(mayAll(actions))}))
	return *made.Role.Arn
}

// Without a role, a stack's calls have its caller's permissions, and no more.
func TestStackHasItsCallersPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	k := s.userKey(t, "Bob")
	s.mayDo(t, "Bob", "cloudformation:*", "iam:CreateGroup", "iam:DeleteGroup", "iam:GetGroup")
	st := s.stack(k, "mine")
	template := `{"Resources":{"Group":{"Type":"AWS::IAM::Group","Properties":{"GroupName":"mine"}},
		"User":{"Type":"AWS::IAM::User","DependsOn":"Group","Properties":{"UserName":"mine"}}}}`
	if got := st.create(t, template, nil); got != "ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	sameLines(t, "events", st.news(t), []string{
		"stack CREATE_IN_PROGRESS: User Initiated",
		"Group CREATE_IN_PROGRESS",
		"Group CREATE_IN_PROGRESS mine: Resource creation Initiated",
		"Group CREATE_COMPLETE mine",
		"User CREATE_IN_PROGRESS",
		"User CREATE_FAILED: *User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: iam:CreateUser on resource: " +
			"arn:aws:iam::123456789012:user/mine because no identity-based policy allows the iam:CreateUser action*AccessDenied*",
		"stack ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [User]. Rollback requested by user.",
		"User DELETE_COMPLETE",
		"Group DELETE_IN_PROGRESS mine",
		"Group DELETE_COMPLETE mine",
		"stack ROLLBACK_COMPLETE",
	})
}

// A role's permissions take the place of the caller's, and stay with the stack. Who hands
// a role over must be allowed to.
func TestStackHasItsRolesPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	k := s.userKey(t, "Bob")
	role := s.stackRole(t, "stacks", "iam:CreateUser", "iam:GetUser", "iam:TagUser", "iam:DeleteUser", "iam:List*")
	create := func(role string) (*cloudformation.CreateStackOutput, error) {
		return s.cloudformation(k).CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: new("mine"), RoleARN: &role, Capabilities: namedIAM,
			TemplateBody: new(`{"Resources":{"User":{"Type":"AWS::IAM::User","Properties":{"UserName":"mine"}}}}`),
		})
	}
	s.mayDo(t, "Bob", "cloudformation:*")
	code(t, "AccessDenied")(create(role))
	s.mayDo(t, "Bob", "cloudformation:*", "iam:PassRole")
	code(t, "ValidationError")(create("arn:aws:iam::123456789012:role/nobody"))
	st := s.stack(k, "mine")
	st.arn = *must[*cloudformation.CreateStackOutput](t)(create(role)).StackId
	if got := st.ends(t); got != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s\n%s", got, strings.Join(st.news(t), "\n"))
	}
	st.news(t)
	s.mayDo(t, "Bob", "cloudformation:*", "iam:*") // which is of no use: the role has no permission for groups
	group := `{"Resources":{"User":{"Type":"AWS::IAM::User","Properties":{"UserName":"mine"}},"Group":{"Type":"AWS::IAM::Group"}}}`
	if got := st.update(t, group, nil); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	denied := func(line string) bool {
		return likeLine(line, "Group CREATE_FAILED: *assumed-role/stacks/AWSCloudFormation is not authorized to perform: iam:CreateGroup*")
	}
	if news := st.news(t); !slices.ContainsFunc(news, denied) {
		t.Errorf("events:\n\t%s", strings.Join(news, "\n\t"))
	}
	s.mayDo(t, "Bob", "cloudformation:*")
	if got := st.delete(t); got != "DELETE_COMPLETE" {
		t.Errorf("deleted, the stack is %s\n%s", got, strings.Join(st.news(t), "\n"))
	}
}

// What a stack holds of a key's secret is in none of what people and files are told.
func TestStackTellsNoSecret(t *testing.T) {
	t.Parallel()
	s := start(t)
	st := s.stack(s.root(t), "keys")
	st.create(t, sample(t, "access-key.yaml"), nil)
	secrets := []string{st.held(t, st.outputs(t)["SecretArn"]).Secret}
	set := st.changeSet(t, sample(t, "access-key.yaml"), parameters{"Serial": "2"})
	told := []string{printed(set.Changes)}
	must[*cloudformation.ExecuteChangeSetOutput](t)(st.c.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}))
	st.ends(t)
	secrets = append(secrets, st.held(t, st.outputs(t)["SecretArn"]).Secret)
	broken := strings.Replace(sample(t, "access-key.yaml"), "\nOutputs:", "  Broken:\n    Type: AWS::IAM::Group\n    DependsOn: Secret\n    Properties:\n"+
		"      ManagedPolicyArns: ['arn:aws:iam::aws:policy/NoSuchPolicy']\n\nOutputs:", 1)
	if got := st.update(t, broken, parameters{"Serial": "3"}); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	told = append(told, printed(st.describe(t)))
	for _, e := range st.events(t) {
		told = append(told, printed(e))
	}
	st.delete(t)
	s.stop(t)
	told = append(told, s.stdout.String(), s.stderr.String())
	err := filepath.WalkDir(s.data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "credentials" { // the root's
			return err
		}
		text, err := os.ReadFile(path)
		told = append(told, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if len(secret) != 40 {
			t.Fatalf("a secret of %d characters", len(secret))
		}
		if i := slices.IndexFunc(told, func(text string) bool { return strings.Contains(text, secret) }); i >= 0 {
			t.Errorf("a secret key is in text %d of %d", i, len(told)) // which is not to be shown
		}
	}
}

// The permissions of who began an operation are kept for it: it goes on, and back, when the
// key is deactivated meanwhile.
func TestStackOutlivesItsCallersKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	k := s.userKey(t, "Bob")
	s.mayDo(t, "Bob", "cloudformation:*", "iam:*")
	st := s.stack(k, "long")
	template := `{"Resources":{"Handle":{"Type":"AWS::CloudFormation::WaitConditionHandle"},
		"Wait":{"Type":"AWS::CloudFormation::WaitCondition","Properties":{"Handle":{"Ref":"Handle"},"Timeout":"120"}},
		"User":{"Type":"AWS::IAM::User","DependsOn":"Wait","Properties":{"UserName":"late"}}},
		"Outputs":{"Handle":{"Value":{"Ref":"Handle"}}}}`
	made := must[*cloudformation.CreateStackOutput](t)(st.c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: new("long"), TemplateBody: &template, Capabilities: namedIAM,
	}))
	root := s.stack(s.root(t), "long")
	root.arn = *made.StackId
	must[*iam.UpdateAccessKeyOutput](t)(s.iam(s.root(t)).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{
		UserName: new("Bob"), AccessKeyId: &k.ID, Status: "Inactive",
	}))
	path := ""
	for _, e := range root.events(t) {
		if *e.LogicalResourceId == "Handle" {
			_, path, _ = strings.Cut(aws.ToString(e.PhysicalResourceId), "/signals/") // the port is not known when the server starts
		}
	}
	got := s.send(t, s.request(t, http.MethodPut, "/signals/"+path, "", `{"Status":"SUCCESS","UniqueId":"1","Reason":"","Data":""}`))
	if got.status != http.StatusOK {
		t.Fatalf("the signal: %d %s", got.status, got.body)
	}
	if got := root.ends(t); got != "CREATE_COMPLETE" {
		t.Errorf("the stack is %s\n%s", got, strings.Join(root.news(t), "\n"))
	}
}
