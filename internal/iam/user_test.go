package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func createUser(w *optest.World, name, path string) *shape.User {
	in := &shape.CreateUserRequest{UserName: name}
	if path != "" {
		in.Path = &path
	}
	return optest.Must[shape.CreateUserResponse](w, w.Root(), "CreateUser", in).User
}

func TestUserLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	u := createUser(w, "Bob", "/eng/")
	if *u.UserName != "Bob" || *u.Path != "/eng/" || u.Arn != "arn:aws:iam::123456789012:user/eng/Bob" || u.CreateDate != w.Now {
		t.Errorf("CreateUser replied %+v", u)
	}
	if len(u.UserId) != 21 || !strings.HasPrefix(u.UserId, "AIDA") {
		t.Errorf("user ID %q", u.UserId)
	}
	w.Refused(w.Root(), "CreateUser", &shape.CreateUserRequest{UserName: "bOB"},
		409, "EntityAlreadyExists", "User with name bOB already exists.")

	// A name is found in any case and shown as it was given.
	got := optest.Must[shape.GetUserResponse](w, w.Root(), "GetUser", &shape.GetUserRequest{UserName: new("BOB")}).User
	if *got.UserName != "Bob" || got.UserId != u.UserId {
		t.Errorf("GetUser replied %+v", got)
	}

	update := &shape.UpdateUserRequest{UserName: "bob", NewUserName: new("Robert"), NewPath: new("/ops/")}
	_, needs, err := w.Do(w.Root(), "UpdateUser", update)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"arn:aws:iam::123456789012:user/eng/Bob", "arn:aws:iam::123456789012:user/ops/Robert"}; !slices.Equal(resources(needs), want) {
		t.Errorf("a rename needs UpdateUser on %v, want %v", resources(needs), want)
	}
	got = optest.Must[shape.GetUserResponse](w, w.Root(), "GetUser", &shape.GetUserRequest{UserName: new("robert")}).User
	if got.Arn != "arn:aws:iam::123456789012:user/ops/Robert" || got.UserId != u.UserId {
		t.Errorf("after the rename GetUser replied %+v", got)
	}
	w.Refused(w.Root(), "GetUser", &shape.GetUserRequest{UserName: new("Bob")},
		404, "NoSuchEntity", "The user with name Bob cannot be found.")
	createUser(w, "Bob", "") // the old name is free, and the old indexes are gone
	if names := listNames(t, w, "/eng/"); len(names) != 0 {
		t.Errorf("users below /eng/ after the move: %v", names)
	}

	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "ROBERT"})
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Robert"},
		404, "NoSuchEntity", "The user with name Robert cannot be found.")
}

func TestRenameToATakenName(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "a", "")
	createUser(w, "b", "")
	w.Refused(w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "a", NewUserName: new("B")},
		409, "EntityAlreadyExists", "User with name B already exists.")
	// The same name in another case is the user's own.
	optest.Must[op.None](w, w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "a", NewUserName: new("A")})
	if names := listNames(t, w, "/"); !slices.Equal(names, []string{"A", "b"}) {
		t.Errorf("users %v", names)
	}
}

func TestGetUserOfRoot(t *testing.T) {
	w := optest.New(t, iam.Service())
	u := optest.Must[shape.GetUserResponse](w, w.Root(), "GetUser", &shape.GetUserRequest{}).User
	if u.UserName != nil || u.Path != nil || u.UserId != "123456789012" || u.Arn != "arn:aws:iam::123456789012:root" {
		t.Errorf("GetUser of root replied %+v", u)
	}
}

func TestListUsersPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	var want, below []string
	for i := range 25 {
		path := "/"
		if i%3 == 0 {
			path = "/team/"
		}
		name := fmt.Sprintf("user-%02d", i)
		createUser(w, name, path)
		want = append(want, name)
		if path != "/" {
			below = append(below, name)
		}
	}
	createUser(w, "zz", "/teamwork/")
	want = append(want, "zz")
	for _, tc := range []struct {
		prefix string
		want   []string
	}{
		{"/", want},
		{"/team/", below},
		{"/team", append(slices.Clone(below), "zz")},
		{"/nobody/", nil},
		{"/user", nil}, // the beginning of names, and of no path
	} {
		if got := listNames(t, w, tc.prefix); !slices.Equal(got, tc.want) {
			t.Errorf("below %s: %v, want %v", tc.prefix, got, tc.want)
		}
	}
	out := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{MaxItems: new(int32(26))})
	if *out.IsTruncated || out.Marker != nil {
		t.Error("a page that holds just everything is not truncated")
	}
	w.Refused(w.Root(), "ListUsers", &shape.ListUsersRequest{Marker: new("???")}, 400, "ValidationError", "Invalid Marker.")
}

// A page goes on behind a user that was deleted after the page before.
func TestListUsersBehindADeletedUser(t *testing.T) {
	w := optest.New(t, iam.Service())
	for _, name := range []string{"a", "b", "c"} {
		createUser(w, name, "")
	}
	first := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{MaxItems: new(int32(2))})
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "b"})
	rest := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{Marker: first.Marker})
	if len(rest.Users) != 1 || *rest.Users[0].UserName != "c" {
		t.Errorf("second page %+v", rest.Users)
	}
}

// Markers stay within what IAM takes, also of users deep down a path.
func TestListUsersMarkersAreShort(t *testing.T) {
	w := optest.New(t, iam.Service())
	deep := "/" + strings.Repeat("x", 510) + "/"
	for _, name := range []string{"a", "b", "c", "d"} {
		createUser(w, name, deep)
	}
	if names := listNames(t, w, "/x"); !slices.Equal(names, []string{"a", "b", "c", "d"}) {
		t.Errorf("users %v", names)
	}
	first := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{PathPrefix: new("/x"), MaxItems: new(int32(2))})
	if n := len(*first.Marker); n > 320 {
		t.Errorf("a marker of %d characters", n)
	}
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "b"})
	w.Refused(w.Root(), "ListUsers", &shape.ListUsersRequest{PathPrefix: new("/x"), Marker: first.Marker}, 400, "ValidationError", "Invalid Marker.")
}

// listNames reads a listing three users at a time.
func listNames(t *testing.T, w *optest.World, prefix string) (names []string) {
	t.Helper()
	in := &shape.ListUsersRequest{PathPrefix: &prefix, MaxItems: new(int32(3))}
	for {
		out := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", in)
		for _, u := range out.Users {
			names = append(names, *u.UserName)
		}
		if *out.IsTruncated != (out.Marker != nil) {
			t.Fatalf("IsTruncated %v with marker %v", *out.IsTruncated, out.Marker)
		}
		if !*out.IsTruncated {
			return names
		}
		in.Marker = out.Marker
	}
}

func resources(needs []op.Need) (arns []string) {
	for _, n := range needs {
		arns = append(arns, n.Resource)
	}
	return arns
}
