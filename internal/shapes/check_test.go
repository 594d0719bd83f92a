package shapes_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/shapes/sts"
)

var services = []*shapes.Service{
	&cloudformation.Service, &cloudtrail.Service, &iam.Service, &secretsmanager.Service, &ssm.Service, &sts.Service,
}

func TestOperations(t *testing.T) {
	for _, s := range services {
		if !slices.IsSortedFunc(s.Operations, func(a, b shapes.Operation) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: operations are not sorted", s.ID)
		}
		for _, op := range s.Operations {
			in, ok := op.Input().(shapes.Checkable)
			if !ok {
				t.Errorf("%s %s: input is not Checkable", s.ID, op.Name)
				continue
			}
			shapes.Check(in, nil)
			if op.Output != nil && reflect.TypeOf(op.Output()).Elem().Kind() != reflect.Struct {
				t.Errorf("%s %s: output is no pointer to a struct", s.ID, op.Name)
			}
			if s.Protocol == shapes.Query && (op.Output != nil) != (op.Result != "") {
				t.Errorf("%s %s: output and result element disagree", s.ID, op.Name)
			}
		}
	}
}

// Every required member that a decoder can miss is reported, and once.
func TestAbsent(t *testing.T) {
	for _, s := range services {
		for _, op := range s.Operations {
			in := op.Input()
			want := required(reflect.TypeOf(in).Elem())
			var got []string
			for _, v := range shapes.Check(in.(shapes.Checkable), want) {
				got = append(got, v.Path)
				if v.Constraint != "Member must not be null" {
					t.Errorf("%s %s: %+v", s.ID, op.Name, v)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: got %v, want %v", s.ID, op.Name, got, want)
			}
		}
	}
}

func required(t reflect.Type) []string {
	var list []string
	for field := range t.Fields() {
		parts := strings.Split(field.Tag.Get("aws"), ",")
		if slices.Contains(parts, "required") {
			list = append(list, strings.ToLower(parts[0][:1])+parts[0][1:])
		}
	}
	return list
}

func TestErrors(t *testing.T) {
	tests := []struct {
		service   *shapes.Service
		operation string
		want      shapes.Error
	}{
		{&iam.Service, "CreateAccessKey", shapes.Error{Shape: "NoSuchEntityException", Code: "NoSuchEntity", Status: 404}},
		{&iam.Service, "CreateAccessKey", shapes.Error{Shape: "ServiceFailureException", Code: "ServiceFailure", Status: 500}},
		{&iam.Service, "EnableOrganizationsRootSessions", shapes.Error{Shape: "OrganizationNotFoundException", Code: "OrganizationNotFoundException", Status: 400}},
		{&secretsmanager.Service, "GetSecretValue", shapes.Error{Shape: "InternalServiceError", Code: "InternalServiceError", Status: 500}},
		{&secretsmanager.Service, "GetSecretValue", shapes.Error{Shape: "ResourceNotFoundException", Code: "ResourceNotFoundException", Status: 400}},
	}
	for _, tt := range tests {
		if got := operation(t, tt.service, tt.operation).Errors; !slices.Contains(got, tt.want) {
			t.Errorf("%s: got %v, want %v among them", tt.operation, got, tt.want)
		}
	}
}

func TestPagesAndUnsigned(t *testing.T) {
	want := &shapes.Pages{Input: "Marker", Output: "Marker", Limit: "MaxItems", More: "IsTruncated", Results: []string{"AccessKeyMetadata"}}
	if got := operation(t, &iam.Service, "ListAccessKeys").Pages; !reflect.DeepEqual(got, want) {
		t.Errorf("pages: got %+v, want %+v", got, want)
	}
	if !operation(t, &sts.Service, "AssumeRoleWithWebIdentity").Unsigned || operation(t, &sts.Service, "AssumeRole").Unsigned {
		t.Error("AssumeRoleWithWebIdentity takes no signature and AssumeRole does")
	}
}

func operation(t *testing.T, s *shapes.Service, name string) shapes.Operation {
	t.Helper()
	for _, op := range s.Operations {
		if op.Name == name {
			return op
		}
	}
	t.Fatalf("%s has no %s", s.ID, name)
	return shapes.Operation{}
}

func TestAllocations(t *testing.T) {
	in := &iam.CreateUserRequest{
		UserName: "alice@example.com",
		Tags:     []iam.Tag{{Key: "team", Value: "core"}, {Key: "size", Value: ""}},
	}
	if found := shapes.Check(in, nil); found != nil {
		t.Fatal(found)
	}
	// A Checker at hand, and text that takes no regular expression: the race detector
	// makes pools forget what they hold.
	c := new(shapes.Checker)
	if n := testing.AllocsPerRun(100, func() { in.Check(c) }); n > 0 {
		t.Errorf("%v allocations to check a valid request", n)
	}
}

func TestViolationsAreBounded(t *testing.T) {
	in := &iam.CreateUserRequest{UserName: strings.Repeat("u", 65), Tags: make([]iam.Tag, 1000)}
	if n := len(shapes.Check(in, nil)); n != 100 {
		t.Errorf("got %d violations", n)
	}
	name := strings.Repeat("é", 5000)
	found := shapes.Check(&sts.AssumeRoleRequest{RoleArn: name, RoleSessionName: "me"}, nil)
	if len(found) != 1 || found[0].Value != "'"+strings.Repeat("é", 1024)+"...'" {
		t.Errorf("got %.80v", found)
	}
}

func BenchmarkCheck(b *testing.B) {
	in := &iam.CreateUserRequest{UserName: "alice@example.com", Tags: []iam.Tag{{Key: "team", Value: "core"}}}
	b.ReportAllocs()
	for b.Loop() {
		shapes.Check(in, nil)
	}
}
