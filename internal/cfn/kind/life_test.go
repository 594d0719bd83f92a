package kind_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	secretshape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	ssmshape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

const (
	allow    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	deny     = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	trustECS = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	public   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
	private  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:DeleteSecret","Resource":"*"}]}`

	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	viewOnly = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
)

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// fill makes what the resources of the lives are about.
func fill(w *world) {
	for _, name := range []string{"ann", "ben"} {
		call[iamshape.CreateUserResponse](w, &iamshape.CreateUserRequest{UserName: name})
	}
	for _, name := range []string{"devs", "ops"} {
		call[iamshape.CreateGroupResponse](w, &iamshape.CreateGroupRequest{GroupName: name})
	}
	for _, name := range []string{"web", "job"} {
		call[iamshape.CreateRoleResponse](w, &iamshape.CreateRoleRequest{RoleName: name, AssumeRolePolicyDocument: trustEC2})
	}
	call[secretshape.CreateSecretResponse](w, &secretshape.CreateSecretRequest{
		Name: "mine", ClientRequestToken: new("00000000-0000-4000-9000-000000000000"), SecretString: new("v"),
	})
}

// life is a resource that is made with one set of properties, gets the others and the
// first ones again, and is deleted. All that can change in place does.
type life struct {
	typ, first, second string
	physical           string   // a regular expression
	attrs              []string // what Fn::GetAtt must give
	has, hasThen       []string // what the services must show with each set of properties
	noBack             bool     // a change back makes another value
	leaves             string   // what the service keeps of it
}

