package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// How AWS's CLI prints the members of an access key.
var (
	keyID    = regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`)
	keyPart  = regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`)
	active   = regexp.MustCompile(`^Active$`)
	inactive = regexp.MustCompile(`^Inactive$`)
	date     = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$`) // version 1 of the CLI leaves the Z
	myUser   = regexp.MustCompile(`^MyUser$`)
)

// fields is a JSON object of strings.
type fields map[string]string

// pattern is what each of the fields must look like; there may be no others.
type pattern map[string]*regexp.Regexp

// The AWS CLI's commands for the life of an access key, as they stand in
// tutorials, in order and with the key IDs of this run.
func TestAccessKeyCommands(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.bash(t, `aws iam create-user --user-name MyUser`).json(t, nil)
	newKey := pattern{"UserName": myUser, "AccessKeyId": keyID, "Status": active, "SecretAccessKey": keyPart, "CreateDate": date}
	var created []fields
	for range 2 {
		var reply map[string]fields
		s.bash(t, `aws iam create-access-key --user-name MyUser`).json(t, &reply)
		if len(reply) != 1 {
			t.Errorf("create-access-key printed %v, want an AccessKey alone", reply)
		}
		checkFields(t, reply["AccessKey"], newKey)
		created = append(created, reply["AccessKey"])
	}
	s.bash(t, `aws iam create-access-key --user-name MyUser`).refused(t,
		"An error occurred (LimitExceeded) when calling the CreateAccessKey operation: Cannot exceed quota for AccessKeysPerUser: 2")

	// list demands the keys that are left, oldest first.
	list := func(left []fields, status ...*regexp.Regexp) {
		t.Helper()
		var reply map[string][]fields
		s.bash(t, `aws iam list-access-keys --user-name MyUser`).json(t, &reply)
		got := reply["AccessKeyMetadata"]
		if len(reply) != 1 || len(got) != len(left) {
			t.Fatalf("list-access-keys printed %v, want %d AccessKeyMetadata", reply, len(left))
		}
		for i := range got {
			checkFields(t, got[i], pattern{"UserName": myUser, "AccessKeyId": keyID, "Status": status[i], "CreateDate": date})
			if got[i]["AccessKeyId"] != left[i]["AccessKeyId"] || got[i]["CreateDate"] != left[i]["CreateDate"] {
				t.Errorf("listed %v, want the key of %v", got[i], left[i])
			}
		}
	}
	list(created, active, active)
	id := created[0]["AccessKeyId"]
	s.bash(t, `aws iam update-access-key --user-name MyUser \
    --access-key-id `+id+` \
    --status Inactive`).silent(t)
	list(created, inactive, active)
	s.bash(t, `aws iam update-access-key --user-name MyUser \
    --access-key-id `+id+` \
    --status Active `).silent(t)
	list(created, active, active)
	s.bash(t, `aws iam delete-access-key --user-name MyUser \
    --access-key-id `+id).silent(t)
	list(created[1:], active)
	s.bash(t, `aws iam delete-access-key --user-name MyUser --access-key-id `+id).refused(t,
		"An error occurred (NoSuchEntity) when calling the DeleteAccessKey operation: The Access Key with id "+id+" cannot be found.")
}

// The account has no users, and root makes itself a key.
func TestRootCreatesItsOwnKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	var reply map[string]fields
	s.bash(t, `aws iam create-access-key`).json(t, &reply)
	made := reply["AccessKey"]
	checkFields(t, made, pattern{"AccessKeyId": keyID, "Status": active, "SecretAccessKey": keyPart, "CreateDate": date})

	var identity fields
	s.bash(t, key{ID: made["AccessKeyId"], Secret: made["SecretAccessKey"]}.as(`aws sts get-caller-identity`)).json(t, &identity)
	if want := (fields{"UserId": "123456789012", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:root"}); !maps.Equal(identity, want) {
		t.Errorf("identity: got %v, want %v", identity, want)
	}

	s.bash(t, `aws iam create-access-key`).refused(t,
		"An error occurred (LimitExceeded) when calling the CreateAccessKey operation: Cannot exceed quota for AccessKeysPerUser: 2")
}

// A key works, stops working and works again, from one call to the next.
func TestKeyStatusTakesEffect(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	const invalid = "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid."
	whoAmI := bob.as(`aws sts get-caller-identity`)
	change := `aws iam update-access-key --user-name Bob --access-key-id ` + bob.ID + ` --status `

	s.bash(t, change+`Inactive`).silent(t)
	s.bash(t, whoAmI).refused(t, invalid)
	s.bash(t, change+`Active`).silent(t)
	var identity fields
	s.bash(t, whoAmI).json(t, &identity)
	if got, want := identity["Arn"], "arn:aws:iam::123456789012:user/Bob"; got != want {
		t.Errorf("ARN: got %q, want %q", got, want)
	}
	s.bash(t, `aws iam delete-access-key --user-name Bob --access-key-id `+bob.ID).silent(t)
	s.bash(t, whoAmI).refused(t, invalid)
}

// A user without policies may ask who it is, and nothing else.
func TestUserWithoutPolicies(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.userKey(t, "Bob")
	var identity fields
	s.bash(t, bob.as(`aws sts get-caller-identity`)).json(t, &identity)
	checkFields(t, identity, pattern{
		"UserId":  regexp.MustCompile(`^AIDA[A-Z0-9]{17}$`),
		"Account": regexp.MustCompile(`^123456789012$`),
		"Arn":     regexp.MustCompile(`^arn:aws:iam::123456789012:user/Bob$`),
	})
	for _, test := range []struct{ command, operation, action, resource string }{
		{`aws iam list-users`, "ListUsers", "iam:ListUsers", "arn:aws:iam::123456789012:user/"},
		{`aws iam create-access-key`, "CreateAccessKey", "iam:CreateAccessKey", "arn:aws:iam::123456789012:user/Bob"},
		{`aws sts get-access-key-info --access-key-id ` + bob.ID, "GetAccessKeyInfo", "sts:GetAccessKeyInfo", "*"},
	} {
		s.bash(t, bob.as(test.command)).refused(t, fmt.Sprintf(
			"An error occurred (AccessDenied) when calling the %s operation: User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
			test.operation, test.action, test.resource, test.action))
	}
}

// The CLI shows what is wrong with a signature in AWS's words.
func TestCLIShowsSignatureRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	wrong := key{ID: s.root(t).ID, Secret: strings.Repeat("x", 40)}
	for _, test := range []struct{ command, want string }{
		{`aws --no-sign-request sts get-caller-identity`,
			"An error occurred (MissingAuthenticationToken) when calling the GetCallerIdentity operation: Missing Authentication Token"},
		{wrong.as(`aws iam list-users`),
			"An error occurred (SignatureDoesNotMatch) when calling the ListUsers operation: " + mismatch},
		{key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: wrong.Secret}.as(`aws iam list-users`),
			"An error occurred (InvalidClientTokenId) when calling the ListUsers operation: " + badKey},
	} {
		s.bash(t, test.command).refused(t, test.want)
	}
}

func TestUserPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("user-%d", i)
		if _, err := s.iam(s.root(t)).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	type page struct {
		Users     []struct{ UserName string }
		NextToken string
	}
	names := func(p page) (names []string) {
		for _, u := range p.Users {
			names = append(names, u.UserName)
		}
		return names
	}

	var all, first, rest page
	s.bash(t, `aws iam list-users --page-size 3`).json(t, &all)
	if got := names(all); !slices.Equal(got, want) || all.NextToken != "" {
		t.Errorf("all in pages of three: got %v and token %q, want %v and none", got, all.NextToken, want)
	}
	s.bash(t, `aws iam list-users --page-size 3 --max-items 5`).json(t, &first)
	if got := names(first); !slices.Equal(got, want[:5]) || first.NextToken == "" {
		t.Fatalf("the first five: got %v and token %q, want %v and one", got, first.NextToken, want[:5])
	}
	s.bash(t, `aws iam list-users --page-size 3 --max-items 5 --starting-token `+first.NextToken).json(t, &rest)
	if got := names(rest); !slices.Equal(got, want[5:]) || rest.NextToken != "" {
		t.Errorf("the rest: got %v and token %q, want %v and none", got, rest.NextToken, want[5:])
	}
}

func TestUserTagsAndRename(t *testing.T) {
	t.Parallel()
	s := start(t)
	type tag struct{ Key, Value string }
	type user struct {
		UserName, Path, Arn string
		Tags                []tag
	}
	var reply struct{ User user }
	s.bash(t, `aws iam create-user --user-name Ann --path /team/ --tags Key=Team,Value=blue Key=Cost,Value=1`).json(t, &reply)
	if got := reply.User.Tags; !slices.Equal(got, []tag{{"Team", "blue"}, {"Cost", "1"}}) {
		t.Errorf("tags of the new user: got %v", got)
	}
	s.bash(t, `aws iam tag-user --user-name Ann --tags Key=team,Value=red Key=New,Value=`).silent(t)
	s.bash(t, `aws iam untag-user --user-name Ann --tag-keys cost`).silent(t)
	var listed struct{ Tags []tag }
	s.bash(t, `aws iam list-user-tags --user-name Ann`).json(t, &listed)
	if want := []tag{{"New", ""}, {"team", "red"}}; !slices.Equal(listed.Tags, want) {
		t.Errorf("tags: got %v, want %v", listed.Tags, want)
	}

	k := s.newKey(t, "Ann")
	s.bash(t, `aws iam update-user --user-name Ann --new-user-name Anna --new-path /`).silent(t)
	s.bash(t, `aws iam get-user --user-name Ann`).refused(t,
		"An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name Ann cannot be found.")
	s.bash(t, `aws iam get-user --user-name Anna`).json(t, &reply)
	if got := reply.User; got.Arn != "arn:aws:iam::123456789012:user/Anna" || got.Path != "/" || len(got.Tags) != 2 {
		t.Errorf("the renamed user: got %+v", got)
	}
	var identity fields
	s.bash(t, k.as(`aws sts get-caller-identity`)).json(t, &identity)
	if got, want := identity["Arn"], "arn:aws:iam::123456789012:user/Anna"; got != want {
		t.Errorf("ARN of the key of before: got %q, want %q", got, want)
	}
	s.bash(t, `aws iam delete-user --user-name Anna`).refused(t,
		"An error occurred (DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must delete access keys first.")
}

func TestCLINamesWhatIsNotBuilt(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.bash(t, `aws cloudformation list-stack-sets`).refused(t,
		"An error occurred (NotImplemented) when calling the ListStackSets operation: iamd does not support cloudformation:ListStackSets: it has no StackSets.")
}

// json reads what a command printed, and demands that it succeeded.
func (r result) json(t *testing.T, into any) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d, stderr: %s", r.code, r.stderr)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil {
		t.Fatalf("%v in what the command printed:\n%s", err, r.stdout)
	}
}

// silent demands that a command succeeded and printed nothing.
func (r result) silent(t *testing.T) {
	t.Helper()
	if r.code != 0 || r.stdout != "" || r.stderr != "" {
		t.Fatalf("exit code %d, stdout: %s, stderr: %s; want none of it", r.code, r.stdout, r.stderr)
	}
}

// refused demands the AWS CLI's line for an error of the service, and its exit
// code: 254, or 255 in version 1.
func (r result) refused(t *testing.T, want string) {
	t.Helper()
	got := strings.TrimPrefix(strings.TrimSpace(r.stderr), "aws: [ERROR]: ") // new releases of version 2 have it
	if r.code != 254 && r.code != 255 || r.stdout != "" || got != want {
		t.Errorf("exit code %d, stdout: %s\ngot  %s\nwant %s", r.code, r.stdout, got, want)
	}
}

func checkFields(t *testing.T, got fields, want pattern) {
	t.Helper()
	for name, value := range got {
		if want[name] == nil {
			t.Errorf("%s: printed, but AWS does not", name)
		} else if !want[name].MatchString(value) {
			t.Errorf("%s: got %q, want %s", name, value, want[name])
		}
	}
	for name := range want {
		if _, there := got[name]; !there {
			t.Errorf("%s: not printed", name)
		}
	}
}
