package template

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Parse reads a template and checks what can be checked before its parameters have values.
// An error is an *[Error].
func Parse(text string) (*Template, error) {
	root, err := read(text)
	if err != nil {
		return nil, err
	}
	return parse(root, false)
}

// ParseProcessed reads what Text gave of a template that Expand made. It differs from Parse
// in that the functions of AWS::LanguageExtensions stand in it without their macro.
func ParseProcessed(text string) (*Template, error) {
	root, err := read(text)
	if err != nil {
		return nil, err
	}
	return parse(root, true)
}

func parse(root *tree.Node, extended bool) (*Template, error) {
	t := &Template{root: root, extended: extended}
	steps := []func() error{
		t.parseTop, t.parseTransforms, t.parseMetadata, t.parseParameters,
		t.parseMappings, t.parseConditions, t.parseRules, t.parseResources, t.parseOutputs, t.check,
	}
	for i, step := range steps {
		if i == firstExpanded && len(t.Transforms) > 0 {
			break
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// firstExpanded is the first of parse's steps that reads what macros may change beyond
// being readable before.
const firstExpanded = 4

// sections are the members that a template can have.
var sections = []string{
	"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings",
	"Conditions", "Transform", "Hooks", "Resources", "Outputs",
}

func (t *Template) parseTop() error {
	if !t.root.Is(tree.Map) {
		return refuse(t.root, formatError+"unsupported structure.")
	}
	if err := noNulls(t.root); err != nil {
		return err
	}
	var unknown []string
	var first *tree.Field
	for i := range t.root.Fields {
		f := &t.root.Fields[i]
		if slices.Contains(sections, f.Key) || f.Key == fnTransform {
			continue
		}
		if unknown = append(unknown, f.Key); first == nil {
			first = f
		}
	}
	if first != nil {
		return refuseKey(first, "Invalid template property or properties [%s]", strings.Join(unknown, ", "))
	}
	if v := t.root.Get("AWSTemplateFormatVersion"); v != nil && (!v.Scalar() || v.Text != "2010-09-09") {
		return refuse(v, formatError+"unsupported value for AWSTemplateFormatVersion.")
	}
	if h := t.root.Get("Hooks"); h != nil {
		return refuse(h, formatError+"iamd does not support the Hooks section.")
	}
	return t.parseDescription()
}

func (t *Template) parseDescription() error {
	d := t.root.Get("Description")
	if d == nil {
		return nil
	}
	if !d.Scalar() {
		return refuse(d, formatError+"Every Description member must be a string.")
	}
	if len(d.Text) > maxDescription {
		return refuse(d, formatError+"'Description' length is greater than %d.", maxDescription)
	}
	t.Description = d.Text
	return nil
}

func (t *Template) parseMetadata() error {
	t.Metadata = t.root.Get("Metadata")
	if t.Metadata != nil && !t.Metadata.Is(tree.Map) {
		return refuse(t.Metadata, formatError+"[/Metadata] must be an object.")
	}
	return nil
}

// section is the members of a section, checked for what all sections have in common. nil
// when the template has none. What counts is how AWS calls a member where it has too many.
func (t *Template) section(name, counts string, most int) ([]tree.Field, error) {
	s := t.root.Get(name)
	if s == nil {
		return nil, nil
	}
	if !s.Is(tree.Map) {
		return nil, refuse(s, formatError+"[/%s] must be an object.", name)
	}
	if len(s.Fields) > most {
		return nil, refuse(s, formatError+"Number of %s, %d, is greater than maximum allowed, %d", counts, len(s.Fields), most)
	}
	for i := range s.Fields {
		if f := &s.Fields[i]; len(f.Key) > maxName {
			return nil, refuseKey(f, formatError+"%s name %s... is longer than %d characters.", strings.TrimSuffix(name, "s"), f.Key[:32], maxName)
		}
	}
	return s.Fields, nil
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}

func (t *Template) parseMappings() error {
	fields, err := t.section("Mappings", "mappings", maxMappings)
	if err != nil {
		return err
	}
	t.mappings = make(map[string]*tree.Node, len(fields))
	for i := range fields {
		f := &fields[i]
		if !alphanumeric(f.Key) {
			return refuseKey(f, formatError+"Mappings name '%s' is non alphanumeric.", f.Key)
		}
		if err := checkMapping(f); err != nil {
			return err
		}
		t.Mappings = append(t.Mappings, Mapping{Name: f.Key, Value: f.Value})
		t.mappings[f.Key] = f.Value
	}
	return nil
}

const tooManyAttributes = formatError + "Number of attributes, %d, is greater than maximum allowed, %d"

func checkMapping(f *tree.Field) error {
	if !f.Value.Is(tree.Map) {
		return refuse(f.Value, formatError+"Every Mappings member %s must be a map", f.Key)
	}
	if n := len(f.Value.Fields); n > maxAttributes {
		return refuse(f.Value, tooManyAttributes, n, maxAttributes)
	}
	for i := range f.Value.Fields {
		top := &f.Value.Fields[i]
		if !top.Value.Is(tree.Map) {
			return refuse(top.Value, formatError+"Every Mappings member %s must be a map", top.Key)
		}
		if n := len(top.Value.Fields); n > maxAttributes {
			return refuse(top.Value, tooManyAttributes, n, maxAttributes)
		}
		for j := range top.Value.Fields {
			if v := top.Value.Fields[j].Value; !v.Scalar() && !isListOfScalars(v) {
				return refuse(v, formatError+"Every Mappings attribute must be a String or a List.")
			}
		}
	}
	return nil
}

func isListOfScalars(n *tree.Node) bool {
	return n.Is(tree.List) && !slices.ContainsFunc(n.Items, func(i *tree.Node) bool { return !i.Scalar() })
}

func (t *Template) parseConditions() error {
	fields, err := t.section("Conditions", "conditions", maxNodes)
	if err != nil {
		return err
	}
	t.conditions = make(map[string]*tree.Node, len(fields))
	for i := range fields {
		f := &fields[i]
		if !alphanumeric(f.Key) {
			return refuseKey(f, formatError+"Conditions name '%s' is non alphanumeric.", f.Key)
		}
		t.Conditions = append(t.Conditions, Condition{Name: f.Key, Expression: f.Value})
		t.conditions[f.Key] = f.Value
	}
	return nil
}

func (t *Template) parseOutputs() error {
	fields, err := t.section("Outputs", "outputs", MaxOutputs)
	if err != nil {
		return err
	}
	for i := range fields {
		o, err := parseOutput(&fields[i])
		if err != nil {
			return err
		}
		t.Outputs = append(t.Outputs, o)
	}
	return nil
}

func parseOutput(f *tree.Field) (*Output, error) {
	o := &Output{Name: f.Key}
	switch {
	case !alphanumeric(f.Key):
		return nil, refuseKey(f, formatError+"Outputs name '%s' is non alphanumeric.", f.Key)
	case !f.Value.Is(tree.Map):
		return nil, refuse(f.Value, formatError+"Any Outputs member must be an object.")
	case f.Value.Get("Value") == nil:
		return nil, refuseKey(f, formatError+"Every Outputs member must contain a Value object")
	}
	for i := range f.Value.Fields {
		var err error
		switch m := &f.Value.Fields[i]; m.Key {
		case "Value":
			o.Value = m.Value
		case "Description":
			o.Description, err = stringMember(m)
			if err == nil && len(o.Description) > maxDescription {
				err = refuse(m.Value, formatError+"'Description' length is greater than %d.", maxDescription)
			}
		case "Condition":
			o.Condition, err = stringMember(m)
		case "Export":
			if o.Export = m.Value.Get("Name"); o.Export == nil || len(m.Value.Fields) != 1 {
				err = refuse(m.Value, formatError+"Output %s is malformed. Export must contain a Name.", o.Name)
			}
		default:
			err = refuseKey(m, "Invalid template output property '%s'", m.Key)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// stringMember is the text of a member that must be one.
func stringMember(m *tree.Field) (string, error) {
	if !m.Value.Scalar() {
		return "", refuse(m.Value, formatError+"Every %s member must be a string.", m.Key)
	}
	return m.Value.Text, nil
}
