package test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// organizations is AWS's own client. It tries everything once.
func (s *server) organizations(k key) *organizations.Client {
	return organizations.New(organizations.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

var shownRootKey = regexp.MustCompile(`\AThe root user's access key of account (\d{12}), shown this once:\n\n  AWS_ACCESS_KEY_ID=(\S+)\n  AWS_SECRET_ACCESS_KEY=(\S+)\n\n\z`)

// rootKeyOf runs `iamd account …` and returns the key that it shows, and whose it is.
func rootKeyOf(t *testing.T, s *server, args ...string) (account string, k key) {
	t.Helper()
	r := iamd(t, append([]string{"account", "--data", s.data}, args...)...)
	mustRun(t, r)
	m := shownRootKey.FindStringSubmatch(r.stdout)
	if m == nil || r.stderr != "" {
		t.Fatalf("iamd account %q printed %q and %q", args, r.stdout, r.stderr)
	}
	return m[1], key{ID: m[2], Secret: m[3]}
}

// deleteRootKeys has a root user delete all its own keys, that of k last.
func deleteRootKeys(t *testing.T, s *server, k key) {
	t.Helper()
	c := s.iam(k)
	listed := must[*iam.ListAccessKeysOutput](t)(c.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{}))
	for _, other := range listed.AccessKeyMetadata {
		if *other.AccessKeyId != k.ID {
			must[*iam.DeleteAccessKeyOutput](t)(c.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: other.AccessKeyId}))
		}
	}
	must[*iam.DeleteAccessKeyOutput](t)(c.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &k.ID}))
	code(t, "InvalidClientTokenId")(s.sts(k).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
}