var lives = []life{
	{
		typ: "AWS::IAM::User",
		first: `{"UserName":"eve","Path":"/a/","Groups":["devs"],"LoginProfile":{"Password":"Correct-horse-1","PasswordResetRequired":true},
			"PermissionsBoundary":"` + readOnly + `","Tags":[{"Key":"Team","Value":"red"},{"Key":"Kept","Value":"1"}],"ManagedPolicyArns":["` + readOnly + `"],
			"Policies":[{"PolicyName":"one","PolicyDocument":` + allow + `},{"PolicyName":"two","PolicyDocument":` + quoted(allow) + `}]}`,
		second: `{"UserName":"eve","Groups":["ops"],"Tags":[{"Key":"team","Value":"blue"},{"Key":"Kept","Value":"1"},{"Key":"env","Value":"mine"}],
			"ManagedPolicyArns":["` + viewOnly + `"],"Policies":[{"PolicyName":"two","PolicyDocument":` + deny + `},{"PolicyName":"three","PolicyDocument":` + allow + `}]}`,
		physical: "^eve$", attrs: []string{"Arn"},
		has: []string{`"Path":"/a/"`, `"GroupList":["devs"]`, `{"Key":"Team","Value":"red"}`, `{"Key":"env","Value":"stack"}`, `"PasswordResetRequired":true`,
			`"PermissionsBoundaryArn":"` + readOnly + `"`, `"PolicyName":"one"`},
		hasThen: []string{`user/eve"`, `"GroupList":["ops"]`, `{"Key":"team","Value":"blue"}`, `{"Key":"env","Value":"mine"}`, `"PolicyName":"three"`, viewOnly},
	},
	{
		typ:      "AWS::IAM::Group",
		first:    `{"GroupName":"all","Path":"/a/","ManagedPolicyArns":["` + readOnly + `"],"Policies":[{"PolicyName":"one","PolicyDocument":` + allow + `}]}`,
		second:   `{"GroupName":"all","Path":"/b/","ManagedPolicyArns":["` + viewOnly + `"],"Policies":[{"PolicyName":"two","PolicyDocument":` + deny + `}]}`,
		physical: "^all$", attrs: []string{"Arn"},
		has: []string{"group/a/all", readOnly, `"PolicyName":"one"`}, hasThen: []string{"group/b/all", viewOnly, `"PolicyName":"two"`},
	},
	{
		typ: "AWS::IAM::Role",
		first: `{"RoleName":"app","AssumeRolePolicyDocument":` + trustEC2 + `,"Description":"an app","MaxSessionDuration":7200,"PermissionsBoundary":"` + readOnly + `",
			"Tags":[{"Key":"Team","Value":"red"}],"ManagedPolicyArns":["` + readOnly + `"],"Policies":[{"PolicyName":"one","PolicyDocument":` + allow + `}]}`,
		second:   `{"RoleName":"app","AssumeRolePolicyDocument":` + trustECS + `,"Tags":[{"Key":"Team","Value":"blue"}],"ManagedPolicyArns":["` + viewOnly + `"]}`,
		physical: "^app$", attrs: []string{"Arn", "RoleId"},
		has: []string{`"PolicyName":"one"`, readOnly, `"Value":"red"`, `{"Key":"env","Value":"stack"}`}, hasThen: []string{"ecs.amazonaws.com", viewOnly, `"Value":"blue"`},
	},
	{
		typ:      "AWS::IAM::Policy",
		first:    `{"PolicyName":"p","PolicyDocument":` + allow + `,"Users":["ann"],"Groups":["devs"],"Roles":["web"]}`,
		second:   `{"PolicyName":"q","PolicyDocument":` + deny + `,"Users":["ann","ben"],"Roles":["job"]}`,
		physical: `^stack-Thing-[A-Z0-9]{12}$`, attrs: []string{"Id"},
		has: []string{`"PolicyName":"p"`}, hasThen: []string{`"PolicyName":"q"`, "Deny"},
	},
	{
		typ:      "AWS::IAM::Policy",
		first:    `{"PolicyName":"p","PolicyDocument":` + allow + `,"Users":["ann"],"Groups":["devs"]}`,
		second:   `{"PolicyName":"p","PolicyDocument":` + allow + `,"Users":["ben"],"Groups":["devs"],"Roles":["web"]}`,
		physical: `^stack-Thing-[A-Z0-9]{12}$`, attrs: []string{"Id"},
	},
	{typ: "AWS::IAM::UserPolicy", first: `{"PolicyName":"p","UserName":"ann","PolicyDocument":` + allow + `}`,
		second: `{"PolicyName":"p","UserName":"ann","PolicyDocument":` + quoted(deny) + `}`, physical: `^p\|ann$`, hasThen: []string{"Deny"}},
	{typ: "AWS::IAM::GroupPolicy", first: `{"PolicyName":"p","GroupName":"devs","PolicyDocument":` + allow + `}`,
		second: `{"PolicyName":"p","GroupName":"devs","PolicyDocument":` + deny + `}`, physical: `^p\|devs$`, hasThen: []string{"Deny"}},
	{typ: "AWS::IAM::RolePolicy", first: `{"PolicyName":"p","RoleName":"web","PolicyDocument":` + allow + `}`,
		second: `{"PolicyName":"p","RoleName":"web","PolicyDocument":` + deny + `}`, physical: `^p\|web$`, hasThen: []string{"Deny"}},
	{
		typ:      "AWS::IAM::ManagedPolicy",
		first:    `{"ManagedPolicyName":"m","Path":"/a/","Description":"d","PolicyDocument":` + allow + `,"Users":["ann"],"Groups":["devs"]}`,
		second:   `{"ManagedPolicyName":"m","Path":"/a/","Description":"d","PolicyDocument":` + deny + `,"Users":["ben"],"Roles":["web"]}`,
		physical: `^arn:aws:iam::123456789012:policy/a/m$`,
		attrs:    []string{"AttachmentCount", "CreateDate", "DefaultVersionId", "IsAttachable", "PermissionsBoundaryUsageCount", "PolicyArn", "PolicyId", "UpdateDate"},
		has:      []string{`"AttachmentCount":2`},
	},
	{typ: "AWS::IAM::UserToGroupAddition", first: `{"GroupName":"devs","Users":["ann","ben"]}`, second: `{"GroupName":"ops","Users":["ben"]}`,
		physical: `^stack-Thing-[A-Z0-9]{12}$`, attrs: []string{"Id"}, has: []string{`"GroupList":["devs"]`}, hasThen: []string{`"GroupList":["ops"]`}},
	{typ: "AWS::IAM::InstanceProfile", first: `{"InstanceProfileName":"box","Path":"/a/","Roles":["web"]}`, second: `{"InstanceProfileName":"box","Path":"/a/","Roles":["job"]}`,
		physical: `^box$`, attrs: []string{"Arn"}, has: []string{"instance-profile/a/box"}},
	{
		typ: "AWS::IAM::OIDCProvider",
		first: `{"Url":"https://idp.example.com","ClientIdList":["a","b"],"ThumbprintList":["` + strings.Repeat("A", 40) + `"],
			"Tags":[{"Key":"Team","Value":"red"}]}`,
		second:   `{"Url":"https://idp.example.com","ClientIdList":["b","c"],"ThumbprintList":["` + strings.Repeat("b", 40) + `"]}`,
		physical: `^arn:aws:iam::123456789012:oidc-provider/idp.example.com$`, attrs: []string{"Arn"},
		has: []string{`["a","b"]`, strings.Repeat("a", 40), `"Value":"red"`}, hasThen: []string{`["b","c"]`, strings.Repeat("b", 40)},
	},
	{
		typ:      "AWS::IAM::SAMLProvider",
		first:    `{"Name":"idp","SamlMetadataDocument":` + quoted(samlMetadata("one")) + `,"Tags":[{"Key":"Team","Value":"red"}]}`,
		second:   `{"Name":"idp","SamlMetadataDocument":` + quoted(samlMetadata("two")) + `,"AssertionEncryptionMode":"Allowed","Tags":[{"Key":"Team","Value":"blue"}]}`,
		physical: `^arn:aws:iam::123456789012:saml-provider/idp$`, attrs: []string{"Arn", "SamlProviderUUID"},
		has: []string{`"Value":"red"`}, hasThen: []string{`"Value":"blue"`},
	},
	{typ: "AWS::IAM::ServiceLinkedRole", first: `{"AWSServiceName":"autoscaling.amazonaws.com","CustomSuffix":"x","Description":"d"}`,
		second:   `{"AWSServiceName":"autoscaling.amazonaws.com","CustomSuffix":"x","Description":"e"}`,
		physical: `^AWSServiceRoleForAutoScaling_x$`, attrs: []string{"RoleName"}},
	{typ: "AWS::IAM::VirtualMFADevice", first: `{"VirtualMfaDeviceName":"phone","Path":"/a/","Users":["ann"],"Tags":[{"Key":"Team","Value":"red"}]}`,
		second:   `{"VirtualMfaDeviceName":"phone","Path":"/a/","Users":["ann"],"Tags":[{"Key":"Team","Value":"blue"}]}`,
		physical: `^arn:aws:iam::123456789012:mfa/a/phone$`, attrs: []string{"SerialNumber"}, has: []string{`"UserName":"ann"`, `"Value":"red"`}, hasThen: []string{`"Value":"blue"`}},
	{
		typ: "AWS::IAM::ServerCertificate",
		first: `{"ServerCertificateName":"tls","Path":"/a/","CertificateBody":` + quoted(tls.body) + `,"PrivateKey":` + quoted(tls.key) + `,
			"Tags":[{"Key":"Team","Value":"red"}]}`,
		second:   `{"ServerCertificateName":"tls","CertificateBody":` + quoted(tls.body) + `,"PrivateKey":` + quoted(tls.key) + `}`,
		physical: `^tls$`, attrs: []string{"Arn"}, has: []string{"server-certificate/a/tls", `"Value":"red"`}, hasThen: []string{"server-certificate/tls"},
	},
	{
		typ: "AWS::SecretsManager::Secret",
		first: `{"Name":"db","Description":"d","KmsKeyId":"alias/a","Type":"t","SecretString":"one","ReplicaRegions":[{"Region":"eu-west-1"},{"Region":"eu-west-2"}],
			"Tags":[{"Key":"Team","Value":"red"},{"Key":"team","Value":"other"}]}`,
		second:   `{"Name":"db","SecretString":"two","ReplicaRegions":[{"Region":"eu-west-2","KmsKeyId":"alias/b"},{"Region":"us-west-1"}],"Tags":[{"Key":"Team","Value":"blue"}]}`,
		physical: `^arn:aws:secretsmanager:us-east-1:123456789012:secret:db-\w{6}$`, attrs: []string{"Id"},
		has:     []string{`"SecretString":"one"`, `"Description":"d"`, `"KmsKeyId":"alias/a"`, `"Region":"eu-west-1"`, `"Value":"other"`},
		hasThen: []string{`"SecretString":"two"`, `"Region":"us-west-1"`, `"KmsKeyId":"alias/b"`, `"Value":"blue"`},
	},
	{
		typ:      "AWS::SecretsManager::Secret",
		first:    `{"Name":"gen","GenerateSecretString":{"SecretStringTemplate":"{\"username\":\"admin\"}","GenerateStringKey":"password","PasswordLength":4,"ExcludePunctuation":true,"ExcludeLowercase":true,"ExcludeUppercase":true}}`,
		second:   `{"Name":"gen","GenerateSecretString":{"PasswordLength":"5","ExcludePunctuation":true,"ExcludeLowercase":true,"ExcludeUppercase":true}}`,
		physical: `^arn:aws:secretsmanager:us-east-1:123456789012:secret:gen-\w{6}$`, attrs: []string{"Id"}, noBack: true,
		has: []string{`"SecretString":"{\"username\":\"admin\",\"password\":\"`},
	},
	{typ: "AWS::SecretsManager::Secret", first: `{"Name":"empty"}`, second: `{"Name":"empty","Description":"d"}`,
		physical: `^arn:aws:secretsmanager:us-east-1:123456789012:secret:empty-\w{6}$`, attrs: []string{"Id"}},
	{typ: "AWS::SecretsManager::ResourcePolicy", first: `{"SecretId":"mine","ResourcePolicy":` + private + `,"BlockPublicPolicy":true}`,
		second:   `{"SecretId":"mine","ResourcePolicy":` + public + `}`,
		physical: `^arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-\w{6}$`, attrs: []string{"Id"}, has: []string{"DeleteSecret"}, hasThen: []string{"GetSecretValue"}},
	{typ: "AWS::SecretsManager::RotationSchedule",
		first:    `{"SecretId":"mine","RotationLambdaARN":"arn:aws:lambda:us-east-1:123456789012:function:f","RotateImmediatelyOnUpdate":false,"RotationRules":{"AutomaticallyAfterDays":30}}`,
		second:   `{"SecretId":"mine","RotationLambdaARN":"arn:aws:lambda:us-east-1:123456789012:function:g","RotateImmediatelyOnUpdate":false,"RotationRules":{"ScheduleExpression":"rate(10 days)","Duration":"2h"}}`,
		physical: `^arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-\w{6}$`, attrs: []string{"Id"}, has: []string{`"AutomaticallyAfterDays":30`}, hasThen: []string{"rate(10 days)"},
		leaves: `,"RotationEnabled":false,"RotationLambdaARN":"arn:aws:lambda:us-east-1:123456789012:function:f"`},
	{
		typ: "AWS::SSM::Parameter",
		first: `{"Name":"/app/size","Type":"String","Value":"10","AllowedPattern":"[0-9]+","Description":"d","Tier":"Advanced",
			"Policies":"[{\"Type\":\"NoChangeNotification\",\"Version\":\"1.0\",\"Attributes\":{\"After\":\"20\",\"Unit\":\"Days\"}}]","Tags":{"Team":"red","a":"1"}}`,
		second:   `{"Name":"/app/size","Type":"String","Value":"small","Tier":"Advanced","Tags":{"Team":"blue"}}`,
		physical: `^/app/size$`, attrs: []string{"Type", "Value", "Name", "DataType", "Tier"},
		has:     []string{`"Value":"10"`, `"AllowedPattern":"[0-9]+"`, `"Description":"d"`, "NoChangeNotification", `{"Key":"Team","Value":"red"}`, `{"Key":"env","Value":"stack"}`},
		hasThen: []string{`"Value":"small"`, `{"Key":"Team","Value":"blue"}`},
	},
}

