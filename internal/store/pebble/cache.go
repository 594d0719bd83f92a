package pebble

import (
	"container/list"
	"hash/maphash"
	"sync"
)

// A record is what a key has: a value or, when it isn't found, none. Its value
// is never changed, so it is handed out as it is, to many readers at a time.
type record struct {
	value []byte
	found bool
}

// A cache holds records that were read by key: those that are absent, too, since
// looking for what isn't there (a second access key, a boundary) is as hot.
//
// It holds no versions. Each key falls into one of some thousand slots by its
// hash, and a slot has the number of the last commit that wrote a key in it. One
// rule governs both reading and filling:
//
//	A reader whose snapshot is of commit s uses the cache for a key only if its
//	slot's number is at most s. Otherwise it reads its snapshot, and keeps what
//	it finds to itself.
//
// This keeps true that an entry has its key's value in every snapshot of which
// the commit is at least the slot's number:
//   - Filling, at s, under the rule: no commit after s wrote the key, as far as
//     slots say. One that did and isn't in its slot yet is still in its turn, so
//     no snapshot has it, and it corrects the entry before there is one.
//   - Commit n, in its turn, under the lock that readers of the key take, sets
//     the slot to n and corrects the entry, or makes one. Now the entry speaks
//     for snapshots from n on, and older ones may not use it.
//
// A commit that fails has left its number in its slots. No View ever gets that
// far then, and no Update runs, so what it left in the entries is not read.
//
// Keys that share a slot with one that was written are read from Pebble until
// the commit is durable, which costs microseconds and no more.
type cache struct {
	seed   maphash.Seed
	max    int64 // of a shard, in bytes
	shards [64]shard
}

// A shard is a part of the keys. When it is full, the entry that came first
// leaves, but one that was used since it came goes around once more.
type shard struct {
	mu           sync.Mutex
	slots        [256]uint64
	entries      map[string]*list.Element // of *entry
	queue        list.List                // the newest in front
	bytes        int64
	hits, misses uint64
}

type entry struct {
	key  string
	used bool
	record
}

// entryCost is roughly what an entry takes beside its key and value.
const entryCost = 192

func (e *entry) size() int64 { return entryCost + int64(len(e.key)+len(e.value)) }

// newCache returns a cache of max bytes, or nil, which caches nothing.
func newCache(max int64) *cache {
	if max < 0 {
		return nil
	}
	c := &cache{seed: maphash.MakeSeed()}
	c.max = max / int64(len(c.shards))
	for i := range c.shards {
		c.shards[i].entries = make(map[string]*list.Element)
	}
	return c
}

// lock returns the shard of key, locked, and the key's slot in it.
func (c *cache) lock(key string) (*shard, *uint64) {
	h := maphash.String(c.seed, key)
	sh := &c.shards[h%uint64(len(c.shards))]
	sh.mu.Lock()
	return sh, &sh.slots[h/uint64(len(c.shards))%uint64(len(sh.slots))]
}

// get returns what the snapshot of commit seq has for key, if that is known.
func (c *cache) get(seq uint64, key string) (rec record, known bool) {
	if c == nil {
		return record{}, false
	}
	sh, slot := c.lock(key)
	defer sh.mu.Unlock()
	el, ok := sh.entries[key]
	if !ok || *slot > seq {
		sh.misses++
		return record{}, false
	}
	sh.hits++
	e := el.Value.(*entry)
	e.used = true
	return e.record, true
}

// fill remembers what the snapshot of commit seq has for key.
func (c *cache) fill(seq uint64, key string, rec record) {
	if c == nil {
		return
	}
	sh, slot := c.lock(key)
	defer sh.mu.Unlock()
	if *slot > seq || sh.entries[key] != nil {
		return
	}
	sh.add(&entry{key: key, record: rec}, c.max)
}

// freshMost is the longest value, in bytes, that is kept before anybody has read
// it. What was just made is likely to be read next: a new user gets a key.
const freshMost = 512

// commit takes in what commit seq wrote. The caller has the turn.
func (c *cache) commit(seq uint64, writes map[string]record) {
	if c == nil {
		return
	}
	for key, rec := range writes {
		sh, slot := c.lock(key)
		*slot = seq
		if el := sh.entries[key]; el != nil {
			e := el.Value.(*entry)
			sh.bytes -= e.size()
			e.record = rec
			sh.bytes += e.size()
			sh.evict(c.max)
		} else if rec.found && len(rec.value) <= freshMost {
			sh.add(&entry{key: key, record: rec}, c.max)
		}
		sh.mu.Unlock()
	}
}

func (sh *shard) add(e *entry, max int64) {
	if e.size() > max {
		return
	}
	sh.entries[e.key] = sh.queue.PushFront(e)
	sh.bytes += e.size()
	sh.evict(max)
}

func (sh *shard) evict(max int64) {
	for sh.bytes > max {
		el := sh.queue.Back()
		e := el.Value.(*entry)
		if e.used {
			e.used = false
			sh.queue.MoveToFront(el)
			continue
		}
		sh.queue.Remove(el)
		delete(sh.entries, e.key)
		sh.bytes -= e.size()
	}
}

func (c *cache) stats(st *Stats) {
	if c == nil {
		return
	}
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.Lock()
		st.HotHits += sh.hits
		st.HotMisses += sh.misses
		st.HotBytes += sh.bytes
		sh.mu.Unlock()
	}
}
