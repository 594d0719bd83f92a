package cfn

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
)

// maxBody is the most bytes of a TemplateBody, maxObject of one that is in S3.
const (
	maxBody   = 51_200
	maxObject = 1 << 20
)

// source is where a request has its template.
type source struct {
	Body, URL *string
	Previous  *bool
}

// asked is what a request wants a stack to be.
type asked struct {
	source
	Parameters       []shape.Parameter
	Tags             []shape.Tag
	KeepTags         bool // the request says nothing of tags, and means those there are
	Proposed         bool // by a change set
	Capabilities     []string
	NotificationARNs []string
	ResourceTypes    []string
	Rollback         *shape.RollbackConfiguration
}

// prepared is what a stack is asked to be, checked.
type prepared struct {
	inputs  *directory.StackInputs
	bound   *template.Bound
	imports []string
}

// prepare checks what a request wants of a stack. former are its inputs so far; nil for a
// new one.
func (s *service) prepare(c *op.Call, stack *directory.Stack, former *directory.StackInputs, a *asked) (*prepared, error) {
	in := &directory.StackInputs{Capabilities: a.Capabilities, NotificationARNs: a.NotificationARNs}
	var err error
	if in.Template, err = s.text(c, &a.source, former); err != nil {
		return nil, err
	}
	t, err := parse(c, in.Template)
	if err != nil {
		return nil, err
	}
	if err := rollbackTriggers(in, a.Rollback); err != nil {
		return nil, err
	}
	if in.Tags, err = stackTags(a.Tags); err != nil {
		return nil, err
	}
	if former != nil && a.Tags == nil {
		in.Tags = former.Tags
	}
	if in.Parameters, err = parameters(t, a.Parameters, former); err != nil {
		return nil, err
	}
	if in.Resolved, err = s.parametersOfSSM(c, t, in.Parameters); err != nil {
		return nil, err
	}
	if t, err = s.processed(c, stack, t, in, a); err != nil {
		return nil, err
	}
	if err := resourceTypes(t, a.ResourceTypes); err != nil {
		return nil, err
	}
	if capability, _ := needed(t.Resources); capability != "" {
		if err := acknowledged(capability, a.Capabilities); err != nil {
			return nil, err
		}
	}
	in.Description = t.Description
	return bind(c, stack, in)
}

// bind evaluates a template with all that it is given. Defaults are what UsePreviousValue
// means later.
func bind(c *op.Call, stack *directory.Stack, in *directory.StackInputs) (*prepared, error) {
	p := &prepared{inputs: in}
	var err error
	if p.bound, p.imports, err = engine.Bind(c.Snap, c.Keyring, stack, in); err != nil {
		return nil, refusal(err)
	}
	for _, v := range p.bound.Values() {
		in.Parameters[v.Name] = v.Given
		in.Order = append(in.Order, v.Name)
		if v.NoEcho {
			in.NoEcho = append(in.NoEcho, v.Name)
		}
	}
	return p, nil
}

// processed is a template after its macros. Who asks for it must know that nobody has seen
// what they make; a change set shows it before it is executed.
func (s *service) processed(c *op.Call, stack *directory.Stack, t *template.Template, in *directory.StackInputs, a *asked) (*template.Template, error) {
	if len(t.Transforms) == 0 {
		return t, nil
	}
	if !a.Proposed {
		if err := acknowledged(capabilityExpand, a.Capabilities); err != nil {
			return nil, err
		}
	}
	t, err := s.expand(c, stack, t, in)
	if err == nil {
		in.Processed = t.Text()
	}
	return t, err
}

// refusal makes the answer of what is wrong with a template.
func refusal(err error) error {
	if e, ok := errors.AsType[*template.Error](err); ok {
		return invalid("%s", e.Message)
	}
	return err
}

