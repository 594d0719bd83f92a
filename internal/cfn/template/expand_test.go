package template

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func expand(t *testing.T, text string, include func(string) (string, error)) (*Template, error) {
	t.Helper()
	tm, err := Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return tm.Expand(Expansion{Inputs: Inputs{Pseudo: somewhere}, Include: include})
}

// TestExtensions is a template of all that AWS::LanguageExtensions adds.
func TestExtensions(t *testing.T) {
	text, err := os.ReadFile("testdata/own/extensions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tm, err := expand(t, string(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := tm.Bind(Inputs{Pseudo: somewhere})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range b.Resources() {
		v, err := b.Resolve(r.Properties, made{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.LogicalID+" "+v.JSON())
	}
	want := []string{
		`Userred {"Path":"/red/","Tags":[{"Key":"keys","Value":1},{"Key":"teams","Value":2},{"Key":"first","Value":"yes"}]}`,
		`Userblue {"Path":"/blue/","Tags":[{"Key":"keys","Value":0},{"Key":"teams","Value":2},{"Key":"first","Value":"no"}]}`,
		`Keyred1 {"UserName":"id-of-Userred","Serial":"1"}`,
		`Keyred2 {"UserName":"id-of-Userred","Serial":"2"}`,
		`Keyblue1 {"UserName":"id-of-Userblue","Serial":"1"}`,
		`Keyblue2 {"UserName":"id-of-Userblue","Serial":"2"}`,
		`Secret {"SecretString":"{\"id\":\"id-of-Keyred1\",\"list\":[1,true]}"}`,
	}
	// A loop inside another's fragment makes its members where it stands.
	want[1], want[2], want[3] = want[2], want[3], want[1]
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := tm.Resource("Userred").DeletionPolicy.Text; p != "Retain" {
		t.Errorf("DeletionPolicy is %s", p)
	}
	if o := tm.Outputs; len(o) != 2 || o[1].Name != "Secretblue" || o[1].Value.JSON() != `{"Fn::GetAtt":["Keyblue1","SecretAccessKey"]}` {
		t.Errorf("outputs: %v", o)
	}
	if strings.Contains(tm.Text(), "Transform") {
		t.Errorf("the processed template asks for macros: %s", tm.Text())
	}
}

// TestLoops is how values stand in keys, values and nested loops.
func TestLoops(t *testing.T) {
	for fragment, want := range map[string]string{
		"- X\n    - [10.0, b]\n    - 'A&{X}': {Type: T, Properties: {V: '${X} &{X}', 'K${X}': !Ref X}}\n":                  `{"A100":{"Type":"T","Properties":{"V":"10.0 100","K10.0":"10.0"}},"Ab":{"Type":"T","Properties":{"V":"b b","Kb":"b"}}}`,
		"- X\n    - []\n    - {}\n  A: {Type: T, Properties: {'Fn::ForEach::P': [Y, [1, 2], {'Tag${Y}': '${Y}'}]}}\n":      `{"A":{"Type":"T","Properties":{"Tag1":"1","Tag2":"2"}}}`,
		"- X\n    - [a, b]\n    - 'Fn::ForEach::Inner': [Y, ['${X}1', !Sub '${AWS::Region}'], {'R&{X}&{Y}': {Type: T}}]\n": `{"Raa1":{"Type":"T"},"Rauseast1":{"Type":"T"},"Rbb1":{"Type":"T"},"Rbuseast1":{"Type":"T"}}`,
		"- X\n    - !Split [',', 'a,b']\n    - 'A${X}': {Type: T, DependsOn: ['B${X}']}\n      'B${X}': {Type: T}\n":       `{"Aa":{"Type":"T","DependsOn":["Ba"]},"Ba":{"Type":"T"},"Ab":{"Type":"T","DependsOn":["Bb"]},"Bb":{"Type":"T"}}`,
	} {
		tm, err := expand(t, "Transform: [AWS::LanguageExtensions]\nResources:\n  Fn::ForEach::Loop:\n    "+fragment, nil)
		if err != nil {
			t.Errorf("%s: %v", fragment, err)
		} else if got := tm.root.Get("Resources").JSON(); got != want {
			t.Errorf("%s\n got %s\nwant %s", fragment, got, want)
		}
	}
}

// TestExpandRefused is what macros refuse.
func TestExpandRefused(t *testing.T) {
	const ext = "Transform: AWS::LanguageExtensions\n"
	const failed = "Transform AWS::LanguageExtensions failed with: "
	hundred := "["
	for i := range 100 {
		hundred += fmt.Sprintf("a%d,", i)
	}
	hundred += "]"
	laughs := "x"
	for range 20 {
		laughs = "!Sub ['${a}${a}${a}${a}${a}${a}${a}${a}', {a: " + laughs + "}]"
	}
	loops := "{Type: T}"
	for i := range 8 {
		loops = fmt.Sprintf("{'Fn::ForEach::L%d': [X%d, %s, {'R${X%d}': %s}]}", i, i, hundred, i, loops)
	}
	for _, tt := range []struct{ text, want string }{
		{"Transform: Count\n" + user, "No transform named 123456789012::Count found."},
		{"Transform: AWS::Serverless-2016-10-31\n" + user, "No transform named AWS::Serverless-2016-10-31 found."},
		{"Resources: {U: {Type: T, Properties: {'Fn::Transform': {Name: Count}}}}", "No transform named 123456789012::Count found."},
		{ext + "Parameters: {P: {Type: String}}\n" + user, "Parameters: [P] must have values"},
		{ext + "Resources: {'Fn::ForEach::L': [X, [a]]}", failed + wrongLoop},
		{ext + "Resources: {'Fn::ForEach::L': [X, a, {}]}", failed + wrongLoop},
		{ext + "Resources: {'Fn::ForEach::L': [X, [[a]], {}]}", failed + wrongLoop},
		{ext + "Resources: {'Fn::ForEach::L': [X, !If [], {}]}", wrongIf},
		{ext + "Resources: {'Fn::ForEach::L': [X, !Ref Users, {}]}", "Template format error: Unresolved resource dependencies [Users] in the Resources block of the template"},
		{ext + "Resources: {'Fn::ForEach::L': [X, [a, a], {'A${X}': {Type: T}}]}", failed + "the template has Aa more than once"},
		{ext + "Resources: {A: {Type: T, Properties: {V: {Ref: !Ref 'AWS::NotificationARNs'}}}}", failed + "a function that names something must give a string"},
		{ext + "Resources: {A: {Type: T, DeletionPolicy: !Ref 'AWS::Region'}}", "Template format error: Unrecognized DeletionPolicy us-east-1 for resource A"},
		{ext + "Resources: " + loops, failed + "the template grows over 262144 values or 2097152 bytes"},
		{ext + "Resources: {'Fn::ForEach::L': [X, [!Base64 '" + strings.Repeat("x", 1000) + "'], {A: {Type: T}}]}", ""},
		{ext + "Resources: {A: {Type: T, Properties: {V: {Ref: " + laughs + "}}}}", functionError + "the functions of the template make more than 2097152 bytes."},
		{ext + "Resources: {'Fn::ForEach::L': [X, [" + strings.Repeat("a", 4096) + "], {A: {Type: '" + strings.Repeat("${X}", 10000) + "'}}]}",
			failed + "the template grows over 262144 values or 2097152 bytes"},
		{"Resources: {'Fn::ForEach::L': [X, [a], {}]}", "Template format error: Resource name Fn::ForEach::L is non alphanumeric."},
	} {
		tm, err := Parse(tt.text)
		if err == nil {
			_, err = tm.Expand(Expansion{Inputs: Inputs{Pseudo: somewhere}})
		}
		if got := message(t, err); got != tt.want {
			t.Errorf("%.200s\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestInclude is snippets inside a template and at its top.
func TestInclude(t *testing.T) {
	bucket := map[string]string{
		"s3://b/mappings": "M: {A: {K: v}}",
		"s3://b/props":    `{"Path": "/p/", "UserName": {"Ref": "AWS::Region"}}`,
		"s3://b/top":      "Resources: {V: {Type: T}}\nOutputs: {O: {Value: x}}",
		"s3://b/macro":    "Transform: AWS::LanguageExtensions",
		"s3://b/list":     "[a]",
	}
	get := func(location string) (string, error) {
		text, ok := bucket[location]
		if !ok {
			return "", errors.New("no such object")
		}
		return text, nil
	}
	tm, err := expand(t, "Transform: {Name: AWS::Include, Parameters: {Location: s3://b/top}}\n"+
		"Parameters: {Bucket: {Type: String, Default: b}}\n"+
		"Mappings: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/mappings}}}\n"+
		"Resources: {U: {Type: T, Properties: {UserName: x, 'Fn::Transform': {Name: AWS::Include, Parameters: {Location: !Sub 's3://${Bucket}/props'}}}}}", get)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Parameters":{"Bucket":{"Type":"String","Default":"b"}},"Mappings":{"M":{"A":{"K":"v"}}},` +
		`"Resources":{"U":{"Type":"T","Properties":{"UserName":{"Ref":"AWS::Region"},"Path":"/p/"}},"V":{"Type":"T"}},"Outputs":{"O":{"Value":"x"}}}`
	if tm.Text() != want {
		t.Errorf("got  %s\nwant %s", tm.Text(), want)
	}
	for location, want := range map[string]string{
		"s3://b/list":  "Transform AWS::Include failed with: The specified S3 object's content should be valid Yaml/JSON",
		"s3://b/macro": "Transform AWS::LanguageExtensions failed with: what a macro made may not ask for a macro",
	} {
		_, err := expand(t, user+"Fn::Transform: {Name: AWS::Include, Parameters: {Location: "+location+"}}", get)
		if got := message(t, err); got != want {
			t.Errorf("%s\n got %s\nwant %s", location, got, want)
		}
	}
	if _, err := expand(t, user+"Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/none}}", get); err == nil || err.Error() != "no such object" {
		t.Errorf("got %v", err)
	}
}
