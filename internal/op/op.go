// Package op describes an API operation once, so that the gateway can serve
// any of them the same way.
package op

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

// Call is all that an operation may know about the request it serves. It lives
// as long as the transaction it belongs to.
type Call struct {
	Tx        store.Tx     // nil for a read
	Snap      store.Reader // the same transaction as Tx, or a read's snapshot
	Caller    Principal
	Now       time.Time // the same throughout the call
	RequestID string
	Region    string // of the signing scope; us-east-1 for a global service
	Client    Client
	IDs       ids.Source
	Keyring   *seal.Keyring
	Work      *Work  // for Outside
	Quotas    Quotas // the service's: see Quota

	// Found is for what Needs has found and Run does not want to look for again.
	Found any
	// May decides on one more permission while Run is at work, for a call that is answered
	// in part: nil, or the refusal.
	May func(Need) error
	// Usage is told what the call used, without a write in it.
	Usage Usage
	// After is set by Run for work that goes on once the call's transaction is durable. The
	// reply waits for it, and does not depend on it: it is already made.
	After func(context.Context)
}

// Usage remembers what was used, and when.
type Usage interface {
	NoteUse(use directory.Use, now time.Time)
}

// BySystem reports whether the call is CloudFormation's, on somebody's behalf: it alone may
// set tags whose keys begin with aws:.
func (c *Call) BySystem() bool { return slices.Contains(c.Client.Via, "cloudformation.amazonaws.com") }

// Client is what is known of where a request came from.
type Client struct {
	IP        string // or the name of the service that calls for a principal
	UserAgent string
	Referer   string
	Secure    bool     // came over TLS
	Local     bool     // came from the server's own machine, and through nobody
	Via       []string // services that pass the request on, such as cloudformation.amazonaws.com, the first one first
}

// Need is a permission that the caller must hold. What else conditions may ask of it
// is left zero where there is none.
type Need struct {
	Action   string              // "iam:CreateUser"
	Resource string              // an ARN, or "*"
	Owner    ids.Account         // whose the resource is; "" is the caller's own account
	Context  map[string][]string // condition keys of the service, in lower case: "iam:policyarn"
	// Tags are the resource's, and NewTags, by whose keys TagKeys goes, the request's.
	Tags, NewTags []directory.Tag
	TagKeys       []string // of a request that names tags without values
	// Policy is the resource's own policy, or the role's trust policy; "" for none.
	Policy     directory.Document
	PolicyKind policy.Kind // policy.Resource or policy.Trust
	// Unexplained: AWS's denial does not say why.
	Unexplained bool
}

// Operation is what the gateway does for one action of a service: whether it
// changes anything, the permissions it takes, and the work itself.
type Operation struct {
	Name   string
	Writes bool
	// WritesFor says of an operation that mostly reads which requests change something;
	// nil for none. Its records are those of a read all the same.
	WritesFor func(any) bool
	// Unsigned: takes no signature, and is told who calls by what the request holds.
	// Its Needs sets Call.Caller.
	Unsigned bool
	// Needs is asked inside the transaction, before Run; no needs means that
	// any caller with a valid signature may do it.
	Needs func(*Call, any) ([]Need, error)
	Run   func(context.Context, *Call, any) (any, error)
	// Input and Output are the types behind the two any; nil takes anything.
	Input, Output reflect.Type
}

// Read makes an Operation that changes nothing.
func Read[In, Out any](name string, needs func(*Call, *In) ([]Need, error), run func(context.Context, *Call, *In) (*Out, error)) Operation {
	return erase(name, false, needs, run)
}

// Write makes an Operation that runs in an Update: it may be run twice, and has
// no effect but through Call.Tx.
func Write[In, Out any](name string, needs func(*Call, *In) ([]Need, error), run func(context.Context, *Call, *In) (*Out, error)) Operation {
	return erase(name, true, needs, run)
}

// Changes reports whether a request runs in an Update.
func (o *Operation) Changes(in any) bool {
	return o.Writes || o.WritesFor != nil && o.WritesFor(in)
}

// Mostly makes an Operation that reads, but for the requests that writes picks out.
func Mostly[In, Out any](name string, writes func(*In) bool, needs func(*Call, *In) ([]Need, error), run func(context.Context, *Call, *In) (*Out, error)) Operation {
	o := erase(name, false, needs, run)
	o.WritesFor = func(in any) bool { return writes(in.(*In)) }
	return o
}

// Unsigned makes an Operation that anybody may call without a signature: see
// Operation.Unsigned.
func Unsigned[In, Out any](name string, needs func(*Call, *In) ([]Need, error), run func(context.Context, *Call, *In) (*Out, error)) Operation {
	o := erase(name, false, needs, run)
	o.Unsigned = true
	return o
}

// None is the reply of an operation that has no output.
type None struct{}

// Free is the needs of an operation that takes no permission.
func Free[In any](*Call, *In) ([]Need, error) { return nil, nil }

func erase[In, Out any](name string, writes bool, needs func(*Call, *In) ([]Need, error), run func(context.Context, *Call, *In) (*Out, error)) Operation {
	return Operation{
		Name:   name,
		Writes: writes,
		Input:  reflect.TypeFor[*In](),
		Output: reflect.TypeFor[*Out](),
		Needs:  func(c *Call, in any) ([]Need, error) { return needs(c, in.(*In)) },
		Run: func(ctx context.Context, c *Call, in any) (any, error) {
			out, err := run(ctx, c, in.(*In))
			if err != nil {
				return nil, err // not a typed nil in an interface
			}
			return out, nil
		},
	}
}

// Service is an AWS service as iamd serves it: its model, its way with words,
// and the operations that are built.
type Service struct {
	Shape      *shapes.Service
	Spelling   awserr.Spelling
	Operations []Operation
	Quotas     Quotas    // nil for a service without any
	Without    []Without // what iamd leaves out for good
	// HostLabel is, of a REST service, the first label of the path if a host has it, as in
	// "bucket.s3.amazonaws.com", and whether the host is the service's own at all.
	HostLabel func(host string) (label string, own bool)
}

// Without is a feature of a service that iamd does not have, and the operations that are
// for it alone.
type Without struct {
	Feature    string // in the plural, or else without an article
	Operations []string
}

// Lacks says what iamd has to tell of an operation that it does not support.
func (s *Service) Lacks(name string) string {
	for _, w := range s.Without {
		if slices.Contains(w.Operations, name) {
			return fmt.Sprintf("iamd does not support %s:%s: it has no %s.", s.Shape.ID, name, w.Feature)
		}
	}
	return fmt.Sprintf("iamd does not support %s:%s yet.", s.Shape.ID, name)
}

// NotBuilt answers for an operation that AWS has and iamd does not have.
func (s *Service) NotBuilt(name string) Operation {
	says := s.Lacks(name)
	return Operation{
		Name:  name,
		Needs: func(*Call, any) ([]Need, error) { return nil, nil },
		Run: func(context.Context, *Call, any) (any, error) {
			return nil, awserr.Refuse(awserr.NotBuilt, "%s", says)
		},
	}
}
