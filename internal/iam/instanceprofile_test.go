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

func createProfile(w *optest.World, name, path string) *shape.InstanceProfile {
	in := &shape.CreateInstanceProfileRequest{InstanceProfileName: name}
	if path != "" {
		in.Path = &path
	}
	return optest.Must[shape.CreateInstanceProfileResponse](w, w.Root(), "CreateInstanceProfile", in).InstanceProfile
}

func addRole(w *optest.World, profile, role string) {
	optest.Must[op.None](w, w.Root(), "AddRoleToInstanceProfile", &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: profile, RoleName: role})
}

func getProfile(w *optest.World, name string) *shape.InstanceProfile {
	return optest.Must[shape.GetInstanceProfileResponse](w, w.Root(), "GetInstanceProfile", &shape.GetInstanceProfileRequest{InstanceProfileName: name}).InstanceProfile
}

func TestInstanceProfileLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	p := createProfile(w, "Web", "/app/")
	if p.InstanceProfileName != "Web" || p.Path != "/app/" || p.Arn != "arn:aws:iam::123456789012:instance-profile/app/Web" ||
		p.InstanceProfileId[:4] != "AIPA" || p.CreateDate != w.Now || p.Roles == nil || p.Tags != nil {
		t.Errorf("CreateInstanceProfile replied %+v", p)
	}
	w.Refused(w.Root(), "CreateInstanceProfile", &shape.CreateInstanceProfileRequest{InstanceProfileName: "WEB"},
		409, "EntityAlreadyExists", "Instance Profile WEB already exists.")
	if got := getProfile(w, "web"); got.InstanceProfileId != p.InstanceProfileId || got.Roles == nil || got.Tags == nil {
		t.Errorf("GetInstanceProfile replied %+v", got)
	}
	optest.Must[op.None](w, w.Root(), "DeleteInstanceProfile", &shape.DeleteInstanceProfileRequest{InstanceProfileName: "web"})
	createRole(w, "r", "")
	const gone = "Instance Profile Web cannot be found."
	for name, in := range map[string]any{
		"GetInstanceProfile":            &shape.GetInstanceProfileRequest{InstanceProfileName: "Web"},
		"DeleteInstanceProfile":         &shape.DeleteInstanceProfileRequest{InstanceProfileName: "Web"},
		"AddRoleToInstanceProfile":      &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: "Web", RoleName: "r"},
		"RemoveRoleFromInstanceProfile": &shape.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: "Web", RoleName: "r"},
		"TagInstanceProfile":            &shape.TagInstanceProfileRequest{InstanceProfileName: "Web"},
		"UntagInstanceProfile":          &shape.UntagInstanceProfileRequest{InstanceProfileName: "Web"},
		"ListInstanceProfileTags":       &shape.ListInstanceProfileTagsRequest{InstanceProfileName: "Web"},
	} {
		w.Refused(w.Root(), name, in, 404, "NoSuchEntity", gone)
	}
}

