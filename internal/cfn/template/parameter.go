package template

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Parameter is a parameter as the template has it.
type Parameter struct {
	Name, Type                         string
	Description, ConstraintDescription string
	Default                            *string // nil for none
	NoEcho                             bool
	AllowedValues                      []string // nil: any
	AllowedPattern                     string   // "" for none
	MinLength, MaxLength               *int
	MinValue, MaxValue                 *float64

	pattern      *pattern
	line, column int
}

func (t *Template) parseParameters() error {
	fields, err := t.section("Parameters", "parameters", maxParameters)
	if err != nil {
		return err
	}
	t.parameters = make(map[string]*Parameter, len(fields))
	for i := range fields {
		p, err := parseParameter(&fields[i])
		if err != nil {
			return err
		}
		t.Parameters = append(t.Parameters, p)
		t.parameters[p.Name] = p
	}
	return nil
}

func parseParameter(f *tree.Field) (*Parameter, error) {
	p := &Parameter{Name: f.Key, line: f.Line, column: f.Column}
	switch {
	case !alphanumeric(f.Key):
		return nil, refuseKey(f, formatError+"Parameter name %s is non alphanumeric.", f.Key)
	case !f.Value.Is(tree.Map):
		return nil, refuse(f.Value, formatError+"Any Parameters member must be an object.")
	case f.Value.Get("Type") == nil:
		return nil, refuseKey(f, formatError+"Every Parameters object must contain a Type member.")
	}
	for i := range f.Value.Fields {
		if err := p.parseMember(&f.Value.Fields[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Parameter) parseMember(m *tree.Field) (err error) {
	switch m.Key {
	case "Type":
		if p.Type, err = stringMember(m); err == nil && !knownType(p.Type) {
			err = refuse(m.Value, formatError+"Unrecognized parameter type: %s", p.Type)
		}
	case "Default":
		var s string
		s, err = stringMember(m)
		p.Default = &s
	case "Description":
		if p.Description, err = stringMember(m); err == nil && len(p.Description) > maxExplanation {
			err = refuse(m.Value, formatError+"'Description' length is greater than %d.", maxExplanation)
		}
	case "ConstraintDescription":
		p.ConstraintDescription, err = stringMember(m)
	case "NoEcho":
		p.NoEcho, err = boolMember(m)
	case "AllowedValues":
		if !isListOfScalars(m.Value) {
			return refuse(m.Value, formatError+"Every AllowedValues member must be a list.")
		}
		p.AllowedValues = texts(m.Value.Items)
	case "AllowedPattern":
		if p.AllowedPattern, err = stringMember(m); err == nil {
			p.pattern, err = compilePattern(p.Name, m.Value)
		}
	case "MinLength":
		p.MinLength, err = countMember(m)
	case "MaxLength":
		p.MaxLength, err = countMember(m)
	case "MinValue":
		p.MinValue, err = numberMember(m)
	case "MaxValue":
		p.MaxValue, err = numberMember(m)
	default:
		err = refuseKey(m, "Invalid template parameter property '%s'", m.Key)
	}
	return err
}

func texts(items []*tree.Node) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, item.Text)
	}
	return out
}

func boolMember(m *tree.Field) (bool, error) {
	if m.Value.Scalar() {
		switch strings.ToLower(m.Value.Text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	return false, refuse(m.Value, formatError+"Every %s member must be a boolean.", m.Key)
}

func countMember(m *tree.Field) (*int, error) {
	if m.Value.Scalar() {
		if n, err := strconv.Atoi(m.Value.Text); err == nil && n >= 0 {
			return &n, nil
		}
	}
	return nil, refuse(m.Value, formatError+"Every %s member must be a non-negative integer.", m.Key)
}

func numberMember(m *tree.Field) (*float64, error) {
	if m.Value.Scalar() {
		if n, ok := number(m.Value.Text); ok {
			return &n, nil
		}
	}
	return nil, refuse(m.Value, formatError+"Every %s member must be a number.", m.Key)
}

// number reads an integer or a float as parameters take them.
func number(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" { // no hexadecimal, no NaN
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

const (
	ssmName  = "AWS::SSM::Parameter::Name"
	ssmValue = "AWS::SSM::Parameter::Value<"
)

// resourceTypes are the types of parameters that name a resource of the account. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html.
var resourceTypes = map[string]bool{ // to whether lists of them are a type, too
	"AWS::EC2::AvailabilityZone::Name":   true,
	"AWS::EC2::Image::Id":                true,
	"AWS::EC2::Instance::Id":             true,
	"AWS::EC2::KeyPair::KeyName":         false,
	"AWS::EC2::SecurityGroup::GroupName": true,
	"AWS::EC2::SecurityGroup::Id":        true,
	"AWS::EC2::Subnet::Id":               true,
	"AWS::EC2::Volume::Id":               true,
	"AWS::EC2::VPC::Id":                  true,
	"AWS::Route53::HostedZone::Id":       true,
}

func knownType(s string) bool {
	if inner, ok := inside(s, ssmValue); ok {
		return inner == "String" || inner == "List<String>" || inner == "CommaDelimitedList" || isResourceType(inner)
	}
	switch s {
	case "String", "Number", "CommaDelimitedList", "List<Number>", "List<String>", ssmName:
		return true
	}
	return isResourceType(s)
}

func isResourceType(s string) bool {
	if of, ok := inside(s, "List<"); ok {
		return resourceTypes[of]
	}
	_, ok := resourceTypes[s]
	return ok
}

// inside is what is between the brackets of a type.
func inside(s, open string) (string, bool) {
	if !strings.HasPrefix(s, open) || !strings.HasSuffix(s, ">") {
		return "", false
	}
	return s[len(open) : len(s)-1], true
}

// SSM reports whether the parameter's value is the name of an SSM parameter, whose value
// is looked up and stands for it.
func (p *Parameter) SSM() bool { return strings.HasPrefix(p.Type, ssmValue) }

// list reports whether the parameter's value is a list.
func (p *Parameter) list() bool {
	t := p.Type
	if inner, ok := inside(t, ssmValue); ok {
		t = inner
	}
	return t == "CommaDelimitedList" || strings.HasPrefix(t, "List<")
}

// numeric reports whether values are numbers.
func (p *Parameter) numeric() bool { return p.Type == "Number" || p.Type == "List<Number>" }
