package iam

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

func accountOf(id *string) ids.Account { return ids.Account(orElse(id, "")) }

func templateParameters(in []shape.PolicyParameter) []directory.TemplateParameter {
	out := make([]directory.TemplateParameter, len(in))
	for i, p := range in {
		out[i] = directory.TemplateParameter{
			Name:   orElse(p.Name, ""),
			Type:   orElse(p.Type, shape.PolicyParameterTypeEnumString),
			Values: p.Values,
		}
	}
	return out
}

// fillTemplate is the policy that a template becomes with these parameters. A
// template is the default version of one of the requestor's managed policies, or of
// AWS's, in which @{name} stands for a parameter; "@{name}", with the quotes, for a
// list. On AWS, partners have templates of their own.
func fillTemplate(c *op.Call, templateARN string, parameters []directory.TemplateParameter) (directory.Document, error) {
	template, err := findPolicy(c, templateARN)
	if err != nil {
		return "", err
	}
	if template == nil {
		return "", invalidInput("The policy template %s does not exist.", templateARN)
	}
	document, err := directory.PolicyText(c.Snap, template, template.Default)
	if err != nil {
		return "", err
	}
	// All at once: a value may look like a parameter, and is none.
	var replacements []string
	seen, size := map[string]bool{}, 0
	for _, p := range parameters {
		place, value, err := fillIn(p)
		if err != nil {
			return "", err
		}
		if seen[p.Name] || !strings.Contains(string(document), place) {
			return "", invalidInput("The policy template %s has no place for parameter %s.", templateARN, p.Name)
		}
		seen[p.Name] = true
		replacements = append(replacements, place, value)
		size += len(value) // white space, too
	}
	if err := checkMost(c, policySize, size); err != nil {
		return "", err
	}
	if name := missingParameter(string(document), seen); name != "" {
		return "", invalidInput("The policy template %s needs parameter %s.", templateARN, name)
	}
	filled := directory.Document(strings.NewReplacer(replacements...).Replace(string(document)))
	if err := checkDocument(string(filled), policy.Managed); err != nil {
		if bad, ok := errors.AsType[*awserr.Error](err); ok {
			return "", invalidInput("The parameters make the policy template %s malformed: %s", templateARN, bad.Message)
		}
		return "", err
	}
	return filled, checkMost(c, policySize, filled.Size())
}

// fillIn is where a parameter stands in a template, and what to put there.
func fillIn(p directory.TemplateParameter) (place, value string, err error) {
	place = "@{" + p.Name + "}"
	if p.Type == shape.PolicyParameterTypeEnumStringList {
		list, err := json.Marshal(append([]string{}, p.Values...))
		return `"` + place + `"`, string(list), err
	}
	if len(p.Values) != 1 {
		return "", "", invalidInput("Parameter %s takes one value.", p.Name)
	}
	quoted, err := json.Marshal(p.Values[0])
	if err != nil {
		return "", "", err
	}
	return place, string(quoted[1 : len(quoted)-1]), nil // within the quotes of the template
}

// missingParameter is a parameter of a document that has not been seen, or "".
func missingParameter(document string, seen map[string]bool) string {
	for {
		_, rest, found := strings.Cut(document, "@{")
		if !found {
			return ""
		}
		name, after, closed := strings.Cut(rest, "}")
		if closed && !seen[name] {
			return name
		}
		document = after
	}
}
