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

func createGroup(w *optest.World, name, path string) *shape.Group {
	in := &shape.CreateGroupRequest{GroupName: name}
	if path != "" {
		in.Path = &path
	}
	return optest.Must[shape.CreateGroupResponse](w, w.Root(), "CreateGroup", in).Group
}

func join(w *optest.World, group, user string) {
	optest.Must[op.None](w, w.Root(), "AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: group, UserName: user})
}

func leave(w *optest.World, group, user string) {
	optest.Must[op.None](w, w.Root(), "RemoveUserFromGroup", &shape.RemoveUserFromGroupRequest{GroupName: group, UserName: user})
}

func TestGroupLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	g := createGroup(w, "Admins", "/eng/")
	if g.GroupName != "Admins" || g.Path != "/eng/" || g.Arn != "arn:aws:iam::123456789012:group/eng/Admins" || g.CreateDate != w.Now {
		t.Errorf("CreateGroup replied %+v", g)
	}
	if len(g.GroupId) != 21 || !strings.HasPrefix(g.GroupId, "AGPA") {
		t.Errorf("group ID %q", g.GroupId)
	}
	w.Refused(w.Root(), "CreateGroup", &shape.CreateGroupRequest{GroupName: "ADMINS"},
		409, "EntityAlreadyExists", "Group with name ADMINS already exists.")
	createUser(w, "Admins", "") // a user may have the name of a group

	out := optest.Must[shape.GetGroupResponse](w, w.Root(), "GetGroup", &shape.GetGroupRequest{GroupName: "admins"})
	if *out.Group != *g || out.Users == nil || len(out.Users) != 0 || *out.IsTruncated {
		t.Errorf("GetGroup replied %+v", out)
	}
	optest.Must[op.None](w, w.Root(), "DeleteGroup", &shape.DeleteGroupRequest{GroupName: "aDMINS"})
	w.Refused(w.Root(), "DeleteGroup", &shape.DeleteGroupRequest{GroupName: "Admins"},
		404, "NoSuchEntity", "The group with name Admins cannot be found.")
}

// A rename takes both names' permission and loses no member.
func TestRenameGroup(t *testing.T) {
	w := optest.New(t, iam.Service())
	g := createGroup(w, "Devs", "/eng/")
	createGroup(w, "ops", "")
	createUser(w, "bob", "")
	join(w, "devs", "bob")
	update := &shape.UpdateGroupRequest{GroupName: "devs", NewGroupName: new("Makers"), NewPath: new("/x/")}
	_, needs, err := w.Do(w.Root(), "UpdateGroup", update)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"arn:aws:iam::123456789012:group/eng/Devs", "arn:aws:iam::123456789012:group/x/Makers"}; !slices.Equal(resources(needs), want) {
		t.Errorf("a rename needs UpdateGroup on %v, want %v", resources(needs), want)
	}
	if got := groupsOf(w, "bob"); len(got) != 1 || got[0].Arn != "arn:aws:iam::123456789012:group/x/Makers" || got[0].GroupId != g.GroupId {
		t.Errorf("bob is in %+v", got)
	}
	w.Refused(w.Root(), "GetGroup", &shape.GetGroupRequest{GroupName: "Devs"}, 404, "NoSuchEntity", "The group with name Devs cannot be found.")
	w.Refused(w.Root(), "UpdateGroup", &shape.UpdateGroupRequest{GroupName: "Devs"}, 404, "NoSuchEntity", "The group with name Devs cannot be found.")
	w.Refused(w.Root(), "UpdateGroup", &shape.UpdateGroupRequest{GroupName: "makers", NewGroupName: new("OPS")},
		409, "EntityAlreadyExists", "Group with name OPS already exists.")
	optest.Must[op.None](w, w.Root(), "UpdateGroup", &shape.UpdateGroupRequest{GroupName: "makers", NewGroupName: new("MAKERS")})
	optest.Must[op.None](w, w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "bob", NewUserName: new("rob")})
	if got := membersOf(w, "makers"); !slices.Equal(got, []string{"rob"}) {
		t.Errorf("members %v", got)
	}
}

func TestListGroupsPages(t *testing.T) {
	w := optest.New(t, iam.Service())
	var all, below []string
	for i := range 7 {
		path := "/"
		if i%2 == 0 {
			path = "/team/"
		}
		name := fmt.Sprint("g", i)
		createGroup(w, name, path)
		all = append(all, name)
		if path != "/" {
			below = append(below, name)
		}
	}
	for prefix, want := range map[string][]string{"/": all, "/team/": below, "/none/": nil} {
		var got []string
		in := &shape.ListGroupsRequest{PathPrefix: &prefix, MaxItems: new(int32(3))}
		for more := true; more; {
			out := optest.Must[shape.ListGroupsResponse](w, w.Root(), "ListGroups", in)
			for _, g := range out.Groups {
				got = append(got, g.GroupName)
			}
			more, in.Marker = *out.IsTruncated, out.Marker
		}
		if !slices.Equal(got, want) {
			t.Errorf("below %s: %v, want %v", prefix, got, want)
		}
	}
	w.Refused(w.Root(), "ListGroups", &shape.ListGroupsRequest{Marker: new("???")}, 400, "ValidationError", "Invalid Marker.")
}

func TestGroupNeeds(t *testing.T) {
	w := optest.New(t, iam.Service())
	createGroup(w, "Devs", "/eng/")
	createUser(w, "Bob", "/eng/")
	const group, user = "arn:aws:iam::123456789012:group/", "arn:aws:iam::123456789012:user/"
	for _, tc := range []struct {
		operation string
		in        any
		want      string
	}{
		{"CreateGroup", &shape.CreateGroupRequest{GroupName: "a", Path: new("/x/")}, group + "x/a"},
		{"GetGroup", &shape.GetGroupRequest{GroupName: "devs"}, group + "eng/Devs"},
		{"ListGroups", &shape.ListGroupsRequest{}, group},
		{"ListGroups", &shape.ListGroupsRequest{PathPrefix: new("/x/")}, group + "x/"},
		{"AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "devs", UserName: "bob"}, group + "eng/Devs"},
		{"ListGroupsForUser", &shape.ListGroupsForUserRequest{UserName: "bob"}, user + "eng/Bob"},
		{"RemoveUserFromGroup", &shape.RemoveUserFromGroupRequest{GroupName: "devs", UserName: "bob"}, group + "eng/Devs"},
		{"DeleteGroup", &shape.DeleteGroupRequest{GroupName: "devs"}, group + "eng/Devs"},
		{"DeleteGroup", &shape.DeleteGroupRequest{GroupName: "gone"}, group + "gone"},
	} {
		_, needs, _ := w.Do(w.Root(), tc.operation, tc.in)
		if len(needs) != 1 || needs[0].Action != "iam:"+tc.operation || needs[0].Resource != tc.want {
			t.Errorf("%s needs %v, want it on %s", tc.operation, needs, tc.want)
		}
	}
}
