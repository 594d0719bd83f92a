package authn

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// counting is a store.Store that only counts: a real one has goroutines of its
// own, which a bubble of virtual time does not take.
type counting struct {
	store.Store
	updates atomic.Int64
}

func (c *counting) Update(context.Context, func(store.Tx) error) error {
	c.updates.Add(1)
	return nil
}

func contextWithStop(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