// stackTags are tags of a stack, one of which no caller may give.
var stackTags = []kind.Tag{{Key: "aws:cloudformation:stack-name", Value: "stack"}, {Key: "env", Value: "stack"}}

func (l *life) begin(t *testing.T) *resource {
	w := newWorld(t)
	fill(w)
	var tags []kind.Tag
	if kind.Find(l.typ).Schema.Taggable {
		tags = stackTags
	}
	return w.resource(l.typ, tags...)
}

// shownAfter is what the services show after a resource is made with properties.
func (l *life) shownAfter(t *testing.T, properties string) string {
	r := l.begin(t)
	if err := r.create(properties); err != nil {
		t.Fatalf("creating %s: %v", properties, err)
	}
	return r.show()
}

func TestLives(t *testing.T) {
	for i, l := range lives {
		t.Run(fmt.Sprint(i, " ", l.typ), func(t *testing.T) {
			t.Parallel()
			first, second := l.shownAfter(t, l.first), l.shownAfter(t, l.second)
			for _, want := range l.has {
				if !strings.Contains(first, want) {
					t.Errorf("%s is not in %s", want, first)
				}
			}
			for _, want := range l.hasThen {
				if !strings.Contains(second, want) {
					t.Errorf("%s is not in %s", want, second)
				}
			}
			for diesAfter := -1; diesAfter < 8; diesAfter++ {
				l.live(t, diesAfter, first, second)
			}
		})
	}
}

