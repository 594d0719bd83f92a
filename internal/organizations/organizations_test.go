package organizations_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/organizations"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
	"github.com/iamd-project/iamd/internal/store"
)

// rootOf is the root user of an account as a caller.
func rootOf(a string) op.Principal {
	id := ids.Account(a)
	return op.Principal{Kind: op.Root, Account: id, ARN: directory.RootARN(id), ID: a}
}

// organize makes the account of w the manager of an organization.
func organize(w *optest.World) *shape.Organization {
	return optest.Must[shape.CreateOrganizationResponse](w, w.Root(), "CreateOrganization", &shape.CreateOrganizationRequest{}).Organization
}

// create asks for an account and returns what became of it.
func create(w *optest.World, in *shape.CreateAccountRequest) *shape.CreateAccountStatus {
	asked := optest.Must[shape.CreateAccountResponse](w, w.Root(), "CreateAccount", in).CreateAccountStatus
	return optest.Must[shape.DescribeCreateAccountStatusResponse](w, w.Root(), "DescribeCreateAccountStatus",
		&shape.DescribeCreateAccountStatusRequest{CreateAccountRequestId: *asked.Id}).CreateAccountStatus
}

func account(w *optest.World, id string) *shape.Account {
	return optest.Must[shape.DescribeAccountResponse](w, w.Root(), "DescribeAccount", &shape.DescribeAccountRequest{AccountId: id}).Account
}

// refused demands an error with a reason.
func refused(t *testing.T, w *optest.World, name string, in any, code, reason, message string) {
	t.Helper()
	_, _, err := w.Do(w.Root(), name, in)
	e, ok := errors.AsType[*awserr.Error](err)
	if !ok || e.Status != 400 || e.Code != code || e.Reason != reason || e.Message != message {
		t.Errorf("%s: got %+v, want %s, %s: %s", name, err, code, reason, message)
	}
}

func TestOrganizationLife(t *testing.T) {
	w := optest.New(t, organizations.Service())
	const notInUse = "Your account is not a member of an organization."
	for name, in := range everyRequest("o", string(optest.Account)) {
		if name != "CreateOrganization" {
			w.Refused(w.Root(), name, in, 400, "AWSOrganizationsNotInUseException", notInUse)
		}
	}
	o := organize(w)
	if !regexp.MustCompile(`^o-[a-z0-9]{10}$`).MatchString(*o.Id) || *o.FeatureSet != "ALL" ||
		*o.Arn != "arn:aws:organizations::123456789012:organization/"+*o.Id || *o.MasterAccountId != "123456789012" ||
		*o.MasterAccountArn != "arn:aws:organizations::123456789012:account/"+*o.Id+"/123456789012" {
		t.Errorf("CreateOrganization replied %+v", o)
	}
	again := optest.Must[shape.DescribeOrganizationResponse](w, w.Root(), "DescribeOrganization", &shape.DescribeOrganizationRequest{}).Organization
	if *again.Id != *o.Id || *again.MasterAccountArn != *o.MasterAccountArn {
		t.Errorf("DescribeOrganization replied %+v", again)
	}
	w.Refused(w.Root(), "CreateOrganization", &shape.CreateOrganizationRequest{},
		400, "AlreadyInOrganizationException", "The AWS account is already a member of an organization.")

	roots := optest.Must[shape.ListRootsResponse](w, w.Root(), "ListRoots", &shape.ListRootsRequest{}).Roots
	if len(roots) != 1 || *roots[0].Name != "Root" || !strings.HasSuffix(*roots[0].Arn, ":root/"+*o.Id+"/"+*roots[0].Id) {
		t.Errorf("ListRoots replied %+v", roots)
	}
	parents := optest.Must[shape.ListParentsResponse](w, w.Root(), "ListParents", &shape.ListParentsRequest{ChildId: "123456789012"}).Parents
	if len(parents) != 1 || *parents[0].Id != *roots[0].Id || *parents[0].Type != "ROOT" {
		t.Errorf("ListParents replied %+v", parents)
	}
	w.Refused(w.Root(), "ListParents", &shape.ListParentsRequest{ChildId: "000000000000"},
		400, "ChildNotFoundException", "You specified a child that doesn't exist.")
	w.Refused(w.Root(), "ListAccountsForParent", &shape.ListAccountsForParentRequest{ParentId: "r-none"},
		400, "ParentNotFoundException", "You specified a parent that doesn't exist.")
	below := optest.Must[shape.ListAccountsForParentResponse](w, w.Root(), "ListAccountsForParent",
		&shape.ListAccountsForParentRequest{ParentId: *roots[0].Id}).Accounts
	if len(below) != 1 || *below[0].JoinedMethod != "INVITED" || *below[0].JoinedTimestamp != w.Now {
		t.Errorf("ListAccountsForParent replied %+v", below)
	}

	optest.Must[op.None](w, w.Root(), "DeleteOrganization", &shape.DeleteOrganizationRequest{})
	w.Refused(w.Root(), "DescribeOrganization", &shape.DescribeOrganizationRequest{}, 400, "AWSOrganizationsNotInUseException", notInUse)
	if next := organize(w); *next.Id == *o.Id {
		t.Errorf("the second organization is %s again", *next.Id)
	}
	made := create(w, &shape.CreateAccountRequest{AccountName: "dev", Email: "dev@example.com"})
	w.Refused(w.Root(), "DeleteOrganization", &shape.DeleteOrganizationRequest{}, 400, "OrganizationNotEmptyException",
		"To delete an organization you must first remove all member accounts (except the master).")
	optest.Must[op.None](w, w.Root(), "CloseAccount", &shape.CloseAccountRequest{AccountId: *made.AccountId})
	w.Refused(w.Root(), "DeleteOrganization", &shape.DeleteOrganizationRequest{}, 400, "OrganizationNotEmptyException",
		"To delete an organization you must first remove all member accounts (except the master).")
}

