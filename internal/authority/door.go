package authority

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// TokenHeader is where proxies have the token: their Authorization header is their
// client's.
const TokenHeader = "X-Iamd-Token"

// The limits of tokens.
const (
	minToken  = 16 // characters
	maxTokens = 8
)

// Door is how askers prove themselves: by all that is configured.
type Door struct {
	// Tokens, as from ParseTokens; none asks for no token.
	Tokens []Token
	// Certificate asks for a client certificate. That it is good is for TLS to see.
	Certificate bool
}

// Token is the hash of one.
type Token [sha256.Size]byte

// ParseTokens reads tokens, one a line: a second one lets askers change over to it.
func ParseTokens(text string) ([]Token, error) {
	var list []Token
	for line := range strings.Lines(text) {
		token := strings.TrimSpace(line)
		switch {
		case token == "":
		case len(token) < minToken || strings.ContainsAny(token, " \t"):
			return nil, fmt.Errorf("a token is one word of at least %d characters", minToken)
		case len(list) == maxTokens:
			return nil, fmt.Errorf("there are more than %d tokens", maxTokens)
		default:
			list = append(list, sha256.Sum256([]byte(token)))
		}
	}
	if len(list) == 0 {
		return nil, errors.New("there is no token")
	}
	return list, nil
}

func (d *Door) admits(r *http.Request) bool {
	if len(d.Tokens) == 0 && !d.Certificate {
		return false
	}
	if d.Certificate && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
		return false
	}
	return len(d.Tokens) == 0 || d.knows(shownToken(r))
}

func shownToken(r *http.Request) string {
	if tokens := r.Header.Values(TokenHeader); len(tokens) == 1 {
		return tokens[0]
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// knows compares hashes, in a time that says nothing of the tokens.
func (d *Door) knows(shown string) bool {
	hash := sha256.Sum256([]byte(shown))
	found := 0
	for i := range d.Tokens {
		found |= subtle.ConstantTimeCompare(hash[:], d.Tokens[i][:])
	}
	return found == 1
}
