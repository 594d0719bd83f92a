// Package kind is the resource types that stacks are made of: what is known of their
// properties, and how each is made, changed and removed by calls of the API.
package kind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/ids"
)

// API makes calls as the principal of a stack's operation, along the same path as any
// other caller's: authorized, transacted, audited. A call that has changed something is
// remembered until its step is over: made again, after a crash, it answers as it did the
// first time and changes nothing. So a handler makes its calls in an order that follows
// from its arguments alone.
type API interface {
	// Call takes a pointer to a request of a service's shapes, and returns a pointer to
	// the reply. A refusal is an *awserr.Error.
	Call(ctx context.Context, in any) (out any, err error)
}

// Do is API.Call with the reply's type.
func Do[Out any](ctx context.Context, api API, in any) (*Out, error) {
	out, err := api.Call(ctx, in)
	if err != nil {
		return nil, err
	}
	reply, ok := out.(*Out)
	if !ok {
		return nil, fmt.Errorf("kind: the reply to %T is a %T", in, out)
	}
	return reply, nil
}

// ErrPending is returned by Create, Update and Delete when they must be called again,
// later and with the same arguments, to see whether what they wait for has happened.
var ErrPending = errors.New("kind: not done yet")

// Resource is the one that a handler works on.
type Resource struct {
	Account  ids.Account
	Region   string
	Stack    string // its name
	StackID  string // its ARN
	Logical  string
	Physical string // what Ref gives; "" before Create
	// Token is a UUID: another for each step, and the same when a step is run again.
	Token string
	Now   time.Time
	Since time.Time // when the step began
	// Tags are the stack's, and those that CloudFormation itself sets; WasTags are what
	// they were before an Update.
	Tags, WasTags []Tag
	// Back says that an Update makes the resource what it was before.
	Back bool
	// Capabilities are those that the stack's operation acknowledges.
	Capabilities []string
	// Await is the ResourceSignal of the resource's CreationPolicy; nil for none.
	Await *Await
}

// Await is how many signals a resource waits for, and how long.
type Await struct {
	Count   int
	Timeout time.Duration
}

// Tag is a tag as templates have it.
type Tag struct{ Key, Value string }

// Result is what is known of a resource once it is there. A Create that fails after it has
// made something returns its Physical all the same, so that it can be removed.
type Result struct {
	Physical string            // what Ref gives
	Attrs    map[string]string // what Fn::GetAtt gives; nil after an Update that changes none
}

// Kind is one resource type, whose properties decode into P. Create is needed, and
// Delete; Update too, if a property can change in place.
type Kind[P any] struct {
	Type string
	// Check refuses properties before anything of the stack is made or changed, for what
	// Schema can't say. was is nil for a new resource.
	Check func(was, want *P) error
	// Replaces decides on properties whose Update is Conditionally; nil never replaces.
	Replaces func(was, want *P) bool
	Create   func(ctx context.Context, api API, r Resource, want *P) (Result, error)
	Update   func(ctx context.Context, api API, r Resource, was, want *P) (Result, error)
	// Delete succeeds for what is not there any more.
	Delete func(ctx context.Context, api API, r Resource, was *P) error
	// Read is the resource as it is now, for drift and import; nil for one that is not
	// there any more. Properties that the API does not show are left zero.
	Read func(ctx context.Context, api API, r Resource, was *P) (*P, Result, error)
}

// Type is a Kind without its P.
type Type struct {
	Name   string
	Schema *Schema

	check    func(was, want *tree.Node) error
	replaces func(was, want *tree.Node) (bool, error)
	create   func(ctx context.Context, api API, r Resource, want *tree.Node) (Result, error)
	update   func(ctx context.Context, api API, r Resource, was, want *tree.Node) (Result, error)
	remove   func(ctx context.Context, api API, r Resource, was *tree.Node) error
	read     func(ctx context.Context, api API, r Resource, was *tree.Node) (*tree.Node, Result, error)
}