// live is one life, each step of which dies once after some writes.
func (l *life) live(t *testing.T, diesAfter int, first, second string) {
	r := l.begin(t)
	before := r.show()
	r.diesAfter = diesAfter
	do := func(what string, err error, want, properties string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s, dying after %d: %v", what, diesAfter, err)
		}
		got := r.show()
		if l.noBack {
			got, want = digits.ReplaceAllString(got, "#"), digits.ReplaceAllString(want, "#")
		}
		if properties == "" && l.leaves != "" {
			got = strings.ReplaceAll(got, l.leaves, "")
		}
		if got != want {
			t.Fatalf("%s, dying after %d: %s", what, diesAfter, difference(got, want))
		}
		if properties == "" || !r.typ.Readable() {
			return
		}
		if is, want := r.read(properties), r.node(properties); !tree.Equal(is, want) {
			t.Fatalf("%s: read\n got %s\nwant %s", what, is.JSON(), want.JSON())
		}
	}
	do("create", r.create(l.first), first, l.first)
	if !regexp.MustCompile(l.physical).MatchString(r.Physical) {
		t.Errorf("Ref is %s", r.Physical)
	}
	for _, name := range l.attrs {
		if r.attrs[name] == "" || !slices.Contains(r.typ.Schema.Attributes, name) {
			t.Errorf("attribute %s: %q of %q", name, r.attrs[name], r.typ.Schema.Attributes)
		}
	}
	do("update", r.update(l.first, l.second), second, l.second)
	do("update back", r.update(l.second, l.first), first, l.first)
	do("an update again", r.update(l.second, l.first), first, l.first) // as of one that failed before it began
	do("delete", r.delete(l.first), before, "")
	do("delete again", r.delete(l.first), before, "")
	if r.typ.Readable() {
		if is := r.read(l.first); is != nil {
			t.Errorf("read after the deletion: %s", is.JSON())
		}
	}
}

