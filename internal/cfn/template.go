package cfn

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) templateOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetTemplate", needGetTemplate, getTemplate),
		op.Read("GetTemplateSummary", needGetTemplateSummary, s.getTemplateSummary),
		op.Read("ValidateTemplate", anywhere[shape.ValidateTemplateInput]("ValidateTemplate"), s.validateTemplate),
	}
}

// The stages of a template: as it was submitted, and with its macros done.
const (
	original  = "Original"
	processed = "Processed"
)

func needGetTemplate(c *op.Call, in *shape.GetTemplateInput) ([]op.Need, error) {
	switch {
	case in.ChangeSetName != nil && (in.StackName != nil || strings.HasPrefix(*in.ChangeSetName, "arn:")):
		return needOfChangeSet(c, "GetTemplate", *in.ChangeSetName, in.StackName)
	case in.StackName != nil:
		return one("GetTemplate")(c, *in.StackName)
	}
	return []op.Need{{Action: "cloudformation:GetTemplate", Resource: "*"}}, nil
}

func getTemplate(_ context.Context, c *op.Call, in *shape.GetTemplateInput) (*shape.GetTemplateOutput, error) {
	inputs, err := inputsOfTemplate(c, in)
	if err != nil {
		return nil, err
	}
	out := &shape.GetTemplateOutput{StagesAvailable: []string{original, processed}, TemplateBody: &inputs.Template}
	if value(in.TemplateStage) == processed && inputs.Processed != "" {
		out.TemplateBody = &inputs.Processed
	}
	return out, nil
}

// inputsOfTemplate are the inputs of the stack or change set whose template is wanted. A
// stack that is only under review has an empty template.
func inputsOfTemplate(c *op.Call, in *shape.GetTemplateInput) (*directory.StackInputs, error) {
	if in.ChangeSetName != nil {
		if in.StackName == nil && !strings.HasPrefix(*in.ChangeSetName, "arn:") {
			return nil, invalid("StackName is a required parameter.")
		}
		stack, set, err := findChangeSet(c, *in.ChangeSetName, in.StackName)
		if err != nil {
			return nil, err
		}
		return stack.GetInputs(c.Snap, c.Keyring, set.ID)
	}
	if in.StackName == nil {
		return nil, invalid("StackName is required if ChangeSetName is not specified.")
	}
	stack, err := lookUp(c, *in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack with id %s does not exist", *in.StackName)
	}
	if stack.Inputs == "" {
		return &directory.StackInputs{Template: "{}"}, nil
	}
	return stack.GetInputs(c.Snap, c.Keyring, stack.Inputs)
}

func (s *service) validateTemplate(_ context.Context, c *op.Call, in *shape.ValidateTemplateInput) (*shape.ValidateTemplateOutput, error) {
	t, err := s.submitted(c, &source{Body: in.TemplateBody, URL: in.TemplateURL})
	if err != nil {
		return nil, err
	}
	if unknown := unknownTypes(t.Written()); len(unknown) > 0 {
		return nil, unrecognized(unknown)
	}
	out := &shape.ValidateTemplateOutput{Description: ptr(t.Description), Parameters: []shape.TemplateParameter{}, DeclaredTransforms: transforms(t)}
	out.Capabilities, out.CapabilitiesReason = capabilitiesOf(t)
	for _, p := range t.Parameters {
		out.Parameters = append(out.Parameters, shape.TemplateParameter{
			ParameterKey: &p.Name, DefaultValue: shownDefault(p), NoEcho: &p.NoEcho, Description: ptr(p.Description),
		})
	}
	return out, nil
}

// submitted is the template that a request has with it; its macros are not run.
func (s *service) submitted(c *op.Call, from *source) (*template.Template, error) {
	text, err := s.text(c, from, nil)
	if err != nil {
		return nil, err
	}
	return parse(c, text)
}

// shownDefault is a parameter's default, which one with NoEcho keeps to itself.
func shownDefault(p *template.Parameter) *string {
	if p.Default != nil && p.NoEcho {
		return new("****")
	}
	return p.Default
}