// Create makes the resource. want has been through Schema.Check, here and below.
func (t *Type) Create(ctx context.Context, api API, r Resource, want *tree.Node) (Result, error) {
	return t.create(ctx, api, r, want)
}

// Update changes the resource in place.
func (t *Type) Update(ctx context.Context, api API, r Resource, was, want *tree.Node) (Result, error) {
	return t.update(ctx, api, r, was, want)
}

// Delete removes the resource; one that is not there any more is no error.
func (t *Type) Delete(ctx context.Context, api API, r Resource, was *tree.Node) error {
	return t.remove(ctx, api, r, was)
}

// Readable reports whether Read can tell what a resource is now.
func (t *Type) Readable() bool { return t.read != nil }

// Read is the resource's properties as they are now; nil for one that is gone. was is
// nil for one that is to be imported.
func (t *Type) Read(ctx context.Context, api API, r Resource, was *tree.Node) (*tree.Node, Result, error) {
	return t.read(ctx, api, r, was)
}

// Refuses says why a resource can't be made (was is nil) or changed, or returns nil.
// Properties with something Unknown in them are not looked at.
func (t *Type) Refuses(was, want *tree.Node) error {
	if t.check == nil || !want.Known() || !was.Known() {
		return nil
	}
	return t.check(was, want)
}

// erase makes a Type of a Kind.
func (k Kind[P]) erase() *Type {
	t := &Type{Name: k.Type, Schema: schemas()[k.Type]}
	if t.Schema == nil {
		panic("kind: no schema for " + k.Type)
	}
	if k.Check != nil {
		t.check = func(was, want *tree.Node) error {
			return pair(was, want, k.Check)
		}
	}
	t.replaces = func(was, want *tree.Node) (replaces bool, err error) {
		if k.Replaces == nil {
			return false, nil
		}
		err = pair(was, want, func(was, want *P) error {
			replaces = k.Replaces(was, want)
			return nil
		})
		return replaces, err
	}
	t.create = func(ctx context.Context, api API, r Resource, want *tree.Node) (Result, error) {
		p, err := decode[P](want)
		if err != nil {
			return Result{}, err
		}
		return k.Create(ctx, api, r, p)
	}
	t.update = func(ctx context.Context, api API, r Resource, was, want *tree.Node) (result Result, err error) {
		err = pair(was, want, func(was, want *P) error {
			result, err = k.Update(ctx, api, r, was, want)
			return err
		})
		return result, err
	}
	t.remove = func(ctx context.Context, api API, r Resource, was *tree.Node) error {
		p, err := decode[P](was)
		if err != nil {
			return err
		}
		return k.Delete(ctx, api, r, p)
	}
	if k.Read != nil {
		t.read = k.reader()
	}
	return t
}

func (k Kind[P]) reader() func(context.Context, API, Resource, *tree.Node) (*tree.Node, Result, error) {
	return func(ctx context.Context, api API, r Resource, was *tree.Node) (*tree.Node, Result, error) {
		p, err := decode[P](was)
		if err != nil {
			return nil, Result{}, err
		}
		is, result, err := k.Read(ctx, api, r, p)
		if err != nil || is == nil {
			return nil, Result{}, err
		}
		text, err := json.Marshal(is)
		if err != nil {
			return nil, Result{}, err
		}
		n, err := tree.FromJSON(text)
		return n, result, err
	}
}

// pair calls fn with two trees as properties; was stays nil.
func pair[P any](was, want *tree.Node, fn func(was, want *P) error) error {
	var before *P
	var err error
	if was != nil {
		if before, err = decode[P](was); err != nil {
			return err
		}
	}
	after, err := decode[P](want)
	if err != nil {
		return err
	}
	return fn(before, after)
}

// decode reads properties that a Schema has checked; nil are none.
func decode[P any](n *tree.Node) (*P, error) {
	p := new(P)
	if n == nil {
		return p, nil
	}
	if err := json.Unmarshal([]byte(n.JSON()), p); err != nil {
		return nil, fmt.Errorf("kind: properties: %w", err)
	}
	return p, nil
}