// digits are a generated value of the lives.
var digits = regexp.MustCompile(`\b[0-9]{4,5}\b`)

// difference shows where two long texts begin to differ.
func difference(got, want string) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	part := func(s string) string { return s[max(0, at-150):min(len(s), at+300)] }
	return fmt.Sprintf("\n got …%s…\nwant …%s…", part(got), part(want))
}

// What can't be made leaves nothing once it is deleted, and says what was wrong.
func TestHalfMade(t *testing.T) {
	const none = "arn:aws:iam::123456789012:policy/none"
	for _, c := range []struct{ typ, properties, code string }{
		{"AWS::IAM::User", `{"Groups":["devs"],"LoginProfile":{"Password":"short"}}`, "PasswordPolicyViolation"},
		{"AWS::IAM::User", `{"Groups":["devs","none"],"ManagedPolicyArns":["` + readOnly + `"]}`, "NoSuchEntity"},
		{"AWS::IAM::User", `{"ManagedPolicyArns":["` + readOnly + `","` + none + `"],"Policies":[{"PolicyName":"p","PolicyDocument":` + allow + `}]}`, "NoSuchEntity"},
		{"AWS::IAM::User", `{"Policies":[{"PolicyName":"p","PolicyDocument":` + allow + `},{"PolicyName":"a b","PolicyDocument":` + allow + `}]}`, "ValidationError"},
		{"AWS::IAM::Group", `{"Policies":[{"PolicyName":"p","PolicyDocument":` + allow + `},{"PolicyName":"q","PolicyDocument":{}}]}`, "MalformedPolicyDocument"},
		{"AWS::IAM::Role", `{"AssumeRolePolicyDocument":` + trustEC2 + `,"ManagedPolicyArns":["` + none + `"]}`, "NoSuchEntity"},
		{"AWS::IAM::Policy", `{"PolicyName":"p","PolicyDocument":` + allow + `,"Users":["ann","none"]}`, "NoSuchEntity"},
		{"AWS::IAM::ManagedPolicy", `{"PolicyDocument":` + allow + `,"Users":["ann","none"]}`, "NoSuchEntity"},
		{"AWS::IAM::UserToGroupAddition", `{"GroupName":"devs","Users":["ann","none"]}`, "NoSuchEntity"},
		{"AWS::IAM::InstanceProfile", `{"Roles":["none"]}`, "NoSuchEntity"},
		{"AWS::IAM::VirtualMFADevice", `{"Users":["none"]}`, "NoSuchEntity"},
		{"AWS::SecretsManager::Secret", `{"SecretString":"v","ReplicaRegions":[{"Region":"eu-west-1"},{"Region":"us-east-1"}]}`, "InvalidParameterException"},
		{"AWS::SecretsManager::RotationSchedule", `{"SecretId":"mine"}`, "InvalidRequestException"},
		{"AWS::SSM::Parameter", `{"Type":"String","Value":"a","AllowedPattern":"b"}`, "ParameterPatternMismatchException"},
	} {
		t.Run(c.typ+" "+c.code, func(t *testing.T) {
			l := life{typ: c.typ}
			r := l.begin(t)
			before := r.show()
			err := r.create(c.properties)
			if e, ok := err.(*awserr.Error); !ok || e.Code != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if r.Physical != "" {
				if err := r.delete(c.properties); err != nil {
					t.Errorf("deleting: %v", err)
				}
			}
			if after := r.show(); after != before {
				t.Errorf("there is something left: %s", difference(after, before))
			}
		})
	}
}