// code demands an error of that code.
func code(t *testing.T, want string) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Accounts are made, listed and helped out by commands, while the server runs and
// when it does not.
func TestAccountCommands(t *testing.T) {
	t.Parallel()
	s := start(t)
	first, err := os.ReadFile(filepath.Join(s.data, "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	id, dev := rootKeyOf(t, s, "create", "Dev Team", "--email", "dev@example.com", "--account", "000011112222")
	if id != "000011112222" || s.whoAmI(t, dev) != "arn:aws:iam::000011112222:root" {
		t.Errorf("account %s was made, and its root is %s", id, s.whoAmI(t, dev))
	}
	// What names the first account to `iamd serve` is no wish for this one.
	r := run(t, exec.CommandContext(t.Context(), binary, "account", "--data", s.data, "create", "test"), append(cleanEnv(t), "IAMD_ACCOUNT=123456789012"))
	mustRun(t, r)
	drawn := shownRootKey.FindStringSubmatch(r.stdout)[1]
	if !regexp.MustCompile(`^[1-9]\d{11}$`).MatchString(drawn) {
		t.Errorf("account %s was made", drawn)
	}
	account := func(args ...string) result { return iamd(t, append([]string{"account", "--data", s.data}, args...)...) }
	list := account("list")
	mustRun(t, list)
	for _, line := range []string{
		`(?m)^ID +NAME +ADDRESS +STATE +ROOT KEYS$`,
		`(?m)^123456789012 +default +root@123456789012\.invalid +open +1$`,
		`(?m)^000011112222 +Dev Team +dev@example\.com +open +1$`,
		`(?m)^` + drawn + ` +test +root@` + drawn + `\.invalid +open +1$`,
	} {
		if !regexp.MustCompile(line).MatchString(list.stdout) {
			t.Errorf("no line %s in\n%s", line, list.stdout)
		}
	}

	refused(t, account("create", "x", "--account", "000011112222"), "account 000011112222 exists already")
	refused(t, account("create", "DEV team"), `account 000011112222 has the name "Dev Team" already`)
	refused(t, account("create", "x", "--email", "DEV@example.com"), "account 000011112222 has the address DEV@example.com already")
	refused(t, account("create", "x", "--email", "nobody"), "Value at 'email' failed to satisfy constraint: Member must satisfy regular expression pattern")
	refused(t, account("create", strings.Repeat("x", 51)), "Member must have length less than or equal to 50")
	refused(t, account("root-key", "none"), `there is no account "none"; see 'iamd account list'`)
	for _, args := range [][]string{{}, {"make", "x"}, {"create"}, {"list", "x"}, {"root-key", "x", "--email", "y"}, {"create", "x", "--account", "12"}} {
		if r := account(args...); r.code != 2 || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("iamd account %q: exit code %d, %s", args, r.code, r.stderr)
		}
	}

	// Root makes itself a second key; a third is too many, and none is no end.
	id, second := rootKeyOf(t, s, "root-key", "dev team")
	if id != "000011112222" {
		t.Errorf("the key is of account %s", id)
	}
	const full = "the root user of account 000011112222 has 2 access keys, and may have no more: delete one first"
	refused(t, account("root-key", "000011112222"), full)
	deleteRootKeys(t, s, second)
	_, third := rootKeyOf(t, s, "root-key", "000011112222")
	s.stop(t)
	rootKeyOf(t, s, "root-key", "000011112222")
	refused(t, account("root-key", "000011112222"), full)
	_, rest := rootKeyOf(t, s, "create", "at rest")
	doctorIsHappy(t, s)

	again := start(t, onData(s.data))
	again.whoAmI(t, third)
	again.whoAmI(t, rest)
	if now, err := os.ReadFile(filepath.Join(s.data, "credentials")); err != nil || string(now) != string(first) {
		t.Errorf("the credentials file is another (%v)", err)
	}
	again.stop(t)
	records := map[string]int{}
	for _, e := range readTrail(t, s.data) {
		if e.EventName == "CreateAccount" || e.EventName == "CreateAccessKey" {
			records[e.EventName]++
		}
	}
	if records["CreateAccount"] != 3 || records["CreateAccessKey"] != 3 {
		t.Errorf("records of what the commands did: %v", records)
	}
	for _, secret := range []string{dev.Secret, third.Secret, rest.Secret} {
		if text := trailText(t, s.data); strings.Contains(text, secret) || strings.Contains(s.stderr.String(), secret) {
			t.Error("a secret is in the trail or the log")
		}
	}
	refusesToStart(t, "the data folder has other accounts, such as 000011112222", onData(s.data), withFlags("--account", "999999999999"))
}

func doctorIsHappy(t *testing.T, s *server) {
	t.Helper()
	if r := iamd(t, "doctor", "--data", s.data); r.code != 0 {
		t.Errorf("doctor: %s%s", r.stdout, r.stderr)
	}
}

// trailText is all that the audit folder holds.
func trailText(t *testing.T, data string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "audit", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// Two accounts of one organization, from its making to the closing of the second,
// through AWS's clients.
func TestOrganization(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	root := s.root(t)
	c := s.organizations(root)
	code(t, "AWSOrganizationsNotInUseException")(c.ListAccounts(ctx, &organizations.ListAccountsInput{}))
	o := must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})).Organization

	asked := must[*organizations.CreateAccountOutput](t)(c.CreateAccount(ctx, &organizations.CreateAccountInput{
		AccountName: new("dev"), Email: new("dev@example.com"), Tags: []types.Tag{{Key: new("team"), Value: new("a")}},
	})).CreateAccountStatus
	if asked.State != types.CreateAccountStateInProgress {
		t.Errorf("CreateAccount replied %+v", asked)
	}
	made := must[*organizations.DescribeCreateAccountStatusOutput](t)(c.DescribeCreateAccountStatus(ctx,
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: asked.Id})).CreateAccountStatus
	if made.State != types.CreateAccountStateSucceeded || time.Since(*made.CompletedTimestamp) > patience {
		t.Fatalf("the request became %+v", made)
	}
	var listed []string
	for pages := organizations.NewListAccountsPaginator(c, &organizations.ListAccountsInput{MaxResults: new(int32(1))}); pages.HasMorePages(); {
		for _, a := range must[*organizations.ListAccountsOutput](t)(pages.NextPage(ctx)).Accounts {
			listed = append(listed, *a.Id+" "+*a.Name+" "+*a.Email)
		}
	}
	if len(listed) != 2 || !strings.Contains(strings.Join(listed, "\n"), *made.AccountId+" dev dev@example.com") {
		t.Errorf("accounts: %q", listed)
	}

	// What is wrong has a reason.
	_, err := c.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: new("x")})
	if e, ok := errors.AsType[*types.InvalidInputException](err); !ok || e.Reason != types.InvalidInputExceptionReasonInvalidPattern ||
		*e.Message != "You provided a value that does not match the required pattern." {
		t.Errorf("an ID that is none: %v", err)
	}
	_, err = c.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: o.MasterAccountId})
	if e, ok := errors.AsType[*types.ConstraintViolationException](err); !ok || e.Reason != types.ConstraintViolationExceptionReasonCannotCloseManagementAccount {
		t.Errorf("closing the management account: %v", err)
	}

	// The management account's users get in by the role; root of the new account by a
	// key that is made on the machine.
	boss := s.userKey(t, "boss")
	must[*iam.AttachUserPolicyOutput](t)(s.iam(root).AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("boss"), PolicyArn: new(adminARN)}))
	session := must[*sts.AssumeRoleOutput](t)(s.sts(boss).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: new("arn:aws:iam::" + *made.AccountId + ":role/OrganizationAccountAccessRole"), RoleSessionName: new("boss"),
	})).Credentials
	inside := key{ID: *session.AccessKeyId, Secret: *session.SecretAccessKey, Token: *session.SessionToken}
	must[*iam.CreateUserOutput](t)(s.iam(inside).CreateUser(ctx, &iam.CreateUserInput{UserName: new("boss")}))
	_, member := rootKeyOf(t, s, "root-key", "dev")
	users := must[*iam.ListUsersOutput](t)(s.iam(member).ListUsers(ctx, &iam.ListUsersInput{})).Users
	if len(users) != 1 || *users[0].Arn != "arn:aws:iam::"+*made.AccountId+":user/boss" {
		t.Errorf("users of the new account: %+v", users)
	}
	code(t, "NoSuchEntity")(s.iam(member).GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &boss.ID}))
	code(t, "AccessDeniedException")(s.organizations(member).ListAccounts(ctx, &organizations.ListAccountsInput{}))
	if got := must[*organizations.DescribeOrganizationOutput](t)(s.organizations(member).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})); *got.Organization.Id != *o.Id {
		t.Errorf("the member is in %+v", got.Organization)
	}

	s.assumesRoot(t, boss, *made.AccountId)

	// Nobody of a closed account can call anything.
	must[*organizations.CloseAccountOutput](t)(c.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: made.AccountId}))
	for _, k := range []key{member, inside} {
		code(t, "InvalidClientTokenId")(s.sts(k).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
	}
	s.stop(t)
	doctorIsHappy(t, s)
	if strings.Contains(trailText(t, s.data), "dev@example.com") {
		t.Error("the trail holds an address, which is sensitive")
	}
}

