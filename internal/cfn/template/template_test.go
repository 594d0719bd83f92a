package template

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

const user = "Resources: {U: {Type: AWS::IAM::User}}\n"

// message is what an error says to the caller.
func message(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("not an *Error: %v", err)
	}
	return e.Message
}

func property(value string) string {
	return "Mappings: {M: {A: {K: v, L: [x, y]}}}\n" +
		"Parameters: {P: {Type: String, Default: p}, L: {Type: CommaDelimitedList, Default: 'a,b'}}\n" +
		"Conditions: {Is: !Equals [a, a], Isnt: !Equals [a, b]}\n" +
		"Resources:\n  U: {Type: AWS::IAM::User}\n  R:\n    Type: AWS::IAM::User\n    Properties:\n      V: " + value + "\n"
}

// many is n times a format of one number.
func many(n int, format string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, format, i)
	}
	return s.String()
}

// refused is what Parse refuses. Most texts are recorded from AWS.
var refused = []struct{ body, want string }{
	{`{"this is invalid JSON"}`, "Template format error: JSON not well-formed. (line 1, column 25)"},
	{"{\n  \"a\": 01}", "Template format error: JSON not well-formed. (line 2, column 9)"},
	{`{"a": "\x"}`, "Template format error: JSON not well-formed. (line 1, column 8)"},
	{`{} {}`, "Template format error: JSON not well-formed. (line 1, column 5)"},
	{`{"a":`, "Template format error: JSON not well-formed. (line 1, column 6)"},
	{"a: [", "Template format error: YAML not well-formed."},
	{"a: 1\n---\nb: 2\n", "Template format error: YAML not well-formed. A template is a single document."},
	{"a: &x 1\nb: *x\n", "Template error: YAML aliases are not allowed in CloudFormation templates."},
	{"? [a]\n: b\n", "Template format error: [(line 1, column 3)] map keys must be strings"},
	{"a: !!binary aGk=\n", "Template format error: YAML not well-formed. The tag !!binary is not supported."},
	{"just text", "Template format error: unsupported structure."},
	{"[]", "Template format error: unsupported structure."},
	{"", "Template format error: unsupported structure."},
	{strings.Repeat("[", 200), "Template format error: YAML not well-formed."},
	{"{\"a\":[" + strings.Repeat("1,", maxNodes) + "1]}", "Template format error: a template may not have more than 262144 values."},
	{"- " + strings.Repeat("\n- ", maxNodes), "Template format error: a template may not have more than 262144 values."},
	{"a: " + strings.Repeat("[", 150) + strings.Repeat("]", 150), "Template format error: a template may not be nested deeper than 100 levels."},
	{strings.Repeat(" ", MaxLen+1), "Template format error: a template may not be longer than 1048576 bytes."},
	{`{"a":` + strings.Repeat("[", 200), "Template format error: a template may not be nested deeper than 100 levels."},
	{"Resources:\n", "Template format error: [/Resources] 'null' values are not allowed in templates"},
	{user + "Outputs: {MyOutput: {Value: }}", "[/Outputs/MyOutput/Value] 'null' values are not allowed in templates"},
	{"Resources: {U: {Type: X, Properties: {A: [1, null]}}}", "Template format error: [/Resources/U/Properties/A/1] 'null' values are not allowed in templates"},
	{user + "Foo: 1\nBar: 2", "Invalid template property or properties [Foo, Bar]"},
	{user + "Hooks: {}", "Template format error: iamd does not support the Hooks section."},
	{user + "AWSTemplateFormatVersion: 2011-01-01", "Template format error: unsupported value for AWSTemplateFormatVersion."},
	{user + "Description: " + strings.Repeat("x", 1025), "Template format error: 'Description' length is greater than 1024."},
	{user + "Transform: {Name: {a: b}}", "Key Name of transform definition must be a string."},

	{"Resources: {}", "Template format error: At least one Resources member must be defined."},
	{"Description: x", "Template format error: At least one Resources member must be defined."},
	{"Resources: {A: x}", "Template format error: Any Resources member must be an object."},
	{"Resources: {A: {Properties: {}}}", "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
	{"Resources: {'AWS::NoValue': {Type: X}}", "Template format error: Resource name AWS::NoValue is non alphanumeric."},
	{"Resources: {A: {Type: X, Invalid: 1}}", "Invalid template resource property 'Invalid'"},
	{"Resources: {A: {Type: X, DependsOn: {a: b}}}", "Template format error: [/Resources/A] Every DependsOn value must be a string."},
	{"Resources: {A: {Type: X, DependsOn: NonExistingResource}}", "Template format error: Unresolved resource dependencies [NonExistingResource] in the Resources block of the template"},
	{"Resources: {A: {Type: X, DeletionPolicy: !Ref 'AWS::Region'}}", "Template format error: Every DeletionPolicy member must be a string."},
	{"Resources: {A: {Type: X, DeletionPolicy: Keep}}", "Template format error: Unrecognized DeletionPolicy Keep for resource A"},
	{"Resources: {A: {Type: X, UpdateReplacePolicy: RetainExceptOnCreate}}", "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A"},
	{"Resources: {A: {Type: X, Condition: C}}", "Template format error: Unresolved condition dependencies [C] in the Resources block of the template"},
	{"Resources: {" + many(501, "R%d: {Type: X},") + "}", "Template format error: Number of resources, 501, is greater than maximum allowed, 500"},
	{user + "Outputs: {" + many(201, "R%d: {Value: x},") + "}", "Template format error: Number of outputs, 201, is greater than maximum allowed, 200"},
	{user + "Parameters: {" + many(201, "R%d: {Type: String},") + "}", "Template format error: Number of parameters, 201, is greater than maximum allowed, 200"},
	{user + "Mappings: {" + many(201, "R%d: {a: {b: c}},") + "}", "Template format error: Number of mappings, 201, is greater than maximum allowed, 200"},
	{"Resources: {" + strings.Repeat("a", 256) + ": {Type: X}}", "Template format error: Resource name " + strings.Repeat("a", 32) + "... is longer than 255 characters."},
	{user + "Metadata: {A: '" + strings.Repeat("{{resolve:ssm:x}}", 61) + "'}", "Template format error: Number of dynamic references, 61, is greater than maximum allowed, 60"},

	{user + "Mappings: {A: x}", "Template format error: Every Mappings member A must be a map"},
	{user + "Mappings: {M: {A: {" + many(201, "k%d: v,") + "}}}", "Template format error: Number of attributes, 201, is greater than maximum allowed, 200"},
	{user + "Mappings: {M: {A: x}}", "Template format error: Every Mappings member A must be a map"},
	{user + "Mappings: {M: {A: {B: {C: d}}}}", "Template format error: Every Mappings attribute must be a String or a List."},

	{user + "Outputs: {A: {Description: x}}", "Template format error: Every Outputs member must contain a Value object"},
	{user + "Outputs: {A_B: {Value: x}}", "Template format error: Outputs name 'A_B' is non alphanumeric."},
	{user + "Outputs: {A: {Value: !Ref MyTopic}}", "Unresolved resource dependencies [MyTopic] in the Outputs block of the template"},
	{user + "Outputs: {A: {Value: x, Foo: y}}", "Invalid template output property 'Foo'"},

	{user + "Parameters: {'AWS::NoValue': {Type: String}}", "Template format error: Parameter name AWS::NoValue is non alphanumeric."},
	{user + "Parameters: {A: {Default: x}}", "Template format error: Every Parameters object must contain a Type member."},
	{user + "Parameters: {A: {Type: Boolean}}", "Template format error: Unrecognized parameter type: Boolean"},
	{user + "Parameters: {A: {Type: 'List<AWS::EC2::KeyPair::KeyName>'}}", "Template format error: Unrecognized parameter type: List<AWS::EC2::KeyPair::KeyName>"},
	{user + "Parameters: {A: {Type: String, Default: [x]}}", "Template format error: Every Default member must be a string."},
	{user + "Parameters: {A: {Type: String, Foo: x}}", "Invalid template parameter property 'Foo'"},
	{user + "Parameters: {A: {Type: String, AllowedPattern: '('}}", "Template format error: AllowedPattern of parameter A is not a regular expression that iamd can match: ("},
	{user + "Parameters: {U: {Type: String}}", "Template format error: Duplicate name [U] in the Parameters and Resources blocks of the template"},

	{user + "Conditions: {A: !Ref 'AWS::Region'}", "Template format error: Conditions can only be boolean operations on parameters and other conditions"},
	{user + "Conditions: {A: yes}", "Template format error: Conditions can only be boolean operations on parameters and other conditions"},
	{user + "Conditions: {A: !Equals [!Ref U, a]}", "Template format error: Unresolved dependencies [U]. Cannot reference resources in the Conditions block of the template"},
	{user + "Conditions: {A: !Equals [a]}", "Template error: every Fn::Equals object requires a list of 2 string parameters."},
	{user + "Conditions: {A: !Equals [a, [b]]}", "Template error: every Fn::Equals object requires a list of 2 string parameters."},
	{user + "Conditions: {A: !And [!Equals [a, a]]}", "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."},
	{user + "Conditions: {A: !Or [" + many(11, "!Equals [a, %d],") + "]}", "Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters."},
	{user + "Conditions: {A: !Not [!Equals [a, a], !Equals [a, a]]}", "Template error: every Fn::Not object requires one boolean parameter."},
	{user + "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}", "Template error: Found circular condition dependency between A and B"},
	{user + "Conditions: {A: !Equals [!If [A, a, b], a]}", "Template error: Found circular condition dependency between A and A"},
	{user + "Conditions: {A: !Equals [{Fn::ImportValue: x}, a]}", "Template error: Cannot use Fn::ImportValue in Conditions."},
	{user + "Conditions: {A: !Condition B}", "Template format error: Unresolved condition dependency B in the Conditions block of the template"},

	{user + "Rules: {A: {}}", "Template format error: [/Rules/A] Every Rules object must contain an Assertions member with at least one assertion."},
	{user + "Rules: {A: {Assertions: [{Assert: {Fn::Contains: [[a], !GetAtt U.Arn]}}]}}", "Template format error: Fn::GetAtt can't be used in the Rules block of the template."},
	{user + "Rules: {A: {Assertions: [{Assert: {Fn::Equals: [{Fn::ValueOf: [a, b]}, c]}}]}}", "Template error: iamd does not support Fn::ValueOf, which looks into resources that it does not have."},
	{user + "Rules: {A: {Assertions: [{Assert: {Fn::Equals: [!Ref U, c]}}]}}", "Template format error: Unresolved resource dependencies [U] in the Rules block of the template"},

	{"Resources: {A: {Type: X, DependsOn: B}, B: {Type: X, Properties: {P: !Ref A}}, C: {Type: X, DependsOn: A}}", "Circular dependency between resources: [A, B]"},
	{"Resources: {A: {Type: X, DependsOn: A}}", "Circular dependency between resources: [A]"},
}

func TestRefused(t *testing.T) {
	for _, tt := range refused {
		_, err := Parse(tt.body)
		if got := message(t, err); got != tt.want {
			t.Errorf("%.200s\n got %s\nwant %s", tt.body, got, tt.want)
		}
	}
}

// functionsRefused is what Parse, or else Resolve, refuses of functions.
var functionsRefused = []struct{ value, want string }{
	{"!Ref [a]", wrongRef},
	{"!Ref InvalidRef", "Template format error: Unresolved resource dependencies [InvalidRef] in the Resources block of the template"},
	{"[!Ref B, !Ref A]", "Template format error: Unresolved resource dependencies [A, B] in the Resources block of the template"},
	{"!GetAtt U", "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"},
	{"!GetAtt [U, '']", wrongGetAtt},
	{"!GetAtt X.Arn", "Template error: instance of Fn::GetAtt references undefined resource X"},
	{"!Sub '${X}'", "Template format error: Unresolved resource dependencies [X] in the Resources block of the template"},
	{"!Sub '${X.Arn}'", "Template error: instance of Fn::Sub references invalid resource attribute X.Arn"},
	{"!Sub '${a b}'", wrongSubName},
	{"!Sub ['${A}']", wrongSub},
	{"!Sub ['${A}', {A: [x]}]", wrongSubMap},
	{"!Sub ['${A}', {A: !Ref L}]", wrongSubMap},
	{"!Sub '${L}'", wrongSubMap},
	{"!Join [',', a]", wrongJoin},
	{"!Join [[a], [b]]", wrongJoin},
	{"!Join [',', [[b]]]", wrongJoin},
	{"!Join [',', !Ref P]", wrongJoin},
	{"!Split [',']", "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."},
	{"!Split ['', a]", wrongSplit},
	{"!Select [1]", "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"},
	{"!Select [x, [a]]", wrongSelect},
	{"!Select [2, !Ref L]", "Template error: Fn::Select cannot select nonexistent value at index 2"},
	{"!FindInMap [M, A]", wrongFind},
	{"!FindInMap [N, A, K]", "Template error: Mapping named 'N' is not present in the 'Mappings' section of template."},
	{"!FindInMap [M, C, K]", "Template error: Unable to get mapping for M::C::K"},
	{"!FindInMap [M, !Join ['', [A]], K]", wrongFind},
	{"!FindInMap [M, A, K, {DefaultValue: x}]", wrongFind},
	{"!If [MissingCondition, a, b]", "Template error: unresolved condition dependency MissingCondition in Fn::If"},
	{"!If [Is, a]", wrongIf},
	{"!Equals [a, b]", "Template error: Fn::Equals cannot be partially collapsed"},
	{"!Base64 [a]", wrongBase64},
	{"!GetAZs [a]", wrongGetAZs},
	{"!ImportValue [a]", wrongImport},
	{"!ImportValue x", "No export named x found"},
	{"{Fn::ImportValue: !Ref U}", importNeeds},
	{"{Fn::ImportValue: {Fn::ImportValue: x}}", importNeeds},
	{"{Fn::ImportValue: !Select [0, !GetAZs '']}", importNeeds},
	{"!Cidr [x, 1, 8]", wrongCidr},
	{"!Cidr [10.0.0.0/24, 3, 7]", "Template error: Fn::Cidr cannot make 3 blocks of 7 bits in 10.0.0.0/24"},
	{"!Cidr [10.0.0.0/16, 257, 8]", wrongCidr},
	{"!Length [a]", fmt.Sprintf(notThere, "Fn::Length")},
	{"!Foo x", fmt.Sprintf(notThere, "Fn::Foo")},
}

func TestFunctionsRefused(t *testing.T) {
	for _, tt := range functionsRefused {
		tm, err := Parse(property(tt.value))
		if err == nil {
			var b *Bound
			if b, err = tm.Bind(Inputs{Pseudo: somewhere}); err == nil {
				_, err = b.Resolve(tm.Resource("R").Properties, made{})
			}
		}
		if got := message(t, err); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.value, got, tt.want)
		}
	}
}