// text is the text of the template that a request means.
func (s *service) text(c *op.Call, from *source, former *directory.StackInputs) (string, error) {
	previous := isTrue(from.Previous)
	given := 0
	for _, there := range []bool{from.Body != nil, from.URL != nil, previous} {
		if there {
			given++
		}
	}
	switch {
	case given > 1:
		return "", invalid("You cannot specify more than one of Template Body, Template URL and the previous template.")
	case previous && former == nil:
		return "", invalid("Either Template URL or Template Body must be specified.")
	case previous:
		return former.Template, nil
	case from.URL != nil:
		return s.fetch(c, *from.URL)
	case from.Body == nil:
		return "", invalid("Either Template URL or Template Body must be specified.")
	case len(*from.Body) > maxBody:
		return "", invalid("1 validation error detected: Value '%s' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200", *from.Body)
	}
	return *from.Body, nil
}

// fetched is the key of an object's text.
type fetched struct{ url string }

func (s *service) fetch(c *op.Call, url string) (string, error) {
	if s.Fetch == nil {
		return "", awserr.Refuse(awserr.NotBuilt, "This server has no S3, so that TemplateURL leads nowhere.")
	}
	standing, region := c.Caller.Standing(), c.Region
	text, err := op.Outside(c, fetched{url}, func(ctx context.Context) (string, error) {
		return s.Fetch(ctx, &standing, region, url)
	})
	if err == nil && len(text) > maxObject {
		return "", invalid("Template may not exceed 1000000 bytes in size.")
	}
	return text, err
}

// parsed is the key of a template, read.
type parsed struct{ text string }

func parse(c *op.Call, text string) (*template.Template, error) {
	return op.Outside(c, parsed{text}, func(context.Context) (*template.Template, error) {
		t, err := template.Parse(text)
		return t, refusal(err)
	})
}

// expand has the template's macros do their work, which may read objects of S3.
func (s *service) expand(c *op.Call, stack *directory.Stack, t *template.Template, in *directory.StackInputs) (*template.Template, error) {
	var waits error
	expanded, err := t.Expand(template.Expansion{Inputs: engine.Inputs(stack, in), Include: func(location string) (string, error) {
		text, err := s.fetch(c, location)
		if err != nil && waits == nil {
			waits = err
		}
		return text, err
	}})
	if waits != nil {
		return nil, waits
	}
	return expanded, refusal(err)
}

// parameters are the values that a request gives, and those that it keeps.
func parameters(t *template.Template, given []shape.Parameter, former *directory.StackInputs) (map[string]string, error) {
	values := map[string]string{}
	for i := range given {
		p := &given[i]
		key := value(p.ParameterKey)
		if _, twice := values[key]; twice {
			return nil, invalid("Duplicate parameter keys: [%s]", key)
		}
		switch {
		case isTrue(p.UsePreviousValue) && p.ParameterValue != nil:
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and non empty value for a parameter", key)
		case isTrue(p.UsePreviousValue):
			was, ok := "", false
			if former != nil {
				was, ok = former.Parameters[key]
			}
			if !ok {
				return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", key)
			}
			values[key] = was
		case p.ParameterValue == nil:
			return nil, invalid("Invalid input for parameter key %s. Either usePreviousValue or a value must be given for it", key)
		default:
			values[key] = *p.ParameterValue
		}
	}
	return values, nil
}

// looked is the key of a parameter of Parameter Store.
type looked struct{ name string }

// parametersOfSSM are the values of the parameters that name one of Parameter Store.
func (s *service) parametersOfSSM(c *op.Call, t *template.Template, given map[string]string) (map[string]string, error) {
	names := t.SSMNames(given)
	resolved := map[string]string{}
	var missing []string
	standing, region := c.Caller.Standing(), c.Region
	for _, parameter := range slices.Sorted(maps.Keys(names)) {
		name := names[parameter]
		found, err := op.Outside(c, looked{name}, func(ctx context.Context) (*string, error) {
			out, err := s.Engine.Calls.Call(ctx, &standing, region, "", &ssm.GetParameterRequest{Name: name})
			if refused, ok := errors.AsType[*op.Refused](err); ok {
				if strings.HasPrefix(refused.Err.Code, "AccessDenied") {
					return nil, invalid("%s", refused.Err.Message)
				}
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return out.(*ssm.GetParameterResult).Parameter.Value, nil
		})
		if err != nil {
			return nil, err
		}
		if found == nil {
			missing = append(missing, name)
			continue
		}
		resolved[parameter] = *found
	}
	if len(missing) > 0 {
		return nil, invalid("Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(missing, ","))
	}
	return resolved, nil
}

// resourceTypes refuses types that iamd does not make, and those that the request does
// not want.
func resourceTypes(t *template.Template, wanted []string) error {
	if unknown := unknownTypes(t.Resources); len(unknown) > 0 {
		return unrecognized(unknown)
	}
	var others []string
	for _, res := range t.Resources {
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w string) bool { return covers(w, res.Type) }) {
			others = append(others, res.LogicalID)
		}
	}
	if len(others) > 0 {
		return invalid("Resource type restrictions do not allow the resources [%s]", strings.Join(others, ", "))
	}
	return nil
}

