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

func TestTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateUserRequest{UserName: "bob", Tags: []shape.Tag{{Key: "Team", Value: "a"}}}
	created := optest.Must[shape.CreateUserResponse](w, w.Root(), "CreateUser", in).User
	if !slices.Equal(created.Tags, in.Tags) {
		t.Errorf("CreateUser replied tags %v", created.Tags)
	}

	// A key in another case replaces the tag, key and all.
	tag(w, shape.Tag{Key: "team", Value: "b"}, shape.Tag{Key: "cost", Value: ""})
	if want := []shape.Tag{{Key: "cost", Value: ""}, {Key: "team", Value: "b"}}; !slices.Equal(tagsOf(w), want) {
		t.Errorf("tags %v, want %v", tagsOf(w), want)
	}
	optest.Must[op.None](w, w.Root(), "UntagUser", &shape.UntagUserRequest{UserName: "bob", TagKeys: []string{"TEAM", "absent"}})
	if want := []shape.Tag{{Key: "cost", Value: ""}}; !slices.Equal(tagsOf(w), want) {
		t.Errorf("tags %v, want %v", tagsOf(w), want)
	}

	listed := optest.Must[shape.ListUsersResponse](w, w.Root(), "ListUsers", &shape.ListUsersRequest{})
	if listed.Users[0].Tags != nil {
		t.Errorf("a listing shows tags %v", listed.Users[0].Tags)
	}
}

func TestTagRules(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	for _, tc := range []struct {
		tags          []shape.Tag
		code, message string
	}{
		{[]shape.Tag{{Key: "a"}, {Key: "A"}}, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{[]shape.Tag{{Key: "AWS:x"}}, "InvalidInput", "Tag keys that begin with aws: are reserved for system use."},
	} {
		w.Refused(w.Root(), "TagUser", &shape.TagUserRequest{UserName: "bob", Tags: tc.tags}, 400, tc.code, tc.message)
		w.Refused(w.Root(), "CreateUser", &shape.CreateUserRequest{UserName: "eve", Tags: tc.tags}, 400, tc.code, tc.message)
	}
	for i := range 50 {
		tag(w, shape.Tag{Key: fmt.Sprint("k", i)})
	}
	tag(w, shape.Tag{Key: "k7", Value: "again"})
	w.Refused(w.Root(), "TagUser", &shape.TagUserRequest{UserName: "bob", Tags: []shape.Tag{{Key: "more"}}},
		409, "LimitExceeded", "Cannot exceed quota for TagsPerUser: 50")
	if n := len(tagsOf(w)); n != 50 {
		t.Errorf("%d tags", n)
	}
}

func TestTagsOfNobody(t *testing.T) {
	w := optest.New(t, iam.Service())
	const text = "The user with name eve cannot be found."
	w.Refused(w.Root(), "TagUser", &shape.TagUserRequest{UserName: "eve"}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "UntagUser", &shape.UntagUserRequest{UserName: "eve"}, 404, "NoSuchEntity", text)
	w.Refused(w.Root(), "ListUserTags", &shape.ListUserTagsRequest{UserName: "eve"}, 404, "NoSuchEntity", text)
}

func tag(w *optest.World, tags ...shape.Tag) {
	optest.Must[op.None](w, w.Root(), "TagUser", &shape.TagUserRequest{UserName: "bob", Tags: tags})
}

// tagsOf reads bob's tags, two at a time.
func tagsOf(w *optest.World) (tags []shape.Tag) {
	in := &shape.ListUserTagsRequest{UserName: "bob", MaxItems: new(int32(2))}
	for {
		out := optest.Must[shape.ListUserTagsResponse](w, w.Root(), "ListUserTags", in)
		tags = append(tags, out.Tags...)
		if !*out.IsTruncated {
			return tags
		}
		in.Marker = out.Marker
	}
}