const later = `"{{changeSet:KNOWN_AFTER_APPLY}}"`

// functions is what functions give once all resources are there, and early, if that is
// something else, while none is.
var functions = []struct{ value, want, early string }{
	{"!Ref P", `"p"`, ""},
	{"!Ref L", `["a","b"]`, ""},
	{"!Ref U", `"id-of-U"`, later},
	{"!Ref AWS::Region", `"us-east-1"`, ""},
	{"!Ref AWS::AccountId", `"123456789012"`, ""},
	{"!Ref AWS::NotificationARNs", `["arn:topic"]`, ""},
	{"!GetAtt U.Outputs.Arn", `"Outputs.Arn-of-U"`, later},
	{"!GetAtt [U, !Ref P]", `"p-of-U"`, later},
	{"{Fn::GetAtt: U.Arn}", `"Arn-of-U"`, later},
	{"!Sub '${P}-${!P}-${AWS::Partition}-${'", `"p-${P}-aws-${"`, ""},
	{"!Sub '${U}/${U.Arn}'", `"id-of-U/Arn-of-U"`, later},
	{"!Sub ['${P}${X}', {P: own, X: !GetAtt U.Id}]", `"ownId-of-U"`, later},
	{"!Join ['-', [a, !Ref P, 1, true, !Ref 'AWS::NoValue']]", `"a-p-1-true"`, ""},
	{"!Join [',', !Ref L]", `"a,b"`, ""},
	{"!Join [',', [!Ref U, b]]", `"id-of-U,b"`, later},
	{"!Split [',', 'a,,b']", `["a","","b"]`, ""},
	{"!Select [1, !Split [':', 'a:b']]", `"b"`, ""},
	{"!Select ['0', [a, !Ref U]]", `"a"`, ""},
	{"!Select [0, !Split [':', !Ref U]]", `"id-of-U"`, later},
	{"!FindInMap [M, A, K]", `"v"`, ""},
	{"!FindInMap [M, A, L]", `["x","y"]`, ""},
	{"!If [Is, a, b]", `"a"`, ""},
	{"!If [Isnt, a, b]", `"b"`, ""},
	{"[a, !If [Isnt, b, !Ref 'AWS::NoValue'], c]", `["a","c"]`, ""},
	{"{a: !If [Isnt, b, !Ref 'AWS::NoValue'], c: d}", `{"c":"d"}`, ""},
	{"{Condition: {Fn::If: [Is, {StringEquals: {a: b}}, x]}}", `{"Condition":{"StringEquals":{"a":"b"}}}`, ""},
	{"!Base64 hello", `"aGVsbG8="`, ""},
	{"{Fn::Base64: !Sub '${U}'}", `"aWQtb2YtVQ=="`, later},
	{"!GetAZs ''", `["us-east-1a","us-east-1b","us-east-1c"]`, ""},
	{"!GetAZs eu-west-1", `["eu-west-1a","eu-west-1b","eu-west-1c"]`, ""},
	{"!ImportValue shared", `"imported"`, ""},
	{"{Fn::ImportValue: !Sub '${P}hared'}", "", ""},
	{`!Cidr ["192.168.0.0/24", 6, 5]`, `["192.168.0.0/27","192.168.0.32/27","192.168.0.64/27","192.168.0.96/27","192.168.0.128/27","192.168.0.160/27"]`, ""},
	{`!Cidr ["10.1.2.3/16", "2", "8"]`, `["10.1.0.0/24","10.1.1.0/24"]`, ""},
	{`!Cidr ["2001:db8::/56", 2, 64]`, `["2001:db8::/64","2001:db8:0:1::/64"]`, ""},
	{"{Ref: a, Other: b}", `{"Ref":"a","Other":"b"}`, ""},
}

