package cfn_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// two is a template of two users; of a name of its own, or with a path.
func two(first, second string) string {
	return fmt.Sprintf(`{"Resources":{"Ann":{"Type":"AWS::IAM::User","Properties":{%s}},"Bob":{"Type":"AWS::IAM::User","Properties":{%s}}}}`, first, second)
}

// statement is a rule for all users, or those that the rest says.
func statement(effect, action, rest string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":%q,"Principal":"*",%s}`, effect, action, rest)
}

const anything = `"Resource":"*"`

func document(statements ...string) string {
	text := `{"Statement":[`
	for i, s := range statements {
		if i > 0 {
			text += ","
		}
		text += s
	}
	return text + "]}"
}

// What a policy denies fails the update before anything is changed.
func TestStackPolicyOfUpdates(t *testing.T) {
	allow := statement("Allow", "Update:*", anything)
	const ann, bob = `"UserName":"ann"`, `"UserName":"bob"`
	before := two(ann, bob)
	modified, replaced := two(ann+`,"Path":"/a/"`, bob), two(`"UserName":"eve"`, bob)
	removed := `{"Resources":{"Bob":{"Type":"AWS::IAM::User","Properties":{"UserName":"bob","Path":"/b/"}}}}`
	for _, c := range []struct {
		name, policy, update, want string // "" for an update that goes well
	}{
		{"all allowed", document(allow), modified, ""},
		{"an empty policy is none", `{}`, modified, ""},
		{"nothing allowed", document(statement("Deny", "Update:Delete", anything)), modified, "Action not allowed by stack policy"},
		{"modify", document(allow, statement("Deny", "Update:Modify", `"Resource":"LogicalResourceId/Ann"`)), modified,
			"Action denied by stack policy: Statement [#1] does not allow [Update:Modify] for resource [LogicalResourceId/Ann];"},
		{"replace", document(statement("Deny", "Update:*", `"Resource":"LogicalResourceId/A*"`), allow), replaced,
			"Action denied by stack policy: Statement [#0] does not allow [Update:*] for resource [LogicalResourceId/A*];"},
		{"a replacement is no modification", document(allow, statement("Deny", "Update:Modify", anything)), replaced, ""},
		{"delete", document(allow, statement("Deny", "Update:Delete", `"Resource":"*","Condition":{"StringEquals":{"ResourceType":["AWS::IAM::User"]}}`)), removed,
			"Action denied by stack policy: Statement [#1] does not allow [Update:Delete] for resource [*];"},
		{"another type", document(allow, statement("Deny", "Update:*", `"Resource":"*","Condition":{"StringLike":{"ResourceType":"AWS::EC2::*"}}`)), removed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.create("s", before)
			must[op.None](w, &shape.SetStackPolicyInput{StackName: "s", StackPolicyBody: &c.policy})
			must[shape.UpdateStackOutput](w, &shape.UpdateStackInput{StackName: "s", TemplateBody: &c.update, Capabilities: capabilities})
			if c.want == "" {
				w.is("s", "UPDATE_COMPLETE")
				return
			}
			w.is("s", "UPDATE_ROLLBACK_COMPLETE")
			all := w.events("s")
			if want := "Ann UPDATE_FAILED " + c.want; !slices.Contains(all, want) {
				t.Errorf("no event %q in %q", want, all)
			}
			if slices.Contains(all, "Bob UPDATE_IN_PROGRESS") || slices.Contains(all, "Ann DELETE_IN_PROGRESS") {
				t.Errorf("something was done: %q", all)
			}
		})
	}
}

