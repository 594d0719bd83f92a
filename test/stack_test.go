package test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// cloudformation is AWS's own client. It tries everything once.
func (s *server) cloudformation(k key) *cloudformation.Client {
	return cloudformation.New(cloudformation.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

// namedIAM acknowledges resources of IAM that the template names.
var namedIAM = []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}

// stack is a stack as its user sees it.
type stack struct {
	s    *server
	c    *cloudformation.Client
	k    key // whose stack it is
	name string
	// arn is known once the stack is made. It names the stack when it is deleted, too.
	arn string
	// names are words for physical IDs in lines of events.
	names map[string]string
	seen  int // how many events others have looked at
}

func (s *server) stack(k key, name string) *stack {
	return &stack{s: s, c: s.cloudformation(k), k: k, name: name, names: map[string]string{}}
}

// parameters are values by name.
type parameters map[string]string

func (p parameters) list() []cfntypes.Parameter {
	var list []cfntypes.Parameter
	for name, value := range p {
		list = append(list, cfntypes.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	return list
}

// create makes the stack, and returns the state that it ends in.
func (st *stack) create(t *testing.T, template string, p parameters) string {
	t.Helper()
	out := must[*cloudformation.CreateStackOutput](t)(st.c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: &st.name, TemplateBody: &template, Parameters: p.list(), Capabilities: namedIAM,
	}))
	st.arn = *out.StackId
	return st.ends(t)
}

// update changes the stack by UpdateStack, and returns the state that it ends in.
func (st *stack) update(t *testing.T, template string, p parameters) string {
	t.Helper()
	must[*cloudformation.UpdateStackOutput](t)(st.c.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &st.name, TemplateBody: &template, Parameters: p.list(), Capabilities: namedIAM,
	}))
	return st.ends(t)
}

// refuseUpdate demands that an update is refused in those words.
func (st *stack) refuseUpdate(t *testing.T, template, want string) {
	t.Helper()
	_, err := st.c.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: &st.name, TemplateBody: &template, Capabilities: namedIAM})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ValidationError" || e.ErrorMessage() != want {
		t.Errorf("got %v, want ValidationError: %s", err, want)
	}
}

// change changes the stack by a change set, and returns the state that it ends in.
func (st *stack) change(t *testing.T, template string, p parameters) string {
	t.Helper()
	set := st.changeSet(t, template, p)
	if set.Status != cfntypes.ChangeSetStatusCreateComplete {
		t.Fatalf("change set: %s, %s", set.Status, aws.ToString(set.StatusReason))
	}
	must[*cloudformation.ExecuteChangeSetOutput](t)(st.c.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}))
	return st.ends(t)
}

// changeSet makes a change set, which may find nothing to do.
func (st *stack) changeSet(t *testing.T, template string, p parameters) *cloudformation.DescribeChangeSetOutput {
	t.Helper()
	made := must[*cloudformation.CreateChangeSetOutput](t)(st.c.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &st.name, ChangeSetName: new("change"), TemplateBody: &template, Parameters: p.list(), Capabilities: namedIAM,
	}))
	return must[*cloudformation.DescribeChangeSetOutput](t)(st.c.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{
		ChangeSetName: made.Id, IncludePropertyValues: new(true),
	}))
}

// delete deletes the stack, and returns the state that it ends in.
func (st *stack) delete(t *testing.T) string {
	t.Helper()
	must[*cloudformation.DeleteStackOutput](t)(st.c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &st.name}))
	return st.ends(t)
}

// describe is the stack as DescribeStacks shows it.
func (st *stack) describe(t *testing.T) cfntypes.Stack {
	t.Helper()
	name := cmp.Or(st.arn, st.name)
	out := must[*cloudformation.DescribeStacksOutput](t)(st.c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name}))
	return out.Stacks[0]
}

