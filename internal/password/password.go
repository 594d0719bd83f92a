// Package password hashes passwords with Argon2id (RFC 9106).
package password

import (
	"context"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
)

// Recipe is all that a hash depends on but the password. It is stored with the
// hash, so that Current can change and old hashes go on to match.
type Recipe struct {
	Salt    string `cbor:"1,keyasint"`
	Time    uint32 `cbor:"2,keyasint"` // passes over the memory
	Memory  uint32 `cbor:"3,keyasint"` // KiB
	Threads uint8  `cbor:"4,keyasint"`
}

// Hash is a hashed password.
type Hash struct {
	Recipe Recipe   `cbor:"1,keyasint"`
	Sum    [32]byte `cbor:"2,keyasint"`
}

// NewRecipe is how passwords are hashed today, with a salt of its own. The costs
// are OWASP's for Argon2id.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
func NewRecipe(src ids.Source) Recipe {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return Recipe{Salt: src.Letters(letters, 22), Time: 2, Memory: 19 << 10, Threads: 1}
}

// Outdated reports whether new passwords are hashed otherwise than by r.
func (r Recipe) Outdated() bool {
	now := NewRecipe(ids.Source{})
	now.Salt = r.Salt
	return r != now
}

// Equal compares in constant time. Two hashes can only be equal if their recipes are.
func (h Hash) Equal(other Hash) bool {
	return h.Recipe == other.Recipe && subtle.ConstantTimeCompare(h.Sum[:], other.Sum[:]) == 1
}

// Hasher bounds what hashing takes of the machine: each hash takes 19 MiB and some
// 30 ms of a processor.
type Hasher struct {
	slots chan struct{} // one for each hash that is made
	queue chan struct{} // one for each that is made or waits
}

// NewHasher makes at most atOnce hashes at a time, while at most waiting others wait.
func NewHasher(atOnce, waiting int) *Hasher {
	return &Hasher{make(chan struct{}, atOnce), make(chan struct{}, atOnce+waiting)}
}

// Hash hashes a password. It refuses, as Throttled, when too many others wait.
func (h *Hasher) Hash(ctx context.Context, plain string, r Recipe) (Hash, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return Hash{}, &awserr.Refusal{Kind: awserr.Throttled}
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return Hash{}, ctx.Err()
	}
	out := Hash{Recipe: r}
	copy(out.Sum[:], argon2.IDKey([]byte(plain), []byte(r.Salt), r.Time, r.Memory, r.Threads, uint32(len(out.Sum))))
	return out, nil
}
