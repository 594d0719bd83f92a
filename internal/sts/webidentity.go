package sts

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

// webIdentities has the operation of those for whom an OpenID Connect provider vouches.
type webIdentities struct {
	verifier *federation.Verifier
}

func webIdentityOperations() []op.Operation {
	w := webIdentities{new(federation.Verifier)}
	return []op.Operation{
		op.Unsigned("AssumeRoleWithWebIdentity", w.needAssumeRole, w.assumeRole),
	}
}

// vouched is what a call with a token is about: the token as it was verified, the
// provider that issued it, and the role with its trust policy.
type vouched struct {
	token    *federation.WebIdentity
	provider *directory.OIDCProvider
	need     op.Need
	role     *directory.Role
}

// verification is the key of the work of verifying a token: all that it depends on.
type verification struct{ issuer, clients, thumbprints, token string }

// verify finds the provider in the account of the role and has it verify the token.
func (w webIdentities) verify(c *op.Call, in *shape.AssumeRoleWithWebIdentityRequest) (v vouched, err error) {
	if in.ProviderId != nil {
		return v, validationError("ProviderId is for OAuth 2.0 access tokens, which iamd does not support.")
	}
	if v.need, v.role, err = trust(c.Snap, in.RoleArn); err != nil {
		return v, err
	}
	if v.provider, err = oidcProvider(c, v.need, in.WebIdentityToken); err != nil {
		return v, err
	}
	p := federation.Provider{Issuer: v.provider.Issuer, ClientIDs: v.provider.ClientIDs, Thumbprints: v.provider.Thumbprints}
	key := verification{p.Issuer, strings.Join(p.ClientIDs, "\n"), strings.Join(p.Thumbprints, "\n"), in.WebIdentityToken}
	v.token, err = op.Outside(c, key, func(ctx context.Context) (*federation.WebIdentity, error) {
		return w.verifier.Verify(ctx, p, in.WebIdentityToken, c.Now)
	})
	return v, err
}

// oidcProvider is the provider of the token's issuer in the account of the role.
func oidcProvider(c *op.Call, n op.Need, token string) (*directory.OIDCProvider, error) {
	issuer, err := federation.TokenIssuer(token)
	if err != nil {
		return nil, err
	}
	var p *directory.OIDCProvider
	if name, err := federation.ParseIssuer(issuer); err == nil {
		if p, err = directory.OIDCProviders.ByName(c.Snap, n.Owner, name); err != nil {
			return nil, err
		}
	}
	if p == nil || p.Issuer != issuer {
		return nil, awserr.New(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for %s", issuer)
	}
	return p, nil
}

// needAssumeRole finds out who calls, and asks the role's trust policy about them.
func (w webIdentities) needAssumeRole(c *op.Call, in *shape.AssumeRoleWithWebIdentityRequest) ([]op.Need, error) {
	v, err := w.verify(c, in)
	if err != nil {
		return nil, err
	}
	c.Caller = op.Principal{
		Kind:     op.WebIdentity,
		Account:  v.need.Owner,
		ID:       v.provider.ARN() + ":" + v.token.Audience + ":" + v.token.Subject,
		Provider: v.provider.ARN(),
	}
	return needVouched(v.need, "AssumeRoleWithWebIdentity", in.RoleSessionName, &v.token.Identity), nil
}

// needVouched is what a trust policy must allow those for whom a provider vouches.
func needVouched(n op.Need, action, name string, i *federation.Identity) []op.Need {
	for key, values := range i.Context {
		n.Context[key] = values
	}
	n.Context["sts:rolesessionname"] = []string{name}
	if i.SourceIdentity != "" {
		n.Context["sts:sourceidentity"] = []string{i.SourceIdentity}
	}
	if len(i.TransitiveTagKeys) > 0 {
		n.Context["sts:transitivetagkeys"] = i.TransitiveTagKeys
	}
	n.NewTags = requestTags(sessionTags(i))
	return needsAlso(n, action, len(i.Tags) > 0, i.SourceIdentity != "", false)
}

// sessionTags are the tags that a provider gives to a session.
func sessionTags(i *federation.Identity) []shape.Tag {
	tags := make([]shape.Tag, len(i.Tags))
	for n, t := range i.Tags {
		tags[n] = shape.Tag{Key: t.Key, Value: t.Value}
	}
	return tags
}

func (w webIdentities) assumeRole(_ context.Context, c *op.Call, in *shape.AssumeRoleWithWebIdentityRequest) (*shape.AssumeRoleWithWebIdentityResponse, error) {
	v, err := w.verify(c, in)
	if err != nil {
		return nil, err
	}
	s := &directory.Session{Provider: v.provider.ARN(), Claims: v.token.Context, SourceIdentity: v.token.SourceIdentity}
	if err := tagSession(s, nil, sessionTags(&v.token.Identity), v.token.TransitiveTagKeys); err != nil {
		return nil, err
	}
	made, err := openRole(c, v.role, s, session{in.RoleSessionName, in.DurationSeconds, in.Policy, in.PolicyArns})
	if err != nil {
		return nil, err
	}
	out := &shape.AssumeRoleWithWebIdentityResponse{
		AssumedRoleUser:             made.user,
		Credentials:                 made.credentials,
		PackedPolicySize:            made.packed,
		SubjectFromWebIdentityToken: &v.token.Subject,
		Audience:                    &v.token.Audience,
		Provider:                    &s.Provider,
	}
	if s.SourceIdentity != "" {
		out.SourceIdentity = &s.SourceIdentity
	}
	return out, nil
}
