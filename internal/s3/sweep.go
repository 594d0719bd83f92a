package s3

import (
	"context"
	"log/slog"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/objects"
	kv "github.com/iamd-project/iamd/internal/store"
)

// Sweeper removes files of objects that are gone, and those that no object ever got: of
// requests that were cut off by a crash, or refused at their end.
type Sweeper struct {
	Files *objects.Files
	Store kv.Store
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	sweepEvery = time.Minute
	// grace is how long a file stays when its object is gone, for those who still read it.
	grace = 15 * time.Minute
	// orphanEvery is how often all files are looked at, and orphanAge how old one is that
	// belongs to nobody, and not to a request that is going on.
	orphanEvery = 6 * time.Hour
	orphanAge   = 6 * time.Hour
	mostRetired = 50 // in one transaction
)

// Run sweeps until ctx ends. What it finds at the start was left by another process.
func (s *Sweeper) Run(ctx context.Context) {
	s.report(s.Orphans(ctx, time.Now())) // as file systems have it
	tick, orphans := time.NewTicker(sweepEvery), time.NewTicker(orphanEvery)
	defer tick.Stop()
	defer orphans.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.report(s.Retired(ctx, s.Now().Add(-grace)))
		case <-orphans.C:
			s.report(s.Orphans(ctx, time.Now().Add(-orphanAge)))
		}
	}
}

func (s *Sweeper) report(err error) {
	if err != nil {
		s.Log.Error("sweeping files of objects", "err", err)
	}
}

// Retired removes the files of objects that were gone before a time.
func (s *Sweeper) Retired(ctx context.Context, before time.Time) error {
	for {
		found := map[string][]string{}
		err := s.Store.View(ctx, func(r kv.Reader) error {
			for key, names := range directory.RetiredFiles(r, directory.At(before)) {
				if found[key] = names; len(found) == mostRetired {
					break
				}
			}
			return nil
		})
		if err != nil || len(found) == 0 || ctx.Err() != nil {
			return err
		}
		for _, names := range found {
			for _, name := range names {
				if err := s.Files.Remove(name); err != nil {
					return err
				}
			}
		}
		err = s.Store.Update(ctx, func(tx kv.Tx) error {
			for key := range found {
				if err := directory.ForgetRetired(tx, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// Orphans removes the files from before a time that belong to nobody.
func (s *Sweeper) Orphans(ctx context.Context, before time.Time) error {
	for f, err := range s.Files.All() {
		if err != nil || ctx.Err() != nil {
			return err
		}
		if !f.Modified.Before(before) || f.Modified.IsZero() {
			continue
		}
		owned := false
		if !f.Unfinished() {
			owner, err := s.Files.Owner(f.ID)
			if err != nil {
				s.Log.Error("a file in the folder of objects is not one", "file", f.ID, "err", err)
				continue
			}
			err = s.Store.View(ctx, func(r kv.Reader) error {
				owned, err = directory.OwnsFile(r, owner.Bucket, owner.Key, owner.Upload, f.ID)
				return err
			})
			if err != nil {
				return err
			}
		}
		if !owned {
			if err := s.Files.Remove(f.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
