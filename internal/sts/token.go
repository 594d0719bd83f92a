package sts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

// tokens has the operation by which an account vouches for its principals elsewhere,
// as an issuer below a URL.
type tokens struct {
	base string
}

func tokenOperations(base string) []op.Operation {
	t := tokens{base}
	return []op.Operation{
		op.Read("GetWebIdentityToken", needGetWebIdentityToken, t.get),
	}
}

// defaultToken is how long a token is good unless the call says otherwise, in seconds.
const defaultToken = 300

// needGetWebIdentityToken takes another permission for tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html
func needGetWebIdentityToken(c *op.Call, in *shape.GetWebIdentityTokenRequest) ([]op.Need, error) {
	n := op.Need{
		Action:   "sts:GetWebIdentityToken",
		Resource: "*",
		NewTags:  requestTags(in.Tags),
		Context: map[string][]string{
			"sts:identitytokenaudience": in.Audience,
			"sts:durationseconds":       {strconv.Itoa(int(secondsOr(in.DurationSeconds, defaultToken)))},
			"sts:signingalgorithm":      {in.SigningAlgorithm},
		},
	}
	needs := []op.Need{n}
	if len(in.Tags) > 0 {
		n.Action = "sts:TagGetWebIdentityToken"
		needs = append(needs, n)
	}
	return needs, notWithOwnSession(c, "GetWebIdentityToken")
}

func (t tokens) get(_ context.Context, c *op.Call, in *shape.GetWebIdentityTokenRequest) (*shape.GetWebIdentityTokenResponse, error) {
	o, err := directory.GetOutbound(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if o == nil || o.Disabled {
		return nil, awserr.New(403, "OutboundWebIdentityFederationDisabledException", "Outbound web identity federation is disabled for your account.")
	}
	if err := checkSessionTags(in.Tags); err != nil {
		return nil, err
	}
	expires := c.Now.Add(time.Duration(secondsOr(in.DurationSeconds, defaultToken)) * time.Second).Truncate(time.Second)
	if s := c.Caller.Session; s != nil && expires.After(s.Expires.Time()) {
		return nil, awserr.New(403, "SessionDurationEscalationException", "The requested token duration would extend past the end of the session.")
	}
	key, err := signingKey(c, o, in.SigningAlgorithm)
	if err != nil {
		return nil, err
	}
	token, err := t.sign(c, in, key, federation.IssuerURL(t.base, o.Issuer), expires)
	if err != nil {
		return nil, err
	}
	return &shape.GetWebIdentityTokenResponse{WebIdentityToken: &token, Expiration: &expires}, nil
}

// signingKey is the account's newest key for an algorithm.
func signingKey(c *op.Call, o *directory.Outbound, algorithm string) (*federation.PrivateKey, error) {
	for i := len(o.Keys) - 1; i >= 0; i-- {
		k := o.Keys[i]
		if k.Algorithm != algorithm {
			continue
		}
		private, err := o.OpenKey(c.Keyring, k)
		if err != nil {
			return nil, err
		}
		return &federation.PrivateKey{PublicKey: federation.PublicKey{ID: k.ID, Algorithm: algorithm, PKIX: k.Public}, PKCS8: private}, nil
	}
	return nil, validationError("1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [RS256, ES384]", algorithm)
}

// maxPayload is ours: AWS does not say how long claims may be.
const maxPayload = 32 << 10

func (t tokens) sign(c *op.Call, in *shape.GetWebIdentityTokenRequest, key *federation.PrivateKey, issuer string, expires time.Time) (string, error) {
	token := &federation.Token{
		Issuer:        issuer,
		Audience:      in.Audience,
		Subject:       subject(&c.Caller),
		Issued:        c.Now,
		Expires:       expires,
		ID:            c.IDs.UUID(),
		Account:       string(c.Caller.Account),
		Region:        c.Region,
		PrincipalTags: principalTags(&c.Caller),
		RequestTags:   map[string]string{},
	}
	for _, tag := range in.Tags {
		token.RequestTags[tag.Key] = tag.Value
	}
	payload, err := token.MarshalJSON()
	if err != nil {
		return "", err
	}
	if len(payload) > maxPayload {
		return "", awserr.New(400, "JWTPayloadSizeExceededException", "The token's payload of %d bytes exceeds the maximum of %d.", len(payload), maxPayload)
	}
	return key.Sign(token)
}

// subject is whom a token is about: of a role session the role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
func subject(p *op.Principal) string {
	if p.Kind == op.RoleSession {
		return directory.Roles.ARN(p.Account, p.Bearer.Path, p.Bearer.Name)
	}
	return p.ARN
}

// principalTags are the caller's: those of the session come before those of its role
// or user.
func principalTags(p *op.Principal) map[string]string {
	tags := map[string]string{}
	if p.Bearer != nil {
		addTags(tags, p.Bearer.Tags)
	}
	if p.Session != nil {
		addTags(tags, p.Session.Tags)
	}
	return tags
}

// addTags puts tags into a map, in the place of those whose keys differ in case only.
func addTags(tags map[string]string, add []directory.Tag) {
	for _, t := range add {
		for key := range tags {
			if strings.EqualFold(key, t.Key) {
				delete(tags, key)
			}
		}
		tags[t.Key] = t.Value
	}
}
