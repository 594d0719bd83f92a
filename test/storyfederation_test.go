package test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func federationStories() []story {
	return []story{
		{name: "web identities", given: givenWebIdentities, steps: webIdentitySteps},
		{name: "SAML identities", given: givenSAMLIdentities, steps: samlIdentitySteps},
	}
}

func givenWebIdentities(t *testing.T, s *server, v values) {
	idp, gone := newOpenID(t), newOpenID(t)
	v["issuer"], v["gone"] = idp.URL, gone.URL
	v["oidc"] = "arn:aws:iam::" + v["account"] + ":oidc-provider/" + strings.TrimPrefix(idp.URL, "http://")
	v["oidc.gone"] = "arn:aws:iam::" + v["account"] + ":oidc-provider/" + strings.TrimPrefix(gone.URL, "http://")
	v["token"] = *idp.token("ann", nil)
	v["token.old"] = *idp.token("ann", map[string]any{"exp": time.Now().Unix() - 1})
	v["token.long"] = *idp.token(strings.Repeat("x", 256), nil)
	v["token.gone"] = *gone.token("ann", nil)
	gone.Close()
}

func asWeb(role, token string) *sts.AssumeRoleWithWebIdentityInput {
	return &sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("web"), WebIdentityToken: &token}
}

func limitedWeb(policy string) *sts.AssumeRoleWithWebIdentityInput {
	in := asWeb(storyRole, "<token>")
	in.Policy, in.PolicyArns = &policy, tooManyPolicies
	return in
}

var webIdentitySteps = []step{
	does(&iam.CreateOpenIDConnectProviderInput{Url: new("<issuer>"), ClientIDList: []string{"sts.amazonaws.com"}},
		&iam.CreateOpenIDConnectProviderInput{Url: new("<gone>"), ClientIDList: []string{"sts.amazonaws.com"}},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: federated("<oidc>", `"sts:AssumeRoleWithWebIdentity"`, "{}")},
		&iam.CreateRoleInput{RoleName: new("gone"), AssumeRolePolicyDocument: federated("<oidc.gone>", `"sts:AssumeRoleWithWebIdentity"`, "{}")}),
	does(asWeb(storyRole, "<token>")).by(nobody).keeps("session", "Credentials").shows("SubjectFromWebIdentityToken", "ann").
		shows("Provider", "<oidc>").shows("Audience", "sts.amazonaws.com").shows("AssumedRoleUser.Arn", "arn:aws:sts::<account>:assumed-role/r/web"),
	does(&sts.GetCallerIdentityInput{}).by("session").shows("Arn", "arn:aws:sts::<account>:assumed-role/r/web"),
	fails("MalformedPolicyDocument", limitedWeb(malformed)).by(nobody),
	fails("PackedPolicyTooLarge", limitedWeb(tooMuchPolicy)).by(nobody),
	fails("IDPRejectedClaim", asWeb(storyRole, "<token.long>")).by(nobody),
	fails("IDPCommunicationError", asWeb("arn:aws:iam::<account>:role/gone", "<token.gone>")).by(nobody),
	fails("InvalidIdentityToken", asWeb(storyRole, "opaque")).by(nobody),
	fails("ExpiredTokenException", asWeb(storyRole, "<token.old>")).by(nobody),
	fails("AccessDenied", asWeb("arn:aws:iam::<account>:role/gone", "<token>")).by(nobody).says("Not authorized to perform sts:AssumeRoleWithWebIdentity"),
}

func givenSAMLIdentities(t *testing.T, s *server, v values) {
	idp, metadata := newSAML(t)
	v["metadata"] = metadata
	v["saml"] = "arn:aws:iam::" + v["account"] + ":saml-provider/corp"
	role := "arn:aws:iam::" + v["account"] + ":role/r"
	v["response"] = *samlResponse(t, idp, role, v["saml"], "ann")
	v["response.old"] = *samlResponseAt(t, time.Now().Add(-time.Hour), idp, role, v["saml"], "ann")
}

func asSAML(response string) *sts.AssumeRoleWithSAMLInput {
	return &sts.AssumeRoleWithSAMLInput{RoleArn: new(storyRole), PrincipalArn: new("<saml>"), SAMLAssertion: &response}
}

func limitedSAML(policy string) *sts.AssumeRoleWithSAMLInput {
	in := asSAML("<response>")
	in.Policy, in.PolicyArns = &policy, tooManyPolicies
	return in
}

var samlIdentitySteps = []step{
	does(&iam.CreateSAMLProviderInput{Name: new("corp"), SAMLMetadataDocument: new("<metadata>")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: federated("<saml>", `"sts:AssumeRoleWithSAML","sts:TagSession"`, "{}")}),
	does(asSAML("<response>")).by(nobody).keeps("session", "Credentials").shows("Subject", "ann").shows("SubjectType", "persistent").
		shows("Issuer", "https://idp.example.com/metadata").shows("AssumedRoleUser.Arn", "arn:aws:sts::<account>:assumed-role/r/ann"),
	does(&sts.GetCallerIdentityInput{}).by("session").shows("Arn", "arn:aws:sts::<account>:assumed-role/r/ann"),
	fails("MalformedPolicyDocument", limitedSAML(malformed)).by(nobody),
	fails("PackedPolicyTooLarge", limitedSAML(tooMuchPolicy)).by(nobody),
	fails("InvalidIdentityToken", asSAML("aGVsbG8=")).by(nobody).says("Invalid SAML response"),
	fails("ExpiredTokenException", asSAML("<response.old>")).by(nobody).says("Token must be redeemed within 5 minutes of issuance"),
}
