package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// TestParameters is which values parameters take, and what a Ref makes of them.
func TestParameters(t *testing.T) {
	for _, tt := range []struct{ declared, given, want, refused string }{
		{"Type: String", "x", `"x"`, ""},
		{"Type: String", "", `""`, ""},
		{"{Type: String, Default: 007}", "-", `"007"`, ""},
		{"{Type: String, Default: 5}", "-", `"5"`, ""},
		{"{Type: String, Default: true}", "-", `"true"`, ""},
		{"Type: String", "-", "", "Parameters: [Value] must have values"},
		{"Type: String", strings.Repeat("x", 4097), "", "Parameter 'Value' must contain at most 4096 bytes"},
		{"Type: Number", "3.5", `"3.5"`, ""},
		{"Type: Number", "1e3", `"1e3"`, ""},
		{"Type: Number", "abc", "", "Parameter 'Value' must be a number."},
		{"Type: Number", "", "", "Parameter 'Value' must be a number."},
		{"Type: Number", "0x10", "", "Parameter 'Value' must be a number."},
		{"{Type: Number, MinValue: 1, MaxValue: 2.5}", "0", "", "Parameter 'Value' must be a number not less than 1"},
		{"{Type: Number, MinValue: 1, MaxValue: 2.5}", "3", "", "Parameter 'Value' must be a number not greater than 2.5"},
		{"Type: List<Number>", "1, 2,3", `["1","2","3"]`, ""},
		{"Type: List<Number>", "1,x", "", "Parameter 'Value' must be a number."},
		{"Type: CommaDelimitedList", "a, b ,c", `["a","b","c"]`, ""},
		{"Type: CommaDelimitedList", "", `[""]`, ""},
		{"{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,b", `["a","b"]`, ""},
		{"{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,c", "", "Parameter 'Value' must be one of AllowedValues"},
		{"{Type: String, AllowedValues: [Active, Inactive]}", "active", "", "Parameter 'Value' must be one of AllowedValues"},
		{"{Type: String, AllowedValues: [1, true]}", "true", `"true"`, ""},
		{"{Type: String, AllowedPattern: '[a-z]+|x'}", "a1", "", "Parameter 'Value' must match pattern [a-z]+|x"},
		{"{Type: String, AllowedPattern: '^(?=.*[0-9])(?=.*[a-z])(?!admin).{4,}$'}", "abc1", `"abc1"`, ""},
		{"{Type: String, AllowedPattern: '(?=.*[)0-9])(?=(.*[a-z]))(?!admin).{4,}'}", "admin1", "", `Parameter 'Value' must match pattern (?=.*[)0-9])(?=(.*[a-z]))(?!admin).{4,}`},
		{"{Type: String, AllowedPattern: '^(?=.*[0-9]).*$'}", "abc", "", "Parameter 'Value' must match pattern ^(?=.*[0-9]).*$"},
		{"{Type: String, AllowedPattern: a, ConstraintDescription: must be an a.}", "b", "", "Parameter Value failed to satisfy constraint: must be an a."},
		{"{Type: String, MinLength: 2, MaxLength: '3'}", "é", "", "Parameter 'Value' must contain at least 2 characters"},
		{"{Type: String, MinLength: 2, MaxLength: '3'}", "abcd", "", "Parameter 'Value' must contain at most 3 characters"},
		{"{Type: 'List<AWS::EC2::Subnet::Id>'}", "subnet-1,subnet-2", `["subnet-1","subnet-2"]`, ""},
		{"{Type: 'AWS::SSM::Parameter::Name'}", "/a", `"/a"`, ""},
		{"{Type: 'AWS::SSM::Parameter::Value<String>'}", "/a", `"of /a"`, ""},
		{"{Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /b}", "-", `["of /b","x"]`, ""},
		{"{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>'}", "/none", "", "Unable to fetch parameters [/none] from parameter store for this account."},
	} {
		tm, err := Parse(user + "Parameters:\n  Value: {" + strings.Trim(tt.declared, "{}") + "}\nOutputs: {O: {Value: !Ref Value}}")
		if err != nil {
			t.Errorf("%s: %v", tt.declared, err)
			continue
		}
		in := Inputs{Parameters: map[string]string{"Value": tt.given}}
		if tt.given == "-" {
			in.Parameters = nil
		}
		in.SSM = map[string]string{}
		for name, ssm := range tm.SSMNames(in.Parameters) {
			switch {
			case ssm == "/none":
			case tm.Parameter(name).list():
				in.SSM[name] = "of " + ssm + ", x"
			default:
				in.SSM[name] = "of " + ssm
			}
		}
		b, err := tm.Bind(in)
		if got := message(t, err); got != tt.refused {
			t.Errorf("%s = %.20q\n got %s\nwant %s", tt.declared, tt.given, got, tt.refused)
		}
		if err != nil {
			continue
		}
		if v, err := b.Resolve(tm.Outputs[0].Value, world{}); err != nil || v.JSON() != tt.want {
			t.Errorf("%s = %q\n got %s, %v\nwant %s", tt.declared, tt.given, v.JSON(), err, tt.want)
		}
	}
}

