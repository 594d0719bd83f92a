package cfn_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
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
	"github.com/iamd-project/iamd/internal/secrets"
	"github.com/iamd-project/iamd/internal/shapes"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/ssm"
)

// world is CloudFormation and the services that its stacks call, over a real store, with
// an engine that runs. Root calls.
type world struct {
	*optest.World
	t       *testing.T
	byInput map[reflect.Type]served
	engine  *engine.Engine

	mu    sync.Mutex                    // of what follows
	after map[any]func(context.Context) // by request: what is to be done after the reply
}

// served is an operation and the service that it is of.
type served struct {
	op      op.Operation
	service *op.Service
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, byInput: map[reflect.Type]served{}, after: map[any]func(context.Context){}}
	w.engine = &engine.Engine{Calls: w, Now: time.Now, Keyring: func() *seal.Keyring { return w.Keyring }}
	all := op.Service{Quotas: op.Quotas{}}
	services := []op.Service{iam.Service(), secrets.Service(), ssm.Service(), cfn.Service(cfn.Config{Engine: w.engine})}
	for i := range services {
		for _, o := range services[i].Operations {
			run := o.Run
			o.Run = func(ctx context.Context, c *op.Call, in any) (any, error) {
				out, err := run(ctx, c, in)
				w.mu.Lock()
				defer w.mu.Unlock()
				w.after[in] = c.After
				return out, err
			}
			w.byInput[o.Input] = served{o, &services[i]}
			all.Operations = append(all.Operations, o)
		}
		for name, q := range services[i].Quotas {
			all.Quotas[name] = q
		}
	}
	w.World = optest.New(t, all)
	w.Client.Via = []string{engine.Service} // of the calls of stacks; the test's own don't mind
	w.engine.Store = w.Store
	ctx, cancel := context.WithCancel(t.Context())
	running := &noticed{Context: ctx, asked: make(chan struct{})}
	done := make(chan struct{})
	go func() { w.engine.Run(running); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	<-running.asked
	return w
}

// noticed is a context that tells when somebody first waits for its end, as a running
// engine does.
type noticed struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (n *noticed) Done() <-chan struct{} {
	n.once.Do(func() { close(n.asked) })
	return n.Context.Done()
}

// Call makes a call of a stack, or of the test.
func (w *world) Call(_ context.Context, _ *directory.Standing, _, _ string, in any) (any, error) {
	out, after, err := w.do(in)
	if after != nil {
		after(w.t.Context())
	}
	return out, err
}

func (w *world) do(in any) (any, func(context.Context), error) {
	f := w.byInput[reflect.TypeOf(in)]
	var err error
	var out any
	if bad := shapes.Check(in.(shapes.Checkable), nil); len(bad) > 0 {
		err = awserr.Default(awserr.Refuse(awserr.Validation, "%s", f.service.Shape.Message(bad)), f.service.Spelling)
	} else {
		out, _, err = w.Do(w.Root(), f.op.Name, in)
	}
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		after := w.after[in]
		delete(w.after, in)
		return out, after, nil
	}
	e, meant := awserr.Public(err, f.service.Spelling)
	if !meant {
		return nil, nil, fmt.Errorf("%s: %w", f.op.Name, err)
	}
	return nil, nil, &op.Refused{Err: e, Service: f.service.Shape.Title, RequestID: "r"}
}

// must makes a call that has to succeed.
func must[Out any](w *world, in any) *Out {
	w.t.Helper()
	out, err := w.Call(w.t.Context(), nil, "", "", in)
	if err != nil {
		w.t.Fatalf("%T: %v", in, err)
	}
	return out.(*Out)
}

// refused makes a call that has to be refused with this code and text.
func (w *world) refused(in any, code, message string) {
	w.t.Helper()
	_, err := w.Call(w.t.Context(), nil, "", "", in)
	r, ok := errors.AsType[*op.Refused](err)
	if !ok || r.Err.Code != code || r.Err.Message != message {
		w.t.Errorf("%T:\n got %v\nwant %s: %s", in, err, code, message)
	}
}

// invalid makes a call that has to be refused with a ValidationError of this text.
func (w *world) invalid(in any, message string) {
	w.t.Helper()
	w.refused(in, "ValidationError", message)
}

// stack is the stack of a name as it is described.
func (w *world) stack(name string) shape.Stack {
	w.t.Helper()
	return must[shape.DescribeStacksOutput](w, &shape.DescribeStacksInput{StackName: &name}).Stacks[0]
}

// create makes a stack that has to become complete, and returns its ARN.
func (w *world) create(name, template string) string {
	w.t.Helper()
	made := must[shape.CreateStackOutput](w, &shape.CreateStackInput{StackName: name, TemplateBody: &template, Capabilities: capabilities})
	w.is(name, "CREATE_COMPLETE")
	return *made.StackId
}

func (w *world) is(name, status string) {
	w.t.Helper()
	if s := w.stack(name); s.StackStatus != status {
		w.t.Fatalf("stack %s is %s, want %s; its events: %s", name, s.StackStatus, status, strings.Join(w.events(name), "\n"))
	}
}

var capabilities = []string{"CAPABILITY_NAMED_IAM"}

// changeSet asks for a change set of a stack; in may say more.
func (w *world) changeSet(stack, name, template string, in shape.CreateChangeSetInput) *shape.DescribeChangeSetOutput {
	w.t.Helper()
	in.StackName, in.ChangeSetName, in.TemplateBody, in.Capabilities = stack, name, &template, capabilities
	made := must[shape.CreateChangeSetOutput](w, &in)
	return must[shape.DescribeChangeSetOutput](w, &shape.DescribeChangeSetInput{ChangeSetName: *made.Id})
}

func (w *world) describeSet(stack, name string) *shape.DescribeChangeSetOutput {
	w.t.Helper()
	return must[shape.DescribeChangeSetOutput](w, &shape.DescribeChangeSetInput{StackName: &stack, ChangeSetName: name})
}

func (w *world) execute(stack, name string) {
	w.t.Helper()
	must[shape.ExecuteChangeSetOutput](w, &shape.ExecuteChangeSetInput{StackName: &stack, ChangeSetName: name})
}

// events are what happened to a stack, the oldest first.
func (w *world) events(stack string) []string {
	w.t.Helper()
	var all []string
	for _, e := range must[shape.DescribeStackEventsOutput](w, &shape.DescribeStackEventsInput{StackName: stack}).StackEvents {
		line := *e.LogicalResourceId + " " + *e.ResourceStatus
		if e.ResourceStatusReason != nil {
			line += " " + *e.ResourceStatusReason
		}
		all = append(all, line)
	}
	slices.Reverse(all)
	return all
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