// everyRequest has a request for each operation, about a target in an organization.
func everyRequest(root, account string) map[string]any {
	return map[string]any{
		"CreateOrganization":          &shape.CreateOrganizationRequest{},
		"DescribeOrganization":        &shape.DescribeOrganizationRequest{},
		"DeleteOrganization":          &shape.DeleteOrganizationRequest{},
		"ListRoots":                   &shape.ListRootsRequest{},
		"ListParents":                 &shape.ListParentsRequest{ChildId: account},
		"DescribeAccount":             &shape.DescribeAccountRequest{AccountId: account},
		"ListAccounts":                &shape.ListAccountsRequest{},
		"ListAccountsForParent":       &shape.ListAccountsForParentRequest{ParentId: root},
		"CloseAccount":                &shape.CloseAccountRequest{AccountId: account},
		"CreateAccount":               &shape.CreateAccountRequest{AccountName: "x", Email: "x@example.com"},
		"DescribeCreateAccountStatus": &shape.DescribeCreateAccountStatusRequest{CreateAccountRequestId: "car-12345678"},
		"ListCreateAccountStatus":     &shape.ListCreateAccountStatusRequest{},
		"TagResource":                 &shape.TagResourceRequest{ResourceId: account, Tags: []shape.Tag{{Key: "a"}}},
		"UntagResource":               &shape.UntagResourceRequest{ResourceId: account, TagKeys: []string{"a"}},
		"ListTagsForResource":         &shape.ListTagsForResourceRequest{ResourceId: account},
	}
}

// Every operation of the model is built, and everyRequest knows it.
func TestEveryOperation(t *testing.T) {
	requests := everyRequest("r-none", string(optest.Account))
	for _, o := range shape.Service.Operations {
		if requests[o.Name] == nil {
			t.Errorf("no request for %s", o.Name)
		}
	}
	if got := len(organizations.Service().Operations); got != len(shape.Service.Operations) || got != len(requests) {
		t.Errorf("%d operations are built of %d", got, len(shape.Service.Operations))
	}
}