// What is there already is not taken for the resource's own.
func TestTaken(t *testing.T) {
	for typ, properties := range map[string]string{
		"AWS::IAM::User":              `{"UserName":"ann"}`,
		"AWS::IAM::Group":             `{"GroupName":"devs"}`,
		"AWS::IAM::Role":              `{"RoleName":"web","AssumeRolePolicyDocument":` + trustEC2 + `}`,
		"AWS::SecretsManager::Secret": `{"Name":"mine","SecretString":"v"}`,
	} {
		l := life{typ: typ}
		r := l.begin(t)
		if err := r.create(properties); err == nil || r.Physical != "" {
			t.Errorf("%s: %v, and %q is its", typ, err, r.Physical)
		}
	}
}

// Properties that are refused before anything is made or changed.
func TestRefuses(t *testing.T) {
	for _, c := range []struct{ typ, was, want, message string }{
		{"AWS::IAM::Policy", "", `{"PolicyName":"p","PolicyDocument":{},"Users":[]}`, "#: At least one of [Groups,Roles,Users] must be non-empty."},
		{"AWS::IAM::OIDCProvider", "", `{"ClientIdList":["a"]}`, "#: required key [Url] not found"},
		{"AWS::IAM::SAMLProvider", "", `{}`, "#: required key [SamlMetadataDocument] not found"},
		{"AWS::IAM::ServiceLinkedRole", "", `{}`, "#: required key [AWSServiceName] not found"},
		{"AWS::IAM::ServerCertificate", "", `{"CertificateBody":"b"}`, "#: required key [PrivateKey] not found"},
		{"AWS::IAM::VirtualMFADevice", "", `{"Users":["ann","ben"]}`, "#/Users: a virtual MFA device belongs to one user"},
		{"AWS::IAM::VirtualMFADevice", `{"Users":["ann"]}`, `{"Users":["ben"]}`,
			"#/Users: a device can't be given to another user, since its seed is known only when it is made; another VirtualMfaDeviceName makes a new one"},
		{"AWS::SecretsManager::Secret", "", `{"SecretString":"v","GenerateSecretString":{}}`, "#: SecretString and GenerateSecretString can't both be specified"},
		{"AWS::SecretsManager::Secret", "", `{"GenerateSecretString":{"GenerateStringKey":"k"}}`,
			"#/GenerateSecretString: SecretStringTemplate and GenerateStringKey must both be specified"},
		{"AWS::SecretsManager::Secret", "", `{"GenerateSecretString":{"GenerateStringKey":"k","SecretStringTemplate":"[]"}}`,
			"#/GenerateSecretString/SecretStringTemplate: the value is not a JSON object"},
		{"AWS::SecretsManager::RotationSchedule", "", `{"SecretId":"s","HostedRotationLambda":{"RotationType":"PostgreSQLSingleUser"}}`,
			"#/HostedRotationLambda: iamd makes no Lambda functions; RotationLambdaARN names one that is there"},
		{"AWS::SecretsManager::SecretTargetAttachment", "", `{"SecretId":"s","TargetId":"db","TargetType":"AWS::RDS::DBInstance"}`,
			"#/TargetType: iamd has no AWS::RDS::DBInstance to attach a secret to"},
	} {
		r := newWorld(t).resource(c.typ)
		var err error
		if c.was == "" {
			err = r.typ.Refuses(nil, r.node(c.want))
		} else {
			err = r.typ.Refuses(r.node(c.was), r.node(c.want))
		}
		if err == nil || err.Error() != c.message {
			t.Errorf("%s %s: got %v, want %s", c.typ, c.want, err, c.message)
		}
	}
}

