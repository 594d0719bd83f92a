package runbook

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Given makes a run's inputs of what was given: texts, or values of a YAML file. What was
// not has its default.
func (r *Runbook) Given(given map[string]any) (map[string]any, error) {
	for name := range given {
		if r.Inputs.Values[name] == nil {
			return nil, fmt.Errorf("%s has no input %q; there are %s", r.Name, name, strings.Join(r.Inputs.Names, ", "))
		}
	}
	values := map[string]any{}
	for _, name := range r.Inputs.Names {
		input := r.Inputs.Values[name]
		value, ok := given[name]
		switch {
		case !ok && input.Default != nil:
			values[name] = input.Default
			continue
		case !ok:
			return nil, fmt.Errorf("input %s is missing: %s", name, input.Description)
		}
		var err error
		if values[name], err = input.value(value); err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
	}
	return values, nil
}

// ParseInputs reads a file of inputs: YAML or JSON, an object of values.
func ParseInputs(text []byte) (map[string]any, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("a file of inputs has at most %d bytes", MaxFile)
	}
	var values map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, errors.New("this is no YAML object") // its own error may quote a secret
	}
	return values, nil
}

// value makes a value of the input's type. Its errors do not repeat it: it may be a secret.
func (i *Input) value(given any) (any, error) {
	switch i.Type {
	case "integer":
		n, err := strconv.ParseInt(fmt.Sprint(given), 10, 64)
		switch {
		case err != nil:
			return nil, errors.New("an integer belongs here")
		case i.Min != nil && n < *i.Min:
			return nil, fmt.Errorf("it must be at least %d", *i.Min)
		case i.Max != nil && n > *i.Max:
			return nil, fmt.Errorf("it must be at most %d", *i.Max)
		}
		return int(n), nil
	case "boolean":
		switch fmt.Sprint(given) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, errors.New("it is true or false")
	case "list":
		return i.list(given)
	}
	return i.text(given)
}

// list reads a list, or a text with commas.
func (i *Input) list(given any) (any, error) {
	if text, ok := given.(string); ok {
		var parts []any
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		given = parts
	}
	items, ok := given.([]any)
	if !ok && given != nil {
		return nil, errors.New("a list belongs here")
	}
	out := make([]any, len(items))
	for n, item := range items {
		var err error
		if out[n], err = i.text(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (i *Input) text(given any) (any, error) {
	var text string
	switch given := given.(type) {
	case string:
		text = given
	case int, bool, float64:
		text = fmt.Sprint(given)
	default:
		return nil, errors.New("a text belongs here")
	}
	if i.Enum != nil && !slices.Contains(i.Enum, text) {
		return nil, fmt.Errorf("it is one of %s", strings.Join(i.Enum, ", "))
	}
	if i.Pattern != "" && !regexp.MustCompile("^(?:"+i.Pattern+")$").MatchString(text) {
		return nil, fmt.Errorf("it must be of the form %s", i.Pattern)
	}
	return text, nil
}
