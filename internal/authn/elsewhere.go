package authn

import (
	"context"
	"errors"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/sigv4"
)

// This file is for requests that another server received, and asks about.

// Claim is all that the signature says of itself; zero without one.
func (s *Signature) Claim() *sigv4.Claim { return &s.claim }

// Missing reports whether the request is not signed at all.
func (s *Signature) Missing() bool {
	e, ok := errors.AsType[*sigv4.Error](s.err)
	return ok && e.Reason == sigv4.Missing
}

// VerifyPayload is Verify by the rules of that server, of a body that only it has seen.
func (a *Authenticator) VerifyPayload(ctx context.Context, s *Signature, rules *sigv4.Verifier, body sigv4.PayloadHash, now time.Time) (Claim, error) {
	theirs := *a
	theirs.Rules = rules
	found, err := theirs.claimed(ctx, s)
	if err != nil {
		return Claim{}, err
	}
	return theirs.proved(s, found, body, now)
}

// Vouched is the claim of an access key that has proved itself to somebody who is
// trusted to say so.
func (a *Authenticator) Vouched(ctx context.Context, id ids.KeyID, token string, now time.Time) (Claim, error) {
	found, err := a.find(ctx, &sigv4.Claim{AccessKeyID: string(id), SessionToken: token})
	if err != nil {
		return Claim{}, err
	}
	return found, found.ended(now)
}

// SigningKey is the key behind a verified signature.
func (a *Authenticator) SigningKey(c Claim, scope sigv4.Scope) (sigv4.SigningKey, error) {
	key, _, err := a.signingKey(c, scope)
	return key, err
}
