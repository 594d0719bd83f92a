package cfn_test

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/seal"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/ssm"
)

// world is CloudFormation with its engine, and the services that stacks of the tests are
// made of, over a real store.
type world struct {
	*optest.World
	t       *testing.T
	byInput map[reflect.Type]string // operations by what they take
}

func newWorld(t *testing.T) *world {
	t.Helper()
	e := &engine.Engine{}
	w := &world{t: t, byInput: map[reflect.Type]string{}}
	all := cfn.Service(cfn.Config{Engine: e})
	for _, s := range []op.Service{iam.Service(), ssm.Service()} {
		all.Operations = append(all.Operations, s.Operations...)
		maps.Copy(all.Quotas, s.Quotas)
	}
	for _, o := range all.Operations {
		w.byInput[o.Input] = o.Name
	}
	w.World = optest.New(t, all)
	w.Client.Via = []string{engine.Service} // the calls of stacks are this service's; the tests' own don't mind
	runs := make(chan struct{})
	begun := sync.OnceFunc(func() { close(runs) }) // the engine looks at the clock once it takes work
	e.Store, e.Keyring, e.Calls = w.Store, func() *seal.Keyring { return w.Keyring }, w
	e.Now = func() time.Time {
		begun()
		return time.Now()
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	<-runs
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return w
}

// Call makes the calls of stacks, as root.
func (w *world) Call(_ context.Context, _ *directory.Standing, _, _ string, in any) (any, error) {
	out, _, err := w.Do(w.Root(), w.byInput[reflect.TypeOf(in)], in)
	if e, meant := awserr.Public(err, awserr.Query); err != nil && meant {
		return nil, &op.Refused{Err: e, Service: "AWS Identity and Access Management", RequestID: "request"}
	}
	return out, err
}

// do makes a call that has to succeed.
func do[Out any](w *world, in any) *Out {
	w.t.Helper()
	return optest.Must[Out](w.World, w.Root(), w.byInput[reflect.TypeOf(in)], in)
}

// refused makes a call that has to fail with a ValidationError of that text.
func (w *world) refused(in any, text string) {
	w.t.Helper()
	w.Refused(w.Root(), w.byInput[reflect.TypeOf(in)], in, 400, "ValidationError", text)
}

var capabilities = []string{"CAPABILITY_NAMED_IAM"}

// create makes a stack that has to become complete, and returns its ARN.
func (w *world) create(name, body string) string {
	w.t.Helper()
	made := do[shape.CreateStackOutput](w, &shape.CreateStackInput{StackName: name, TemplateBody: &body, Capabilities: capabilities})
	w.is(*made.StackId, "CREATE_COMPLETE")
	return *made.StackId
}

// is makes sure of a stack's status.
func (w *world) is(stack, status string) {
	w.t.Helper()
	out := do[shape.DescribeStacksOutput](w, &shape.DescribeStacksInput{StackName: &stack})
	if got := out.Stacks[0].StackStatus; got != status {
		w.t.Fatalf("stack %s is %s, want %s", stack, got, status)
	}
}

// events are the newest events of a stack as "LogicalId STATUS reason".
func (w *world) events(stack string) []string {
	w.t.Helper()
	var list []string
	for _, e := range do[shape.DescribeStackEventsOutput](w, &shape.DescribeStackEventsInput{StackName: stack}).StackEvents {
		line := *e.LogicalResourceId + " " + *e.ResourceStatus
		if e.ResourceStatusReason != nil {
			line += " " + *e.ResourceStatusReason
		}
		list = append(list, line)
	}
	return list
}