// An update may bring a policy for itself, and leave one.
func TestStackPolicyWithUpdate(t *testing.T) {
	const ann, bob = `"UserName":"ann"`, `"UserName":"bob"`
	allow, deny := document(statement("Allow", "Update:*", anything)), document(statement("Deny", "Update:*", anything))
	w := newWorld(t)
	w.create("s", two(ann, bob))
	update := func(path string, in *shape.UpdateStackInput, status, after string) {
		t.Helper()
		body := two(ann+`,"Path":"`+path+`"`, bob)
		in.StackName, in.TemplateBody, in.Capabilities = "s", &body, capabilities
		must[shape.UpdateStackOutput](w, in)
		w.is("s", status)
		is := must[shape.GetStackPolicyOutput](w, &shape.GetStackPolicyInput{StackName: "s"}).StackPolicyBody
		if got := is; after == "" && got != nil || after != "" && (got == nil || *got != after) {
			t.Fatalf("policy after %s: %v, want %s", path, got, after)
		}
	}
	update("/1/", &shape.UpdateStackInput{StackPolicyDuringUpdateBody: &deny}, "UPDATE_ROLLBACK_COMPLETE", "")
	update("/2/", &shape.UpdateStackInput{StackPolicyBody: &deny}, "UPDATE_COMPLETE", deny)
	update("/3/", &shape.UpdateStackInput{StackPolicyBody: &allow}, "UPDATE_ROLLBACK_COMPLETE", deny)
	update("/4/", &shape.UpdateStackInput{StackPolicyDuringUpdateBody: &allow}, "UPDATE_COMPLETE", deny)
	update("/5/", &shape.UpdateStackInput{StackPolicyDuringUpdateBody: &allow, StackPolicyBody: &allow}, "UPDATE_COMPLETE", allow)
	update("/6/", &shape.UpdateStackInput{}, "UPDATE_COMPLETE", allow)
}

func TestStackPolicyRefused(t *testing.T) {
	const unread = "Error validating stack policy: Invalid stack policy"
	unknown := func(what, name string) string {
		return "Error validating " + what + ": Unknown logical id '" + name + "' in statement {} - stack policies can only be applied to logical ids referenced in the template"
	}
	w := newWorld(t)
	w.create("s", two(`"UserName":"ann"`, `"UserName":"bob"`))
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `no`, unread},
		{"a list", `[]`, unread},
		{"null", `null`, unread},
		{"another member", `{"Statements":[]}`, unread},
		{"an effect", document(statement("Perhaps", "Update:*", anything)), unread},
		{"an action", document(statement("Deny", "Delete:*", anything)), unread},
		{"no action", `{"Statement":{"Effect":"Deny","Principal":"*","Resource":"*"}}`, unread},
		{"a principal", `{"Statement":{"Effect":"Deny","Action":"Update:*","Principal":"ann","Resource":"*"}}`, unread},
		{"both", document(statement("Deny", "Update:*", `"Resource":"*","NotResource":"*"`)), unread},
		{"a condition", document(statement("Deny", "Update:*", `"Resource":"*","Condition":{"Bool":{"ResourceType":"a"}}`)), unread},
		{"a key", document(statement("Deny", "Update:*", `"Resource":"*","Condition":{"StringEquals":{"aws:x":"a"}}`)), unread},
		{"a resource", document(statement("Deny", "Update:*", `"NotResource":["LogicalResourceId/Ann","LogicalResourceId/Eve"]`)), unknown("stack policy", "LogicalResourceId/Eve")},
		{"without prefix", document(statement("Deny", "Update:*", `"Resource":"Ann"`)), unknown("stack policy", "Ann")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			w.invalid(&shape.SetStackPolicyInput{StackName: "s", StackPolicyBody: &c.body}, c.want)
		})
	}
	w.t = t
	empty := "{}"
	w.invalid(&shape.SetStackPolicyInput{StackName: "s", StackPolicyBody: &empty, StackPolicyURL: &empty}, "You cannot specify both StackPolicyURL and StackPolicyBody")
	w.invalid(&shape.SetStackPolicyInput{StackName: "s"}, "Either StackPolicyURL or StackPolicyBody must be specified.")
	w.invalid(&shape.SetStackPolicyInput{StackName: "t", StackPolicyBody: &empty}, "Stack [t] does not exist")
	w.invalid(&shape.GetStackPolicyInput{StackName: "t"}, "Stack [t] does not exist")

	policy := document(statement("Allow", "Update:*", anything), statement("Deny", "Update:Replace", `"Resource":"LogicalResourceId/Ann"`))
	must[op.None](w, &shape.SetStackPolicyInput{StackName: "s", StackPolicyBody: &policy})
	body := `{"Resources":{"Bob":{"Type":"AWS::IAM::User"}}}`
	w.invalid(&shape.UpdateStackInput{StackName: "s", TemplateBody: &body, Capabilities: capabilities}, unknown("existing stack policy", "LogicalResourceId/Ann"))
}
