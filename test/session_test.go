package test

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/iamd-project/iamd/internal/totp"
)

// refusedAs reports an error that is not this one of AWS's.
func refusedAs(t *testing.T, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || e.ErrorMessage() != message {
		t.Errorf("\n got %v\nwant %s: %s", err, code, message)
	}
}

// temporary is the key of a session.
func temporary(c *types.Credentials) key {
	return key{ID: *c.AccessKeyId, Secret: *c.SecretAccessKey, Token: *c.SessionToken}
}

// statement is a policy with one statement that allows.
func allowing(actions, resource string) *string {
	return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"%s"}]}`, actions, resource))
}

// trusting is a trust policy for principals of the account.
func trusting(principal, condition string) *string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},`+
		`"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]%s}]}`, principal, condition))
}

const (
	accountRoot = "arn:aws:iam::123456789012:root"
	roleARN     = "arn:aws:iam::123456789012:role/"
)

// role makes a role with an inline policy.
func (s *server) role(t *testing.T, name string, trust, permissions *string) string {
	t.Helper()
	c := s.iam(s.root(t))
	must[*iam.CreateRoleOutput](t)(c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: trust}))
	if permissions != nil {
		must[*iam.PutRolePolicyOutput](t)(c.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("own"), PolicyDocument: permissions}))
	}
	return roleARN + name
}

// allow gives a user an inline policy.
func (s *server) allow(t *testing.T, user string, document *string) {
	t.Helper()
	in := &iam.PutUserPolicyInput{UserName: &user, PolicyName: new("test"), PolicyDocument: document}
	must[*iam.PutUserPolicyOutput](t)(s.iam(s.root(t)).PutUserPolicy(t.Context(), in))
}

func (s *server) assume(t *testing.T, k key, in *sts.AssumeRoleInput) key {
	t.Helper()
	if in.RoleSessionName == nil {
		in.RoleSessionName = new("work")
	}
	return temporary(must[*sts.AssumeRoleOutput](t)(s.sts(k).AssumeRole(t.Context(), in)).Credentials)
}

func (s *server) arnOf(ctx context.Context, k key) (string, error) {
	out, err := s.sts(k).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *out.Arn, nil
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	arn := s.role(t, "reader", trusting(accountRoot, ""), allowing(`"iam:ListUsers","iam:GetUser","sts:AssumeRole"`, "*"))
	ask := &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: new("work")}

	// The account is trusted, so its own policies have to allow it, too.
	_, err := s.sts(bob).AssumeRole(t.Context(), ask)
	refusedAs(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: sts:AssumeRole on resource: "+arn)
	s.allow(t, "Bob", allowing(`"sts:*"`, roleARN+"*"))
	made := must[*sts.AssumeRoleOutput](t)(s.sts(bob).AssumeRole(t.Context(), ask))
	if got := *made.AssumedRoleUser.Arn; got != "arn:aws:sts::123456789012:assumed-role/reader/work" {
		t.Errorf("assumed %s", got)
	}
	//lint:ignore SA1019 the newest SDK prefers another member, which the model here does not have
	if made.PackedPolicySize != nil || made.SourceIdentity != nil {
		t.Errorf("AssumeRole replied %+v", made)
	}
	if left := time.Until(*made.Credentials.Expiration); left < 55*time.Minute || left > time.Hour {
		t.Errorf("expires in %v, want an hour", left)
	}
	k := temporary(made.Credentials)
	if who, err := s.arnOf(t.Context(), k); err != nil || who != *made.AssumedRoleUser.Arn {
		t.Errorf("the session is %s (%v)", who, err)
	}
	must[*iam.ListUsersOutput](t)(s.iam(k).ListUsers(t.Context(), &iam.ListUsersInput{}))
	_, err = s.iam(k).CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("Eve")})
	refusedAs(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/reader/work is not authorized to perform: iam:CreateUser "+
		"on resource: arn:aws:iam::123456789012:user/Eve because no identity-based policy allows the iam:CreateUser action")
	_, err = s.iam(k).GetUser(t.Context(), &iam.GetUserInput{})
	refusedAs(t, err, "ValidationError", "Must specify userName when calling with non-User credentials")

	// A session policy narrows.
	narrow := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn, Policy: allowing(`"iam:GetUser"`, "*")})
	must[*iam.GetUserOutput](t)(s.iam(narrow).GetUser(t.Context(), &iam.GetUserInput{UserName: new("Bob")}))
	_, err = s.iam(narrow).ListUsers(t.Context(), &iam.ListUsersInput{})
	refusedAs(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/reader/work is not authorized to perform: iam:ListUsers "+
		"on resource: arn:aws:iam::123456789012:user/ because no session policy allows the iam:ListUsers action")

	// Half a token, or another's, is no token.
	k.Token = narrow.Token
	_, err = s.arnOf(t.Context(), k)
	refusedAs(t, err, "InvalidClientTokenId", badKey)
	k.Token = ""
	_, err = s.arnOf(t.Context(), k)
	refusedAs(t, err, "InvalidClientTokenId", badKey)
}

func TestAssumeRoleRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	const bobARN = "arn:aws:iam::123456789012:user/Bob"
	s.allow(t, "Bob", allowing(`"sts:*"`, "*"))
	outside := s.role(t, "outside", trusting(bobARN, `{"StringEquals":{"sts:ExternalId":"42"}}`), nil)
	plain := s.role(t, "plain", trusting(bobARN, ""), allowing(`"sts:AssumeRole"`, "*"))
	denied := func(action, arn string) string {
		return "User: " + bobARN + " is not authorized to perform: sts:" + action + " on resource: " + arn
	}
	long := new(int32(7200))
	for _, test := range []struct {
		name          string
		in            sts.AssumeRoleInput
		code, message string
	}{
		{"no external ID", sts.AssumeRoleInput{RoleArn: &outside}, "AccessDenied", denied("AssumeRole", outside)},
		{"another external ID", sts.AssumeRoleInput{RoleArn: &outside, ExternalId: new("43")}, "AccessDenied", denied("AssumeRole", outside)},
		{"no such role", sts.AssumeRoleInput{RoleArn: new(roleARN + "none")}, "AccessDenied", denied("AssumeRole", roleARN+"none")},
		{"another path", sts.AssumeRoleInput{RoleArn: new(roleARN + "x/plain")}, "AccessDenied", denied("AssumeRole", roleARN+"x/plain")},
		{"no ARN", sts.AssumeRoleInput{RoleArn: new("plainplainplainplain")}, "ValidationError", "plainplainplainplain is invalid"},
		{"a user's ARN", sts.AssumeRoleInput{RoleArn: new(bobARN)}, "ValidationError", bobARN + " is invalid"},
		{"too long", sts.AssumeRoleInput{RoleArn: &plain, DurationSeconds: long}, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"bad policy", sts.AssumeRoleInput{RoleArn: &plain, Policy: new("{}")}, "MalformedPolicyDocument", "Syntax errors in policy."},
		{"tag twice", sts.AssumeRoleInput{RoleArn: &plain, Tags: []types.Tag{{Key: new("a"), Value: new("1")}, {Key: new("A"), Value: new("2")}}},
			"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"transitive, not a tag", sts.AssumeRoleInput{RoleArn: &plain, TransitiveTagKeys: []string{"a"}},
			"ValidationError", "The specified transitive tag key must be included in the requested tags."},
		{"code without serial", sts.AssumeRoleInput{RoleArn: &plain, TokenCode: new("123456")}, "AccessDenied",
			"MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."},
		{"no such device", sts.AssumeRoleInput{RoleArn: &plain, SerialNumber: new("arn:aws:iam::123456789012:mfa/none"), TokenCode: new("123456")}, "AccessDenied",
			"MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."},
	} {
		test.in.RoleSessionName = new("work")
		_, err := s.sts(bob).AssumeRole(t.Context(), &test.in)
		t.Log(test.name)
		refusedAs(t, err, test.code, test.message)
	}
	s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &outside, ExternalId: new("42")})
	_, err := s.sts(s.root(t)).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &plain, RoleSessionName: new("work")})
	refusedAs(t, err, "AccessDenied", "Roles may not be assumed by root accounts.")

	// From a session, an hour is the most, and not every operation is open.
	next := s.role(t, "next", trusting(plain, ""), nil)
	k := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &plain})
	s.assume(t, k, &sts.AssumeRoleInput{RoleArn: &next})
	_, err = s.sts(k).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &next, RoleSessionName: new("work"), DurationSeconds: long})
	refusedAs(t, err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	_, err = s.sts(k).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	refusedAs(t, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = s.sts(k).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: new("Ann")})
	refusedAs(t, err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
}

