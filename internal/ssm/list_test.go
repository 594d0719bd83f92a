package ssm_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func filterOf(key, option string, values ...string) shape.ParameterStringFilter {
	f := shape.ParameterStringFilter{Key: key, Values: values}
	if option != "" {
		f.Option = &option
	}
	return f
}

// describedPage is one page of DescribeParameters.
func (w world) described(in *shape.DescribeParametersRequest) string {
	w.t.Helper()
	out := call[shape.DescribeParametersResult](w, "DescribeParameters", in).Parameters
	return strings.Join(names(out, func(p shape.ParameterMetadata) *string { return p.Name }), " ")
}

func filled(t *testing.T) world {
	w := newWorld(t)
	w.put("/a/one", "1")
	w.put("/a/two", "2", func(in *shape.PutParameterRequest) {
		in.Overwrite, in.Tags = nil, []shape.Tag{{Key: "Env", Value: "prod"}, {Key: "empty"}}
	})
	w.put("/a/b/three", "3", func(in *shape.PutParameterRequest) { in.Type = new("SecureString") })
	w.put("/ab", "4", func(in *shape.PutParameterRequest) { in.Tier = new("Advanced") })
	w.put("flat", "ami-12345678", func(in *shape.PutParameterRequest) { in.DataType = new("aws:ec2:image") })
	return w
}

func TestDescribeParameters(t *testing.T) {
	w := filled(t)
	for want, list := range map[string][]shape.ParameterStringFilter{
		"/a/b/three /a/one /a/two /ab flat": nil,
		"/a/one":                            {filterOf("Name", "", "/a/one", "a")},
		"/a/b/three /a/one /a/two /ab":      {filterOf("Name", "BeginsWith", "/a")},
		"/a/b/three /a/two":                 {filterOf("Name", "Contains", "/t")},
		"/a/b/three":                        {filterOf("Type", "", "SecureString")},
		"/ab":                               {filterOf("Tier", "", "Advanced")},
		"flat":                              {filterOf("DataType", "", "aws:ec2:image")},
		"/a/one /a/two":                     {filterOf("Path", "", "/a")},
		"/a/b/three /a/one /a/two":          {filterOf("Path", "Recursive", "/a/")},
		"/ab flat":                          {filterOf("Path", "OneLevel", "/")},
		"/a/two":                            {filterOf("tag:Env", "", "prod", "test")},
		"":                                  {filterOf("tag:Env", "", "test")},
	} {
		if got := w.described(&shape.DescribeParametersRequest{ParameterFilters: list}); got != want {
			t.Errorf("%+v: got %q, want %q", list, got, want)
		}
	}
	for _, list := range [][]shape.ParameterStringFilter{{filterOf("tag:empty", "")}, {filterOf("Path", "", "/a"), filterOf("tag:Env", "BeginsWith", "pr")}} {
		if got := w.described(&shape.DescribeParametersRequest{ParameterFilters: list}); got != "/a/two" {
			t.Errorf("%+v: got %q", list, got)
		}
	}
	if got := w.described(&shape.DescribeParametersRequest{ParameterFilters: []shape.ParameterStringFilter{filterOf("KeyId", "BeginsWith", "alias/")}}); got != "/a/b/three" {
		t.Errorf("with a key: %q", got)
	}
	old := []shape.ParametersFilter{{Key: "Name", Values: []string{"/a/"}}, {Key: "Type", Values: []string{"String"}}}
	if got := w.described(&shape.DescribeParametersRequest{Filters: old}); got != "/a/one /a/two" {
		t.Errorf("with old filters: %q", got)
	}
	if got := w.described(&shape.DescribeParametersRequest{Shared: new(true)}); got != "" {
		t.Errorf("shared: %q", got)
	}
}

