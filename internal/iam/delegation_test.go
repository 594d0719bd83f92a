package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// partner makes an account with a template, s3, and returns its root.
func partner(t *testing.T, w *optest.World) op.Principal {
	t.Helper()
	p := w.Root()
	p.Account, p.ARN, p.ID = "210987654321", directory.RootARN("210987654321"), "210987654321"
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: p.Account, Name: "Partner", Created: directory.At(w.Now)})
	})
	if err != nil {
		t.Fatal(err)
	}
	optest.Must[shape.CreatePolicyResponse](w, p, "CreatePolicy", &shape.CreatePolicyRequest{PolicyName: "s3", PolicyDocument: s3Template})
	return p
}

const (
	s3Template    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::@{bucket}/*","Condition":{"StringEquals":{"aws:RequestedRegion":"@{regions}"}}}}`
	s3TemplateARN = "arn:aws:iam::210987654321:policy/s3"
)

func delegationInput(workflow string) *shape.CreateDelegationRequestRequest {
	return &shape.CreateDelegationRequestRequest{
		Description:         "set up the bucket",
		NotificationChannel: "arn:aws:sns:us-east-1:210987654321:requests",
		RequestorWorkflowId: workflow,
		SessionDuration:     3600,
		Permissions: &shape.DelegationPermission{PolicyTemplateArn: new(s3TemplateARN), Parameters: []shape.PolicyParameter{
			{Name: new("bucket"), Type: new("string"), Values: []string{"logs"}},
			{Name: new("regions"), Type: new("stringList"), Values: []string{"eu-west-1", "eu-west-2"}},
		}},
	}
}

func createDelegation(w *optest.World, by op.Principal, in *shape.CreateDelegationRequestRequest) string {
	return *optest.Must[shape.CreateDelegationRequestResponse](w, by, "CreateDelegationRequest", in).DelegationRequestId
}

func getDelegation(w *optest.World, by op.Principal, id string) *shape.DelegationRequest {
	return optest.Must[shape.GetDelegationRequestResponse](w, by, "GetDelegationRequest", &shape.GetDelegationRequestRequest{DelegationRequestId: id}).DelegationRequest
}

// step does what moves a request from state to state.
func step(operation, id string) (string, any) {
	return operation, map[string]any{
		"AssociateDelegationRequest": &shape.AssociateDelegationRequestRequest{DelegationRequestId: id},
		"UpdateDelegationRequest":    &shape.UpdateDelegationRequestRequest{DelegationRequestId: id, Notes: new("please")},
		"AcceptDelegationRequest":    &shape.AcceptDelegationRequestRequest{DelegationRequestId: id},
		"RejectDelegationRequest":    &shape.RejectDelegationRequestRequest{DelegationRequestId: id, Notes: new("no")},
		"SendDelegationToken":        &shape.SendDelegationTokenRequest{DelegationRequestId: id},
	}[operation]
}

func TestDelegationLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	by := partner(t, w)
	createUser(w, "ann", "")
	createUser(w, "boss", "")
	ann, boss := w.User("ann"), w.User("boss")
	id := createDelegation(w, by, delegationInput("flow-1"))
	d := getDelegation(w, ann, id)
	const policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::logs/*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-2"]}}}}`
	if *d.State != "UNASSIGNED" || *d.PermissionPolicy != policy || d.OwnerId != nil || *d.RequestorId != "210987654321" ||
		*d.RequestorName != "Partner" || !d.ExpirationTime.Equal(w.Now.Add(24*time.Hour)) || len(d.Permissions.Parameters) != 2 {
		t.Errorf("new request %+v", d)
	}
	w.Now = w.Now.Add(time.Hour)
	for _, move := range []struct {
		by               op.Principal
		operation, state string
	}{
		{ann, "AssociateDelegationRequest", "ASSIGNED"},
		{ann, "UpdateDelegationRequest", "PENDING_APPROVAL"},
		{ann, "UpdateDelegationRequest", "PENDING_APPROVAL"},
		{boss, "AcceptDelegationRequest", "ACCEPTED"},
		{boss, "SendDelegationToken", "FINALIZED"},
	} {
		operation, in := step(move.operation, id)
		optest.Must[op.None](w, move.by, operation, in)
		if d := getDelegation(w, ann, id); *d.State != move.state || !d.ExpirationTime.Equal(w.Now.Add(7*24*time.Hour)) || !d.UpdatedTime.Equal(w.Now) {
			t.Errorf("after %s: %+v", operation, d)
		}
	}
	d = getDelegation(w, by, id)
	if *d.OwnerId != ann.ARN || *d.OwnerAccountId != string(ann.Account) || *d.ApproverId != boss.ARN || *d.Notes != "please" {
		t.Errorf("final request %+v", d)
	}
	w.Now = w.Now.Add(7 * 24 * time.Hour)
	if d := getDelegation(w, ann, id); *d.State != "EXPIRED" {
		t.Errorf("a week later it is %s", *d.State)
	}
}

// Each operation is refused in the states it does not begin in.
func TestDelegationStates(t *testing.T) {
	w := optest.New(t, iam.Service())
	by := partner(t, w)
	paths := map[string][]string{
		"UNASSIGNED":       nil,
		"ASSIGNED":         {"AssociateDelegationRequest"},
		"PENDING_APPROVAL": {"AssociateDelegationRequest", "UpdateDelegationRequest"},
		"ACCEPTED":         {"AssociateDelegationRequest", "AcceptDelegationRequest"},
		"REJECTED":         {"AssociateDelegationRequest", "RejectDelegationRequest"},
		"FINALIZED":        {"AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"},
	}
	allowed := map[string][]string{
		"AssociateDelegationRequest": {"UNASSIGNED"},
		"UpdateDelegationRequest":    {"ASSIGNED", "PENDING_APPROVAL"},
		"AcceptDelegationRequest":    {"ASSIGNED", "PENDING_APPROVAL"},
		"RejectDelegationRequest":    {"ASSIGNED", "PENDING_APPROVAL", "ACCEPTED"},
		"SendDelegationToken":        {"ACCEPTED"},
	}
	for state, path := range paths {
		for name, states := range allowed {
			id := createDelegation(w, by, delegationInput(state+name))
			for _, before := range path {
				operation, in := step(before, id)
				optest.Must[op.None](w, w.Root(), operation, in)
			}
			operation, in := step(name, id)
			if slices.Contains(states, state) {
				optest.Must[op.None](w, w.Root(), operation, in)
				continue
			}
			w.Refused(w.Root(), operation, in, 400, "InvalidInput", "The delegation request "+id+" is in state "+state+".")
		}
	}
}

func TestDelegationOwners(t *testing.T) {
	w := optest.New(t, iam.Service())
	by := partner(t, w)
	createUser(w, "ann", "")
	createUser(w, "bob", "")
	ann, bob := w.User("ann"), w.User("bob")
	in := delegationInput("flow-1")
	in.OwnerAccountId, in.OnlySendByOwner, in.SessionDuration = new("123456789012"), new(true), 4*3600+1
	id := createDelegation(w, by, in)

	// The account it is meant for may see it, and who made it; nobody else.
	third := by
	third.Account, third.ARN, third.ID = "111122223333", directory.RootARN("111122223333"), "111122223333"
	absent := "The delegation request with id " + id + " cannot be found."
	getDelegation(w, by, id)
	w.Refused(third, "GetDelegationRequest", &shape.GetDelegationRequestRequest{DelegationRequestId: id}, 404, "NoSuchEntity", absent)
	operation, associate := step("AssociateDelegationRequest", id)
	w.Refused(by, operation, associate, 404, "NoSuchEntity", absent)
	w.Refused(third, operation, associate, 404, "NoSuchEntity", absent)
	optest.Must[op.None](w, ann, operation, associate)

	// Its owner needs no permission to read and to update it.
	for name, wants := range map[string]int{"ann": 0, "bob": 1} {
		for _, operation := range []string{"GetDelegationRequest", "UpdateDelegationRequest"} {
			in := any(&shape.GetDelegationRequestRequest{DelegationRequestId: id})
			if operation != "GetDelegationRequest" {
				_, in = step(operation, id)
			}
			_, needs, err := w.Do(w.User(name), operation, in)
			if err != nil || len(needs) != wants {
				t.Errorf("%s by %s needs %v (%v)", operation, name, needs, err)
			}
		}
	}
	_, needs, _ := w.Do(bob, "GetDelegationRequest", &shape.GetDelegationRequestRequest{DelegationRequestId: id})
	if want := "arn:aws:iam::123456789012:delegation-request/" + id; needs[0].Resource != want || needs[0].Action != "iam:GetDelegationRequest" {
		t.Errorf("needs %v, want %s", needs, want)
	}

	operation, accept := step("AcceptDelegationRequest", id)
	w.Refused(w.Root(), operation, accept, 400, "InvalidInput", "The root user can only accept delegation requests with a duration of 4 hours or less.")
	optest.Must[op.None](w, bob, operation, accept)
	operation, send := step("SendDelegationToken", id)
	w.Refused(bob, operation, send, 403, "AccessDenied", "Only the owner of the delegation request "+id+" can send its token.")
	optest.Must[op.None](w, ann, operation, send)

	summary := optest.Must[shape.GetHumanReadableSummaryResponse](w, ann, "GetHumanReadableSummary",
		&shape.GetHumanReadableSummaryRequest{EntityArn: needs[0].Resource, Locale: new("en")})
	if *summary.SummaryState != "NOT_SUPPORTED" || summary.SummaryContent != nil {
		t.Errorf("summary %+v", summary)
	}
	w.Refused(ann, "GetHumanReadableSummary", &shape.GetHumanReadableSummaryRequest{EntityArn: ann.ARN}, 400, "InvalidInput", "ARN "+ann.ARN+" is not valid.")
	check := &shape.GetDelegationRequestRequest{DelegationRequestId: id, DelegationPermissionCheck: new(true)}
	for who, want := range map[string]string{"root": "ALLOWED", "ann": "UNSURE"} {
		caller := ann
		if who == "root" {
			caller = w.Root()
		}
		out := optest.Must[shape.GetDelegationRequestResponse](w, caller, "GetDelegationRequest", check)
		if *out.PermissionCheckStatus != "COMPLETE" || *out.PermissionCheckResult != want {
			t.Errorf("the check for %s is %s: %s", who, *out.PermissionCheckStatus, *out.PermissionCheckResult)
		}
	}
}

func TestListDelegationRequests(t *testing.T) {
	w := optest.New(t, iam.Service())
	by := partner(t, w)
	createUser(w, "ann", "")
	createUser(w, "bob", "")
	owned := map[string]int{}
	for i := range 7 {
		id := createDelegation(w, by, delegationInput(fmt.Sprintf("flow-%d", i)))
		if i == 0 {
			continue // has no owner: in no list
		}
		owner := w.User([]string{"ann", "bob"}[i%2])
		operation, in := step("AssociateDelegationRequest", id)
		optest.Must[op.None](w, owner, operation, in)
		owned[owner.ARN]++
	}
	list := func(caller op.Principal, owner *string) (ids []string) {
		in := &shape.ListDelegationRequestsRequest{OwnerId: owner, MaxItems: new(int32(2))}
		for {
			out := optest.Must[shape.ListDelegationRequestsResponse](w, caller, "ListDelegationRequests", in)
			for _, d := range out.DelegationRequests {
				ids = append(ids, *d.DelegationRequestId)
			}
			if !*out.IsTruncated {
				return ids
			}
			in.Marker = out.Marker
		}
	}
	if ids := list(w.Root(), nil); len(ids) != 6 || !slices.IsSorted(ids) {
		t.Errorf("all: %q", ids)
	}
	for owner, n := range owned {
		if ids := list(w.Root(), &owner); len(ids) != n {
			t.Errorf("%s owns %q", owner, ids)
		}
	}
	if ids := list(by, nil); len(ids) != 0 {
		t.Errorf("the requestor owns %q", ids)
	}
}

func TestDelegationInput(t *testing.T) {
	w := optest.New(t, withQuotas(t, "DelegationRequestsPerAccount=2"))
	by := partner(t, w)
	refuse := func(change func(*shape.CreateDelegationRequestRequest), status int, code, text string) {
		t.Helper()
		in := delegationInput("flow-x")
		change(in)
		w.Refused(by, "CreateDelegationRequest", in, status, code, text)
	}
	refuse(func(in *shape.CreateDelegationRequestRequest) {
		in.Permissions.PolicyTemplateArn = new("arn:aws:iam::210987654321:policy/none")
	}, 400, "InvalidInput", "The policy template arn:aws:iam::210987654321:policy/none does not exist.")
	refuse(func(in *shape.CreateDelegationRequestRequest) { in.Permissions.PolicyTemplateArn = nil },
		400, "ValidationError", "Invalid ARN:  Could not be parsed!")
	refuse(func(in *shape.CreateDelegationRequestRequest) {
		in.Permissions.Parameters = in.Permissions.Parameters[:1]
	},
		400, "InvalidInput", "The policy template "+s3TemplateARN+" needs parameter regions.")
	refuse(func(in *shape.CreateDelegationRequestRequest) { in.Permissions.Parameters[0].Name = new("basket") },
		400, "InvalidInput", "The policy template "+s3TemplateARN+" has no place for parameter basket.")
	refuse(func(in *shape.CreateDelegationRequestRequest) { in.Permissions.Parameters[0].Values = nil },
		400, "InvalidInput", "Parameter bucket takes one value.")
	refuse(func(in *shape.CreateDelegationRequestRequest) {
		in.Permissions.Parameters[0].Values = []string{strings.Repeat(" ", 200_000)}
	}, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")

	// A value cannot break out of its place, nor stand for another parameter.
	in := delegationInput("flow-1")
	in.Permissions.Parameters[0].Values = []string{`a"],"Action":"*@{regions}`}
	d := getDelegation(w, by, createDelegation(w, by, in))
	if !strings.Contains(*d.PermissionPolicy, `"Resource":"arn:aws:s3:::a\"],\"Action\":\"*@{regions}/*","Condition"`) {
		t.Errorf("policy %s", *d.PermissionPolicy)
	}
	refuse(func(in *shape.CreateDelegationRequestRequest) { in.RequestorWorkflowId = "flow-1" },
		409, "EntityAlreadyExists", "A delegation request with workflow id flow-1 already exists.")
	createDelegation(w, by, delegationInput("flow-2"))
	refuse(func(*shape.CreateDelegationRequestRequest) {}, 409, "LimitExceeded", "Cannot exceed quota for DelegationRequestsPerAccount: 2")

	// Requests that have been expired for a month make room.
	w.Now = w.Now.Add(31 * 24 * time.Hour)
	createDelegation(w, by, delegationInput("flow-1"))
	w.Refused(by, "GetDelegationRequest", &shape.GetDelegationRequestRequest{DelegationRequestId: *d.DelegationRequestId},
		404, "NoSuchEntity", "The delegation request with id "+*d.DelegationRequestId+" cannot be found.")
}