func TestFunctions(t *testing.T) {
	for _, tt := range functions {
		if tt.early == "" {
			tt.early = tt.want
		}
		tm, err := Parse(property(tt.value))
		if err != nil {
			t.Errorf("%s: %v", tt.value, err)
			continue
		}
		ps := somewhere
		ps.NotificationARNs = []string{"arn:topic"}
		b, err := tm.Bind(Inputs{Pseudo: ps, Import: func(name string) (string, bool) { return "imported", name == "shared" }})
		if err != nil {
			t.Errorf("%s: %v", tt.value, err)
			continue
		}
		for l, want := range map[Lookup]string{made{}: tt.want, world{}: tt.early} {
			v, err := b.Resolve(tm.Resource("R").Properties.Get("V"), l)
			if want == "" && err != nil {
				continue
			}
			if err != nil || v.JSON() != want {
				t.Errorf("%s with %T\n got %s, %v\nwant %s", tt.value, l, v.JSON(), err, want)
			}
		}
	}
}

// TestYAML is how plain scalars and short tags read.
func TestYAML(t *testing.T) {
	for value, want := range map[string]string{
		"2012-10-17":                `"2012-10-17"`,
		"012345678901":              `"012345678901"`,
		"123456789012":              `123456789012`,
		"12:30:45":                  `"12:30:45"`,
		"0x1F":                      `"0x1F"`,
		"0o17":                      `"0o17"`,
		"1_000":                     `"1_000"`,
		"+1":                        `"+1"`,
		"1.":                        `"1."`,
		".5":                        `".5"`,
		".inf":                      `".inf"`,
		"1.50":                      `1.50`,
		"-1e3":                      `-1e3`,
		"yes":                       `true`,
		"No":                        `false`,
		"ON":                        `true`,
		"off":                       `false`,
		"y":                         `"y"`,
		"True":                      `true`,
		"'yes'":                     `"yes"`,
		"!!str yes":                 `"yes"`,
		"!!str 1":                   `"1"`,
		"\"\\u00e9\"":               `"é"`,
		"!Ref a":                    `{"Ref":"a"}`,
		"!Condition a":              `{"Condition":"a"}`,
		"!GetAtt a.b.c":             `{"Fn::GetAtt":["a","b.c"]}`,
		"!GetAtt [a, b]":            `{"Fn::GetAtt":["a","b"]}`,
		"!Sub [a, {b: !Ref c}]":     `{"Fn::Sub":["a",{"b":{"Ref":"c"}}]}`,
		"!If [a, !Ref b, !Sub yes]": `{"Fn::If":["a",{"Ref":"b"},{"Fn::Sub":"yes"}]}`,
		"!Transform {Name: a}":      `{"Fn::Transform":{"Name":"a"}}`,
		"a: 1\nb: 2\na: 3":          `{"a":3,"b":2}`,
		"1: a\nyes: b":              `{"1":"a","yes":"b"}`,
		"|\n  a\n  b\n":             `"a\nb\n"`,
		"<<":                        `"<<"`,
	} {
		n, err := read(value)
		if err != nil || n.JSON() != want {
			t.Errorf("%s\n got %s, %v\nwant %s", value, n.JSON(), err, want)
		}
	}
}

