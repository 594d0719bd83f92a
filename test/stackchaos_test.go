package test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// TestStackChaos kills the server at some point of an operation on a stack of thirty
// resources, again and again. After each start the stack comes to an end by itself, of
// the old or of the new, and the account holds what the stack says and nothing else.
func TestStackChaos(t *testing.T) {
	t.Parallel()
	seed := setting(t, "STACK_CHAOS_SEED", uint64(time.Now().UnixNano()))
	t.Logf("STACK_CHAOS_SEED=%d", seed)
	c := &chaos{s: start(t), random: rand.New(rand.NewPCG(seed, 0)), span: 500 * time.Millisecond}
	must[*iam.CreateGroupOutput](t)(c.s.iam(c.s.root(t)).CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: new("taken")}))
	for round := range setting(t, "STACK_CHAOS", 10) {
		c.round(t)
		if t.Failed() {
			t.Fatalf("in round %d: %s", round+1, c.last)
		}
		if round%20 == 0 {
			c.healthy(t)
		}
	}
	c.healthy(t)
	t.Logf("stacks ended: %v", c.ended)
}

// chaos is a stack, and what is known of it.
type chaos struct {
	s       *server
	random  *rand.Rand
	arn     string        // "" for no stack
	version int           // of the template that the stack has
	made    int           // versions
	span    time.Duration // how long an operation takes, about
	last    string        // what was done last
	ended   map[string]int
}

// round begins an operation, kills the server in it, and looks at what comes of it.
func (c *chaos) round(t *testing.T) {
	t.Helper()
	before, next := c.version, c.made+1
	c.made = next
	call, done := c.choose(next), make(chan error, 1)
	began := time.Now()
	client := c.s.cloudformation(c.s.root(t))
	go func() { done <- call(t.Context(), client) }()
	select {
	case <-time.After(time.Duration(c.random.Float64() * 1.2 * float64(c.span))):
	case err := <-done:
		if err != nil {
			t.Fatalf("%s: %v", c.last, err)
		}
		c.span = (c.span + time.Since(began)) / 2
		done <- nil
	}
	c.s.kill(t)
	<-done // it may have failed
	c.s = start(t, onData(c.s.data))
	for c.random.IntN(4) == 0 { // while it takes up the work
		<-time.After(time.Duration(c.random.Float64() * float64(c.span)))
		c.s.kill(t)
		c.s = start(t, onData(c.s.data))
	}
	c.settle(t, before, next)
}

// choose is one of the calls that the stack's state permits.
func (c *chaos) choose(next int) func(context.Context, *cloudformation.Client) error {
	template, what := chaosTemplate(next, ""), "good"
	if c.random.IntN(3) == 0 {
		what = []string{"late", "member"}[c.random.IntN(2)]
		template = chaosTemplate(next, what)
	}
	name, token := new("chaos"), new(fmt.Sprintf("token-%d", next))
	switch {
	case c.version == 0 && c.arn == "":
		c.last = "create, " + what
		return func(ctx context.Context, client *cloudformation.Client) error {
			_, err := client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: name, TemplateBody: &template, Capabilities: namedIAM, ClientRequestToken: token})
			return err
		}
	case c.version == 0 || c.random.IntN(5) == 0:
		c.last = "delete"
		return func(ctx context.Context, client *cloudformation.Client) error {
			_, err := client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: name, ClientRequestToken: token})
			return err
		}
	}
	c.last = "update, " + what
	return func(ctx context.Context, client *cloudformation.Client) error {
		_, err := client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: name, TemplateBody: &template, Capabilities: namedIAM, ClientRequestToken: token})
		return err
	}
}

// settle waits for the stack's end, and checks what there is.
func (c *chaos) settle(t *testing.T, before, next int) {
	t.Helper()
	st := c.s.stack(c.s.root(t), "chaos")
	st.arn = c.arn
	if st.arn == "" {
		out, err := st.c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &st.name})
		if err != nil { // it was never begun
			code(t, "ValidationError")(nil, err)
			c.check(t, nil)
			return
		}
		st.arn = *out.Stacks[0].StackId
	}
	status := st.ends(t)
	c.last += ": " + status
	c.count(status)
	c.arn = st.arn
	switch status {
	case "DELETE_COMPLETE":
		c.arn, c.version = "", 0
	case "ROLLBACK_COMPLETE":
		c.version = 0
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE":
		got := st.outputs(t)["Version"]
		if got != fmt.Sprint(before) && got != fmt.Sprint(next) || strings.Contains(status, "ROLLBACK") && got != fmt.Sprint(before) {
			t.Errorf("%s: the stack is of version %s; it was of %d, and was to be of %d", c.last, got, before, next)
		}
		c.version = before
		if got == fmt.Sprint(next) {
			c.version = next
		}
	default:
		t.Errorf("%s\n\t%s", c.last, strings.Join(st.news(t), "\n\t"))
	}
	c.check(t, st)
}

func (c *chaos) count(status string) {
	if c.ended == nil {
		c.ended = map[string]int{}
	}
	c.ended[status]++
}