func TestUnknownParameters(t *testing.T) {
	tm, err := Parse(user)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tm.Bind(Inputs{Parameters: map[string]string{"B": "", "A": ""}})
	if got, want := message(t, err), "Parameters: [A, B] do not exist in the template"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestMasked is that no value of a parameter with NoEcho shows, and that conditions stay.
func TestMasked(t *testing.T) {
	tm, err := Parse("Parameters:\n  S: {Type: String, NoEcho: 'true'}\n  L: {Type: CommaDelimitedList, NoEcho: true}\n  Open: {Type: String, Default: o}\n" +
		"Conditions: {C: !Equals [!Ref S, hidden]}\n" +
		"Resources: {R: {Type: X, Condition: C, Properties: {V: !Sub 'a-${S}-${Open}', L: !Ref L}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	b, err := tm.Bind(Inputs{Parameters: map[string]string{"S": "hidden", "L": "hidden,hidden"}})
	if err != nil {
		t.Fatal(err)
	}
	m := b.Masked()
	v, err := m.Resolve(m.Resources()[0].Properties, world{})
	if want := `{"V":"a-****-o","L":["****"]}`; err != nil || v.JSON() != want {
		t.Errorf("got %s, %v, want %s", v.JSON(), err, want)
	}
	if got, want := fmt.Sprint(m.Values()), "[{S ****  true} {L ****  true} {Open o  false}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := b.Values()[0].Given; got != "hidden" {
		t.Errorf("the original has %s", got)
	}
}

// TestRules is when rules hold, and what is said when they don't.
func TestRules(t *testing.T) {
	const begin = user + "Parameters: {P: {Type: String, Default: b}, L: {Type: CommaDelimitedList, Default: 'a,b'}," +
		" V: {Type: 'AWS::EC2::VPC::Id', Default: vpc-1}, W: {Type: 'AWS::EC2::VPC::Id', Default: vpc-2}}\nRules:\n  R:\n"
	for _, tt := range []struct{ rule, want string }{
		{"Assertions: [{Assert: {Fn::Contains: [[a, b], !Ref P]}}]", ""},
		{"Assertions: [{Assert: {Fn::Contains: [!Ref L, !Ref P]}}]", ""},
		{"Assertions: [{Assert: {Fn::Contains: [[c], !Ref P]}, AssertDescription: no c}]", "Template validation error: Rule R failed: no c"},
		{"Assertions: [{Assert: {Fn::Contains: [[c], !Ref P]}}, {Assert: !Equals [a, b], AssertDescription: x}]", "Template validation error: Rule R failed; Rule R failed: x"},
		{"{RuleCondition: !Equals [!Ref P, c], Assertions: [{Assert: !Equals [a, b]}]}", ""},
		{"{RuleCondition: !Equals [!Ref P, b], Assertions: [{Assert: !Not [!Equals [a, b]]}]}", ""},
		{"Assertions: [{Assert: {Fn::EachMemberEquals: [[b, b], !Ref P]}}]", ""},
		{"Assertions: [{Assert: {Fn::EachMemberEquals: [!Ref L, !Ref P]}}]", "Template validation error: Rule R failed"},
		{"Assertions: [{Assert: {Fn::EachMemberIn: [!Ref L, [a, b, c]]}}]", ""},
		{"Assertions: [{Assert: {Fn::EachMemberIn: [!Ref L, [a]]}}]", "Template validation error: Rule R failed"},
		{"Assertions: [{Assert: {Fn::EachMemberIn: [{Fn::RefAll: 'AWS::EC2::VPC::Id'}, [vpc-1, vpc-2]]}}]", ""},
		{"Assertions: [{Assert: !And [!Or [!Equals [a, b], !Equals [a, a]], {Fn::Contains: [!Ref L, a]}]}]", ""},
	} {
		tm, err := Parse(begin + "    {" + strings.Trim(tt.rule, "{}") + "}}}}}"[:closers(tt.rule)+1])
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		_, err = tm.Bind(Inputs{})
		if got := message(t, err); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.rule, got, tt.want)
		}
	}
}

