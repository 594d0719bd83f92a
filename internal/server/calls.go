package server

import (
	"context"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/store"
)

// calls makes the calls of stacks and rotations.
type calls struct {
	g  *gateway.Gateway
	by string // the service that makes them
}

func (c calls) Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error) {
	return c.g.Call(ctx, &gateway.Inside{As: *as, By: c.by, Region: region, In: in, Token: token})
}

// rotationEvent records what happened to a rotation, which nobody has called for.
func (s *server) rotationEvent(tx store.Tx, e *rotation.Event) error {
	defer s.drain.Wake() // it looks again, should this be before the commit
	return audit.Stage(tx, &audit.Record{
		EventID:   s.ids.UUID(),
		RequestID: s.ids.UUID(),
		Time:      e.Time,
		Source:    rotation.Service,
		Name:      e.Name,
		Region:    e.Region,
		SourceIP:  rotation.Service,
		UserAgent: rotation.Service,
		Caller:    audit.Identity{Type: audit.AWSService, Account: string(e.Account), InvokedBy: rotation.Service},
		Account:   string(e.Account),
		Details:   e.Details,
	})
}
