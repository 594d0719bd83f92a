// Package authn says who is calling. A signature is verified outside the call's
// transaction, so that a flood of bad ones holds nobody up; whether the key is
// still good, and who it belongs to, is confirmed inside it.
package authn

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/sigv4"
)

// Signature is what a request says of its own signature. Nothing of it is to be
// trusted before Verify.
type Signature struct {
	claim sigv4.Claim // zero when err is not nil
	err   error
}

// Read reads the signature of r.
func Read(r *http.Request) Signature {
	claim, err := sigv4.Parse(r)
	return Signature{claim, err}
}

// Scope is what the signature claims to be for; zero without one.
func (s *Signature) Scope() sigv4.Scope { return s.claim.Scope }

// KeyID is the access key that the signature claims to be made with; "" without one.
func (s *Signature) KeyID() ids.KeyID { return ids.KeyID(s.claim.AccessKeyID) }

// Authenticator verifies signatures against the access keys in a store. All
// fields are needed; it is safe for concurrent use.
type Authenticator struct {
	Store   store.Store
	Keyring func() *seal.Keyring
	Rules   *sigv4.Verifier
	Keys    *sigv4.KeyCache
}

// maxKeyID is the longest access key ID that is looked up.
const maxKeyID = 128

// Claim is a caller with a good signature. Whether its key is still good, and
// who it is, is for Confirm to say.
type Claim struct {
	key *directory.AccessKey
	seq uint64 // of the snapshot that key was read from
}

// KeyID is the access key that signed.
func (c Claim) KeyID() ids.KeyID { return c.key.ID }

// Verify checks that the signature is that of the access key it names. Its
// refusals are awserr Refusals.
func (a *Authenticator) Verify(ctx context.Context, s *Signature, body []byte, now time.Time) (Claim, error) {
	if s.err != nil {
		return Claim{}, refusal(s.err)
	}
	found, err := a.find(ctx, &s.claim)
	if err != nil {
		return Claim{}, err
	}
	return found, a.check(&s.claim, found.key, body, now)
}

// check compares the signature with the one that the key's secret makes.
func (a *Authenticator) check(c *sigv4.Claim, record *directory.AccessKey, body []byte, now time.Time) error {
	key, known := a.Keys.Find(c.AccessKeyID, c.Scope, record.Sealed)
	if !known {
		secret, err := record.OpenSecret(a.Keyring())
		if err != nil {
			return err
		}
		key = sigv4.DeriveKey(string(secret), c.Scope)
	}
	if err := a.Rules.Verify(c, key, sigv4.HashPayload(body), now); err != nil {
		return refusal(err)
	}
	if !known {
		a.Keys.Add(string(record.ID), cloneScope(c.Scope), record.Sealed, key)
	}
	return nil
}

func (a *Authenticator) find(ctx context.Context, c *sigv4.Claim) (found Claim, err error) {
	if len(c.AccessKeyID) > maxKeyID {
		return Claim{}, &awserr.Refusal{Kind: awserr.UnknownKey}
	}
	err = a.Store.View(ctx, func(r store.Reader) error {
		found.seq = r.Seq()
		found.key, err = goodKey(r, ids.KeyID(c.AccessKeyID))
		return err
	})
	if err == nil && c.SessionToken != "" {
		return Claim{}, &awserr.Refusal{Kind: awserr.BadToken} // a long-term key has none
	}
	return found, err
}

// goodKey is the access key of that ID, if it may be used.
func goodKey(r store.Reader, id ids.KeyID) (*directory.AccessKey, error) {
	key, err := directory.GetAccessKey(r, id)
	if err == nil && (key == nil || !key.Active) {
		err = &awserr.Refusal{Kind: awserr.UnknownKey}
	}
	return key, err
}

// Confirm makes sure that the key behind a verified signature is good in this
// snapshot, and says who it belongs to.
func (a *Authenticator) Confirm(r store.Reader, c Claim) (op.Principal, error) {
	key := c.key
	if r.Seq() != c.seq { // there have been commits since Verify read it
		var err error
		if key, err = goodKey(r, c.KeyID()); err != nil {
			return op.Principal{}, err
		}
	}
	if key.IsRoot() {
		return op.Principal{
			Kind:    op.Root,
			Account: key.Account,
			ARN:     directory.RootARN(key.Account),
			ID:      string(key.Account),
			KeyID:   key.ID,
		}, nil
	}
	u, err := directory.KeyUser(r, key)
	if err != nil {
		return op.Principal{}, err
	}
	return op.Principal{
		Kind:    op.User,
		Account: u.Account,
		ARN:     u.ARN(),
		ID:      string(u.ID),
		Name:    u.Name,
		KeyID:   key.ID,
	}, nil
}

// refusals are the kinds of what sigv4 refuses. Its words are AWS's.
var refusals = map[sigv4.Reason]awserr.Kind{
	sigv4.Missing:       awserr.MissingAuthentication,
	sigv4.Incomplete:    awserr.IncompleteSignature,
	sigv4.Unsigned:      awserr.BadSignature,
	sigv4.Expired:       awserr.SignatureExpired,
	sigv4.NotYetCurrent: awserr.SignatureNotYetCurrent,
	sigv4.BadScope:      awserr.BadSignature,
	sigv4.BadPayload:    awserr.BadSignature,
	sigv4.Mismatch:      awserr.BadSignature,
}

func refusal(err error) error {
	e, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		return err
	}
	return &awserr.Refusal{Kind: refusals[e.Reason], Detail: e.Message}
}

// cloneScope frees a scope from the memory of its request.
func cloneScope(s sigv4.Scope) sigv4.Scope {
	return sigv4.Scope{Day: strings.Clone(s.Day), Region: strings.Clone(s.Region), Service: strings.Clone(s.Service)}
}
