package runbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Parse reads a runbook and checks it whole. An error names the line it is about.
func Parse(text []byte) (*Runbook, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("a runbook has at most %d bytes", MaxFile)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("a runbook is UTF-8 text")
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		return nil, bareYAML(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("a runbook is one document")
	}
	if err := checkFields(&doc, reflect.TypeFor[Runbook](), 0); err != nil {
		return nil, err
	}
	r := &Runbook{}
	if err := doc.Decode(r); err != nil {
		return nil, bareYAML(err)
	}
	return r, r.check()
}

func bareYAML(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the runbook is empty")
	}
	if e, ok := errors.AsType[*yaml.TypeError](err); ok && len(e.Errors) > 0 {
		return errors.New(e.Errors[0])
	}
	return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
}

const maxNesting = 64

// checkFields finds keys that the type does not have, and what YAML has that a runbook
// needs not: aliases, which make little text large.
func checkFields(n *yaml.Node, t reflect.Type, depth int) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > maxNesting:
		return lineError(n.Line, "nested too deeply")
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return lineError(n.Line, "anchors and aliases are not taken")
	case n.Kind == yaml.DocumentNode:
		return checkFields(n.Content[0], t, depth+1)
	}
	inner := innerType(t, n)
	for i, c := range n.Content {
		of := inner
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0:
			continue
		case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct && fieldsOf(t) != nil:
			fields := fieldsOf(t)
			if of = fields[n.Content[i-1].Value]; of == nil {
				return lineError(n.Content[i-1].Line, "there is no %q here; there are %s", n.Content[i-1].Value, fieldNames(t))
			}
		}
		if err := checkFields(c, of, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// innerType is the type of what is in a list, or in an object that is no struct of fields.
func innerType(t reflect.Type, n *yaml.Node) reflect.Type {
	switch {
	case t == reflect.TypeFor[Doubt]() && n.Kind == yaml.SequenceNode:
		return reflect.TypeFor[Step]()
	case t.Kind() == reflect.Slice:
		return t.Elem()
	}
	if o, ok := reflect.Zero(t).Interface().(interface{ element() reflect.Type }); ok {
		return o.element()
	}
	return reflect.TypeFor[any]()
}

// fieldsOf are the fields of a struct by their names in the file; nil for one that is
// written in another form.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	var fields map[string]reflect.Type
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			if fields == nil {
				fields = map[string]reflect.Type{}
			}
			fields[name] = t.Field(i).Type
		}
	}
	return fields
}

func fieldNames(t reflect.Type) string {
	var names []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func lineError(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...))
}

// Ordered is an object whose keys keep their order.
type Ordered[T any] struct {
	Names  []string
	Values map[string]T
}

func (Ordered[T]) element() reflect.Type { return reflect.TypeFor[T]() }

// UnmarshalYAML reads it.
func (o *Ordered[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return lineError(n.Line, "an object belongs here")
	}
	o.Values = map[string]T{}
	for i := 0; i < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, reflect.New(reflect.TypeFor[T]().Elem())
		if err := n.Content[i+1].Decode(value.Interface()); err != nil {
			return err
		}
		if _, twice := o.Values[name]; twice {
			return lineError(n.Content[i].Line, "%s stands there twice", name)
		}
		o.Names, o.Values[name] = append(o.Names, name), value.Interface().(T)
	}
	return nil
}

// UnmarshalYAML keeps the line.
func (s *Step) UnmarshalYAML(n *yaml.Node) error {
	type plain Step
	if err := n.Decode((*plain)(s)); err != nil {
		return err
	}
	s.line = n.Line
	return nil
}

// UnmarshalYAML reads and compiles it.
func (e *Expr) UnmarshalYAML(n *yaml.Node) (err error) {
	if n.Kind != yaml.ScalarNode {
		return lineError(n.Line, "an expression belongs here")
	}
	if *e, err = compile(n.Value); err != nil {
		return lineError(n.Line, "%v", err)
	}
	return nil
}

// UnmarshalYAML reads it, and compiles the expressions in it.
func (v *Value) UnmarshalYAML(n *yaml.Node) (err error) {
	v.given = true
	v.tree, err = valueTree(n)
	return err
}

func valueTree(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			var err error
			if list[i], err = valueTree(c); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, twice := m[key.Value]; twice || key.Kind != yaml.ScalarNode {
				return nil, lineError(key.Line, "%q is no key, or stands there twice", key.Value)
			}
			var err error
			if m[key.Value], err = valueTree(n.Content[i+1]); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	return scalarTree(n)
}

// scalarTree reads text, and of what YAML takes for more only what JSON has, too.
func scalarTree(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", nil
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i, nil
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && f-f == 0 {
			return f, nil
		}
	}
	t, err := newTemplate(n.Value)
	if err != nil {
		return nil, lineError(n.Line, "%v", err)
	}
	return t, nil
}

// UnmarshalYAML reads "repeat", or the steps to do first.
func (d *Doubt) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.Value == "repeat" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return lineError(n.Line, "if-interrupted is repeat, or a list of steps")
	}
	return n.Decode(&d.First)
}

// UnmarshalYAML reads it.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := time.ParseDuration(n.Value)
	if err != nil || parsed <= 0 || parsed > maxWait {
		return lineError(n.Line, "%q is no time such as 30s or 5m, of at most 1h", n.Value)
	}
	*d = Duration(parsed)
	return nil
}

// or is the duration, or another if none is given.
func (d Duration) or(other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return time.Duration(d)
}