// The tags of a stack change by themselves, too; those that others have put there stay.
func TestStackTags(t *testing.T) {
	for _, c := range []struct{ typ, properties string }{
		{"AWS::IAM::Role", `{"RoleName":"app","AssumeRolePolicyDocument":` + trustEC2 + `,"Tags":[{"Key":"Own","Value":"1"}]}`},
		{"AWS::SSM::Parameter", `{"Name":"p","Type":"String","Value":"v","Tags":{"Own":"1"}}`},
		{"AWS::SecretsManager::Secret", `{"Name":"s","Tags":[{"Key":"Own","Value":"1"}]}`},
	} {
		l := life{typ: c.typ}
		r := l.begin(t)
		if err := r.create(c.properties); err != nil {
			t.Fatal(err)
		}
		foreign := map[string]any{
			"AWS::IAM::Role":              &iamshape.TagRoleRequest{RoleName: "app", Tags: []iamshape.Tag{{Key: "foreign", Value: "1"}}},
			"AWS::SSM::Parameter":         &ssmshape.AddTagsToResourceRequest{ResourceType: "Parameter", ResourceId: "p", Tags: []ssmshape.Tag{{Key: "foreign", Value: "1"}}},
			"AWS::SecretsManager::Secret": &secretshape.TagResourceRequest{SecretId: "s", Tags: []secretshape.Tag{{Key: new("foreign"), Value: new("1")}}},
		}
		if _, err := r.Call(context.Background(), foreign[c.typ]); err != nil {
			t.Fatal(err)
		}
		r.Tags = []kind.Tag{{Key: "cost", Value: "2"}, {Key: "Own", Value: "stack"}}
		if err := r.update(c.properties, c.properties); err != nil {
			t.Fatal(err)
		}
		shown := r.show()
		for _, want := range []string{`{"Key":"Own","Value":"1"}`, `{"Key":"cost","Value":"2"}`, `{"Key":"foreign","Value":"1"}`} {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: %s is not in %s", c.typ, want, shown)
			}
		}
		if strings.Contains(shown, `"env"`) {
			t.Errorf("%s keeps the old tag: %s", c.typ, shown)
		}
	}
}