// Tags and the source identity of a session count in decisions, and the transitive
// ones are passed on.
func TestSessionTags(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	s.allow(t, "Bob", allowing(`"sts:*"`, "*"))
	const onlyRed = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalTag/Team":"red","aws:SourceIdentity":"bob@example.com"}}},` +
		`{"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Resource":"*"}]}`
	first := s.role(t, "first", trusting(accountRoot, ""), new(onlyRed))
	second := s.role(t, "second", trusting(first, ""), new(onlyRed))
	list := func(k key) error {
		_, err := s.iam(k).ListUsers(t.Context(), &iam.ListUsersInput{})
		return err
	}
	tagged := s.assume(t, bob, &sts.AssumeRoleInput{
		RoleArn: &first, SourceIdentity: new("bob@example.com"), TransitiveTagKeys: []string{"team"},
		Tags: []types.Tag{{Key: new("Team"), Value: new("red")}, {Key: new("Cost"), Value: new("1")}},
	})
	if err := list(tagged); err != nil {
		t.Errorf("with the tag: %v", err)
	}
	if err := list(s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &first, SourceIdentity: new("bob@example.com")})); err == nil {
		t.Error("without the tag it is allowed")
	}
	chained := must[*sts.AssumeRoleOutput](t)(s.sts(tagged).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &second, RoleSessionName: new("work")}))
	if chained.SourceIdentity == nil || *chained.SourceIdentity != "bob@example.com" {
		t.Errorf("source identity of the next session: %v", chained.SourceIdentity)
	}
	if err := list(temporary(chained.Credentials)); err != nil {
		t.Errorf("with the inherited tag: %v", err)
	}
	_, err := s.sts(tagged).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: &second, RoleSessionName: new("work"), Tags: []types.Tag{{Key: new("TEAM"), Value: new("blue")}},
	})
	refusedAs(t, err, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")

	many := make([]types.Tag, 50)
	for i := range many {
		many[i] = types.Tag{Key: new(fmt.Sprintf("key-%02d-%s", i, strings.Repeat("x", 100))), Value: new(base32.StdEncoding.EncodeToString(randomBytes(t, 150)))}
	}
	_, err = s.sts(bob).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &first, RoleSessionName: new("work"), Tags: many})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "PackedPolicyTooLarge" || !strings.HasPrefix(e.ErrorMessage(), "Packed policy consumes ") {
		t.Errorf("too many tags: %v", err)
	}
}

