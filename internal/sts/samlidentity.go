package sts

import (
	"context"
	"crypto/rsa"
	"strings"
	"time"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

func samlIdentityOperations() []op.Operation {
	return []op.Operation{
		op.Unsigned("AssumeRoleWithSAML", needAssumeRoleWithSAML, assumeRoleWithSAML),
	}
}

// asserted is what a call with an assertion is about: the assertion as it was
// verified, the provider that made it, and the role with its trust policy.
type asserted struct {
	assertion *federation.SAMLIdentity
	provider  *directory.SAMLProvider
	need      op.Need
	role      *directory.Role
}

// samlVerification is the key of the work of verifying an assertion: all that it
// depends on. A provider's keys are known by their IDs.
type samlVerification struct{ provider, document, keys, response string }

// verifyAssertion has the provider that the call names verify the assertion.
func verifyAssertion(c *op.Call, in *shape.AssumeRoleWithSAMLRequest) (a asserted, err error) {
	if a.need, a.role, err = trust(c.Snap, in.RoleArn); err != nil {
		return a, err
	}
	if a.provider, err = samlProvider(c, in.PrincipalArn); err != nil {
		return a, err
	}
	document, err := directory.SAMLMetadata(c.Snap, a.provider)
	if err != nil {
		return a, err
	}
	p, ids, err := openSAMLProvider(c, a.provider, document)
	if err != nil {
		return a, err
	}
	key := samlVerification{in.PrincipalArn, document, ids, in.SAMLAssertion}
	a.assertion, err = op.Outside(c, key, func(context.Context) (*federation.SAMLIdentity, error) {
		return p.Verify(in.SAMLAssertion, c.Now)
	})
	if err == nil && !a.assertion.Grants(in.RoleArn, in.PrincipalArn) {
		err = accessDenied("Not authorized to perform sts:AssumeRoleWithSAML")
	}
	return a, err
}

// samlProvider is the provider of that ARN, which must be good now.
func samlProvider(c *op.Call, name string) (*directory.SAMLProvider, error) {
	parsed, err := arn.Parse(name)
	if err != nil {
		return nil, validationError("%s is invalid", name)
	}
	e, ok := parsed.Entity()
	if !ok || e.Kind != arn.SAMLProvider {
		return nil, validationError("%s is invalid", name)
	}
	p, err := directory.SAMLProviders.ByName(c.Snap, ids.Account(parsed.Account), e.Name)
	switch {
	case err != nil:
		return nil, err
	case p == nil || p.ARN() != name:
		return nil, awserr.New(400, "InvalidIdentityToken", "Specified provider doesn't exist.")
	case directory.At(c.Now) >= p.ValidUntil:
		return nil, awserr.New(400, "InvalidIdentityToken", "The metadata of the specified provider are no longer valid.")
	}
	return p, nil
}

// openSAMLProvider is the provider as it verifies assertions, and the IDs of its keys.
func openSAMLProvider(c *op.Call, p *directory.SAMLProvider, document string) (*federation.SAMLProvider, string, error) {
	metadata, err := federation.ParseMetadata(document)
	if err != nil {
		return nil, "", err
	}
	var keys []*rsa.PrivateKey
	var ids []string
	for _, k := range p.Keys {
		der, err := p.OpenKey(c.Keyring, k)
		if err != nil {
			return nil, "", err
		}
		key, err := federation.DecryptionKey(der)
		if err != nil {
			return nil, "", err
		}
		keys, ids = append(keys, key), append(ids, k.ID)
	}
	if p.RequireEncryption {
		ids = append(ids, "required")
	}
	return &federation.SAMLProvider{
		Account:           string(p.Account),
		Name:              p.Name,
		UUID:              string(p.ID),
		Metadata:          metadata,
		RequireEncryption: p.RequireEncryption,
		Keys:              keys,
	}, strings.Join(ids, " "), nil
}

// needAssumeRoleWithSAML finds out who calls, and asks the role's trust policy about
// them.
func needAssumeRoleWithSAML(c *op.Call, in *shape.AssumeRoleWithSAMLRequest) ([]op.Need, error) {
	a, err := verifyAssertion(c, in)
	if err != nil {
		return nil, err
	}
	c.Caller = op.Principal{
		Kind:     op.SAMLIdentity,
		Account:  a.need.Owner,
		ID:       a.assertion.NameQualifier + ":" + a.assertion.Subject,
		Provider: a.provider.ARN(),
	}
	return needVouched(a.need, "AssumeRoleWithSAML", a.assertion.SessionName, &a.assertion.Identity), nil
}

func assumeRoleWithSAML(_ context.Context, c *op.Call, in *shape.AssumeRoleWithSAMLRequest) (*shape.AssumeRoleWithSAMLResponse, error) {
	a, err := verifyAssertion(c, in)
	if err != nil {
		return nil, err
	}
	seconds, err := roleSeconds(c, a.role, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	seconds = a.shorten(c, seconds)
	s := &directory.Session{Provider: a.provider.ARN(), Claims: a.claims(), SourceIdentity: a.assertion.SourceIdentity}
	if err := tagSession(s, nil, sessionTags(&a.assertion.Identity), a.assertion.TransitiveTagKeys); err != nil {
		return nil, err
	}
	made, err := openRole(c, a.role, s, session{a.assertion.SessionName, &seconds, in.Policy, in.PolicyArns})
	if err != nil {
		return nil, err
	}
	out := &shape.AssumeRoleWithSAMLResponse{
		AssumedRoleUser:  made.user,
		Credentials:      made.credentials,
		PackedPolicySize: made.packed,
		Subject:          &a.assertion.Subject,
		SubjectType:      &a.assertion.SubjectType,
		Issuer:           &a.assertion.Issuer,
		Audience:         &a.assertion.Audience,
		NameQualifier:    &a.assertion.NameQualifier,
	}
	if s.SourceIdentity != "" {
		out.SourceIdentity = &s.SourceIdentity
	}
	return out, nil
}

// shorten is seconds, or less if the assertion ends the session before.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func (a asserted) shorten(c *op.Call, seconds int32) int32 {
	d := time.Duration(seconds) * time.Second
	if limit := a.assertion.Duration; limit != 0 {
		d = min(d, limit)
	}
	if ends := a.assertion.Ends; !ends.IsZero() {
		d = min(d, ends.Sub(c.Now))
	}
	return int32(d / time.Second)
}

// claims are the condition keys that the session's own calls have, which are few of
// those that the trust policy sees.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml_permission-policy
func (a asserted) claims() map[string][]string {
	claims := map[string][]string{}
	for _, key := range []string{"saml:namequalifier", "saml:sub", "saml:sub_type"} {
		claims[key] = a.assertion.Context[key]
	}
	return claims
}
