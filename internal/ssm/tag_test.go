package ssm_test

import (
	"fmt"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func TestTags(t *testing.T) {
	w := newWorld(t)
	w.put("/a/p", "v")
	add := func(tags ...shape.Tag) *shape.AddTagsToResourceRequest {
		return &shape.AddTagsToResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p", Tags: tags}
	}
	list := func() string {
		out := call[shape.ListTagsForResourceResult](w, "ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p"})
		return fmt.Sprint(out.TagList)
	}
	call[shape.AddTagsToResourceResult](w, "AddTagsToResource", add(shape.Tag{Key: "b", Value: "1"}, shape.Tag{Key: "B", Value: "2"}))
	call[shape.AddTagsToResourceResult](w, "AddTagsToResource", add(shape.Tag{Key: "b", Value: "3"}))
	if got := list(); got != "[{B 2} {b 3}]" {
		t.Errorf("tags %s", got)
	}
	call[shape.RemoveTagsFromResourceResult](w, "RemoveTagsFromResource",
		&shape.RemoveTagsFromResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p", TagKeys: []string{"B", "none"}})
	if got := list(); got != "[{b 3}]" {
		t.Errorf("tags %s", got)
	}
	var many []shape.Tag
	for i := range 50 {
		many = append(many, shape.Tag{Key: fmt.Sprint(i)})
	}
	w.refuses("AddTagsToResource", add(many...), "TooManyTagsError", "The parameter has too many tags: 50 is the most.")
	w.refuses("AddTagsToResource", add(shape.Tag{Key: "x"}, shape.Tag{Key: "x"}), "ValidationException", "Duplicate tag keys found. Tag keys must be unique.")
	w.refuses("AddTagsToResource", add(shape.Tag{Key: "aws:x"}), "ValidationException", "Tag keys that begin with aws: are reserved for system use.")
	for kind, id := range map[string]string{"Parameter": "/none", "Document": "/a/p", "OpsItem": "x y"} {
		w.refuses("ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceType: kind, ResourceId: id}, "InvalidResourceId",
			"The resource ID isn't valid. Verify that you entered the correct ID and try again.")
	}
}
