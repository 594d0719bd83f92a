package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/iamd-project/iamd/internal/awserr"
)

// Provider is an OpenID Connect provider as an account has it.
type Provider struct {
	Issuer      string   // its URL, as tokens say it
	ClientIDs   []string // whom its tokens may be for
	Thumbprints []string // see Thumbprint; consulted when no root vouches for its certificate
}

// WebIdentity is what a token that was verified says.
type WebIdentity struct {
	Identity
	Issuer   string
	Subject  string
	Audience string // the one of the provider's client IDs that the token is for
	Expires  time.Time
}

// Verifier verifies tokens and keeps the keys of their issuers for a while. The zero
// Verifier is ready; it is safe for concurrent use and must not be copied.
type Verifier struct {
	// Roots vouch for issuers' certificates; nil means the system's.
	Roots *x509.CertPool
	sets  keySets
}

// The signatures that AWS documents. None and the HMACs are not among them: a public
// key must never do as a secret.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

const maxToken = 20000 // as the model of AssumeRoleWithWebIdentity has it

var (
	errNotJWT = invalidToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	errNoKey  = invalidToken("Couldn't retrieve verification key from your identity provider,  " + // both spaces are AWS's
		"please reference AssumeRoleWithWebIdentity documentation for requirements")
	errUnreached = awserr.New(400, "IDPCommunicationError", "The identity provider could not be reached, or did not answer in time.")
)

// TokenIssuer is whose token it says it is, which nobody has verified: the provider
// to verify it with.
func TokenIssuer(token string) (string, error) {
	_, c, err := parseToken(token)
	if err != nil {
		return "", err
	}
	if c.Issuer == "" {
		return "", missingClaim("iss")
	}
	return c.Issuer, nil
}

// Verify makes sure that the provider issued the token for one of its clients and
// that it is good now. It may ask the issuer for its keys, which takes no longer than
// some seconds. What a token says of itself is looked at first, so that hopeless ones
// cause no traffic. Its errors are *awserr.Error, unless ctx ends.
func (v *Verifier) Verify(ctx context.Context, p Provider, token string, now time.Time) (*WebIdentity, error) {
	jws, c, err := parseToken(token)
	if err != nil {
		return nil, err
	}
	found, err := c.check(p, now)
	if err != nil {
		return nil, err
	}
	keys, err := v.keys(ctx, p, jws.Signatures[0].Protected.KeyID, now)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if !fits(key, jws.Signatures[0].Protected.Algorithm) {
			continue
		}
		if _, err := jws.Verify(key.Key); err == nil {
			return found, nil
		}
	}
	return nil, invalidToken("Token signature invalid")
}

// keys are those that may have signed a token with this key ID.
func (v *Verifier) keys(ctx context.Context, p Provider, id string, now time.Time) ([]jose.JSONWebKey, error) {
	keys, err := v.sets.find(ctx, p, id, now, v.Roots)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errUnreachable):
		return nil, errUnreached
	case err != nil || len(keys) == 0:
		return nil, errNoKey
	}
	return keys, nil
}

// fits reports whether a key may be used with an algorithm. A small RSA key is as
// good as none.
func fits(key jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return algorithm[0] == 'R' && public.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return algorithm[0] == 'E'
	}
	return false
}

// parseToken reads a token without verifying it.
func parseToken(token string) (*jose.JSONWebSignature, *claims, error) {
	if len(token) > maxToken {
		return nil, nil, errNotJWT
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil || len(jws.Signatures) != 1 {
		return nil, nil, errNotJWT
	}
	c, err := parseClaims(jws.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, nil, errNotJWT
	}
	return jws, c, nil
}

// audience is the client that a token is for: the authorized party if it names one,
// and else the audience. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (c *claims) audience(p Provider) (string, error) {
	candidates := []string(c.Audience)
	if c.AuthorizedParty != "" {
		candidates = []string{c.AuthorizedParty}
	}
	for _, candidate := range candidates {
		if slices.Contains(p.ClientIDs, candidate) {
			return candidate, nil
		}
	}
	return "", invalidToken("Incorrect token audience")
}
