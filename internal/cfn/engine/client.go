package engine

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"strconv"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/directory"
)

// client makes the calls of one step. It is for one goroutine.
type client struct {
	e      *Engine
	stack  string // its ID
	as     directory.Standing
	region string
	step   string // the token of the step
	parent Parent
	made   map[string]int // how many calls of each operation there were
	tokens []string
}

// Call makes a call under a token that is the same when the step is run again.
func (c *client) Call(ctx context.Context, in any) (any, error) {
	name := reflect.TypeOf(in).String()
	c.made[name]++
	token := c.stack + "/" + c.step + "/" + name + "/" + strconv.Itoa(c.made[name])
	ctx = context.WithValue(ctx, parentKey{}, c.parent)
	out, err := c.e.Calls.Call(ctx, &c.as, c.region, token, in)
	if err == nil {
		c.tokens = append(c.tokens, token)
	}
	return out, err
}

// safely makes an error of a panic.
func safely(ctx context.Context, run action, api kind.API) (_ kind.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx, api)
}
