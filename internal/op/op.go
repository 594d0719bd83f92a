// Package op describes an API operation once, so that the gateway can serve
// any of them the same way.
package op

import (
	"context"
	"reflect"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/store"
)

// Call is all that an operation may know about the request it serves. It lives
// as long as the transaction it belongs to.
type Call struct {
	Tx        store.Tx     // nil for a read
	Snap      store.Reader // the same transaction as Tx, or a read's snapshot
	Caller    Principal
	Now       time.Time // the same throughout the call
	RequestID string
	Region    string // of the signing scope
	IDs       ids.Source
	Keyring   *seal.Keyring
	Work      *Work // for Outside
}

// Need is a permission that the caller must hold.
type Need struct {
	Action   string // "iam:CreateUser"
	Resource string // an ARN, or "*"
	Context  map[string][]string
}

// Operation is what the gateway does for one action of a service: whether it
// changes anything, the permissions it takes, and the work itself.
type Operation struct {
	Name   string
	Writes bool
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
}

// NotBuilt answers for an operation that AWS has and iamd does not have yet.
func NotBuilt(service, name string) Operation {
	refuse := func() error {
		return awserr.Refuse(awserr.NotBuilt, "iamd does not support %s:%s yet.", service, name)
	}
	return Operation{
		Name:  name,
		Needs: func(*Call, any) ([]Need, error) { return nil, nil },
		Run:   func(context.Context, *Call, any) (any, error) { return nil, refuse() },
	}
}
