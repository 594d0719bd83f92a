package authz

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

// held is the policies that a user or role has in one snapshot.
type held struct {
	id       ids.EntityID
	seq      uint64 // of the snapshot
	identity []policy.Policy
	boundary []policy.Policy // nil for none
}

// recent remembers what was gathered last, since most calls between two commits are of
// few callers. It cannot be stale: what it has counts for the snapshot that it was
// gathered from, and no other. The zero recent is ready.
type recent struct {
	slots [1 << 10]atomic.Pointer[held]
}

var seed = maphash.MakeSeed()

func (r *recent) slot(id ids.EntityID) *atomic.Pointer[held] {
	return &r.slots[maphash.String(seed, string(id))%uint64(len(r.slots))]
}

// heldBy gathers the policies of a user or role.
func (a *Authorizer) heldBy(r store.Reader, e *directory.Entity) (*held, error) {
	slot := a.recent.slot(e.ID)
	if h := slot.Load(); h != nil && h.id == e.ID && h.seq == r.Seq() {
		return h, nil
	}
	h := &held{id: e.ID, seq: r.Seq()}
	var err error
	if h.identity, err = a.identity(r, e); err != nil {
		return nil, err
	}
	if h.boundary, err = a.boundary(r, e); err != nil {
		return nil, err
	}
	slot.Store(h)
	return h, nil
}