// transforms are the names of the macros that a template asks for; nil for none.
func transforms(t *template.Template) []string {
	var names []string
	for _, m := range t.Transforms {
		if !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// capabilitiesOf are those that a template takes, and which of its types do.
func capabilitiesOf(t *template.Template) (names []string, reason *string) {
	capability, types := needed(t.Written())
	if capability != "" {
		names = append(names, capability)
	}
	if len(t.Transforms) > 0 {
		names = append(names, capabilityExpand)
	}
	if len(types) > 0 {
		slices.Sort(types)
		reason = new("The following resource(s) require capabilities: [" + strings.Join(slices.Compact(types), ", ") + "]")
	}
	return names, reason
}

func needGetTemplateSummary(c *op.Call, in *shape.GetTemplateSummaryInput) ([]op.Need, error) {
	if in.StackName != nil {
		return one("GetTemplateSummary")(c, *in.StackName)
	}
	n := op.Need{Action: "cloudformation:GetTemplateSummary", Resource: "*", Context: map[string][]string{}}
	return needsWith(n, in.TemplateURL, nil, nil), nil
}

func (s *service) getTemplateSummary(_ context.Context, c *op.Call, in *shape.GetTemplateSummaryInput) (*shape.GetTemplateSummaryOutput, error) {
	t, err := s.summarized(c, in)
	if err != nil {
		return nil, err
	}
	out := &shape.GetTemplateSummaryOutput{
		Description: ptr(t.Description), Version: ptr(t.Version()), DeclaredTransforms: transforms(t), Parameters: declarations(t),
		ResourceTypes: []string{}, ResourceIdentifierSummaries: identifiers(t.Written()),
	}
	if t.Metadata != nil {
		out.Metadata = new(t.Metadata.JSON())
	}
	out.Capabilities, out.CapabilitiesReason = capabilitiesOf(t)
	for _, res := range t.Written() {
		if !slices.Contains(out.ResourceTypes, res.Type) {
			out.ResourceTypes = append(out.ResourceTypes, res.Type)
		}
	}
	unknown := unknownTypes(t.Written())
	if warn := in.TemplateSummaryConfig; warn != nil && isTrue(warn.TreatUnrecognizedResourceTypesAsWarnings) {
		out.Warnings = &shape.Warnings{UnrecognizedResourceTypes: unknown}
	} else if len(unknown) > 0 {
		return nil, unrecognized(unknown)
	}
	return out, nil
}

// summarized is the template that a request for a summary means.
func (s *service) summarized(c *op.Call, in *shape.GetTemplateSummaryInput) (*template.Template, error) {
	given := 0
	for _, there := range []bool{in.TemplateBody != nil, in.TemplateURL != nil, in.StackName != nil, in.StackSetName != nil} {
		if there {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, invalid("You must specify one and only one of the following parameters: StackName, StackSetName, TemplateBody, TemplateURL.")
	case in.StackSetName != nil:
		return nil, awserr.New(404, "StackSetNotFoundException", "StackSet %s not found", *in.StackSetName)
	case in.StackName == nil:
		return s.submitted(c, &source{Body: in.TemplateBody, URL: in.TemplateURL})
	}
	stack, err := lookUp(c, *in.StackName)
	if err != nil {
		return nil, err
	}
	if stack == nil {
		return nil, invalid("Stack with id %s does not exist", *in.StackName)
	}
	if stack.Status == review {
		return nil, invalid("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
	}
	inputs, err := stack.GetInputs(c.Snap, c.Keyring, stack.Inputs)
	if err != nil {
		return nil, err
	}
	return parse(c, inputs.Template)
}

func declarations(t *template.Template) []shape.ParameterDeclaration {
	all := []shape.ParameterDeclaration{}
	for _, p := range t.Parameters {
		all = append(all, shape.ParameterDeclaration{
			ParameterKey: &p.Name, ParameterType: &p.Type, DefaultValue: shownDefault(p), NoEcho: &p.NoEcho, Description: ptr(p.Description),
			ParameterConstraints: &shape.ParameterConstraints{AllowedValues: p.AllowedValues},
		})
	}
	return all
}

// identifiers are, by type, the resources that could be imported, and the properties that
// say which they are.
func identifiers(all []*template.Resource) []shape.ResourceIdentifierSummary {
	list := []shape.ResourceIdentifierSummary{}
	for _, res := range all {
		k := kind.Find(res.Type)
		if k == nil || !importable(k) {
			continue
		}
		i := slices.IndexFunc(list, func(s shape.ResourceIdentifierSummary) bool { return *s.ResourceType == res.Type })
		if i < 0 {
			i = len(list)
			list = append(list, shape.ResourceIdentifierSummary{ResourceType: &res.Type, ResourceIdentifiers: k.Schema.Identifier})
		}
		list[i].LogicalResourceIds = append(list[i].LogicalResourceIds, res.LogicalID)
	}
	return list
}
