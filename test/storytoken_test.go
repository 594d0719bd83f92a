package test

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func tokenStories() []story {
	return []story{
		{name: "sessions", given: givenTags, steps: sessionSteps},
		{name: "identity tokens", given: givenTags, steps: identityTokenSteps},
	}
}

// unpackableTags are so many that cannot be packed into a session; the values do not repeat.
func unpackableTags() []types.Tag {
	tags := make([]types.Tag, 50)
	for i := range tags {
		tags[i] = types.Tag{Key: new(fmt.Sprintf("key-%d", i)), Value: new(fmt.Sprintf("<noise.%c%c>", 'a'+i/10, 'a'+i%10))}
	}
	return tags
}

func givenTags(_ *testing.T, _ *server, v values) {
	for i := range 50 {
		noise := make([]byte, 150)
		_, _ = rand.Read(noise) // never fails
		v[fmt.Sprintf("noise.%c%c", 'a'+i/10, 'a'+i%10)] = base32.StdEncoding.EncodeToString(noise)
	}
}

const storyRole = "arn:aws:iam::<account>:role/r"

// tooMuchPolicy and tooManyPolicies are over the room for session policies together.
var (
	tooMuchPolicy   = longDocument(1900)
	tooManyPolicies = []types.PolicyDescriptorType{{Arn: new(adminARN)}, {Arn: new(readOnlyARN)}}
)

var sessionSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: allowing(`"sts:*"`, "*")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: trusting("arn:aws:iam::<account>:root", "")}),
	does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("ann", "AccessKey"),
	does(&sts.GetCallerIdentityInput{}).by("ann").shows("Arn", annARN).shows("Account", "<account>").shows("UserId", "*"),
	does(&sts.GetAccessKeyInfoInput{AccessKeyId: new("<ann.id>")}).by("ann").shows("Account", "<account>"),
	fails("ValidationError", &sts.GetAccessKeyInfoInput{AccessKeyId: new("AKIAIOSFODNN7EXAMPLE")}).by("ann"),

	does(&sts.AssumeRoleInput{RoleArn: new(storyRole), RoleSessionName: new("work")}).by("ann").keeps("session", "Credentials").
		shows("AssumedRoleUser.Arn", "arn:aws:sts::<account>:assumed-role/r/work").shows("PackedPolicySize", "absent").shows("Credentials.Expiration", "*"),
	does(&sts.GetCallerIdentityInput{}).by("session").shows("Arn", "arn:aws:sts::<account>:assumed-role/r/work"),
	fails("MalformedPolicyDocument", &sts.AssumeRoleInput{RoleArn: new(storyRole), RoleSessionName: new("work"), Policy: new(malformed)},
		&sts.GetFederationTokenInput{Name: new("eve"), Policy: new(malformed)}).by("ann"),
	fails("PackedPolicyTooLarge", &sts.AssumeRoleInput{RoleArn: new(storyRole), RoleSessionName: new("work"), Tags: unpackableTags()},
		&sts.AssumeRoleInput{RoleArn: new(storyRole), RoleSessionName: new("work"), Policy: &tooMuchPolicy, PolicyArns: tooManyPolicies},
		&sts.GetFederationTokenInput{Name: new("eve"), Policy: &tooMuchPolicy, PolicyArns: tooManyPolicies}).by("ann"),
	fails("AccessDenied", &sts.AssumeRoleInput{RoleArn: new(storyRole + "x"), RoleSessionName: new("work")}).by("ann").
		says("User: " + annARN + " is not authorized to perform: sts:AssumeRole on resource: " + storyRole + "x"),

	does(&sts.GetSessionTokenInput{DurationSeconds: new(int32(900))}).by("ann").keeps("own", "Credentials").shows("Credentials.Expiration", "*"),
	does(&sts.GetCallerIdentityInput{}).by("own").shows("Arn", annARN),
	does(&sts.GetFederationTokenInput{Name: new("eve"), Policy: new(allowAll)}).by("ann").keeps("eve", "Credentials").
		shows("FederatedUser.Arn", "arn:aws:sts::<account>:federated-user/eve").shows("FederatedUser.FederatedUserId", "<account>:eve"),
	does(&sts.GetCallerIdentityInput{}).by("eve").shows("Arn", "arn:aws:sts::<account>:federated-user/eve"),
	fails("AccessDenied", &sts.GetSessionTokenInput{}).by("session").says("Cannot call GetSessionToken with session credentials"),

	fails("InvalidAuthorizationMessageException", &sts.DecodeAuthorizationMessageInput{EncodedMessage: new("x")}).by("ann"),
}

var identityTokenSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.PutUserPolicyInput{UserName: new("ann"), PolicyName: new("own"), PolicyDocument: allowing(`"sts:*"`, "*")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: trusting("arn:aws:iam::<account>:root", "")},
		&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("own"), PolicyDocument: allowing(`"sts:*"`, "*")}),
	does(&iam.CreateAccessKeyInput{UserName: new("ann")}).keeps("ann", "AccessKey"),
	fails("OutboundWebIdentityFederationDisabledException",
		&sts.GetWebIdentityTokenInput{Audience: []string{"https://x.example.com"}, SigningAlgorithm: new("RS256")}).by("ann"),
	does(&iam.EnableOutboundWebIdentityFederationInput{}),
	does(&sts.GetWebIdentityTokenInput{Audience: []string{"https://x.example.com"}, SigningAlgorithm: new("ES384")}).by("ann").
		shows("WebIdentityToken", "*").shows("Expiration", "*"),
	fails("JWTPayloadSizeExceededException",
		&sts.GetWebIdentityTokenInput{Audience: []string{"https://x.example.com"}, SigningAlgorithm: new("RS256"), Tags: longTags()}).by("ann"),
	does(&sts.AssumeRoleInput{RoleArn: new(storyRole), RoleSessionName: new("work"), DurationSeconds: new(int32(900))}).by("ann").keeps("session", "Credentials"),
	does(&sts.GetWebIdentityTokenInput{Audience: []string{"https://x.example.com"}, SigningAlgorithm: new("RS256"), DurationSeconds: new(int32(60))}).by("session").
		shows("WebIdentityToken", "*"),
	fails("SessionDurationEscalationException",
		&sts.GetWebIdentityTokenInput{Audience: []string{"https://x.example.com"}, SigningAlgorithm: new("RS256"), DurationSeconds: new(int32(3600))}).by("session"),
}

// longTags are as many, and as long, as a request may have.
func longTags() []types.Tag {
	tags := make([]types.Tag, 50)
	for i := range tags {
		tags[i] = types.Tag{Key: new(fmt.Sprintf("key-%d", i)), Value: new(strings.Repeat("\u5b57", 256))}
	}
	return tags
}
