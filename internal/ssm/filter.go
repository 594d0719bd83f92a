package ssm

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// The options of filters.
const (
	equals     = "Equals"
	beginsWith = "BeginsWith"
	contains   = "Contains"
	oneLevel   = "OneLevel"
	recursive  = "Recursive"
)

// filter wants parameters of which something is one of the values.
type filter struct {
	key, option string
	values      []string
}

type filters []filter

// rule says what a filter may be like.
type rule struct {
	options []string
	usual   string   // the option of a filter that has none
	values  []string // nil for any
}

// rules are those of the keys but for tags.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
var rules = map[string]rule{
	"Name":     {usual: equals, options: []string{equals, beginsWith, contains}},
	"Type":     {usual: equals, options: []string{equals, beginsWith}, values: []string{stringType, stringListType, secureType}},
	"KeyId":    {usual: equals, options: []string{equals, beginsWith}},
	"Path":     {usual: oneLevel, options: []string{recursive, oneLevel}},
	"Label":    {usual: equals, options: []string{equals}},
	"Tier":     {usual: equals, options: []string{equals, beginsWith}, values: []string{"Standard", "Advanced", "Intelligent-Tiering"}},
	"DataType": {usual: equals, options: []string{equals, beginsWith}},
}

var tagRule = rule{usual: equals, options: []string{equals, beginsWith}}

// describeFilters are the filters of DescribeParameters: the older kind or the newer.
func describeFilters(in *shape.DescribeParametersRequest) (filters, error) {
	if len(in.Filters) > 0 && len(in.ParameterFilters) > 0 {
		return nil, invalid("You can use either Filters or ParameterFilters in a single request.")
	}
	if len(in.Filters) == 0 {
		return readFilters(in.ParameterFilters, []string{"Path", "Name", "Type", "KeyId", "Tier"}, func(key string) bool { return key != "Label" })
	}
	asked := make([]shape.ParameterStringFilter, len(in.Filters))
	for i, f := range in.Filters {
		asked[i] = shape.ParameterStringFilter{Key: f.Key, Values: f.Values}
		if f.Key == "Name" {
			asked[i].Option = new(beginsWith)
		}
	}
	valid := []string{"Name", "Type", "KeyId"}
	return readFilters(asked, valid, func(key string) bool { return slices.Contains(valid, key) })
}

// pathFilters are the filters of GetParametersByPath.
func pathFilters(asked []shape.ParameterStringFilter) (filters, error) {
	return readFilters(asked, []string{"Type", "KeyId"}, func(key string) bool { return key == "Type" || key == "KeyId" || key == "Label" })
}

// readFilters reads the filters of a request: those may be that fits says, and errors
// name as valid.
func readFilters(asked []shape.ParameterStringFilter, valid []string, fits func(key string) bool) (filters, error) {
	var list filters
	for _, a := range asked {
		if !fits(a.Key) {
			return nil, awserr.New(400, "InvalidFilterKey", "The following filter key is not valid: %s. Valid filter keys include: [%s].", a.Key, strings.Join(valid, ", "))
		}
		if slices.ContainsFunc(list, func(f filter) bool { return f.key == a.Key }) {
			return nil, awserr.New(400, "InvalidFilterKey", "The following filter is duplicated in the request: %s. A request can contain only one occurrence of a specific filter.", a.Key)
		}
		f, err := readFilter(a)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func readFilter(a shape.ParameterStringFilter) (filter, error) {
	r, ok := rules[a.Key]
	if !ok {
		r = tagRule
	}
	if ok && len(a.Values) == 0 {
		return filter{}, awserr.New(400, "InvalidFilterValue", "The following filter values are missing : null for filter key %s.", a.Key)
	}
	if a.Key == "Label" && len(a.Values) > 1 {
		return filter{}, awserr.New(400, "InvalidFilterValue", "The filter key Label takes one value.")
	}
	f := filter{a.Key, or(a.Option, r.usual), a.Values}
	if !slices.Contains(r.options, f.option) {
		return filter{}, awserr.New(400, "InvalidFilterOption", "The following filter option is not valid: %s. Valid options include: [%s].", f.option, strings.Join(r.options, ", "))
	}
	for _, value := range a.Values {
		if r.values != nil && !slices.Contains(r.values, value) {
			return filter{}, awserr.New(400, "InvalidFilterValue", "The following filter value is not valid: %s. Valid values include: [%s].", value, strings.Join(r.values, ", "))
		}
		if err := checkFilterPath(a.Key, value); err != nil {
			return filter{}, err
		}
	}
	return f, nil
}

func checkFilterPath(key, value string) error {
	if key != "Path" {
		return nil
	}
	if reserved(value, "aws") || reserved(value, "ssm") {
		return invalid(`Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive). ` +
			`When using global parameters, please specify within a global namespace.`)
	}
	_, err := pathOf(value)
	return err
}

// prefix is what the names of all that is wanted begin with, so that a listing reads
// nothing else.
func (list filters) prefix() string {
	for _, f := range list {
		if len(f.values) != 1 {
			continue
		}
		value := strings.TrimPrefix(f.values[0], "/")
		switch {
		case f.key == "Name" && f.option != contains:
			return value
		case f.key == "Path" && value != "":
			return strings.TrimSuffix(value, "/") + "/"
		}
	}
	return ""
}

// label is the label that versions must have; "" for any.
func (list filters) label() string {
	for _, f := range list {
		if f.key == "Label" {
			return f.values[0]
		}
	}
	return ""
}

func (list filters) match(i item) bool {
	return i.version != nil && !slices.ContainsFunc(list, func(f filter) bool { return !f.match(i) })
}

func (f filter) match(i item) bool {
	switch f.key {
	case "Name":
		if f.option == contains {
			return f.any(i.Name)
		}
		return slices.ContainsFunc(f.values, func(v string) bool { return f.compare(i.cursor(), strings.TrimPrefix(v, "/")) })
	case "Path":
		return slices.ContainsFunc(f.values, func(v string) bool {
			return below(strings.TrimSuffix(v, "/")+"/", i.Name, f.option == recursive)
		})
	case "Type":
		return f.any(i.version.Type)
	case "KeyId":
		return f.any(i.version.KeyID)
	case "Tier":
		return f.any(i.version.Tier)
	case "DataType":
		return f.any(i.version.DataType)
	case "Label": // see items
		return true
	}
	return slices.ContainsFunc(i.Tags, func(t directory.Tag) bool {
		return "tag:"+t.Key == f.key && (len(f.values) == 0 || f.any(t.Value))
	})
}

// any reports whether what is fits one of the values.
func (f filter) any(is string) bool {
	return slices.ContainsFunc(f.values, func(value string) bool { return f.compare(is, value) })
}

func (f filter) compare(is, value string) bool {
	switch f.option {
	case beginsWith:
		return strings.HasPrefix(is, value)
	case contains:
		return strings.Contains(is, value)
	}
	return is == value
}
