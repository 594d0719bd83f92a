package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestToRE2(t *testing.T) {
	tests := []struct{ java, want string }{
		{`[\w+=,.@-]+`, `[\w+=,.@-]+`},
		{`[\u0020-\u00FF]+`, `[\x{0020}-\x{00FF}]+`},
		{`[\uFFFD\u10000]`, `[\x{FFFD}\x{1000}0]`},
		{`arn:.+`, `arn:[^\n\r\x{85}\x{2028}\x{2029}]+`},
		{`[.]\.\\.`, `[.]\.\\[^\n\r\x{85}\x{2028}\x{2029}]`},
		{`\s[\s-]\S`, `[\t-\r ][\t-\r -][^\t-\r ]`},
		{`[\s\S]+`, `[\t-\r \x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{10FFFF}]+`},
	}
	for _, tt := range tests {
		if got, err := toRE2(tt.java); err != nil || got != tt.want {
			t.Errorf("toRE2(%s) = %s, %v, want %s", tt.java, got, err, tt.want)
		}
	}
	for _, java := range []string{`-(?!-)`, `[a[b]]`, `[a&&b]`, `a++`, `\`, `\u12`, `[a`, `\h`} {
		if got, err := toRE2(java); err == nil {
			t.Errorf("toRE2(%s) = %s, want an error", java, got)
		}
	}
}

// White space and line ends are where Java's classes and Go's differ.
func TestToRE2Means(t *testing.T) {
	for java, cases := range map[string]map[string]bool{
		`\s`:      {"\v": true, "\n": true, " ": true, "\u00A0": false, "x": false},
		`[\S]`:    {"\v": false, "x": true, "\u00A0": true},
		`.`:       {"\n": false, "\r": false, "\u2028": false, "\v": true, "é": true},
		`[\s\S]+`: {"\n\v x\u2028😀": true},
	} {
		re, err := toRE2(java)
		if err != nil {
			t.Fatal(err)
		}
		for in, want := range cases {
			if got := regexp.MustCompile(`\A(?:` + re + `)\z`).MatchString(in); got != want {
				t.Errorf("%s on %q: %v", java, in, got)
			}
		}
	}
}

// An override is needed only while RE2 cannot express the pattern.
func TestPatternOverridesAreNeeded(t *testing.T) {
	for java, o := range patternOverrides {
		if _, err := toRE2(java); err == nil {
			t.Errorf("%s needs no override", java)
		}
		if _, err := regexp.Compile(o.re2); err != nil {
			t.Error(err)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"IN_PROGRESS": "InProgress", "text/csv": "TextCsv", "aws-managed": "AwsManaged",
		"v1Token": "v1Token", "stringList": "StringList", "Active": "Active", "AWSManagedPolicy": "AWSManagedPolicy",
	} {
		if got := enumName(in); got != upperFirst(want) {
			t.Errorf("enumName(%s) = %s, want %s", in, got, upperFirst(want))
		}
	}
	n := names{}
	if a, b, c := n.take("X"), n.take("X"), n.take("X"); a != "X" || b != "X2" || c != "X3" {
		t.Errorf("got %s, %s, %s", a, b, c)
	}
}

func TestTreeIsUpToDate(t *testing.T) {
	if err := run("../../models", "../../internal/shapes", true); err != nil {
		t.Error(err, "; run go generate ./internal/shapes")
	}
}

func TestCheckNamesTheFile(t *testing.T) {
	out := t.TempDir()
	if err := run("../../models", out, false); err != nil {
		t.Fatal(err)
	}
	if err := run("../../models", out, true); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(out, "sts", "sts.gen.go")
	if err := os.WriteFile(file, []byte("package sts\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run("../../models", out, true); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}

// A model with something unknown stops the generator.
func TestRefuses(t *testing.T) {
	tests := []struct{ name, shapes, want string }{
		{"trait", `"In": {"type": "structure", "streaming": true}`, "streaming"},
		{"type", `"In": {"type": "structure", "members": {"M": {"shape": "S"}}}, "S": {"type": "bigdecimal"}`, "bigdecimal"},
		{"missing shape", `"In": {"type": "structure", "members": {"M": {"shape": "S"}}}`, "S, which is missing"},
		{"missing input", `"Other": {"type": "structure"}`, "In, which is not a structure"},
		{"pattern", `"In": {"type": "structure", "members": {"M": {"shape": "S"}}}, "S": {"type": "string", "pattern": "(?=x)"}`, "(?=x)"},
		{"list of lists", `"In": {"type": "structure", "members": {"M": {"shape": "L"}}}, "L": {"type": "list", "member": {"shape": "L2"}}, "L2": {"type": "list", "member": {"shape": "S"}}, "S": {"type": "string"}`, "a list of list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			src := `{"metadata": {"protocol": "query"}, "operations": {"Do": {"name": "Do", "input": {"shape": "In"}}}, "shapes": {` + tt.shapes + `}}`
			if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte(src), 0o666); err != nil {
				t.Fatal(err)
			}
			if err := run(dir, t.TempDir(), false); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}
