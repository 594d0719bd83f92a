package runbook

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/client"
)

// Schema is a JSON schema of runbooks, for editors: made from the Go types, so that it
// says what Parse takes.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[Runbook]())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "iamd runbook"
	s["$defs"] = map[string]any{"step": schemaOf(reflect.TypeFor[Step]())}
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

// schemaOf describes a struct of fields.
func schemaOf(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "" {
			continue
		}
		p := property(f.Type)
		p["description"] = f.Tag.Get("doc")
		if enum := f.Tag.Get("enum"); enum != "" {
			p["enum"] = strings.Split(enum, ",")
		}
		if name == "call" {
			p["enum"] = operationNames()
		}
		if f.Tag.Get("required") != "" {
			required = append(required, name)
		}
		properties[name] = p
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// property describes one field's type.
func property(t reflect.Type) map[string]any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[Value](), reflect.TypeFor[any]():
		return map[string]any{}
	case reflect.TypeFor[Expr]():
		return map[string]any{"type": []string{"string", "boolean"}}
	case reflect.TypeFor[Duration]():
		return map[string]any{"type": "string", "pattern": `^([0-9.]+(ms|s|m|h))+$`}
	case reflect.TypeFor[Step]():
		return map[string]any{"$ref": "#/$defs/step"}
	case reflect.TypeFor[Doubt]():
		steps := map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/step"}}
		return map[string]any{"oneOf": []any{map[string]any{"const": "repeat"}, steps}}
	}
	switch t.Kind() {
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": property(t.Elem())}
	}
	if o, ok := reflect.Zero(t).Interface().(interface{ element() reflect.Type }); ok {
		return map[string]any{"type": "object", "additionalProperties": property(o.element())}
	}
	return schemaOf(t)
}

// operationNames are all that a step can call.
func operationNames() []string {
	var names []string
	for _, s := range client.Services {
		for _, op := range s.Operations {
			names = append(names, s.ID+"."+op.Name)
		}
	}
	return names
}