// A user's own session can use IAM if it was asked for with MFA, whose codes are good once.
func TestGetSessionToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	s.allow(t, "Bob", new(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*",`+
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}`))
	serial, seed := s.mfa(t, "Bob")
	list := func(k key) error {
		_, err := s.iam(k).ListUsers(t.Context(), &iam.ListUsersInput{})
		return err
	}
	const denied = "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: iam:ListUsers " +
		"on resource: arn:aws:iam::123456789012:user/ because no identity-based policy allows the iam:ListUsers action"
	refusedAs(t, list(bob), "AccessDenied", denied)

	plain := must[*sts.GetSessionTokenOutput](t)(s.sts(bob).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}))
	refusedAs(t, list(temporary(plain.Credentials)), "InvalidClientTokenId", badKey)
	if who, err := s.arnOf(t.Context(), temporary(plain.Credentials)); err != nil || who != "arn:aws:iam::123456789012:user/Bob" {
		t.Errorf("the session is %s (%v)", who, err)
	}

	// The device's first two codes were used to enable it.
	code := totp.Code(seed, totp.At(time.Now())+1)
	out := s.bash(t, bob.as("aws sts get-session-token --serial-number "+serial+" --token-code "+code+" --output text --query Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"))
	words := strings.Fields(out.stdout)
	if len(words) != 3 {
		t.Fatalf("get-session-token: %s%s", out.stdout, out.stderr)
	}
	if err := list(key{words[0], words[1], words[2]}); err != nil {
		t.Errorf("with MFA: %v", err)
	}
	_, err := s.sts(bob).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &serial, TokenCode: &code})
	refusedAs(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

// mfa gives a user a virtual device. Its clock counts as three steps behind, so that the
// codes of now are still to come.
func (s *server) mfa(t *testing.T, user string) (serial string, seed []byte) {
	t.Helper()
	c := s.iam(s.root(t))
	device := must[*iam.CreateVirtualMFADeviceOutput](t)(c.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &user})).VirtualMFADevice
	seed, err := seedOf(device)
	if err != nil {
		t.Fatal(err)
	}
	at := totp.At(time.Now())
	must[*iam.EnableMFADeviceOutput](t)(c.EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: &user, SerialNumber: device.SerialNumber,
		AuthenticationCode1: new(totp.Code(seed, at-1)), AuthenticationCode2: new(totp.Code(seed, at)),
	}))
	return *device.SerialNumber, seed
}

func TestGetFederationToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	s.allow(t, "Bob", allowing(`"sts:GetFederationToken","sts:GetAccessKeyInfo"`, "*"))
	made := must[*sts.GetFederationTokenOutput](t)(s.sts(bob).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: new("Ann")}))
	if *made.FederatedUser.Arn != "arn:aws:sts::123456789012:federated-user/Ann" || *made.FederatedUser.FederatedUserId != "123456789012:Ann" {
		t.Errorf("federated user %+v", made.FederatedUser)
	}
	//lint:ignore SA1019 as above
	if size := made.PackedPolicySize; size == nil || *size != 0 {
		t.Errorf("packed policy size %v, want 0", size)
	}
	ann := temporary(made.Credentials)
	if who, err := s.arnOf(t.Context(), ann); err != nil || who != *made.FederatedUser.Arn {
		t.Errorf("the session is %s (%v)", who, err)
	}
	_, err := s.iam(ann).ListUsers(t.Context(), &iam.ListUsersInput{})
	refusedAs(t, err, "InvalidClientTokenId", badKey)
	_, err = s.sts(ann).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: new(roleARN + "any"), RoleSessionName: new("work")})
	refusedAs(t, err, "AccessDenied", "Cannot call AssumeRole with session credentials")

	eve := s.userKey(t, "Eve")
	_, err = s.sts(eve).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: new("Ann")})
	refusedAs(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/Eve is not authorized to perform: sts:GetFederationToken "+
		"on resource: arn:aws:sts::123456789012:federated-user/Ann because no identity-based policy allows the sts:GetFederationToken action")
}

// Sessions end with their user or role, by policy, and where that is wanted with their key.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for _, withKey := range []bool{false, true} {
		t.Run(fmt.Sprintf("with key %v", withKey), func(t *testing.T) {
			t.Parallel()
			s := start(t, withFlags(fmt.Sprintf("--end-sessions-with-key=%v", withKey)))
			root, bob := s.iam(s.root(t)), s.userKey(t, "Bob")
			s.allow(t, "Bob", allowing(`"sts:AssumeRole"`, "*"))
			arn := s.role(t, "reader", trusting(accountRoot, ""), allowing(`"iam:ListUsers"`, "*"))
			session := s.assume(t, bob, &sts.AssumeRoleInput{RoleArn: &arn})
			own := temporary(must[*sts.GetSessionTokenOutput](t)(s.sts(bob).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})).Credentials)
			alive := func(k key) bool {
				_, err := s.arnOf(t.Context(), k)
				if err != nil {
					refusedAs(t, err, "InvalidClientTokenId", badKey)
				}
				return err == nil
			}
			setKey := func(status iamtypes.StatusType) {
				must[*iam.UpdateAccessKeyOutput](t)(root.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: new("Bob"), AccessKeyId: &bob.ID, Status: status}))
			}
			setKey(iamtypes.StatusTypeInactive)
			if got := alive(session); got == withKey {
				t.Errorf("the role's session lives: %v", got)
			}
			if got := alive(own); got == withKey {
				t.Errorf("the user's session lives: %v", got)
			}
			setKey(iamtypes.StatusTypeActive)

			// What AWS's console does to revoke sessions.
			revoke := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"%s"}}}]}`,
				time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
			must[*iam.ListUsersOutput](t)(s.iam(session).ListUsers(t.Context(), &iam.ListUsersInput{}))
			must[*iam.PutRolePolicyOutput](t)(root.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: new("reader"), PolicyName: new("AWSRevokeOlderSessions"), PolicyDocument: &revoke}))
			_, err := s.iam(session).ListUsers(t.Context(), &iam.ListUsersInput{})
			refusedAs(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/reader/work is not authorized to perform: iam:ListUsers "+
				"on resource: arn:aws:iam::123456789012:user/ with an explicit deny in an identity-based policy")

			for _, name := range []string{"AWSRevokeOlderSessions", "own"} {
				must[*iam.DeleteRolePolicyOutput](t)(root.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: new("reader"), PolicyName: &name}))
			}
			must[*iam.DeleteRoleOutput](t)(root.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: new("reader")}))
			s.role(t, "reader", trusting(accountRoot, ""), nil) // another, of the same name
			if alive(session) {
				t.Error("the session outlives its role")
			}
			must[*iam.DeleteAccessKeyOutput](t)(root.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: new("Bob"), AccessKeyId: &bob.ID}))
			must[*iam.DeleteUserPolicyOutput](t)(root.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{UserName: new("Bob"), PolicyName: new("test")}))
			must[*iam.DeleteUserOutput](t)(root.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: new("Bob")}))
			if alive(own) {
				t.Error("the session outlives its user")
			}
		})
	}
}
