package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"hash"
	"maps"
	"slices"
	"strings"
)

// chain calculates the signatures of chunks, each of which covers the one before it; the
// first covers the request's.
type chain struct {
	key   SigningKey
	scope string // the lines of what is signed that stay: the time and the scope
	last  [2 * sha256.Size]byte
	sum   hash.Hash // of the chunk so far
}

func newChain(c *Claim, key SigningKey) *chain {
	n := &chain{
		key: key, sum: sha256.New(),
		scope: c.timestamp + "\n" + c.Scope.Day + "/" + c.Scope.Region + "/" + c.Scope.Service + "/" + terminator + "\n",
	}
	copy(n.last[:], c.signature)
	return n
}

func (n *chain) write(p []byte) { n.sum.Write(p) }

// chunk ends a chunk, and reports whether its signature is that.
func (n *chain) chunk(signature string) bool {
	var sum [sha256.Size]byte
	n.sum.Sum(sum[:0])
	n.sum.Reset()
	digits := hexOf(sum)
	return n.follows(algorithm+"-PAYLOAD", string(EmptyPayload)+"\n"+string(digits[:]), signature)
}

// trailer reports whether the signature of the fields behind the last chunk is that.
func (n *chain) trailer(fields map[string]string, signature string) bool {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text.WriteString(strings.ToLower(name) + ":" + fields[name] + "\n")
	}
	return n.follows(algorithm+"-TRAILER", string(HashPayload([]byte(text.String()))), signature)
}

// follows reports whether a signature is the next of the chain.
func (n *chain) follows(kind, what, signature string) bool {
	n.last = hexOf(hmac256(n.key.key[:], kind+"\n"+n.scope+string(n.last[:])+"\n"+what))
	return subtle.ConstantTimeCompare(n.last[:], []byte(signature)) == 1
}
