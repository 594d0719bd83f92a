package ssm_test

import (
	"errors"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/ssm"
)

// world is an account with Parameter Store.
type world struct {
	*optest.World
	t testing.TB
}

func newWorld(t testing.TB) world { return world{optest.New(t, ssm.Service()), t} }

// call runs an operation as root.
func call[Out any](w world, name string, in any) *Out {
	w.t.Helper()
	return optest.Must[Out](w.World, w.Root(), name, in)
}

// refuses demands an error of this code and text.
func (w world) refuses(name string, in any, code, message string) {
	w.t.Helper()
	_, _, err := w.Do(w.Root(), name, in)
	e, meant := awserr.Public(err, ssm.Service().Spelling)
	if err == nil || !meant || e.Status != 400 || e.Code != code || e.Message != message {
		w.t.Errorf("%s %+v:\n got %v\nwant %s: %s", name, in, err, code, message)
	}
}

// put stores a parameter, over the one that there may be, and returns its version.
func (w world) put(name, value string, change ...func(*shape.PutParameterRequest)) int64 {
	w.t.Helper()
	in := &shape.PutParameterRequest{Name: name, Value: value, Type: new("String"), Overwrite: new(true)}
	for _, c := range change {
		c(in)
	}
	return *call[shape.PutParameterResult](w, "PutParameter", in).Version
}

func (w world) get(name string) *shape.Parameter {
	w.t.Helper()
	return call[shape.GetParameterResult](w, "GetParameter", &shape.GetParameterRequest{Name: name, WithDecryption: new(true)}).Parameter
}

func (w world) value(name string) string {
	w.t.Helper()
	return *w.get(name).Value
}

// code is the code of an error; "" for none.
func code(err error) string {
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func names[T any](list []T, name func(T) *string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = *name(x)
	}
	return out
}
