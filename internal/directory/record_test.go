package directory

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
)

// Two fields with one number are both lost, without an error.
func TestRecordsNumberFieldsOnce(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			record, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			numbers := map[string]bool{}
			for _, field := range record.Fields.List {
				number := numberOf(field)
				if number == "" {
					continue
				}
				found++
				if numbers[number] {
					t.Errorf("%s: %s has two fields numbered %s", entry.Name(), spec.Name, number)
				}
				numbers[number] = true
			}
			return true
		})
	}
	if found < 100 {
		t.Errorf("only %d numbered fields", found)
	}
}

// numberOf is the number in a field's tag; "" for none.
func numberOf(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("cbor")
	number, _, _ := strings.Cut(tag, ",")
	return number
}
