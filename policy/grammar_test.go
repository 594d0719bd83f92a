package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/policy"
)

// Where the texts come from.
const (
	// Answers of CreatePolicy, collected by the authors of moto in
	// https://github.com/getmoto/moto/blob/master/tests/test_iam/test_iam_policies.py
	fromCreatePolicy = "answers of CreatePolicy in moto's tests"
	// The same parser of AWS's reads the policies of DynamoDB's tables, S3's buckets
	// and IAM's roles.
	fromDynamoDB    = "answers of DynamoDB's PutResourcePolicy, quoted in public notes of a controller's authors"
	fromVersity     = "answers of CreateRole in versitygw's tests (iamapi)"
	fromTerraform   = "https://github.com/terraform-aws-modules/terraform-aws-iam/issues/47"
	fromPrincipals  = "https://github.com/hashicorp/terraform-provider-aws/issues/8905"
	fromNoPrincipal = "https://github.com/hashicorp/terraform-provider-aws/issues/10419"
	fromLocalStack  = "https://github.com/localstack/localstack/issues/6644"
	fromCloudTrail  = "errorMessage of CreatePolicy in a published CloudTrail log"
	fromSilence     = "AWS is silent: ours"
)

type refusal struct {
	kind    policy.Kind
	text    string
	message string // "" if the text is a policy
	source  string
}

// statement wraps the inside of a statement of a current policy.
func statement(inside string) string {
	return `{"Version":"2012-10-17","Statement":{` + inside + `}}`
}

// allow is a statement that allows, with elements added to it.
func allow(elements string) string { return statement(`"Effect":"Allow",` + elements) }

// listing is allow for s3:ListBucket.
func listing(elements string) string { return allow(`"Action":"s3:ListBucket",` + elements) }

// on is listing on a resource.
func on(resource string) string { return listing(`"Resource":"` + resource + `"`) }

// when is listing on conditions.
func when(condition string) string { return listing(`"Resource":"*","Condition":` + condition) }

// assume is a trust policy's statement with a principal.
func assume(elements string) string { return allow(`"Action":"sts:AssumeRole",` + elements) }

const (
	syntax = "Syntax errors in policy."
	legacy = "The policy failed legacy parsing"
	old    = "Policy document must be version 2012-10-17 or greater."
	vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	colons = "Actions/Condition can contain only one colon."
	noSts  = "AssumeRole policy may only specify STS AssumeRole actions."
	anyone = `"Principal":{"AWS":"*"}`
	valid  = `"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"`
)

