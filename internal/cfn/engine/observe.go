package engine

import (
	"context"
	"errors"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Subject is a resource of a stack to be looked at.
type Subject struct {
	*directory.StackResource
	Expected *tree.Node // its properties, as its stack says
	Masked   *tree.Node // the same as people may see them
	resource kind.Resource
}

// Subjects are the resources of a stack that are there.
func Subjects(r store.Reader, ring *seal.Keyring, s *directory.Stack) ([]*Subject, error) {
	var list []*Subject
	err := present(r, ring, s, func(rec *directory.StackResource, is *state) {
		list = append(list, &Subject{rec, is.properties, is.masked, identity(s, rec, kind.Find(rec.Now.Type), is)})
	})
	return list, err
}

// Actual is what a resource's properties are now, as far as its type can tell; nil for
// one that is gone. The calls are made as somebody.
func (e *Engine) Actual(ctx context.Context, as *directory.Standing, s *Subject) (*tree.Node, error) {
	k := kind.Find(s.Now.Type)
	is, _, err := k.Read(ctx, &reader{e.Calls, as, s.resource.Region}, s.resource, s.Expected)
	if is != nil {
		is, _ = k.Schema.Check(is)
	}
	return is, err
}

// There reports whether there is a resource of a type that has the physical ID.
func (e *Engine) There(ctx context.Context, as *directory.Standing, region string, k *kind.Type, physical string) (bool, error) {
	res := kind.Resource{Account: as.Account, Region: region, Physical: physical}
	is, _, err := k.Read(ctx, &reader{e.Calls, as, region}, res, nil)
	return is != nil, err
}

// reader makes calls that change nothing.
type reader struct {
	calls  Calls
	as     *directory.Standing
	region string
}

// Call makes a call.
func (r *reader) Call(ctx context.Context, in any) (any, error) {
	return r.calls.Call(ctx, r.as, r.region, "", in)
}

// Refusal is the text of a refused call; "" for any other error.
func Refusal(err error) string {
	if refused, ok := errors.AsType[*op.Refused](err); ok {
		return refused.Err.Message
	}
	return ""
}