// closers is how many braces Trim took from the end that are not a rule's own.
func closers(rule string) int {
	trimmed := strings.Trim(rule, "{}")
	return strings.Count(trimmed, "{") - strings.Count(trimmed, "}")
}

// TestDynamic is what dynamic references say, and what takes their place.
func TestDynamic(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
	for text, want := range map[string]string{
		"{{resolve:ssm:/a/b}}":                                       "ssm|/a/b|||||",
		"{{resolve:ssm:name:3}}":                                     "ssm|name|3||||",
		"{{resolve:ssm-secure:name:10}}":                             "ssm-secure|name|10||||",
		"{{resolve:secretsmanager:db}}":                              "secretsmanager|db|||||",
		"{{resolve:secretsmanager:db:SecretString}}":                 "secretsmanager|db|||||",
		"{{resolve:secretsmanager:db:SecretString:user}}":            "secretsmanager|db||user|||",
		"{{resolve:secretsmanager:db:SecretString:user:AWSCURRENT}}": "secretsmanager|db||user|AWSCURRENT||",
		"{{resolve:secretsmanager:db:SecretString:::v1}}":            "secretsmanager|db||||v1|",
		"{{resolve:secretsmanager:" + arn + "}}":                     "secretsmanager|" + arn + "|||||",
		"{{resolve:secretsmanager:" + arn + ":SecretString:user}}":   "secretsmanager|" + arn + "||user|||",
		"{{resolve:other:x}}":                                        "",
		"{{resolve:ssm:}}":                                           "",
		"{{resolve:ssm:a:b}}":                                        "",
		"{{resolve:secretsmanager:db:SecretBinary}}":                 "",
		"{{resolve:secretsmanager:db:SecretString:a:b:c}}":           "",
	} {
		got := ""
		for _, d := range DynamicReferences(tree.MapOf(tree.Field{Key: "K", Value: tree.ListOf(tree.Text("x" + text))})) {
			got += strings.Join([]string{d.Service, d.Name, d.Version, d.JSONKey, d.VersionStage, d.VersionID, ""}, "|")
			if d.Text != text {
				t.Errorf("%s: text is %s", text, d.Text)
			}
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	n := tree.ListOf(tree.Text("a{{resolve:ssm:x}}b{{resolve:ssm:y}}"), tree.Text("{{resolve:other:x}}"), tree.Int(1))
	v, err := Substitute(n, func(d DynamicRef) (string, error) { return "<" + d.Name + ">", nil })
	if want := `["a<x>b<y>","{{resolve:other:x}}",1]`; err != nil || v.JSON() != want {
		t.Errorf("got %s, %v, want %s", v.JSON(), err, want)
	}
	_, err = Substitute(tree.Text("{{resolve:ssm:a:b}}"), nil)
	if got, want := message(t, err), "Invalid dynamic reference: {{resolve:ssm:a:b}}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
