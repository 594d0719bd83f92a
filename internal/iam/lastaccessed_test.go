package iam_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// access makes it known that a user or role called an operation some days ago.
func access(t *testing.T, w *optest.World, id, service, action string, daysAgo int) {
	t.Helper()
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.AddAccesses(tx, optest.Account, ids.EntityID(id), service, []directory.Access{
			{Action: action, Date: directory.At(w.Now.AddDate(0, 0, -daysAgo)), Region: "eu-west-1"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func generate(w *optest.World, arn string, granularity *string) string {
	return *optest.Must[shape.GenerateServiceLastAccessedDetailsResponse](w, w.Root(), "GenerateServiceLastAccessedDetails",
		&shape.GenerateServiceLastAccessedDetailsRequest{Arn: arn, Granularity: granularity}).JobId
}

func details(w *optest.World, in *shape.GetServiceLastAccessedDetailsRequest) *shape.GetServiceLastAccessedDetailsResponse {
	return optest.Must[shape.GetServiceLastAccessedDetailsResponse](w, w.Root(), "GetServiceLastAccessedDetails", in)
}

func withEntities(w *optest.World, in *shape.GetServiceLastAccessedDetailsWithEntitiesRequest) *shape.GetServiceLastAccessedDetailsWithEntitiesResponse {
	return optest.Must[shape.GetServiceLastAccessedDetailsWithEntitiesResponse](w, w.Root(), "GetServiceLastAccessedDetailsWithEntities", in)
}

func TestLastAccessedOfUser(t *testing.T) {
	w := optest.New(t, iam.Service())
	bob := createUser(w, "Bob", "")
	must(w, "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: "Bob", PolicyName: "p", PolicyDocument: `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["iam:*","s3:Get*","Nobody-Knows:it"],"Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`})
	access(t, w, bob.UserId, "iam", "GetUser", 3)
	access(t, w, bob.UserId, "iam", "CreateUser", 2)
	access(t, w, bob.UserId, "iam", "ListUsers", 401) // before the tracking period
	access(t, w, bob.UserId, "sts", "GetCallerIdentity", 1)

	for level, actions := range map[string][]string{"SERVICE_LEVEL": nil, "ACTION_LEVEL": {"CreateUser", "GetUser"}} {
		out := details(w, &shape.GetServiceLastAccessedDetailsRequest{JobId: generate(w, bob.Arn, &level)})
		if out.JobStatus != "COMPLETED" || *out.JobType != level || out.JobCreationDate != w.Now || out.JobCompletionDate != w.Now || *out.IsTruncated || out.Error != nil {
			t.Errorf("%s: %+v", level, out)
		}
		var names []string
		for _, s := range out.ServicesLastAccessed {
			names = append(names, s.ServiceNamespace+"="+s.ServiceName)
		}
		if want := []string{"iam=AWS Identity and Access Management", "nobody-knows=nobody-knows", "s3=Amazon S3"}; !slices.Equal(names, want) {
			t.Fatalf("services %v, want %v", names, want)
		}
		s := out.ServicesLastAccessed[0]
		if *s.LastAuthenticated != w.Now.AddDate(0, 0, -2) || *s.LastAuthenticatedEntity != bob.Arn || *s.LastAuthenticatedRegion != "eu-west-1" || *s.TotalAuthenticatedEntities != 1 {
			t.Errorf("iam: %+v", s)
		}
		var got []string
		for _, a := range s.TrackedActionsLastAccessed {
			got = append(got, *a.ActionName)
			if *a.LastAccessedEntity != bob.Arn || *a.LastAccessedRegion != "eu-west-1" || a.LastAccessedTime == nil {
				t.Errorf("%s: %+v", *a.ActionName, a)
			}
		}
		if !slices.Equal(got, actions) {
			t.Errorf("%s: actions %v", level, got)
		}
		if s := out.ServicesLastAccessed[2]; s.LastAuthenticated != nil || s.LastAuthenticatedEntity != nil || *s.TotalAuthenticatedEntities != 0 || s.TrackedActionsLastAccessed != nil {
			t.Errorf("s3, which nobody accessed: %+v", s)
		}
	}
	_, needs, _ := w.Do(w.Root(), "GenerateServiceLastAccessedDetails", &shape.GenerateServiceLastAccessedDetailsRequest{Arn: bob.Arn})
	if needs[0].Action != "iam:GenerateServiceLastAccessedDetails" || needs[0].Resource != bob.Arn {
		t.Errorf("needs %+v", needs)
	}
	must(w, "DeleteUserPolicy", &shape.DeleteUserPolicyRequest{UserName: "Bob", PolicyName: "p"})
	must(w, "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"}) // and doctor finds nothing left of it
}

// A report about a group or policy names who accessed a service last, and lists all who can.
func TestLastAccessedOfGroupAndPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	createGroup(w, "Devs", "")
	arns := map[string]string{}
	for i, name := range []string{"Ann", "Bob", "Eve"} {
		u := createUser(w, name, "")
		arns[name] = u.Arn
		must(w, "AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "Devs", UserName: name})
		if name != "Eve" {
			access(t, w, u.UserId, "s3", "GetObject", 5-i)
		}
	}
	read := awsPolicyARN + "AmazonS3ReadOnlyAccess"
	must(w, "AttachGroupPolicy", &shape.AttachGroupPolicyRequest{GroupName: "Devs", PolicyArn: read})
	must(w, "AttachUserPolicy", &shape.AttachUserPolicyRequest{UserName: "Bob", PolicyArn: read})

	for _, arn := range []string{"arn:aws:iam::123456789012:group/Devs", read} {
		job := generate(w, arn, nil)
		out := details(w, &shape.GetServiceLastAccessedDetailsRequest{JobId: job})
		var s3 shape.ServiceLastAccessed
		for _, s := range out.ServicesLastAccessed {
			if s.ServiceNamespace == "s3" {
				s3 = s
			}
		}
		if s3.TotalAuthenticatedEntities == nil || *s3.TotalAuthenticatedEntities != 2 || *s3.LastAuthenticatedEntity != arns["Bob"] {
			t.Errorf("%s: %+v", arn, s3)
		}
		var got []string
		in := &shape.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: job, ServiceNamespace: "s3", MaxItems: new(int32(2))}
		for {
			out := withEntities(w, in)
			for _, e := range out.EntityDetailsList {
				got = append(got, fmt.Sprintf("%s %s %v", e.EntityInfo.Name, e.EntityInfo.Type, e.LastAuthenticated != nil))
			}
			if !*out.IsTruncated {
				break
			}
			in.Marker = out.Marker
		}
		if want := []string{"Bob USER true", "Ann USER true", "Eve USER false"}; !slices.Equal(got, want) {
			t.Errorf("%s: entities %v, want %v", arn, got, want)
		}
		if out := withEntities(w, &shape.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: job, ServiceNamespace: "sqs"}); len(out.EntityDetailsList) != 0 {
			t.Errorf("%s: %d can access another service", arn, len(out.EntityDetailsList))
		}
	}
}

// A policy that allows everything gives access to all services, page by page in order.
func TestLastAccessedPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.GetServiceLastAccessedDetailsRequest{JobId: generate(w, adminARN, nil)}
	var got []string
	for {
		out := details(w, in)
		for _, s := range out.ServicesLastAccessed {
			got = append(got, s.ServiceNamespace)
			if s.ServiceName == "" {
				t.Errorf("%s has no name", s.ServiceNamespace)
			}
		}
		if !*out.IsTruncated {
			break
		}
		in.Marker = out.Marker
	}
	if len(got) < 400 || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%d services: %v", len(got), got)
	}
}

func TestLastAccessedJobs(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	job := generate(w, bobARN, nil)
	if len(job) != 36 {
		t.Errorf("job ID %q", job)
	}
	get := &shape.GetServiceLastAccessedDetailsRequest{JobId: job}
	absent := "The job with id " + job + " cannot be found."
	w.Refused(w.User("Bob"), "GetServiceLastAccessedDetails", get, 404, "NoSuchEntity", absent)
	w.Refused(w.User("Bob"), "GetServiceLastAccessedDetailsWithEntities",
		&shape.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: job, ServiceNamespace: "s3"}, 404, "NoSuchEntity", absent)

	// What a report is about may be gone when it is fetched.
	must(w, "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"})
	out := details(w, get)
	if out.JobStatus != "FAILED" || out.Error.Code != "NoSuchEntity" || out.Error.Message != "The entity "+bobARN+" cannot be found." || out.ServicesLastAccessed == nil {
		t.Errorf("about a deleted user: %+v", out)
	}
	failed := withEntities(w, &shape.GetServiceLastAccessedDetailsWithEntitiesRequest{JobId: job, ServiceNamespace: "s3"})
	if failed.JobStatus != "FAILED" || failed.Error == nil {
		t.Errorf("about a deleted user: %+v", failed)
	}
	w.Now = w.Now.Add(24*time.Hour - time.Second)
	details(w, get)
	w.Now = w.Now.Add(time.Second)
	w.Refused(w.Root(), "GetServiceLastAccessedDetails", get, 404, "NoSuchEntity", absent)

	// A new job clears away those that are over.
	createUser(w, "Bob", "")
	generate(w, bobARN, nil)
	left := 0
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		for _, err := range r.Scan("accessjob/", store.PrefixEnd("accessjob/")) {
			if err != nil {
				return err
			}
			left++
		}
		return nil
	})
	if err != nil || left != 1 {
		t.Errorf("%d jobs are stored, %v", left, err)
	}
}

func TestLastAccessedRefuses(t *testing.T) {
	w := optest.New(t, iam.Service())
	for arn, want := range map[string][2]string{
		"arn:aws:iam::123456789012:user/Ann":           {"NoSuchEntity", "The user with name Ann cannot be found."},
		"arn:aws:iam::123456789012:policy/P":           {"NoSuchEntity", "Policy arn:aws:iam::123456789012:policy/P was not found."},
		"arn:aws:iam::123456789012:instance-profile/P": {"InvalidInput", "Invalid Entity Arn: arn:aws:iam::123456789012:instance-profile/P does not clearly define entity type and name."},
	} {
		status := 404
		if want[0] == "InvalidInput" {
			status = 400
		}
		w.Refused(w.Root(), "GenerateServiceLastAccessedDetails", &shape.GenerateServiceLastAccessedDetailsRequest{Arn: arn}, status, want[0], want[1])
	}
}
