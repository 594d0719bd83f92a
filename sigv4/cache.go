package sigv4

import (
	"bytes"
	"hash/maphash"
	"strings"
	"sync"
)

// KeyCache keeps signing keys, so that a request need neither derive one nor
// unseal the secret it is derived from. It is bounded, safe for concurrent use,
// and never stale: a key is found only under the exact version of the secret it
// was made from. Whether that access key may still be used is not its business.
type KeyCache struct {
	seed   maphash.Seed
	shards [16]keyShard
}

type keyShard struct {
	mu      sync.Mutex
	index   map[keyName]int
	entries []keyEntry // a clock: hand goes round and evicts what was not used since it last came by
	hand    int
	size    int
}

type keyName struct {
	id    string
	scope Scope
}

type keyEntry struct {
	name    keyName
	version []byte
	key     SigningKey
	used    bool
}

// NewKeyCache makes a cache of about the given number of keys, and at least 16.
// A key takes some 300 bytes, and the length of its version.
func NewKeyCache(keys int) *KeyCache {
	c := &KeyCache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].index = make(map[keyName]int)
		c.shards[i].size = max(1, keys/len(c.shards))
	}
	return c
}

func (c *KeyCache) shard(id string) *keyShard {
	return &c.shards[maphash.String(c.seed, id)%uint64(len(c.shards))]
}

// Find returns the key of an access key for a scope, if it is there and was made
// from this version of its secret. The version is any bytes that change whenever
// the secret does: the sealed secret itself will do.
func (c *KeyCache) Find(accessKeyID string, scope Scope, version []byte) (key SigningKey, ok bool) {
	s := c.shard(accessKeyID)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.index[keyName{accessKeyID, scope}]
	if !ok || !bytes.Equal(s.entries[i].version, version) {
		return SigningKey{}, false
	}
	s.entries[i].used = true
	return s.entries[i].key, true
}

// Add keeps a key. Call it after Verify has accepted a signature made with the
// key, not before: anyone who knows an access key id can send any number of
// scopes, and would drive the useful keys out.
func (c *KeyCache) Add(accessKeyID string, scope Scope, version []byte, key SigningKey) {
	s := c.shard(accessKeyID)
	s.mu.Lock()
	defer s.mu.Unlock()
	name := keyName{accessKeyID, scope}
	if i, ok := s.index[name]; ok {
		s.entries[i].version = bytes.Clone(version)
		s.entries[i].key = key
		return
	}
	i := s.free()
	name = keyName{ // a claim's strings would keep the whole request in memory
		id:    strings.Clone(accessKeyID),
		scope: Scope{strings.Clone(scope.Day), strings.Clone(scope.Region), strings.Clone(scope.Service)},
	}
	s.entries[i] = keyEntry{name: name, version: bytes.Clone(version), key: key}
	s.index[name] = i
}

// free finds room for an entry, evicting one if it must.
func (s *keyShard) free() int {
	if len(s.entries) < s.size {
		s.entries = append(s.entries, keyEntry{})
		return len(s.entries) - 1
	}
	for s.entries[s.hand].used {
		s.entries[s.hand].used = false
		s.hand = (s.hand + 1) % len(s.entries)
	}
	i := s.hand
	s.hand = (s.hand + 1) % len(s.entries)
	delete(s.index, s.entries[i].name)
	return i
}
