package server

import (
	"context"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
)

// calls makes the calls of stacks.
type calls struct{ g *gateway.Gateway }

func (c calls) Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error) {
	return c.g.Call(ctx, &gateway.Inside{As: *as, By: engine.Service, Region: region, In: in, Token: token})
}
