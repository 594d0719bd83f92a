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

// Authenticator verifies signatures against the access keys in a store, and against
// the session tokens that its keyring sealed. All fields but EndWithKey are needed; it is
// safe for concurrent use.
type Authenticator struct {
	Store   store.Store
	Keyring func() *seal.Keyring
	Rules   *sigv4.Verifier
	Keys    *sigv4.KeyCache
	// EndWithKey ends sessions with the long-term key that their chain began with. On AWS
	// they outlive it.
	EndWithKey bool
}

// maxKeyID is the longest access key ID that is looked up.
const maxKeyID = 128

// Claim is a caller with a good signature. Whether its key is still good, and who it
// is, is for Confirm to say. The zero Claim is of somebody who has not signed.
type Claim struct {
	key     *directory.AccessKey // nil for a session's
	seq     uint64               // of the snapshot that key was read from
	session *directory.Session   // nil for a long-term key

	standing *directory.Standing // of somebody who signed earlier; nil for the others
}

// Standing is the claim of a caller who signed earlier, of work that still goes on.
func Standing(s *directory.Standing) Claim { return Claim{standing: s} }

// KeyID is the access key that signed; "" for none.
func (c Claim) KeyID() ids.KeyID {
	switch {
	case c.key != nil:
		return c.key.ID
	case c.session != nil:
		return c.session.KeyID
	}
	return ""
}

// LongTerm reports whether it was a user's or root's own access key that signed.
func (c Claim) LongTerm() bool { return c.key != nil }

// Verify checks that the signature is that of the access key it names. Its
// refusals are awserr Refusals.
func (a *Authenticator) Verify(ctx context.Context, s *Signature, body []byte, now time.Time) (Claim, error) {
	found, err := a.claimed(ctx, s)
	if err != nil {
		return Claim{}, err
	}
	return a.proved(s, found, sigv4.HashPayload(body), now)
}

// claimed is the claim of a signature, before it is proved.
func (a *Authenticator) claimed(ctx context.Context, s *Signature) (Claim, error) {
	if s.err != nil {
		return Claim{}, refusal(s.err)
	}
	return a.find(ctx, &s.claim)
}

// proved is a claim that was found, if the signature is its key's.
func (a *Authenticator) proved(s *Signature, found Claim, body sigv4.PayloadHash, now time.Time) (Claim, error) {
	if err := a.check(&s.claim, found, body, now); err != nil {
		return Claim{}, err
	}
	return found, found.ended(now)
}

// ended refuses a session that has ended.
func (c Claim) ended(now time.Time) error {
	if c.session != nil && c.session.Expired(now) {
		return &awserr.Refusal{Kind: awserr.ExpiredToken}
	}
	return nil
}

// check compares the signature with the one that the key's secret makes.
func (a *Authenticator) check(c *sigv4.Claim, found Claim, body sigv4.PayloadHash, now time.Time) error {
	key, known, err := a.signingKey(found, c.Scope)
	if err != nil {
		return err
	}
	if err := a.Rules.Verify(c, key, body, now); err != nil {
		return refusal(err)
	}
	if !known {
		a.Keys.Add(string(found.KeyID()), cloneScope(c.Scope), found.version(), key)
	}
	return nil
}

// signingKey is the claim's key for a scope, and whether it was known already.
func (a *Authenticator) signingKey(c Claim, scope sigv4.Scope) (key sigv4.SigningKey, known bool, err error) {
	if key, known = a.Keys.Find(string(c.KeyID()), scope, c.version()); known {
		return key, true, nil
	}
	secret, err := c.secret(a.Keyring())
	if err != nil {
		return key, false, err
	}
	return sigv4.DeriveKey(string(secret), scope), false, nil
}

// version changes whenever the secret does.
func (c Claim) version() []byte {
	if c.session != nil {
		return []byte(c.session.Secret)
	}
	return c.key.Sealed
}

func (c Claim) secret(ring *seal.Keyring) (ids.SecretKey, error) {
	if c.session != nil {
		return c.session.Secret, nil
	}
	return c.key.OpenSecret(ring)
}

func (a *Authenticator) find(ctx context.Context, c *sigv4.Claim) (found Claim, err error) {
	if len(c.AccessKeyID) > maxKeyID {
		return Claim{}, &awserr.Refusal{Kind: awserr.UnknownKey}
	}
	if id := ids.KeyID(c.AccessKeyID); id.Temporary() {
		found.session = directory.OpenSession(a.Keyring(), ids.KeyID(strings.Clone(c.AccessKeyID)), c.SessionToken)
		if found.session == nil {
			err = &awserr.Refusal{Kind: awserr.BadToken}
		}
		return found, err
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
	if err != nil {
		return nil, err
	}
	return key, checkOpen(r, key.Account, awserr.UnknownKey)
}

// checkOpen refuses whoever is of a closed account.
func checkOpen(r store.Reader, a ids.Account, as awserr.Kind) error {
	closed, err := directory.AccountClosed(r, a)
	if err == nil && closed {
		err = &awserr.Refusal{Kind: as}
	}
	return err
}

// Confirm makes sure that the key behind a verified signature is good in this
// snapshot, and says who it belongs to.
func (a *Authenticator) Confirm(r store.Reader, c Claim) (op.Principal, error) {
	switch {
	case c.standing != nil:
		return a.confirmStanding(r, c.standing)
	case c.session != nil:
		return a.confirmSession(r, c.session)
	case c.key == nil:
		return op.Principal{}, nil // nobody
	}
	key := c.key
	if r.Seq() != c.seq { // there have been commits since Verify read it
		var err error
		if key, err = goodKey(r, c.KeyID()); err != nil {
			return op.Principal{}, err
		}
	}
	if key.IsRoot() {
		return rootOf(key.Account, key.ID), nil
	}
	u, err := directory.KeyUser(r, key)
	if err != nil {
		return op.Principal{}, err
	}
	return userOf(u, key.ID), nil
}

func rootOf(a ids.Account, key ids.KeyID) op.Principal {
	return op.Principal{Kind: op.Root, Account: a, ARN: directory.RootARN(a), ID: string(a), KeyID: key}
}

func userOf(u *directory.User, key ids.KeyID) op.Principal {
	return op.Principal{
		Kind:    op.User,
		Account: u.Account,
		ARN:     u.ARN(),
		ID:      string(u.ID),
		Name:    u.Name,
		KeyID:   key,
		Bearer:  u.Common(),
	}
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