// assumesRoot has a user of the management account do a task in the place of a member's
// root user, and nothing else.
func (s *server) assumesRoot(t *testing.T, boss key, member string) {
	t.Helper()
	ctx, rootARN := t.Context(), "arn:aws:iam::"+member+":root"
	ask := &sts.AssumeRootInput{
		TargetPrincipal: &member,
		TaskPolicyArn:   &ststypes.PolicyDescriptorType{Arn: new("arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials")},
	}
	_, err := s.sts(boss).AssumeRoot(ctx, ask)
	refusedAs(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/boss is not authorized to perform: sts:AssumeRoot on resource: "+rootARN)
	must[*iam.EnableOrganizationsRootCredentialsManagementOutput](t)(s.iam(boss).EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{}))
	k := temporary(must[*sts.AssumeRootOutput](t)(s.sts(boss).AssumeRoot(ctx, ask)).Credentials)
	if who, err := s.arnOf(ctx, k); err != nil || who != rootARN {
		t.Errorf("the session is %s (%v)", who, err)
	}
	keys := must[*iam.ListAccessKeysOutput](t)(s.iam(k).ListAccessKeys(ctx, &iam.ListAccessKeysInput{})).AccessKeyMetadata
	if len(keys) == 0 {
		t.Error("the member's root has no access keys")
	}
	_, err = s.iam(k).ListUsers(ctx, &iam.ListUsersInput{})
	refusedAs(t, err, "AccessDenied", "User: "+rootARN+" is not authorized to perform: iam:ListUsers "+
		"on resource: arn:aws:iam::"+member+":user/ with an explicit deny in a session policy")
	_, err = s.sts(s.root(t)).AssumeRoot(ctx, ask)
	refusedAs(t, err, "AccessDenied", "AssumeRoot cannot be called with root user credentials.")
}