func TestRoleInInstanceProfile(t *testing.T) {
	w := optest.New(t, iam.Service())
	createProfile(w, "p", "")
	createRole(w, "Builder", "/eng/")
	createRole(w, "other", "")
	add := &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: "p", RoleName: "builder"}
	_, needs, err := w.Do(w.Root(), "AddRoleToInstanceProfile", add)
	if got := fmt.Sprint(actions(needs), resources(needs), needs[1].Context); err != nil ||
		got != "[iam:AddRoleToInstanceProfile iam:PassRole] [arn:aws:iam::123456789012:instance-profile/p arn:aws:iam::123456789012:role/eng/Builder] map[iam:associatedresourcearn:[arn:aws:ec2:*:123456789012:instance/*] iam:passedtoservice:[ec2.amazonaws.com]]" {
		t.Errorf("AddRoleToInstanceProfile needs %s (%v)", got, err)
	}
	if got := getProfile(w, "p").Roles; len(got) != 1 || got[0].Arn != "arn:aws:iam::123456789012:role/eng/Builder" || len(extras(&got[0])) != 0 {
		t.Errorf("roles in the profile: %+v", got)
	}
	for _, role := range []string{"Builder", "other"} {
		w.Refused(w.Root(), "AddRoleToInstanceProfile", &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: "p", RoleName: role},
			409, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}

	// Neither goes while the other has it.
	const first = "Cannot delete entity, must remove roles from instance profile first."
	w.Refused(w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "Builder"}, 409, "DeleteConflict", first)
	w.Refused(w.Root(), "DeleteInstanceProfile", &shape.DeleteInstanceProfileRequest{InstanceProfileName: "p"}, 409, "DeleteConflict", first)

	w.Refused(w.Root(), "RemoveRoleFromInstanceProfile", &shape.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: "p", RoleName: "other"},
		404, "NoSuchEntity", "Role other in Instance Profile p cannot be found.")
	optest.Must[op.None](w, w.Root(), "RemoveRoleFromInstanceProfile", &shape.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: "P", RoleName: "BUILDER"})
	if got := getProfile(w, "p").Roles; len(got) != 0 {
		t.Errorf("roles in the profile: %+v", got)
	}
	optest.Must[op.None](w, w.Root(), "DeleteRole", &shape.DeleteRoleRequest{RoleName: "Builder"})
	const gone = "The role with name Builder cannot be found."
	w.Refused(w.Root(), "AddRoleToInstanceProfile", &shape.AddRoleToInstanceProfileRequest{InstanceProfileName: "p", RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	w.Refused(w.Root(), "RemoveRoleFromInstanceProfile", &shape.RemoveRoleFromInstanceProfileRequest{InstanceProfileName: "p", RoleName: "Builder"}, 404, "NoSuchEntity", gone)
	optest.Must[op.None](w, w.Root(), "DeleteInstanceProfile", &shape.DeleteInstanceProfileRequest{InstanceProfileName: "p"})
}

func TestListInstanceProfiles(t *testing.T) {
	w := optest.New(t, iam.Service())
	createRole(w, "r", "")
	for _, name := range []string{"c", "a", "d", "b", "e"} {
		createProfile(w, name, map[bool]string{true: "/x/"}[name == "d"])
		if name != "e" {
			addRole(w, name, "r")
		}
	}
	var got []string
	all := &shape.ListInstanceProfilesRequest{MaxItems: new(int32(2))}
	for {
		out := optest.Must[shape.ListInstanceProfilesResponse](w, w.Root(), "ListInstanceProfiles", all)
		for _, p := range out.InstanceProfiles {
			got = append(got, fmt.Sprint(p.InstanceProfileName, len(p.Roles)))
		}
		if all.Marker = out.Marker; !*out.IsTruncated {
			break
		}
	}
	if want := []string{"a1", "b1", "c1", "d1", "e0"}; !slices.Equal(got, want) {
		t.Errorf("instance profiles %v, want %v", got, want)
	}
	below := optest.Must[shape.ListInstanceProfilesResponse](w, w.Root(), "ListInstanceProfiles", &shape.ListInstanceProfilesRequest{PathPrefix: new("/x/")})
	if len(below.InstanceProfiles) != 1 || below.InstanceProfiles[0].InstanceProfileName != "d" {
		t.Errorf("below /x/: %+v", below.InstanceProfiles)
	}

	got = nil
	of := &shape.ListInstanceProfilesForRoleRequest{RoleName: "R", MaxItems: new(int32(3))}
	for {
		out := optest.Must[shape.ListInstanceProfilesForRoleResponse](w, w.Root(), "ListInstanceProfilesForRole", of)
		for _, p := range out.InstanceProfiles {
			got = append(got, fmt.Sprint(p.InstanceProfileName, p.Roles[0].RoleName))
		}
		if of.Marker = out.Marker; !*out.IsTruncated {
			break
		}
	}
	slices.Sort(got) // AWS documents no order
	if want := []string{"ar", "br", "cr", "dr"}; !slices.Equal(got, want) {
		t.Errorf("instance profiles of the role %v, want %v", got, want)
	}
}

func TestInstanceProfileTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateInstanceProfileRequest{InstanceProfileName: "p", Tags: []shape.Tag{{Key: "a", Value: "1"}}}
	out, needs, err := w.Do(w.Root(), "CreateInstanceProfile", in)
	if err != nil || !slices.Equal(actions(needs), []string{"iam:CreateInstanceProfile", "iam:TagInstanceProfile"}) {
		t.Fatalf("CreateInstanceProfile needs %v (%v)", needs, err)
	}
	if got := out.(*shape.CreateInstanceProfileResponse).InstanceProfile.Tags; !slices.Equal(got, in.Tags) {
		t.Errorf("CreateInstanceProfile replied tags %v", got)
	}
	optest.Must[op.None](w, w.Root(), "TagInstanceProfile", &shape.TagInstanceProfileRequest{InstanceProfileName: "P", Tags: []shape.Tag{{Key: "b"}, {Key: "c"}}})
	optest.Must[op.None](w, w.Root(), "UntagInstanceProfile", &shape.UntagInstanceProfileRequest{InstanceProfileName: "p", TagKeys: []string{"A"}})
	first := optest.Must[shape.ListInstanceProfileTagsResponse](w, w.Root(), "ListInstanceProfileTags",
		&shape.ListInstanceProfileTagsRequest{InstanceProfileName: "p", MaxItems: new(int32(1))})
	rest := optest.Must[shape.ListInstanceProfileTagsResponse](w, w.Root(), "ListInstanceProfileTags",
		&shape.ListInstanceProfileTagsRequest{InstanceProfileName: "p", Marker: first.Marker})
	if got := append(first.Tags, rest.Tags...); !slices.Equal(got, []shape.Tag{{Key: "b"}, {Key: "c"}}) {
		t.Errorf("tags %v", got)
	}
	listed := optest.Must[shape.ListInstanceProfilesResponse](w, w.Root(), "ListInstanceProfiles", &shape.ListInstanceProfilesRequest{})
	if listed.InstanceProfiles[0].Tags != nil {
		t.Error("a listing shows tags")
	}
}