// A member may ask what organization it is in, and nothing else.
func TestMembers(t *testing.T) {
	w := optest.New(t, organizations.Service())
	o := organize(w)
	made := create(w, &shape.CreateAccountRequest{AccountName: "dev", Email: "dev@example.com"})
	member := rootOf(*made.AccountId)
	for name, in := range everyRequest("r-none", *made.AccountId) {
		switch name {
		case "DescribeOrganization":
			if got := optest.Must[shape.DescribeOrganizationResponse](w, member, name, in).Organization; *got.Id != *o.Id {
				t.Errorf("the member's organization is %+v", got)
			}
		case "CreateOrganization":
			w.Refused(member, name, in, 400, "AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
		default:
			w.Refused(member, name, in, 400, "AccessDeniedException", "You don't have permissions to access this resource.")
		}
	}
}

// Accounts of another organization of the same server are as absent.
func TestOrganizationsAreApart(t *testing.T) {
	w := optest.New(t, organizations.Service())
	const other ids.Account = "999999999999"
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: other, Name: "other", Email: "other@example.com", Created: directory.At(w.Now)})
	})
	if err != nil {
		t.Fatal(err)
	}
	organize(w)
	ours := create(w, &shape.CreateAccountRequest{AccountName: "dev", Email: "dev@example.com"})
	theirs := rootOf(string(other))
	optest.Must[shape.CreateOrganizationResponse](w, theirs, "CreateOrganization", &shape.CreateOrganizationRequest{})

	const noAccount = "You specified an account that doesn't exist."
	w.Refused(theirs, "DescribeAccount", &shape.DescribeAccountRequest{AccountId: *ours.AccountId}, 400, "AccountNotFoundException", noAccount)
	w.Refused(theirs, "CloseAccount", &shape.CloseAccountRequest{AccountId: *ours.AccountId}, 400, "AccountNotFoundException", noAccount)
	w.Refused(theirs, "TagResource", &shape.TagResourceRequest{ResourceId: *ours.AccountId, Tags: []shape.Tag{{Key: "a"}}},
		400, "TargetNotFoundException", "You specified a target that doesn't exist.")
	w.Refused(theirs, "DescribeCreateAccountStatus", &shape.DescribeCreateAccountStatusRequest{CreateAccountRequestId: *ours.Id},
		400, "CreateAccountStatusNotFoundException", "We can't find a create account request with the CreateAccountRequestId that you specified.")
	accounts := optest.Must[shape.ListAccountsResponse](w, theirs, "ListAccounts", &shape.ListAccountsRequest{}).Accounts
	if len(accounts) != 1 || *accounts[0].Id != string(other) {
		t.Errorf("the other organization has %+v", accounts)
	}
	requests := optest.Must[shape.ListCreateAccountStatusResponse](w, theirs, "ListCreateAccountStatus", &shape.ListCreateAccountStatusRequest{})
	if len(requests.CreateAccountStatuses) != 0 {
		t.Errorf("the other organization has the requests %+v", requests)
	}
	// An address is the server's, whoever asks.
	if failed := create(w, &shape.CreateAccountRequest{AccountName: "x", Email: "Other@Example.com"}); *failed.FailureReason != "EMAIL_ALREADY_EXISTS" {
		t.Errorf("with the other's address: %+v", failed)
	}
}

