package ssm_test

import (
	"fmt"
	"strings"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// Each operation asks for its permission on its parameters, with their tags.
func TestNeeds(t *testing.T) {
	w := newWorld(t)
	w.put("/a/p", "v", func(in *shape.PutParameterRequest) {
		in.Overwrite, in.Tags = nil, []shape.Tag{{Key: "Team", Value: "x"}}
	})
	const arn = "arn:aws:ssm:us-east-1:123456789012:parameter/"
	tags := []shape.Tag{{Key: "New", Value: "y"}}
	for _, tc := range []struct {
		name string
		in   any
		want string
	}{
		{"GetParameter", &shape.GetParameterRequest{Name: "/a/p:1"}, "GetParameter a/p map[] [{Team x}] [] []"},
		{"GetParameter", &shape.GetParameterRequest{Name: "flat"}, "GetParameter flat map[] [] [] []"},
		{"GetParameter", &shape.GetParameterRequest{Name: arn + "a/p"}, "GetParameter a/p map[] [{Team x}] [] []"},
		{"GetParameters", &shape.GetParametersRequest{Names: []string{"/a/p", "/q"}}, "GetParameters a/p map[] [{Team x}] [] []; GetParameters q map[] [] [] []"},
		{"GetParameterHistory", &shape.GetParameterHistoryRequest{Name: "/a/p"}, "GetParameterHistory a/p map[] [{Team x}] [] []"},
		{"GetParametersByPath", &shape.GetParametersByPathRequest{Path: "/a/", Recursive: new(true)}, "GetParametersByPath a map[ssm:recursive:[true]] [] [] []"},
		{"GetParametersByPath", &shape.GetParametersByPathRequest{Path: "/"}, "GetParametersByPath  map[ssm:recursive:[false]] [] [] []"},
		{"LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "/a/p", Labels: []string{"l"}}, "LabelParameterVersion a/p map[] [{Team x}] [] []"},
		{"UnlabelParameterVersion", &shape.UnlabelParameterVersionRequest{Name: "/a/p", ParameterVersion: 1}, "UnlabelParameterVersion a/p map[] [{Team x}] [] []"},
		{"PutParameter", &shape.PutParameterRequest{Name: "/a/p", Value: "v", Overwrite: new(true)}, "PutParameter a/p map[ssm:overwrite:[true] ssm:policies:[false]] [{Team x}] [] []"},
		{"PutParameter", &shape.PutParameterRequest{Name: "new", Value: "v", Type: new("String"), Tags: tags},
			"PutParameter new map[ssm:overwrite:[false] ssm:policies:[false]] [] [{New y}] []; AddTagsToResource new map[] [] [{New y}] []"},
		{"AddTagsToResource", &shape.AddTagsToResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p", Tags: tags}, "AddTagsToResource a/p map[] [{Team x}] [{New y}] []"},
		{"RemoveTagsFromResource", &shape.RemoveTagsFromResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p", TagKeys: []string{"New"}},
			"RemoveTagsFromResource a/p map[] [{New y} {Team x}] [] [New]"},
		{"ListTagsForResource", &shape.ListTagsForResourceRequest{ResourceType: "Parameter", ResourceId: "/a/p"}, "ListTagsForResource a/p map[] [{Team x}] [] []"},
		{"DeleteParameters", &shape.DeleteParametersRequest{Names: []string{"new"}}, "DeleteParameters new map[] [{New y}] [] []"},
		{"DeleteParameter", &shape.DeleteParameterRequest{Name: "/a/p"}, "DeleteParameter a/p map[] [{Team x}] [] []"},
		{"DescribeParameters", &shape.DescribeParametersRequest{}, "DescribeParameters arn:aws:ssm:us-east-1:123456789012:* map[] [] [] []"},
	} {
		_, needs, _ := w.Do(w.Root(), tc.name, tc.in)
		var got []string
		for _, n := range needs {
			if n.Owner != "" && n.Owner != "123456789012" {
				t.Errorf("%s: owner %s", tc.name, n.Owner)
			}
			got = append(got, fmt.Sprint(strings.TrimPrefix(n.Action, "ssm:"), " ", strings.TrimPrefix(n.Resource, arn), " ", n.Context, " ", n.Tags, " ", n.NewTags, " ", n.TagKeys))
		}
		if joined := strings.Join(got, "; "); sortedTags(joined) != sortedTags(tc.want) {
			t.Errorf("%s %+v:\n got %s\nwant %s", tc.name, tc.in, joined, tc.want)
		}
	}
	_, needs, err := w.Do(w.Root(), "GetParameter", &shape.GetParameterRequest{Name: "arn:aws:ssm:us-east-1:210987654321:parameter/a/p"})
	if len(needs) != 1 || needs[0].Owner != "210987654321" || code(err) != "ParameterNotFound" {
		t.Errorf("of another account: %+v (%v)", needs, err)
	}
}

// sortedTags has two tags in one order, whichever was added first.
func sortedTags(s string) string {
	return strings.ReplaceAll(s, "{Team x} {New y}", "{New y} {Team x}")
}