// unknownTypes are the types of resources that iamd does not make.
func unknownTypes(all []*template.Resource) []string {
	var unknown []string
	for _, res := range all {
		if kind.Find(res.Type) == nil && !slices.Contains(unknown, res.Type) {
			unknown = append(unknown, res.Type)
		}
	}
	return unknown
}

func unrecognized(types []string) error {
	says := "Template format error: Unrecognized resource types: [" + strings.Join(types, ", ") + "]"
	if slices.ContainsFunc(types, ofLambda) {
		says += "; iamd does not run Lambda functions, nor custom resources, which they serve"
	}
	return invalid("%s", says)
}

// ofLambda reports whether a type is one that takes functions to run.
func ofLambda(typ string) bool {
	return typ == "AWS::CloudFormation::CustomResource" || strings.HasPrefix(typ, "Custom::") || strings.HasPrefix(typ, "AWS::Lambda::")
}

// covers reports whether a pattern of ResourceTypes, such as AWS::IAM::*, covers a type.
func covers(pattern, typ string) bool {
	prefix, any := strings.CutSuffix(pattern, "*")
	return pattern == typ || any && strings.HasPrefix(typ, prefix)
}

// acknowledged refuses a request that does not acknowledge what a template needs.
// CAPABILITY_NAMED_IAM stands for CAPABILITY_IAM, too.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func acknowledged(capability string, given []string) error {
	if slices.Contains(given, capability) || capability == capabilityIAM && slices.Contains(given, capabilityNamedIAM) {
		return nil
	}
	return awserr.New(400, "InsufficientCapabilitiesException", "Requires capabilities : [%s]", capability)
}

const (
	capabilityIAM      = "CAPABILITY_IAM"
	capabilityNamedIAM = "CAPABILITY_NAMED_IAM"
	capabilityExpand   = "CAPABILITY_AUTO_EXPAND"
)

// needed is the capability that resources need, and their types that do; "" for none.
func needed(resources []*template.Resource) (capability string, types []string) {
	for _, res := range resources {
		k := kind.Find(res.Type)
		if k == nil || k.Schema.Capability == "" {
			continue
		}
		types = append(types, res.Type)
		if k.Schema.Named != "" && res.Properties.Get(k.Schema.Named) != nil {
			capability = capabilityNamedIAM
		}
	}
	if types != nil {
		capability = cmp.Or(capability, capabilityIAM)
	}
	return capability, types
}

// maxTags is how many tags a stack has.
const maxTags = 50

func stackTags(given []shape.Tag) ([]directory.Tag, error) {
	var tags []directory.Tag
	seen := map[string]bool{}
	for i := range given {
		t := &given[i]
		switch {
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, invalid("aws: prefixed tag key names are not allowed for external use.")
		case seen[t.Key]:
			return nil, invalid("Duplicate tag keys found. Please provide unique tag keys.")
		}
		seen[t.Key] = true
		tags = append(tags, directory.Tag{Key: t.Key, Value: t.Value})
	}
	if len(tags) > maxTags {
		return nil, invalid("A stack can have at most %d tags.", maxTags)
	}
	return tags, nil
}

// rollbackTriggers records what AWS would watch.
func rollbackTriggers(in *directory.StackInputs, r *shape.RollbackConfiguration) error {
	if r == nil {
		return nil
	}
	in.MonitoringMinutes = r.MonitoringTimeInMinutes
	for i := range r.RollbackTriggers {
		in.Triggers = append(in.Triggers, directory.RollbackTrigger{ARN: r.RollbackTriggers[i].Arn, Type: r.RollbackTriggers[i].Type})
	}
	return nil
}