func TestCreateAccount(t *testing.T) {
	w := optest.New(t, organizations.Service())
	o := organize(w)
	w.Now = w.Now.Add(time.Second)
	asked := optest.Must[shape.CreateAccountResponse](w, w.Root(), "CreateAccount",
		&shape.CreateAccountRequest{AccountName: "Dev", Email: "dev@example.com", Tags: []shape.Tag{{Key: "team", Value: "a"}}}).CreateAccountStatus
	if *asked.State != "IN_PROGRESS" || asked.AccountId != nil || asked.CompletedTimestamp != nil || *asked.AccountName != "Dev" ||
		*asked.RequestedTimestamp != w.Now || !regexp.MustCompile(`^car-[a-z0-9]{32}$`).MatchString(*asked.Id) {
		t.Errorf("CreateAccount replied %+v", asked)
	}
	made := optest.Must[shape.DescribeCreateAccountStatusResponse](w, w.Root(), "DescribeCreateAccountStatus",
		&shape.DescribeCreateAccountStatusRequest{CreateAccountRequestId: *asked.Id}).CreateAccountStatus
	if *made.State != "SUCCEEDED" || made.FailureReason != nil || *made.CompletedTimestamp != w.Now || !regexp.MustCompile(`^[1-9]\d{11}$`).MatchString(*made.AccountId) {
		t.Errorf("DescribeCreateAccountStatus replied %+v", made)
	}
	a := account(w, *made.AccountId)
	if *a.Name != "Dev" || *a.Email != "dev@example.com" || *a.JoinedMethod != "CREATED" || *a.JoinedTimestamp != w.Now ||
		*a.Status != "ACTIVE" || *a.State != "ACTIVE" || *a.Arn != "arn:aws:organizations::123456789012:account/"+*o.Id+"/"+*a.Id ||
		!regexp.MustCompile(`^`+*o.Id+`/r-[a-z0-9]{4}/`+*a.Id+`/$`).MatchString(a.Paths[0]) {
		t.Errorf("DescribeAccount replied %+v", a)
	}
	tags := optest.Must[shape.ListTagsForResourceResponse](w, w.Root(), "ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceId: *a.Id}).Tags
	if !slices.Equal(tags, []shape.Tag{{Key: "team", Value: "a"}}) {
		t.Errorf("tags of the new account: %+v", tags)
	}
	checkAccessRole(t, w, ids.Account(*a.Id), "OrganizationAccountAccessRole")
	other := create(w, &shape.CreateAccountRequest{AccountName: "Dev", Email: "dev2@example.com", RoleName: new("Admin")})
	checkAccessRole(t, w, ids.Account(*other.AccountId), "Admin")

	for email, reason := range map[string]string{"DEV@example.com": "EMAIL_ALREADY_EXISTS", "dév@example.com": "INVALID_EMAIL"} {
		failed := create(w, &shape.CreateAccountRequest{AccountName: "x", Email: email})
		if *failed.State != "FAILED" || *failed.FailureReason != reason || failed.AccountId != nil {
			t.Errorf("with %s: %+v", email, failed)
		}
	}
	refused(t, w, "CreateAccount", &shape.CreateAccountRequest{AccountName: "x", Email: "x@example.com", RoleName: new("AWSServiceRoleForX")},
		"InvalidInputException", "INVALID_ROLE_NAME", "You provided a role name that isn't valid. A role name can't begin with the reserved prefix AWSServiceRoleFor.")
}

// checkAccessRole finds the role that the management account assumes.
func checkAccessRole(t *testing.T, w *optest.World, in ids.Account, name string) {
	t.Helper()
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		role, err := directory.Roles.ByName(r, in, name)
		if err != nil || role == nil {
			return fmt.Errorf("role %s: %v, %w", name, role, err)
		}
		const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`
		if string(role.Trust) != trust || role.ARN() != "arn:aws:iam::"+string(in)+":role/"+name || role.MaxSession != 3600 {
			t.Errorf("role %+v", role)
		}
		p, err := role.UsedPolicy(r, role.Attached[0])
		if err == nil && p.ARN() != "arn:aws:iam::aws:policy/AdministratorAccess" {
			t.Errorf("%s is attached", p.ARN())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOneAddressUnderConcurrency(t *testing.T) {
	w := optest.New(t, organizations.Service())
	organize(w)
	const callers = 16
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, _, err := w.Do(w.Root(), "CreateAccount", &shape.CreateAccountRequest{AccountName: "x", Email: "x@example.com"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for state, want := range map[string]int{"SUCCEEDED": 1, "FAILED": callers - 1, "IN_PROGRESS": 0} {
		got := optest.Must[shape.ListCreateAccountStatusResponse](w, w.Root(), "ListCreateAccountStatus",
			&shape.ListCreateAccountStatusRequest{States: []string{state}}).CreateAccountStatuses
		if len(got) != want {
			t.Errorf("%d requests are %s, want %d", len(got), state, want)
		}
	}
}

func TestPages(t *testing.T) {
	w := optest.New(t, organizations.Service())
	organize(w)
	made := map[string]bool{string(optest.Account): true}
	for i := range 24 {
		made[*create(w, &shape.CreateAccountRequest{AccountName: "x", Email: fmt.Sprintf("x%d@example.com", i)}).AccountId] = true
	}
	for _, most := range []*int32{nil, new(int32(7)), new(int32(1))} {
		seen, pages := map[string]bool{}, 0
		for token := (*string)(nil); pages == 0 || token != nil; pages++ {
			out := optest.Must[shape.ListAccountsResponse](w, w.Root(), "ListAccounts", &shape.ListAccountsRequest{MaxResults: most, NextToken: token})
			for _, a := range out.Accounts {
				seen[*a.Id] = made[*a.Id]
			}
			token = out.NextToken
		}
		limit := 20
		if most != nil {
			limit = int(*most)
		}
		if len(seen) != 25 || pages != (25+limit-1)/limit {
			t.Errorf("%d accounts on %d pages of %d", len(seen), pages, limit)
		}
	}
	requests := optest.Must[shape.ListCreateAccountStatusResponse](w, w.Root(), "ListCreateAccountStatus", &shape.ListCreateAccountStatusRequest{})
	rest := optest.Must[shape.ListCreateAccountStatusResponse](w, w.Root(), "ListCreateAccountStatus", &shape.ListCreateAccountStatusRequest{NextToken: requests.NextToken})
	if len(requests.CreateAccountStatuses) != 20 || len(rest.CreateAccountStatuses) != 4 || rest.NextToken != nil {
		t.Errorf("%d and %d requests", len(requests.CreateAccountStatuses), len(rest.CreateAccountStatuses))
	}
	for name, in := range map[string]any{
		"ListAccounts":            &shape.ListAccountsRequest{NextToken: new("!")},
		"ListCreateAccountStatus": &shape.ListCreateAccountStatusRequest{NextToken: new("")},
		"ListRoots":               &shape.ListRootsRequest{NextToken: new("eA")},
	} {
		refused(t, w, name, in, "InvalidInputException", "INVALID_NEXT_TOKEN", "You specified an invalid next token.")
	}
}

func TestCloseAccount(t *testing.T) {
	w := optest.New(t, organizations.Service())
	organize(w)
	id := *create(w, &shape.CreateAccountRequest{AccountName: "dev", Email: "dev@example.com"}).AccountId
	optest.Must[op.None](w, w.Root(), "CloseAccount", &shape.CloseAccountRequest{AccountId: id})
	if a := account(w, id); *a.Status != "SUSPENDED" || *a.State != "CLOSED" {
		t.Errorf("the closed account: %+v", a)
	}
	w.Refused(w.Root(), "CloseAccount", &shape.CloseAccountRequest{AccountId: id},
		400, "AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
	refused(t, w, "CloseAccount", &shape.CloseAccountRequest{AccountId: string(optest.Account)},
		"ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
}

func TestTags(t *testing.T) {
	w := optest.New(t, organizations.Service())
	organize(w)
	root := *optest.Must[shape.ListRootsResponse](w, w.Root(), "ListRoots", &shape.ListRootsRequest{}).Roots[0].Id
	for _, id := range []string{root, string(optest.Account)} {
		tag := func(tags ...shape.Tag) {
			optest.Must[op.None](w, w.Root(), "TagResource", &shape.TagResourceRequest{ResourceId: id, Tags: tags})
		}
		tag(shape.Tag{Key: "b", Value: "1"}, shape.Tag{Key: "a", Value: "2"})
		tag(shape.Tag{Key: "b", Value: "3"}, shape.Tag{Key: "B", Value: "4"})
		optest.Must[op.None](w, w.Root(), "UntagResource", &shape.UntagResourceRequest{ResourceId: id, TagKeys: []string{"a", "none"}})
		got := optest.Must[shape.ListTagsForResourceResponse](w, w.Root(), "ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceId: id}).Tags
		if !slices.Equal(got, []shape.Tag{{Key: "B", Value: "4"}, {Key: "b", Value: "3"}}) {
			t.Errorf("tags of %s: %+v", id, got)
		}
		refused(t, w, "TagResource", &shape.TagResourceRequest{ResourceId: id, Tags: []shape.Tag{{Key: "x"}, {Key: "x"}}},
			"InvalidInputException", "DUPLICATE_TAG_KEY", "Your request includes duplicate tag keys")
		refused(t, w, "TagResource", &shape.TagResourceRequest{ResourceId: id, Tags: []shape.Tag{{Key: "AWS:x"}}},
			"InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.")
		many := make([]shape.Tag, 49)
		for i := range many {
			many[i].Key = fmt.Sprint(i)
		}
		refused(t, w, "TagResource", &shape.TagResourceRequest{ResourceId: id, Tags: many},
			"ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
		tag(many[:48]...)
	}
	w.Refused(w.Root(), "ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceId: "p-12345678"},
		400, "TargetNotFoundException", "You specified a target that doesn't exist.")
}

func TestNeeds(t *testing.T) {
	w := optest.New(t, organizations.Service())
	o := organize(w)
	id := *o.Id
	for _, test := range []struct {
		name     string
		in       any
		resource string
	}{
		{"DescribeAccount", &shape.DescribeAccountRequest{AccountId: "000000000000"}, "account/" + id + "/000000000000"},
		{"TagResource", &shape.TagResourceRequest{ResourceId: "r-abcd", Tags: []shape.Tag{{Key: "k"}}}, "root/" + id + "/r-abcd"},
		{"ListAccountsForParent", &shape.ListAccountsForParentRequest{ParentId: "ou-abcd-12345678"}, "ou/" + id + "/ou-abcd-12345678"},
		{"ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceId: "p-12345678"}, "policy/" + id + "/*/p-12345678"},
	} {
		_, needs, _ := w.Do(w.Root(), test.name, test.in)
		want := "arn:aws:organizations::123456789012:" + test.resource
		if len(needs) != 1 || needs[0].Action != "organizations:"+test.name || needs[0].Resource != want {
			t.Errorf("%s needs %+v, want %s", test.name, needs, want)
		}
	}
	_, needs, _ := w.Do(w.Root(), "CreateAccount", &shape.CreateAccountRequest{AccountName: "x", Email: "x@example.com", Tags: []shape.Tag{{Key: "k", Value: "v"}}})
	if len(needs) != 2 || needs[0].Action != "organizations:CreateAccount" || needs[1].Action != "organizations:TagResource" || needs[1].Resource != "*" ||
		needs[0].NewTags[0].Value != "v" || needs[1].NewTags[0].Key != "k" {
		t.Errorf("CreateAccount needs %+v", needs)
	}
}

// What breaks the model has a reason, and Organizations' own words.
func TestInvalid(t *testing.T) {
	spelling := organizations.Service().Spelling
	for detail, want := range map[string]string{
		"1 validation error detected: Value at 'email' failed to satisfy constraint: Member must not be null":                                                  "INPUT_REQUIRED",
		"1 validation error detected: Value 'x' at 'accountId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\d{12}$":        "INVALID_PATTERN",
		"1 validation error detected: Value '21' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 20":                "MAX_VALUE_EXCEEDED",
		"1 validation error detected: Value at 'accountName' failed to satisfy constraint: Member must have length greater than or equal to 1":                 "MIN_LENGTH_EXCEEDED",
		"1 validation error detected: Value 'x' at 'featureSet' failed to satisfy constraint: Member must satisfy enum value set: [ALL, CONSOLIDATED_BILLING]": "INVALID_ENUM",
	} {
		e, meant := awserr.Public(awserr.Refuse(awserr.Validation, "%s", detail), spelling)
		if !meant || e.Status != 400 || e.Code != "InvalidInputException" || e.Reason != want || e.Message == "" {
			t.Errorf("%s: got %+v, want %s", detail, e, want)
		}
	}
}