// ends is the state that the stack ends in. Mostly it is in it when the call returns that
// asked for it; on a slow machine, a moment later.
func (st *stack) ends(t *testing.T) string {
	t.Helper()
	late := time.After(patience)
	for tick := time.Tick(20 * time.Millisecond); ; {
		status := string(st.describe(t).StackStatus)
		if !strings.HasSuffix(status, "_IN_PROGRESS") {
			return status
		}
		select {
		case <-tick:
		case <-late:
			t.Fatalf("stack %s is still %s", st.name, status)
		}
	}
}

// outputs are the stack's, by key.
func (st *stack) outputs(t *testing.T) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	for _, o := range st.describe(t).Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	return outputs
}

// news are the events since it was asked last, oldest first: a line for each, of logical
// ID, status, and what there is of a word for the physical ID and the reason.
func (st *stack) news(t *testing.T) []string {
	t.Helper()
	all := st.events(t)
	var lines []string
	for _, e := range all[st.seen:] {
		line := *e.LogicalResourceId + " " + string(e.ResourceStatus)
		if *e.LogicalResourceId == st.name {
			line = "stack " + string(e.ResourceStatus)
		} else if id := aws.ToString(e.PhysicalResourceId); id != "" {
			line += " " + cmp.Or(st.names[id], id)
		}
		if reason := aws.ToString(e.ResourceStatusReason); reason != "" {
			line += ": " + reason
		}
		lines = append(lines, line)
	}
	st.seen = len(all)
	return lines
}

// events are all of the stack's events, oldest first. Their order is that of their times,
// and no two have the same time or ID.
func (st *stack) events(t *testing.T) []cfntypes.StackEvent {
	t.Helper()
	name := cmp.Or(st.arn, st.name)
	var all []cfntypes.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(st.c, &cloudformation.DescribeStackEventsInput{StackName: &name})
	for pages.HasMorePages() {
		all = append(all, must[*cloudformation.DescribeStackEventsOutput](t)(pages.NextPage(t.Context())).StackEvents...)
	}
	slices.Reverse(all)
	ids := map[string]bool{}
	for i, e := range all {
		if ids[*e.EventId] || i > 0 && !e.Timestamp.After(*all[i-1].Timestamp) {
			t.Errorf("event %d, %s: its ID or its time is not its own", i, *e.EventId)
		}
		ids[*e.EventId] = true
	}
	return all
}

// sameLines compares lines, of which some may have a * where anything may stand.
func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.EqualFunc(got, want, likeLine) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func likeLine(got, want string) bool {
	parts := strings.Split(want, "*")
	rest, ok := strings.CutPrefix(got, parts[0])
	for _, part := range parts[1:] {
		if part == "" && ok { // it ends with a *
			return true
		}
		_, rest, ok = strings.Cut(rest, part)
		if !ok {
			return false
		}
	}
	return ok && rest == ""
}

// keysOf are a user's keys as IAM lists them: "<word> Active", with st's words for IDs.
func (st *stack) keysOf(t *testing.T, user string) []string {
	t.Helper()
	out, err := st.s.iam(st.k).ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: &user})
	if err != nil {
		code(t, "NoSuchEntity")(nil, err)
		return []string{"no user"}
	}
	lines := []string{}
	for _, k := range out.AccessKeyMetadata {
		lines = append(lines, fmt.Sprintf("%s %s", cmp.Or(st.names[*k.AccessKeyId], *k.AccessKeyId), k.Status))
	}
	return lines
}

// signs reports whether calls signed with a key are answered.
func (s *server) signs(t *testing.T, k key) bool {
	t.Helper()
	_, err := s.sts(k).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		code(t, "InvalidClientTokenId")(nil, err)
	}
	return err == nil
}

// held is the key in a secret, which has it as the sample templates write it.
func (st *stack) held(t *testing.T, secret string) key {
	t.Helper()
	text, err := secretOf(t.Context(), st.s.secrets(st.k), secret)
	if err != nil {
		t.Fatal(err)
	}
	var k struct{ AccessKeyId, SecretAccessKey string }
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err) // does not show the text
	}
	return key{ID: k.AccessKeyId, Secret: k.SecretAccessKey}
}

// printed is all that a client reads of something.
func printed(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