// check compares the account with what the stack has; nil for no stack.
func (c *chaos) check(t *testing.T, st *stack) {
	t.Helper()
	want := map[string]bool{"AWS::IAM::Group taken": true}
	if st != nil {
		for _, r := range st.present(t) {
			if *r.ResourceType != "AWS::IAM::UserToGroupAddition" {
				want[*r.ResourceType+" "+aws.ToString(r.PhysicalResourceId)] = true
			}
		}
	}
	got := c.s.inventory(t)
	for _, line := range slices.Sorted(maps.Keys(got)) {
		if !want[line] {
			t.Errorf("%s: the stack does not know of %s", c.last, line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(want)) {
		if !got[line] {
			t.Errorf("%s: there is no %s", c.last, line)
		}
	}
	if c.version != 0 {
		c.checkVersion(t, st)
	}
}

// checkVersion demands that what the stack has is all of one version.
func (c *chaos) checkVersion(t *testing.T, st *stack) {
	t.Helper()
	resources := map[string]string{}
	for _, r := range st.present(t) {
		resources[*r.LogicalResourceId] = *r.PhysicalResourceId
	}
	if got, want := len(resources), 29+c.version%2; got != want {
		t.Errorf("%s: %d resources, want %d", c.last, got, want)
	}
	for i := range 5 {
		k := st.held(t, resources[fmt.Sprintf("Secret%d", i)])
		if id := resources[fmt.Sprintf("Key%d", i)]; k.ID != id {
			t.Errorf("%s: secret %d holds %s, and the key is %s", c.last, i, k.ID, id)
		}
		if !c.s.signs(t, k) {
			t.Errorf("%s: key %d does not sign", c.last, i)
		}
	}
	client := c.s.ssm(c.s.root(t), "us-east-1")
	for i := range 4 {
		out := must[*ssm.GetParameterOutput](t)(client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new(resources[fmt.Sprintf("Parameter%d", i)])}))
		if got, want := *out.Parameter.Value, fmt.Sprintf("version %d", c.version); got != want {
			t.Errorf("%s: parameter %d is %q, want %q", c.last, i, got, want)
		}
	}
	members := must[*iam.GetGroupOutput](t)(c.s.iam(c.s.root(t)).GetGroup(t.Context(), &iam.GetGroupInput{GroupName: new(resources["Group0"])}))
	if len(members.Users) != 5 {
		t.Errorf("%s: the group has %d members, want 5", c.last, len(members.Users))
	}
}

// healthy demands that no record is left over.
func (c *chaos) healthy(t *testing.T) {
	t.Helper()
	r := iamd(t, "doctor", "--data", c.s.data)
	if r.code != 0 || !strings.HasSuffix(r.stdout, "; 0 problems\n") {
		t.Fatalf("after %s, iamd doctor: %s%s", c.last, r.stdout, r.stderr)
	}
}

// present are the resources that the stack has now, without those that were never made.
func (st *stack) present(t *testing.T) []cfntypes.StackResourceSummary {
	t.Helper()
	var all []cfntypes.StackResourceSummary
	pages := cloudformation.NewListStackResourcesPaginator(st.c, &cloudformation.ListStackResourcesInput{StackName: &st.arn})
	for pages.HasMorePages() {
		all = append(all, must[*cloudformation.ListStackResourcesOutput](t)(pages.NextPage(t.Context())).StackResourceSummaries...)
	}
	return slices.DeleteFunc(all, func(r cfntypes.StackResourceSummary) bool {
		return r.ResourceStatus == cfntypes.ResourceStatusDeleteComplete || r.PhysicalResourceId == nil
	})
}

// inventory is what the account has of the types that the template has.
func (s *server) inventory(t *testing.T) map[string]bool {
	t.Helper()
	ctx, c, all := t.Context(), s.iam(s.root(t)), map[string]bool{}
	for _, u := range must[*iam.ListUsersOutput](t)(c.ListUsers(ctx, &iam.ListUsersInput{})).Users {
		all["AWS::IAM::User "+*u.UserName] = true
		for _, k := range must[*iam.ListAccessKeysOutput](t)(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName})).AccessKeyMetadata {
			all["AWS::IAM::AccessKey "+*k.AccessKeyId] = true
		}
	}
	for _, g := range must[*iam.ListGroupsOutput](t)(c.ListGroups(ctx, &iam.ListGroupsInput{})).Groups {
		all["AWS::IAM::Group "+*g.GroupName] = true
	}
	for _, r := range must[*iam.ListRolesOutput](t)(c.ListRoles(ctx, &iam.ListRolesInput{})).Roles {
		all["AWS::IAM::Role "+*r.RoleName] = true
	}
	for _, p := range must[*iam.ListPoliciesOutput](t)(c.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal})).Policies {
		all["AWS::IAM::ManagedPolicy "+*p.Arn] = true
	}
	secrets := must[*secretsmanager.ListSecretsOutput](t)(s.secrets(s.root(t)).ListSecrets(ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: new(true)}))
	for _, v := range secrets.SecretList {
		all["AWS::SecretsManager::Secret "+*v.ARN] = true
	}
	parameters := must[*ssm.DescribeParametersOutput](t)(s.ssm(s.root(t), "us-east-1").DescribeParameters(ctx, &ssm.DescribeParametersInput{}))
	for _, p := range parameters.Parameters {
		all["AWS::SSM::Parameter "+*p.Name] = true
	}
	return all
}
