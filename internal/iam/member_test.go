package iam_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// membersOf reads the users of a group, two at a time.
func membersOf(w *optest.World, group string) (names []string) {
	in := &shape.GetGroupRequest{GroupName: group, MaxItems: new(int32(2))}
	for {
		out := optest.Must[shape.GetGroupResponse](w, w.Root(), "GetGroup", in)
		for _, u := range out.Users {
			names = append(names, *u.UserName)
		}
		if !*out.IsTruncated {
			return names
		}
		in.Marker = out.Marker
	}
}

// groupsOf reads the groups of a user, two at a time.
func groupsOf(w *optest.World, user string) (groups []shape.Group) {
	in := &shape.ListGroupsForUserRequest{UserName: user, MaxItems: new(int32(2))}
	for {
		out := optest.Must[shape.ListGroupsForUserResponse](w, w.Root(), "ListGroupsForUser", in)
		groups = append(groups, out.Groups...)
		if !*out.IsTruncated {
			return groups
		}
		in.Marker = out.Marker
	}
}

func TestMembers(t *testing.T) {
	w := optest.New(t, iam.Service())
	createGroup(w, "devs", "")
	var want []string
	for i := range 5 {
		name := fmt.Sprint("u", i)
		optest.Must[shape.CreateUserResponse](w, w.Root(), "CreateUser",
			&shape.CreateUserRequest{UserName: name, Tags: []shape.Tag{{Key: "k"}}})
		join(w, "DEVS", "U"+fmt.Sprint(i))
		want = append(want, name)
	}
	join(w, "devs", "u0") // again: nothing happens
	createUser(w, "u9", "")
	got := membersOf(w, "devs")
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
	out := optest.Must[shape.GetGroupResponse](w, w.Root(), "GetGroup", &shape.GetGroupRequest{GroupName: "devs"})
	if u := out.Users[0]; u.Tags != nil || u.Arn == "" || u.CreateDate != w.Now {
		t.Errorf("GetGroup shows a user as %+v", u)
	}

	leave(w, "devs", "u1")
	leave(w, "devs", "u1") // again: nothing happens
	got = membersOf(w, "devs")
	slices.Sort(got)
	if want := []string{"u0", "u2", "u3", "u4"}; !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
}

func TestMembersOfNothing(t *testing.T) {
	w := optest.New(t, iam.Service())
	createGroup(w, "devs", "")
	createUser(w, "bob", "")
	const noGroup, noUser = "The group with name gone cannot be found.", "The user with name eve cannot be found."
	for _, tc := range []struct {
		operation string
		in        any
		text      string
	}{
		{"AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "gone", UserName: "bob"}, noGroup},
		{"AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "gone", UserName: "eve"}, noGroup},
		{"AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "devs", UserName: "eve"}, noUser},
		{"RemoveUserFromGroup", &shape.RemoveUserFromGroupRequest{GroupName: "gone", UserName: "bob"}, noGroup},
		{"RemoveUserFromGroup", &shape.RemoveUserFromGroupRequest{GroupName: "devs", UserName: "eve"}, noUser},
		{"ListGroupsForUser", &shape.ListGroupsForUserRequest{UserName: "eve"}, noUser},
		{"GetGroup", &shape.GetGroupRequest{GroupName: "gone"}, noGroup},
	} {
		w.Refused(w.Root(), tc.operation, tc.in, 404, "NoSuchEntity", tc.text)
	}
	for operation, in := range map[string]any{
		"GetGroup":          &shape.GetGroupRequest{GroupName: "devs", Marker: new("???")},
		"ListGroupsForUser": &shape.ListGroupsForUserRequest{UserName: "bob", Marker: new("???")},
	} {
		w.Refused(w.Root(), operation, in, 400, "ValidationError", "Invalid Marker.")
	}
}

func TestGroupsPerUser(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	var want []string
	for i := range 11 {
		createGroup(w, fmt.Sprintf("g%02d", i), "")
	}
	for i := range 10 {
		join(w, fmt.Sprintf("g%02d", 9-i), "bob")
		want = append(want, fmt.Sprintf("g%02d", i))
	}
	w.Refused(w.Root(), "AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "g10", UserName: "bob"},
		409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
	join(w, "g00", "bob") // of which bob is a member already
	var got []string
	for _, g := range groupsOf(w, "bob") {
		got = append(got, g.GroupName)
	}
	if !slices.Equal(got, want) {
		t.Errorf("groups of bob: %v, want %v", got, want)
	}
	leave(w, "g05", "bob")
	join(w, "g10", "bob")
}

func TestMembershipsGoFirst(t *testing.T) {
	w := optest.New(t, iam.Service())
	createGroup(w, "devs", "")
	createUser(w, "bob", "")
	join(w, "devs", "bob")
	const text = "Cannot delete entity, must remove users from group first."
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "bob"}, 409, "DeleteConflict", text)
	w.Refused(w.Root(), "DeleteGroup", &shape.DeleteGroupRequest{GroupName: "devs"}, 409, "DeleteConflict", text)
	leave(w, "devs", "bob")
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "bob"})
	optest.Must[op.None](w, w.Root(), "DeleteGroup", &shape.DeleteGroupRequest{GroupName: "devs"})
}
