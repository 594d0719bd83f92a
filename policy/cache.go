package policy

import "sync"

// A Cache keeps compiled documents by their text, so that a text that comes again
// is not parsed again. It is never stale, since a text means the same for ever,
// and texts whose hashes collide are told apart. Many goroutines may use it.
type Cache struct {
	limit int

	mu sync.RWMutex
	// Two generations: what is asked for moves to, or stays in, the recent one, and
	// when that holds half of the limit, what is left of the other is forgotten.
	recent, old map[cacheKey]*Document
	size        int // bytes of text in recent
}

type cacheKey struct {
	text string
	kind Kind
}

// NewCache makes a cache that keeps up to limit bytes of text. Compiled documents
// take several times as much.
func NewCache(limit int) *Cache {
	return &Cache{limit: limit, recent: map[cacheKey]*Document{}}
}

// Parse is [Parse], with memory. What is refused is not remembered.
func (c *Cache) Parse(text string, kind Kind) (*Document, error) {
	key := cacheKey{text, kind}
	c.mu.RLock()
	d, ok := c.recent[key]
	if !ok {
		d = c.old[key]
	}
	c.mu.RUnlock()
	switch {
	case ok:
		return d, nil
	case d == nil:
		var err error
		if d, err = Parse(text, kind); err != nil {
			return nil, err
		}
	}
	if len(text) <= c.limit/2 {
		c.keep(key, d)
	}
	return d, nil
}

func (c *Cache) keep(key cacheKey, d *Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.recent[key]; ok {
		return
	}
	if c.size+len(key.text) > c.limit/2 {
		c.old, c.recent, c.size = c.recent, map[cacheKey]*Document{}, 0
	}
	c.recent[key] = d
	c.size += len(key.text)
}
