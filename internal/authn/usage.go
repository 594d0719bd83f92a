package authn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
)

// The limits of Usage.
const (
	usageEvery  = 15 * time.Second // how far what is stored may be behind
	usageMost   = 1 << 15          // entries of a kind remembered between two writes; each takes about 200 bytes
	usageBatch  = store.MaxWrites
	accessBatch = store.MaxWrites / 2 // a record of what was accessed may have 10 kB
	useBatch    = 4                   // each writes two records at most, which may be as large as any
)

// Usage remembers when access keys and secrets were last used, and what users and roles
// last accessed, and writes it down in batches. Who asks for it sees it at most 15 seconds
// late; a crash loses as much.
type Usage struct {
	store store.Store
	log   *slog.Logger
	full  chan struct{} // wakes Run before its time

	keys     ledger[ids.KeyID, directory.LastUsed]
	accesses ledger[access, directory.Access]
	uses     ledger[directory.Use, directory.Millis]
}

// access is an action, as part of who did it.
type access struct {
	account ids.Account
	entity  ids.EntityID
	service string
	action  string
}

// NewUsage makes a Usage; Run does its writing.
func NewUsage(s store.Store, log *slog.Logger) *Usage {
	return &Usage{
		store:    s,
		log:      log,
		full:     make(chan struct{}, 1),
		keys:     ledger[ids.KeyID, directory.LastUsed]{batch: usageBatch, compare: cmp.Compare[ids.KeyID], keep: keepKeys},
		accesses: ledger[access, directory.Access]{batch: accessBatch, compare: access.compare, keep: keepAccesses},
		uses:     ledger[directory.Use, directory.Millis]{batch: useBatch, compare: compareUses, keep: keepUses},
	}
}

// Note remembers that a key signed a request, and where that came from. The strings may be
// the request's: it keeps copies.
func (u *Usage) Note(keyID ids.KeyID, service, region, source string, now time.Time) {
	own := func(id ids.KeyID) ids.KeyID { return ids.KeyID(strings.Clone(string(id))) }
	u.wake(u.keys.note(keyID, own, func(used directory.LastUsed) directory.LastUsed {
		if used.Region != region {
			used.Region = strings.Clone(region)
		}
		if used.Source != source {
			used.Source = strings.Clone(source)
		}
		used.Date, used.Service = directory.At(now), service
		return used
	}))
}

// NoteAccess remembers that a user or role called an operation of a service; a
// session counts as the user or role behind it, and of root nothing is kept. The
// strings may be the request's: it keeps copies.
func (u *Usage) NoteAccess(who *op.Principal, service, operation, region string, now time.Time) {
	if who.Bearer == nil {
		return
	}
	u.wake(u.accesses.note(access{who.Account, who.Bearer.ID, service, operation}, access.own, func(last directory.Access) directory.Access {
		if last.Region != region {
			last.Region = strings.Clone(region)
		}
		last.Date = directory.At(now)
		return last
	}))
}

// NoteUse remembers the day on which something was used. The strings may be the
// request's: it keeps copies.
func (u *Usage) NoteUse(use directory.Use, now time.Time) {
	day := directory.At(now.UTC().Truncate(24 * time.Hour))
	u.wake(u.uses.note(use, directory.Use.Own, func(directory.Millis) directory.Millis { return day }))
}

func (u *Usage) wake(crowded bool) {
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
		u.log.Error("writing what was last used", "err", err)
	}
}

// Flush writes down what is remembered now.
func (u *Usage) Flush(ctx context.Context) error {
	return errors.Join(u.keys.flush(ctx, u.store), u.accesses.flush(ctx, u.store), u.uses.flush(ctx, u.store))
}

func keepKeys(tx store.Tx, keyIDs []ids.KeyID, seen map[ids.KeyID]directory.LastUsed) error {
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
}

// keepAccesses writes each record once, whatever number of actions it is about.
func keepAccesses(tx store.Tx, keys []access, seen map[access]directory.Access) error {
	for len(keys) > 0 {
		k := keys[0]
		var actions []directory.Access
		for len(keys) > 0 && keys[0].sameRecord(k) {
			last := seen[keys[0]]
			last.Action = keys[0].action
			actions, keys = append(actions, last), keys[1:]
		}
		if err := directory.AddAccesses(tx, k.account, k.entity, k.service, actions); err != nil {
			return err
		}
	}
	return nil
}

func compareUses(a, b directory.Use) int { return cmp.Compare(a.Key(), b.Key()) }

func keepUses(tx store.Tx, uses []directory.Use, seen map[directory.Use]directory.Millis) error {
	for _, use := range uses {
		if err := use.Keep(tx, seen[use]); err != nil {
			return err
		}
	}
	return nil
}

func (a access) sameRecord(b access) bool {
	return a.account == b.account && a.entity == b.entity && a.service == b.service
}

func (a access) compare(b access) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.entity, b.entity),
		cmp.Compare(a.service, b.service), cmp.Compare(a.action, b.action))
}

func (a access) own() access {
	return access{
		ids.Account(strings.Clone(string(a.account))), ids.EntityID(strings.Clone(string(a.entity))),
		strings.Clone(a.service), strings.Clone(a.action),
	}
}
