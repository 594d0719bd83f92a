package authn

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// The limits of Usage.
const (
	usageEvery = 15 * time.Second // how far what is stored may be behind
	usageMost  = 1 << 15          // keys remembered between two writes; each takes about 200 bytes
	usageBatch = store.MaxWrites
)

// Usage remembers when access keys were last used and writes it down in
// batches, so that a request costs no write. GetAccessKeyLastUsed is at most
// 15 seconds behind; a crash loses as much.
type Usage struct {
	store store.Store
	log   *slog.Logger
	full  chan struct{} // wakes Run before its time

	mu   sync.Mutex
	seen map[ids.KeyID]directory.LastUsed
}

// NewUsage makes a Usage; Run does its writing.
func NewUsage(s store.Store, log *slog.Logger) *Usage {
	return &Usage{store: s, log: log, full: make(chan struct{}, 1), seen: map[ids.KeyID]directory.LastUsed{}}
}

// Note remembers that a key signed a request. The strings may be the request's:
// it keeps copies. When more distinct keys are used between two writes than there
// is room for, the newest are left out.
func (u *Usage) Note(keyID ids.KeyID, service, region string, now time.Time) {
	u.mu.Lock()
	used, known := u.seen[keyID]
	if known || len(u.seen) < usageMost {
		if !known {
			keyID = ids.KeyID(strings.Clone(string(keyID)))
		}
		if used.Region != region {
			used.Region = strings.Clone(region)
		}
		used.Date, used.Service = directory.At(now), service
		u.seen[keyID] = used
	}
	crowded := len(u.seen) >= usageMost/2
	u.mu.Unlock()
	if crowded {
		select {
		case u.full <- struct{}{}:
		default:
		}
	}
}

// Run writes until ctx ends, and then once more.
func (u *Usage) Run(ctx context.Context) {
	tick := time.NewTicker(usageEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-u.full:
		case <-ctx.Done():
			u.flush(context.WithoutCancel(ctx))
			return
		}
		u.flush(ctx)
	}
}

func (u *Usage) flush(ctx context.Context) {
	if err := u.Flush(ctx); err != nil {
		u.log.Error("writing when access keys were last used", "err", err)
	}
}

// Flush writes down what is remembered now.
func (u *Usage) Flush(ctx context.Context) error {
	u.mu.Lock()
	seen := u.seen
	u.seen = make(map[ids.KeyID]directory.LastUsed, min(len(seen), usageMost))
	u.mu.Unlock()

	batch := make([]ids.KeyID, 0, usageBatch)
	for id := range seen {
		batch = append(batch, id)
		if len(batch) == usageBatch {
			if err := u.write(ctx, batch, seen); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return u.write(ctx, batch, seen)
}

func (u *Usage) write(ctx context.Context, keyIDs []ids.KeyID, seen map[ids.KeyID]directory.LastUsed) error {
	if len(keyIDs) == 0 {
		return nil
	}
	return u.store.Update(ctx, func(tx store.Tx) error {
		for _, id := range keyIDs {
			key, err := directory.GetAccessKey(tx, id)
			if err != nil {
				return err
			}
			if key == nil {
				continue // deleted since: its last use went with it
			}
			used := seen[id]
			if err := directory.PutLastUsed(tx, id, &used); err != nil {
				return err
			}
		}
		return nil
	})
}
