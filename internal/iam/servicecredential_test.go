package iam_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const (
	codeCommit = "codecommit.amazonaws.com"
	cassandra  = "cassandra.amazonaws.com"
	bedrock    = "bedrock.amazonaws.com"
)

func createServiceCredential(w *optest.World, user, service string) *shape.ServiceSpecificCredential {
	in := &shape.CreateServiceSpecificCredentialRequest{UserName: user, ServiceName: service}
	return optest.Must[shape.CreateServiceSpecificCredentialResponse](w, w.Root(), "CreateServiceSpecificCredential", in).ServiceSpecificCredential
}

func TestServiceCredentialLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	createUser(w, "eve", "")
	s := createServiceCredential(w, "bob", codeCommit)
	if s.UserName != "Bob" || *s.ServiceUserName != "Bob-at-123456789012" || len(*s.ServicePassword) != 60 || s.Status != "Active" || s.CreateDate != w.Now ||
		!strings.HasPrefix(s.ServiceSpecificCredentialId, "ACCA") || s.ServiceCredentialSecret != nil || s.ExpirationDate != nil {
		t.Errorf("CreateServiceSpecificCredential replied %+v", s)
	}
	second := createServiceCredential(w, "bob", codeCommit)
	if *second.ServiceUserName != "Bob+1-at-123456789012" {
		t.Errorf("the second is named %s", *second.ServiceUserName)
	}
	w.Refused(w.Root(), "CreateServiceSpecificCredential", &shape.CreateServiceSpecificCredentialRequest{UserName: "bob", ServiceName: codeCommit},
		409, "LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	createServiceCredential(w, "bob", cassandra)
	w.Refused(w.Root(), "CreateServiceSpecificCredential", &shape.CreateServiceSpecificCredentialRequest{UserName: "bob", ServiceName: "ec2.amazonaws.com"},
		404, "NoSuchEntity", "No such service ec2.amazonaws.com is supported for Service Specific Credentials")
	w.Refused(w.Root(), "CreateServiceSpecificCredential", &shape.CreateServiceSpecificCredentialRequest{UserName: "bob", ServiceName: cassandra, CredentialAgeDays: new(int32(1))},
		400, "ValidationError", "CredentialAgeDays can only be specified for bedrock.amazonaws.com.")
	w.Refused(w.Root(), "CreateServiceSpecificCredential", &shape.CreateServiceSpecificCredentialRequest{UserName: "nobody", ServiceName: cassandra},
		404, "NoSuchEntity", "The user with name nobody cannot be found.")

	id := s.ServiceSpecificCredentialId
	reset := optest.Must[shape.ResetServiceSpecificCredentialResponse](w, w.User("Bob"), "ResetServiceSpecificCredential",
		&shape.ResetServiceSpecificCredentialRequest{ServiceSpecificCredentialId: id}).ServiceSpecificCredential
	if *reset.ServicePassword == *s.ServicePassword || *reset.ServiceUserName != *s.ServiceUserName {
		t.Errorf("ResetServiceSpecificCredential replied %+v", reset)
	}
	none := "No such credential " + id + " exists"
	w.Refused(w.User("eve"), "ResetServiceSpecificCredential", &shape.ResetServiceSpecificCredentialRequest{ServiceSpecificCredentialId: id}, 404, "NoSuchEntity", none)
	w.Refused(w.User("eve"), "UpdateServiceSpecificCredential", &shape.UpdateServiceSpecificCredentialRequest{ServiceSpecificCredentialId: id, Status: "Active"}, 404, "NoSuchEntity", none)
	w.Refused(w.User("eve"), "DeleteServiceSpecificCredential", &shape.DeleteServiceSpecificCredentialRequest{ServiceSpecificCredentialId: id}, 404, "NoSuchEntity", none)
	optest.Must[op.None](w, w.Root(), "UpdateServiceSpecificCredential", &shape.UpdateServiceSpecificCredentialRequest{UserName: new("bob"), ServiceSpecificCredentialId: id, Status: "Inactive"})

	list := optest.Must[shape.ListServiceSpecificCredentialsResponse](w, w.User("Bob"), "ListServiceSpecificCredentials", &shape.ListServiceSpecificCredentialsRequest{}).ServiceSpecificCredentials
	if len(list) != 3 {
		t.Errorf("listed %+v", list)
	}
	for _, m := range list {
		if inactive := m.ServiceSpecificCredentialId == id; inactive != (m.Status == "Inactive") {
			t.Errorf("listed %+v", m)
		}
	}
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"}, 409, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
	checkClean(t, w)
	for _, m := range list {
		optest.Must[op.None](w, w.User("Bob"), "DeleteServiceSpecificCredential", &shape.DeleteServiceSpecificCredentialRequest{ServiceSpecificCredentialId: m.ServiceSpecificCredentialId})
	}
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"})
	checkClean(t, w)
}

