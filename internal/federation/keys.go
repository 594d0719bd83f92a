package federation

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	maxKeySets = 256              // kept at once
	maxKeys    = 200              // of one issuer: AWS documents 100 of each kind
	keysFresh  = 30 * time.Minute // how long a key set is used
	keysPause  = 30 * time.Second // between two looks at one issuer, whatever they found
)

// keySets finds the keys of issuers and keeps them for a while. A key that is not
// there is looked for once more, but nobody can make us look often.
type keySets struct {
	flight singleflight.Group // by where

	mu    sync.Mutex
	known map[string]*keySet // by where
}

// keySet is what the last look at an issuer found. It never changes.
type keySet struct {
	keys   []jose.JSONWebKey
	err    error // why there are no keys
	looked time.Time
}

// where names an issuer as it is reached by a provider: with other thumbprints it
// may be another server that answers.
func (p *Provider) where() string { return p.Issuer + "\n" + strings.Join(p.Thumbprints, "\n") }

// find returns the issuer's keys of that ID; all that have none when id is "".
func (k *keySets) find(ctx context.Context, p Provider, id string, now time.Time, roots *x509.CertPool) ([]jose.JSONWebKey, error) {
	set := k.recall(p.where())
	if set != nil && now.Sub(set.looked) < keysFresh {
		if found := set.find(id); len(found) > 0 {
			return found, nil
		}
	}
	if set == nil || now.Sub(set.looked) >= keysPause {
		var err error
		if set, err = k.look(ctx, p, now, roots); err != nil {
			return nil, err
		}
	}
	return set.find(id), set.err
}

func (s *keySet) find(id string) (found []jose.JSONWebKey) {
	for _, key := range s.keys {
		if key.KeyID == id || id == "" {
			found = append(found, key)
		}
	}
	return found
}

func (k *keySets) recall(where string) *keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known[where]
}

// look asks the issuer. All who wait for the same issuer get the same answer, which
// a caller who hangs up does not take from the others.
func (k *keySets) look(ctx context.Context, p Provider, now time.Time, roots *x509.CertPool) (*keySet, error) {
	answer := k.flight.DoChan(p.where(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
		defer cancel()
		keys, err := newCaller(p, roots).keys(ctx, p.Issuer)
		set := &keySet{keys: keys, err: err, looked: now}
		k.keep(p.where(), set)
		return set, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answer:
		return a.Val.(*keySet), a.Err
	}
}

// keep keeps set, in the place of the oldest when there are too many.
func (k *keySets) keep(where string, set *keySet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[string]*keySet{}
	}
	if _, ok := k.known[where]; !ok && len(k.known) >= maxKeySets {
		oldest := ""
		for other, s := range k.known {
			if oldest == "" || s.looked.Before(k.known[oldest].looked) {
				oldest = other
			}
		}
		delete(k.known, oldest)
	}
	k.known[where] = set
}

// keys reads an issuer's configuration, and then the keys that it points to.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func (c *caller) keys(ctx context.Context, issuer string) ([]jose.JSONWebKey, error) {
	body, err := c.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	var config struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &config); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if config.Issuer != issuer {
		return nil, errors.New("the configuration is another issuer's")
	}
	if body, err = c.get(ctx, config.Keys); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return parseKeys(body)
}

// parseKeys reads a JWK set. It leaves out keys that cannot be read, that are not
// public, and that are for something else than signatures.
func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) == nil && key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no keys that can be used")
	}
	return keys, nil
}
