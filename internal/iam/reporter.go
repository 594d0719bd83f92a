package iam

import (
	"context"
	"log/slog"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// Reporter makes the credential reports of large accounts complete, which
// GenerateCredentialReport only begins. What it does is stored chunk by chunk, so
// that it goes on after a restart, and may run on several machines.
type Reporter struct {
	Store store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// reportsEvery is how long a report may have to wait.
const reportsEvery = time.Second

// Run works until ctx ends.
func (r *Reporter) Run(ctx context.Context) {
	tick := time.NewTicker(reportsEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := r.finish(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("making a credential report", "err", err)
		}
	}
}

// finish makes all reports complete that there are.
func (r *Reporter) finish(ctx context.Context) error {
	for {
		if more, err := r.Advance(ctx); err != nil || !more {
			return err
		}
	}
}

// Advance goes one step on with a report, if there is one that is not complete.
// Users are read from a snapshot, in nobody's way.
func (r *Reporter) Advance(ctx context.Context) (more bool, err error) {
	var rep *directory.CredentialReport
	var chunk reportChunk
	err = r.Store.View(ctx, func(s store.Reader) (err error) {
		rep, err = directory.PendingReport(s)
		if err == nil && rep != nil && !rep.Listed {
			chunk, err = nextChunk(s, rep)
		}
		return err
	})
	if err != nil || rep == nil {
		return false, err
	}
	return true, r.Store.Update(ctx, func(tx store.Tx) error {
		now, err := directory.GetCredentialReport(tx, rep.Account)
		if err != nil || now == nil || *now != *rep {
			return err // somebody else has gone on
		}
		if rep.Listed {
			return rep.DropOld(tx, r.Now())
		}
		return rep.AddChunk(tx, chunk.rows, chunk.after, chunk.last, r.Now())
	})
}