var grammar = []refusal{
	{policy.Managed, `no json`, syntax, fromCreatePolicy},
	{policy.Managed, ``, syntax, fromCreatePolicy},
	{policy.Managed, `null`, syntax, "https://github.com/99designs/iamy/issues/74"},
	{policy.Managed, `[]`, syntax, fromSilence},
	{policy.Managed, `{"Statement":{` + valid + `}}`, old, fromCreatePolicy},
	{policy.Managed, `{"Version":"2008-10-17","Statement":{` + valid + `}}`, old, fromCreatePolicy},
	{policy.Identity, `{"Statement":{` + valid + `}}`, "", fromSilence},
	{policy.Session, `{"Version":"2008-10-17","Statement":{` + valid + `}}`, "", fromSilence},
	{policy.Managed, `{"Version":"2013-10-17","Statement":{` + valid + `}}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17"}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":["x"]}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":[]}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":{` + valid + `},"Other":"x"}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"version":"2012-10-17","Statement":{` + valid + `}}`, syntax, fromSilence},
	{policy.Managed, `{"Version":"2012-10-17","Id":[],"Statement":{` + valid + `}}`, syntax, fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Id":"some id","Statement":{` + valid + `}}`, "", fromCreatePolicy},
	{policy.Managed, statement(valid + `,"Other":1`), syntax, fromCreatePolicy},
	{policy.Managed, statement(valid + `,"Effect":"Allow"`), syntax, "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html#policies-grammar-notes"},
	{policy.Managed, statement(`"Effect":"maybe","Action":"s3:Get*","Resource":"*"`), syntax, fromCreatePolicy},
	{policy.Managed, statement(`"Action":"s3:Get*","Resource":"*"`), syntax, fromCreatePolicy},
	{policy.Managed, statement(`"Effect":"denY","Action":"s3:Get*","Resource":"*"`), legacy, fromCreatePolicy},
	{policy.Managed, `{"Statement":{"Effect":"denY","Action":"s3:Get*","Resource":"*"}}`, old, fromCreatePolicy},

	{policy.Managed, allow(`"Action":"invalid","Resource":"*"`), vendor, fromCreatePolicy},
	{policy.Managed, allow(`"NotAction":"","Resource":"*"`), vendor, fromCreatePolicy},
	{policy.Managed, allow(`"Action":"invalid"`), vendor, fromCreatePolicy},
	{policy.Managed, allow(`"Action":"a a:Get","Resource":"*"`), "Vendor a a is not valid", fromCreatePolicy},
	{policy.Managed, allow(`"Action":"s3*:Get","Resource":"*"`), "Vendor s3* is not valid", fromSilence},
	{policy.Managed, allow(`"Action":"s3:Get:Object","Resource":"*"`), colons, fromCreatePolicy},
	{policy.Managed, allow(`"Action":["s3:*","s:3:x"],"Resource":"*"`), colons, fromCreatePolicy},
	{policy.Managed, allow(`"Action":"s:3:x","Resource":"nowhere"`), `Resource nowhere must be in ARN format or "*".`, fromCreatePolicy},
	{policy.Managed, allow(`"Action":"iam: with spaces ","Resource":"*"`), "", fromCreatePolicy},
	{policy.Managed, allow(`"Action":"s3.x-y:Get","Resource":"*"`), "", fromCreatePolicy},
	{policy.Managed, allow(`"Action":"*:*","Resource":"*"`), "", fromSilence},
	{policy.Managed, allow(`"Resource":"*"`), "Policy statement must contain actions.", fromCreatePolicy},
	{policy.Managed, allow(`"Action":[],"Resource":"*"`), "Policy statement must contain actions.", fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny"},{` + valid + `}]}`, "Policy statement must contain actions.", fromCreatePolicy},
	{policy.Managed, allow(`"Action":[[]],"Resource":"*"`), syntax, fromCreatePolicy},
	{policy.Managed, allow(`"Action":{},"Resource":"*"`), syntax, fromCreatePolicy},
	{policy.Managed, allow(`"Action":[],"NotAction":"s3:x","Resource":"*"`), syntax, fromCreatePolicy},

	{policy.Managed, listing(`"Resource":[]`), "Policy statement must contain resources.", fromCreatePolicy},
	{policy.Managed, allow(`"Action":"s3:ListBucket"`), "Policy statement must contain resources.", fromCreatePolicy},
	{policy.Managed, on(`no arn`), `Resource no arn must be in ARN format or "*".`, fromCreatePolicy},
	{policy.Managed, on(``), `Resource  must be in ARN format or "*".`, fromCreatePolicy},
	{policy.Managed, on(`a:aws:s3:::b`), `Resource a:aws:s3:::b must be in ARN format or "*".`, fromSilence},
	{policy.Managed, on(`a:wrong`), `Partition "wrong" is not valid for resource "arn:wrong:*:*:*:*".`, fromCreatePolicy},
	{policy.Managed, on(`a:b:c`), `Partition "b" is not valid for resource "arn:b:c:*:*:*".`, fromCreatePolicy},
	{policy.Managed, on(`a:b:c:d:e:f:g:h`), `Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".`, fromCreatePolicy},
	{policy.Managed, on(`aws:s3:::bucket`), `Partition "s3" is not valid for resource "arn:s3:::bucket:*".`, fromCreatePolicy},
	{policy.Managed, listing(`"Resource":["arn:x:s3:::b","arn:x:s3::b"]`), `Partition "x" is not valid for resource "arn:x:s3:::b".`, fromCreatePolicy},
	{policy.Managed, on(`arn:*:s3:::bucket`), "", "AWS's own policies have it"},
	{policy.Managed, on(`arn:aws:s3::bucket`), legacy, fromCreatePolicy},
	{policy.Managed, allow(`"Resource":"arn:aws:s3::bucket"`), legacy, fromCreatePolicy},
	{policy.Managed, listing(`"NotResource":"arn:aws:s3::bucket"`), legacy, fromCreatePolicy},
	{policy.Managed, on(`arn:aws::bucket`), legacy, fromCreatePolicy},
	{policy.Managed, on(`arn:aws::::bucket`), legacy, fromCreatePolicy},
	{policy.Managed, on(`arn:aws:iam::${aws:PrincipalAccount}:role/x`), legacy, fromSilence},
	{policy.Managed, on(`arn:aws`), "Resource vendor must be fully qualified and cannot contain regexes.", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:s*:::b`), "Resource vendor must be fully qualified and cannot contain regexes.", fromSilence},
	{policy.Managed, on(`arn:aws:anything`), "", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:s3:us-west-2:123456789012:accesspoint/a`), "", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:s3:us-east-1::bucket`), "Resource arn:aws:s3:us-east-1::bucket can not contain region information.", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:iam:us-east-1::user/a`), "IAM resource arn:aws:iam:us-east-1::user/a cannot contain region information.", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:iam:::nothing`), `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`, fromCreatePolicy},
	{policy.Managed, on(`arn:aws:iam:::user/a`), "", fromCreatePolicy},
	{policy.Managed, on(`arn:aws:iam::*:root`), "", "AWS's own IAMAuditRootUserCredentials has it"},
	{policy.Managed, listing(`"Resource":{"a":"b"}`), syntax, fromCreatePolicy},
	{policy.Managed, listing(`"Resource":["no arn",{}]`), syntax, fromCreatePolicy},
	{policy.Managed, listing(`"Resource":"*","NotResource":[]`), syntax, fromCreatePolicy},

	{policy.Managed, when(`[]`), syntax, fromCreatePolicy},
	{policy.Managed, when(`"a"`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"a":"b"}`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"DateGreaterThan":[]}`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"DateGreaterThan":{"a":{}}}`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"x":{"a":"1"}}`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"ForAnyValue::StringEquals":{"a":"b"}}`), syntax, fromCreatePolicy},
	{policy.Managed, when(`{"stringequals":{"a":"b"}}`), syntax, fromSilence},
	{policy.Managed, when(`{"NullIfExists":{"a":"true"}}`), syntax, "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (null with if exists)"},
	{policy.Managed, when(`{}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"a":{},"b":{}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"DateGreaterThan":{"a":[]}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"ForAnyValue:StringEqualsIfExists":{"a":"b"}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"Bool":{"a":true},"NumericLessThan":{"b":3}}`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"},
	{policy.Managed, when(`{"DateGreaterThan":{"a":"soon"}}`), legacy, fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThanEquals":{"a":"234-13"}}`), legacy, fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThanEquals":{"a":"2016-12-13t2:00:00.593194+1"}}`), legacy, fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThanEquals":{"a":"2016-12-13t2:00:00.1999999999+10:59"}}`), legacy, fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThan":{"a":"9223372036854775808"}}`), legacy, fromCreatePolicy},
	{policy.Managed, when(`{"DateGreaterThan":{"a":"01T"}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThanEquals":{"a":"2016-12-13t2:00:00.593194+23"}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThanEquals":{"a":"2016-12-13T21:20:37.593194+00:00"}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"DateLessThan":{"a":"-292275054"}}`), "", fromCreatePolicy},
	{policy.Managed, when(`{"NumericEquals":{"a":"ten"}}`), legacy, fromSilence},
	{policy.Managed, when(`{"IpAddress":{"a":"10.0.0.0/33"}}`), legacy, fromSilence},
	{policy.Managed, when(`{"BinaryEquals":{"a":"?"}}`), legacy, fromSilence},
	{policy.Managed, when(`{"Null":{"a":"perhaps"}}`), legacy, fromSilence},
	{policy.Managed, listing(`"Resource":"arn:x:s3:::b","Condition":{"DateGreaterThan":{"a":"soon"}}`), legacy, fromCreatePolicy},
	{policy.Managed, allow(`"Condition":{"DateGreaterThan":{"a":"soon"}}`), legacy, fromCreatePolicy},

	{policy.Managed, statement(`"Sid":{},` + valid), syntax, fromCreatePolicy},
	{policy.Managed, statement(`"Sid":"no-good",` + valid), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*", fromCloudTrail},
	{policy.Managed, `{"Version":"2012-10-17","Statement":[{"Sid":"a",` + valid + `},{"Sid":"a","Effect":"Allow"}]}`, "Statement IDs (SID) in a single policy must be unique.", fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":[{"Sid":"",` + valid + `},{"Sid":"",` + valid + `}]}`, "", fromCreatePolicy},
	{policy.Managed, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"aLLow","Action":"s3:x","Resource":"*"},{"Sid":"a","Effect":"Allow"}]}`, legacy, fromCreatePolicy},
	{policy.Managed, listing(`"Resource":"*",` + anyone), "Policy document should not specify a principal.", fromNoPrincipal},
	{policy.Identity, assume(anyone), "Policy document should not specify a principal.", "https://github.com/lyft/metadataproxy/issues/53"},

	{policy.Trust, ``, "This policy contains invalid Json", fromDynamoDB},
	{policy.Trust, `[]`, "This policy contains invalid Json", fromDynamoDB},
	{policy.Trust, `null`, "This text appears not to be a policy", fromDynamoDB},
	{policy.Trust, `{}`, "Syntax error at position (1,3)", fromDynamoDB},
	{policy.Trust, `{"Statement":[{}]}`, "Missing required field Effect", fromDynamoDB},
	{policy.Trust, `{"Statement":[]}`, "Could not parse the policy: Statement is empty!", fromDynamoDB},
	{policy.Trust, `{"statement":[{}],"version":"2012-10-17"}`, "Unknown field statement", "CreateRole by way of Terraform, in a public transcript"},
	{policy.Trust, `{"Version":"2013-10-17","Statement":[{}]}`, "The policy must contain a valid version string", fromVersity},
	{policy.Trust, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"sts:AssumeRole",` + anyone + `},{"Sid":"a","Effect":"Allow","Action":"sts:AssumeRole",` + anyone + `}]}`, "The Statement Ids in the policy are not unique", fromDynamoDB},
	{policy.Trust, statement(`"Effect":"Maybe","Action":"sts:AssumeRole",` + anyone), "Invalid effect: Maybe", fromVersity},
	{policy.Trust, statement(`"Effect":"allow","Action":"sts:AssumeRole",` + anyone), "Invalid effect: allow", fromVersity},
	{policy.Trust, allow(`"Action":"sts:AssumeRole"`), "Missing required field Principal", fromVersity},
	{policy.Trust, allow(anyone), "Missing required field Action", fromVersity},
	{policy.Trust, assume(`"Principal":{}`), "Missing required field Principal cannot be empty!", fromVersity},
	{policy.Trust, assume(`"Principal":{"AWS":[]}`), "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a statement with no principals!", fromTerraform},
	{policy.Trust, `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}`, "Syntax error at position (1,83)", "CreateRole by way of Terraform, in a public transcript"},
	{policy.Trust, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"aws":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`, "Syntax error at position (1,76)", "CreateRole, in an article about that text"},
	{policy.Trust, assume(`"Principal":{"AWS":"arn:aws:iam::123456789012:role/*"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/*"`, fromPrincipals},
	{policy.Trust, assume(`"Principal":{"Service":"ec2"}`), `Invalid principal in policy: "SERVICE":"ec2"`, fromVersity},
	{policy.Trust, assume(`"Principal":{"CanonicalUser":"cafe"}`), `Invalid principal in policy: "CANONICALUSER":"cafe"`, fromSilence},
	{policy.Trust, assume(anyone + `,"Resource":"*"`), "Has prohibited field Resource", fromLocalStack},
	{policy.Trust, assume(anyone + `,"NotResource":"*"`), "AssumeRole policy must not contain resources.", fromVersity},
	{policy.Trust, assume(`"NotPrincipal":{"AWS":"*"}`), "Allow with NotPrincipal is not allowed.", fromVersity},
	{policy.Trust, statement(`"Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"*"}`), "AssumeRole policy must not contain NotPrincipal field.", fromVersity},
	{policy.Trust, allow(`"Action":"*",` + anyone), noSts, fromVersity},
	{policy.Trust, allow(`"Action":["sts:AssumeRole","s3:x"],` + anyone), noSts, fromVersity},
	{policy.Trust, assume(anyone), "", fromVersity},
	{policy.Trust, assume(`"Principal":"*"`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"},
	{policy.Trust, allow(`"Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Principal":{"Service":"sagemaker.amazonaws.com"}`), "", "https://github.com/getmoto/moto/issues/5750"},
	{policy.Trust, assume(`"Principal":{"Federated":["accounts.google.com","arn:aws:iam::123456789012:saml-provider/idp"]}`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"},
	{policy.Trust, assume(`"Principal":{"AWS":"AIDAEXAMPLEEXAMPLE00"}`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"},

	{policy.Resource, listing(`"Resource":"*"`), "Missing required field Principal", "https://github.com/spantaleev/matrix-docker-ansible-deploy/issues/1869"},
	{policy.Resource, listing(anyone), "Missing required field Resource", fromDynamoDB},
	{policy.Resource, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:Get*","Resource":"*","Principal":"123456789012"}]}`, "Syntax error at position (1,109)", fromDynamoDB + ", for another document"},
	{policy.Resource, listing(anyone + `,"Resource":"bucket"`), "Policy has invalid resource", fromSilence},
	{policy.Resource, allow(anyone + `,"Action":"x","Resource":"*"`), "Policy has invalid action", fromSilence},
	{policy.Resource, listing(`"NotPrincipal":{"AWS":"123456789012"},"Resource":"*"`), "Allow with NotPrincipal is not allowed.", fromVersity},
	{policy.Resource, statement(`"Effect":"Deny","Action":"s3:*","NotPrincipal":{"AWS":"123456789012"},"Resource":"*"`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"},
	{policy.Resource, listing(`"Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},"Resource":"*"`), "", "https://github.com/aws-samples/aws-modern-application-workshop/issues/89"},
	{policy.Resource, listing(`"Principal":{"CanonicalUser":"cafe"},"Resource":"*","Sid":"any thing"`), "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"},
}

func TestGrammar(t *testing.T) {
	for _, c := range grammar {
		_, err := policy.Parse(c.text, c.kind)
		got := ""
		if bad, ok := errors.AsType[*policy.Error](err); ok {
			got = bad.Message
		}
		if got != c.message {
			t.Errorf("%v %s:\n got %q\nwant %q (%s)", c.kind, c.text, got, c.message, c.source)
		}
	}
}

func TestParseBounds(t *testing.T) {
	padded := on("*") + strings.Repeat(" ", policy.MaxLen)
	deep := strings.Repeat(`{"Statement":[`, 5000) + strings.Repeat(`]}`, 5000)
	for _, text := range []string{padded, deep, "\xff", on("\xff")} {
		if _, err := policy.Parse(text, policy.Managed); err == nil {
			t.Errorf("%.40q… of %d bytes is a policy", text, len(text))
		}
	}
	if _, err := policy.Parse(padded[:policy.MaxLen], policy.Managed); err != nil {
		t.Errorf("a policy of MaxLen: %v", err)
	}
}

// TestParseIsFast has texts that would take a careless parser minutes.
func TestParseIsFast(t *testing.T) {
	fill := func(s string, room int) string { return strings.Repeat(s, (policy.MaxLen-room)/len(s)) }
	statements := fill(`{"Effect":"Deny","Action":"*","Resource":"*"},`, 200)
	actions := fill(`"s3:a*b","s3:c",`, 200)
	start := time.Now()
	for name, text := range map[string]string{
		"statements":  `{"Version":"2012-10-17","Statement":[` + statements + `{` + valid + `}]}`,
		"wildcards":   on("arn:aws:s3:::" + fill("*?", 200)),
		"segments":    on("arn:aws:sqs:" + fill("*?a", 200) + "::b"),
		"variables":   on("arn:aws:s3:::" + fill("${", 200)),
		"escapes":     on("arn:aws:s3:::" + fill("${*}", 200)),
		"actions":     allow(`"Resource":"*","Action":[` + actions + `"s3:d"]`),
		"conditions":  when(`{"StringLike":{"a":[` + fill(`"*",`, 200) + `"*"]}}`),
		"backslashes": on("arn:aws:s3:::" + fill(`\\u002a`, 200)),
	} {
		doc, err := policy.Parse(text, policy.Identity)
		if err != nil {
			t.Errorf("%s: %.200s", name, err.Error())
			continue
		}
		set := policy.Set{Identity: []policy.Policy{{Document: doc}}}
		set.Decide(&policy.Request{Action: "s3:aaaaab", Resource: "arn:aws:s3:::" + strings.Repeat("a:", 1000), Context: policy.Values{"a": {"b"}}})
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestPositions has the positions of AWS's simulator.
func TestPositions(t *testing.T) {
	type positions = [2]policy.Position
	for text, want := range map[string][]positions{
		// The example of simulate-custom-policy in the AWS CLI's reference.
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`: {
			{{Line: 1, Column: 38}, {Line: 1, Column: 167}},
		},
		// A bucket policy in an article of Scott Logic's of 2025-07-10, and what the simulator said of it.
		`{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"*","Resource":["arn:aws:s3:::tims-fancy-bucket/*","arn:aws:s3:::tims-fancy-bucket"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},` +
			`{"Sid":"DenyTimDelete","Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::tims-fancy-bucket/*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::112233445566:role/tims-test-role"}}}]}`: {
			{{Line: 1, Column: 38}, {Line: 1, Column: 248}},
			{{Line: 1, Column: 248}, {Line: 1, Column: 470}},
		},
		// The example of the API reference has these numbers for a text of this form.
		"{\n  \"Version\":\"2012-10-17\",\n  \"Statement\":[{\n   \"Effect\":\"Allow\",\n   \"Action\":\"s3:*\",\n   \"Resource\":\"*\"\n  }]\n}": {
			{{Line: 3, Column: 16}, {Line: 7, Column: 4}},
		},
	} {
		doc, err := policy.Parse(text, policy.Identity)
		if strings.Contains(text, "Principal\"") {
			doc, err = policy.Parse(text, policy.Resource)
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i, s := range doc.Statements() {
			if got := (positions{s.Start, s.End}); got != want[i] {
				t.Errorf("%s: statement %d at %v, want %v", text, i, got, want[i])
			}
		}
	}
	bad := "{\n \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:*\",\n  \"Resource\": \"é\", \"Sid\": 7}}"
	_, err := policy.Parse(bad, policy.Managed)
	if e, ok := errors.AsType[*policy.Error](err); !ok || e.At != (policy.Position{Line: 3, Column: 27}) {
		t.Errorf("%s: %v", bad, err)
	}
}
