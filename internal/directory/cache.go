package directory

import (
	"bytes"
	"context"
	"hash/maphash"
	"sync"

	"github.com/iamd-project/iamd/internal/store"
)

// Cached is s with a memory for decoded records, since decoding one costs more
// than reading it. It holds at most about the given number of records.
//
// It can't be stale: a record is taken from it only when the bytes it was decoded
// from are those that the transaction reads. Whoever gets a record shares it with
// others, and changes a copy.
func Cached(s store.Store, records int) store.Store {
	c := &cache{Store: s, seed: maphash.MakeSeed(), each: max(1, records/cacheShards)}
	for i := range c.shards {
		c.shards[i].byKey = map[string]cached{}
	}
	return c
}

const cacheShards = 64

type cache struct {
	store.Store
	seed   maphash.Seed
	each   int // records in a shard
	shards [cacheShards]cacheShard
}

type cacheShard struct {
	mu    sync.RWMutex
	byKey map[string]cached
}

type cached struct {
	raw []byte
	rec any
}

func (c *cache) View(ctx context.Context, fn func(store.Reader) error) error {
	return c.Store.View(ctx, func(r store.Reader) error { return fn(&cachedReader{r, c}) })
}

func (c *cache) Update(ctx context.Context, fn func(store.Tx) error) error {
	return c.Store.Update(ctx, func(tx store.Tx) error { return fn(&cachedTx{tx, c}) })
}

type cachedReader struct {
	store.Reader
	cache *cache
}

type cachedTx struct {
	store.Tx
	cache *cache
}

func (r *cachedReader) decoded() *cache { return r.cache }
func (tx *cachedTx) decoded() *cache    { return tx.cache }

// cacheOf is the cache behind r, or nil.
func cacheOf(r store.Reader) *cache {
	if c, ok := r.(interface{ decoded() *cache }); ok {
		return c.decoded()
	}
	return nil
}

// find returns the record that was decoded from these bytes, or nil.
func (c *cache) find(key string, raw []byte) any {
	if c == nil {
		return nil
	}
	s := c.shard(key)
	s.mu.RLock()
	found := s.byKey[key]
	s.mu.RUnlock()
	if !bytes.Equal(found.raw, raw) {
		return nil
	}
	return found.rec
}

// keep remembers a record. When there is no room, another goes: any will do,
// since one that is in use comes back.
func (c *cache) keep(key string, raw []byte, rec any) {
	if c == nil {
		return
	}
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byKey) >= c.each {
		for other := range s.byKey {
			delete(s.byKey, other)
			break
		}
	}
	s.byKey[key] = cached{bytes.Clone(raw), rec}
}

func (c *cache) shard(key string) *cacheShard {
	return &c.shards[maphash.String(c.seed, key)%cacheShards]
}
