package secrets

import (
	"context"
	"log/slog"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// sweepEvery is how long a secret may outlive its time, and a value its secret, where
// nobody can read it.
const sweepEvery = time.Minute

// Sweeper deletes secrets whose time has come, and the values of those that are gone.
type Sweeper struct {
	Store store.Store
	Now   func() time.Time // nil is time.Now
	Log   *slog.Logger
}

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("deleting secrets whose time has come", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep does what there is to do now, in as many transactions as that takes.
func (s *Sweeper) Sweep(ctx context.Context) error {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	for more := true; more; {
		idle := false
		err := s.Store.View(ctx, func(r store.Reader) error {
			due, err := directory.SecretsToSweep(r, directory.At(now()))
			idle = !due
			return err
		})
		if err != nil || idle {
			return err
		}
		err = s.Store.Update(ctx, func(tx store.Tx) (err error) {
			more, err = directory.SweepSecrets(tx, directory.At(now()))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