func TestFiltersRefused(t *testing.T) {
	w := filled(t)
	for _, tc := range []struct {
		list          []shape.ParameterStringFilter
		code, message string
	}{
		{[]shape.ParameterStringFilter{filterOf("Label", "", "x")}, "InvalidFilterKey", "The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier]."},
		{[]shape.ParameterStringFilter{filterOf("Name", "")}, "InvalidFilterValue", "The following filter values are missing : null for filter key Name."},
		{[]shape.ParameterStringFilter{filterOf("Name", "", "a"), filterOf("Name", "", "b")}, "InvalidFilterKey", "The following filter is duplicated in the request: Name. A request can contain only one occurrence of a specific filter."},
		{[]shape.ParameterStringFilter{filterOf("Path", "Equals", "/a")}, "InvalidFilterOption", "The following filter option is not valid: Equals. Valid options include: [Recursive, OneLevel]."},
		{[]shape.ParameterStringFilter{filterOf("Path", "", "/aws")}, "ValidationException", `Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.`},
		{[]shape.ParameterStringFilter{filterOf("Tier", "", "x")}, "InvalidFilterValue", "The following filter value is not valid: x. Valid values include: [Standard, Advanced, Intelligent-Tiering]."},
		{[]shape.ParameterStringFilter{filterOf("Type", "", "x")}, "InvalidFilterValue", "The following filter value is not valid: x. Valid values include: [String, StringList, SecureString]."},
	} {
		w.refuses("DescribeParameters", &shape.DescribeParametersRequest{ParameterFilters: tc.list}, tc.code, tc.message)
	}
	w.refuses("DescribeParameters", &shape.DescribeParametersRequest{Filters: []shape.ParametersFilter{{}}, ParameterFilters: []shape.ParameterStringFilter{{}}},
		"ValidationException", "You can use either Filters or ParameterFilters in a single request.")
	for _, key := range []string{"Name", "Path", "Tier", "DataType", "tag:a"} {
		w.refuses("GetParametersByPath", &shape.GetParametersByPathRequest{Path: "/a", ParameterFilters: []shape.ParameterStringFilter{filterOf(key, "", "x")}},
			"InvalidFilterKey", "The following filter key is not valid: "+key+". Valid filter keys include: [Type, KeyId].")
	}
	for _, token := range []string{"", "!", "YQ"} { // the last is "a", which is not below the path
		w.refuses("GetParametersByPath", &shape.GetParametersByPathRequest{Path: "/a/b", NextToken: &token}, "InvalidNextToken", "The specified token isn't valid.")
	}
	w.refuses("GetParameterHistory", &shape.GetParameterHistoryRequest{Name: "flat", NextToken: new("YQ")}, "InvalidNextToken", "The specified token isn't valid.")
}

func TestGetParametersByPath(t *testing.T) {
	w := filled(t)
	w.put("/a/one", "1b")
	call[shape.LabelParameterVersionResult](w, "LabelParameterVersion", &shape.LabelParameterVersionRequest{Name: "/a/one", ParameterVersion: new(int64(1)), Labels: []string{"live"}})
	values := func(in *shape.GetParametersByPathRequest) string {
		in.WithDecryption = new(true)
		out := call[shape.GetParametersByPathResult](w, "GetParametersByPath", in).Parameters
		return strings.Join(names(out, func(p shape.Parameter) *string { return p.Value }), " ")
	}
	for want, in := range map[string]*shape.GetParametersByPathRequest{
		"1b 2":                  {Path: "/a"},
		"3 1b 2":                {Path: "/a/", Recursive: new(true)},
		"3":                     {Path: "/a/b"},
		"4 ami-12345678":        {Path: "/"},
		"3 1b 2 4 ami-12345678": {Path: "/", Recursive: new(true)},
		"1":                     {Path: "/a", ParameterFilters: []shape.ParameterStringFilter{filterOf("Label", "", "live")}},
	} {
		if got := values(in); got != want {
			t.Errorf("%+v: got %q, want %q", in, got, want)
		}
	}
	if got := values(&shape.GetParametersByPathRequest{Path: "/none"}); got != "" {
		t.Errorf("below nothing there is %q", got)
	}
	const path = `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". ` +
		`It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). ` +
		`Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`
	for _, bad := range []string{"a", "/ssm", "//", "/a b"} {
		w.refuses("GetParametersByPath", &shape.GetParametersByPathRequest{Path: bad}, "ValidationException", path)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 23 {
		want = append(want, fmt.Sprintf("/p/%02d", i))
		w.put(want[i], "v")
		w.put("many", fmt.Sprint(i))
	}
	var got []string
	for token, first := (*string)(nil), true; first || token != nil; first = false {
		out := call[shape.GetParametersByPathResult](w, "GetParametersByPath", &shape.GetParametersByPathRequest{Path: "/p", NextToken: token})
		got = append(got, names(out.Parameters, func(p shape.Parameter) *string { return p.Name })...)
		token = out.NextToken
		if len(got) == 10 { // what is deleted meanwhile leaves no gap
			call[shape.DeleteParameterResult](w, "DeleteParameter", &shape.DeleteParameterRequest{Name: got[9]})
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("by path: %q", got)
	}
	got = nil
	for token, first := (*string)(nil), true; first || token != nil; first = false {
		out := call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{MaxResults: new(int32(7)), NextToken: token})
		got = append(got, names(out.Parameters, func(p shape.ParameterMetadata) *string { return p.Name })...)
		token = out.NextToken
	}
	if len(got) != 23 || got[0] != "many" {
		t.Errorf("described: %q", got)
	}
	n := int64(0)
	for token, first := (*string)(nil), true; first || token != nil; first = false {
		out := call[shape.GetParameterHistoryResult](w, "GetParameterHistory", &shape.GetParameterHistoryRequest{Name: "many", MaxResults: new(int32(5)), NextToken: token})
		for _, v := range out.Parameters {
			if n++; *v.Version != n {
				t.Errorf("version %d comes as number %d", *v.Version, n)
			}
		}
		token = out.NextToken
	}
	if n != 23 {
		t.Errorf("%d versions", n)
	}
}