func TestBedrockKey(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	in := &shape.CreateServiceSpecificCredentialRequest{UserName: "bob", ServiceName: bedrock, CredentialAgeDays: new(int32(30))}
	s := optest.Must[shape.CreateServiceSpecificCredentialResponse](w, w.Root(), "CreateServiceSpecificCredential", in).ServiceSpecificCredential
	coded, ok := strings.CutPrefix(*s.ServiceCredentialSecret, "ABSK")
	plain, err := base64.StdEncoding.DecodeString(coded)
	if !ok || err != nil || !strings.HasPrefix(string(plain), *s.ServiceCredentialAlias+":") || s.ServicePassword != nil || s.ServiceUserName != nil {
		t.Errorf("replied %+v", s)
	}
	if !s.ExpirationDate.Equal(w.Now.Add(30 * 24 * time.Hour)) {
		t.Errorf("expires %s", s.ExpirationDate)
	}
	w.Now = *s.ExpirationDate
	list := optest.Must[shape.ListServiceSpecificCredentialsResponse](w, w.User("bob"), "ListServiceSpecificCredentials", &shape.ListServiceSpecificCredentialsRequest{})
	if m := list.ServiceSpecificCredentials[0]; m.Status != "Expired" || !m.ExpirationDate.Equal(w.Now) {
		t.Errorf("listed %+v", m)
	}
}

func TestListServiceSpecificCredentials(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "ann", "")
	createUser(w, "bob", "")
	all := map[string][]string{} // by user and service
	for _, user := range []string{"ann", "bob"} {
		for _, service := range []string{codeCommit, cassandra, codeCommit} {
			id := createServiceCredential(w, user, service).ServiceSpecificCredentialId
			for _, key := range []string{"", user, service, user + service} {
				all[key] = append(all[key], id)
			}
		}
	}
	for _, tc := range []struct {
		in   shape.ListServiceSpecificCredentialsRequest
		want string
	}{
		{shape.ListServiceSpecificCredentialsRequest{AllUsers: new(true)}, ""},
		{shape.ListServiceSpecificCredentialsRequest{AllUsers: new(true), ServiceName: new(codeCommit)}, codeCommit},
		{shape.ListServiceSpecificCredentialsRequest{UserName: new("bob")}, "bob"},
		{shape.ListServiceSpecificCredentialsRequest{UserName: new("bob"), ServiceName: new(codeCommit)}, "bob" + codeCommit},
		{shape.ListServiceSpecificCredentialsRequest{UserName: new("ann"), ServiceName: new(bedrock)}, "none"},
		{shape.ListServiceSpecificCredentialsRequest{}, "none"}, // root has none
	} {
		var got []string
		in := tc.in
		in.MaxItems = new(int32(1))
		for more := true; more; {
			out := optest.Must[shape.ListServiceSpecificCredentialsResponse](w, w.Root(), "ListServiceSpecificCredentials", &in)
			for _, m := range out.ServiceSpecificCredentials {
				got = append(got, m.ServiceSpecificCredentialId)
			}
			in.Marker, more = out.Marker, *out.IsTruncated
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(all[tc.want])); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", tc.in, got, want)
		}
	}
	w.Refused(w.Root(), "ListServiceSpecificCredentials", &shape.ListServiceSpecificCredentialsRequest{AllUsers: new(true), UserName: new("ann")},
		400, "ValidationError", "AllUsers and UserName cannot be specified together.")
	w.Refused(w.Root(), "ListServiceSpecificCredentials", &shape.ListServiceSpecificCredentialsRequest{ServiceName: new("s3")},
		404, "NoSuchEntity", "No such service s3 is supported for Service Specific Credentials")
}
