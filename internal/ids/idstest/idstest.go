// Package idstest makes identifiers repeatable for tests.
package idstest

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"sync"

	"github.com/iamd-project/iamd/internal/ids"
)

// Source gives the same identifiers for the same name, in the order they are
// asked for. It is safe for concurrent use.
func Source(name string) ids.Source {
	return ids.Source{Rand: &reader{r: rand.NewChaCha8(sha256.Sum256([]byte(name)))}}
}

type reader struct {
	mu sync.Mutex
	r  io.Reader // read with mu held
}

func (r *reader) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Read(b)
}