// TestPositions is where nodes and errors stand.
func TestPositions(t *testing.T) {
	for text, want := range map[string][4]int{ // of the key b, and of its value
		"{\n \"a\": 1,\n \"b\": [2]}": {3, 2, 3, 7},
		"a: 1\nb: [2]\n":              {2, 1, 2, 4},
		"a: 1\nb: !Ref c\n":           {2, 1, 2, 4},
	} {
		n, err := read(text)
		if err != nil {
			t.Fatal(err)
		}
		f := n.Fields[1]
		if got := [4]int{f.Line, f.Column, f.Value.Line, f.Value.Column}; got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	_, err := Parse("Resources:\n  A:\n    Type: X\n    Wrong: 1\n")
	if want := "line 4, column 5: Invalid template resource property 'Wrong'"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestReferences is what values depend on, in the branches that conditions take.
func TestReferences(t *testing.T) {
	tm, err := Parse(property("[!Ref P, !Sub '${U}${U.Arn}${AWS::Region}', !GetAtt U.Arn, !GetAtt [U, !Ref P], !If [Isnt, !Ref L, !Ref U]]"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := tm.Bind(Inputs{Pseudo: somewhere})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(b.References(tm.Resource("R").Properties))
	want := fmt.Sprint([]Reference{{ParameterRef, "P", ""}, {ResourceRef, "U", ""}, {ResourceAttr, "U", "Arn"}, {ResourceAttr, "U", ""}})
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := b.Dependencies(tm.Resource("R")); len(got) != 1 || got[0] != "U" {
		t.Errorf("dependencies: %v", got)
	}
}

// TestConditions is which resources there are, and what may not refer to those that aren't.
func TestConditions(t *testing.T) {
	const conditions = "Parameters: {P: {Type: String}}\nConditions:\n" +
		"  A: !Equals [!Ref P, a]\n  NotA: !Not [!Condition A]\n  Both: !And [!Condition A, !Condition NotA]\n  Any: !Or [!Condition A, !Condition NotA]\n" +
		"  Sub: !Equals [!Sub '${P}b', !Join ['', [a, b]]]\n"
	bind := func(resources, p string) (*Bound, error) {
		tm, err := Parse(conditions + resources)
		if err != nil {
			t.Fatal(err)
		}
		return tm.Bind(Inputs{Parameters: map[string]string{"P": p}})
	}
	b, err := bind("Resources: {R: {Type: X, Condition: Any}, S: {Type: X, Condition: Both}, T: {Type: X, Condition: A, DependsOn: S}}\nOutputs: {O: {Value: a, Condition: NotA}}", "a")
	if err != nil {
		t.Fatal(err)
	}
	if r := b.Resources(); len(r) != 2 || r[0].LogicalID != "R" || r[1].LogicalID != "T" || len(b.Outputs()) != 0 {
		t.Errorf("resources %v, outputs %v", r, b.Outputs())
	}
	for name, want := range map[string]bool{"A": true, "NotA": false, "Both": false, "Any": true, "Sub": true, "None": false} {
		if b.Holds(name) != want {
			t.Errorf("%s is %v", name, !want)
		}
	}
	for resources, want := range map[string]string{
		"Resources: {R: {Type: X, Condition: A}, S: {Type: X, Properties: {P: !Ref R}}}":                  "Template format error: Unresolved resource dependencies [R] in the Resources block of the template",
		"Resources: {R: {Type: X, Condition: A}, S: {Type: X, Properties: {P: !If [A, !Ref R, b]}}}":      "",
		"Resources: {R: {Type: X, Condition: A}, S: {Type: X}}\nOutputs: {O: {Value: !Ref R}}":            "Unresolved resource dependencies [R] in the Outputs block of the template",
		"Resources: {R: {Type: X, DependsOn: S}, S: {Type: X, Properties: {P: !If [A, b, !Ref R]}}}":      "Circular dependency between resources: [R, S]",
		"Resources: {R: {Type: X, DependsOn: S}, S: {Type: X, Properties: {P: !If [A, !Ref R, b]}}}":      "",
		"Resources: {R: {Type: X, Condition: A, DependsOn: S}, S: {Type: X, Condition: A, DependsOn: R}}": "",
	} {
		_, err := bind(resources, "b")
		if got := message(t, err); got != want {
			t.Errorf("%s\n got %s\nwant %s", resources, got, want)
		}
	}
}

// TestEqualTrees is that JSON and YAML of the same template are the same.
func TestEqualTrees(t *testing.T) {
	y, err := Parse("Resources:\n  U: {Type: AWS::IAM::User, Properties: {Path: !Sub '/${AWS::Region}/'}}\n")
	if err != nil {
		t.Fatal(err)
	}
	j, err := Parse(y.Text())
	if err != nil || !tree.Equal(y.root, j.root) {
		t.Errorf("%s: %v", y.Text(), err)
	}
}
