package directory

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// Two fields of a record that have one number are both left out, and nobody is told.
func TestFieldNumbers(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			record, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			seen := map[string]bool{}
			for _, field := range record.Fields.List {
				if field.Tag == nil {
					continue
				}
				tag, err := strconv.Unquote(field.Tag.Value)
				if err != nil {
					t.Fatal(err)
				}
				number, _, _ := strings.Cut(reflect.StructTag(tag).Get("cbor"), ",")
				if number != "" && seen[number] {
					t.Errorf("%s: %v has the number %s of another field", file, field.Names, number)
				}
				seen[number] = true
			}
			return true
		})
	}
}
