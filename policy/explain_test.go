package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

func mustParse(tb testing.TB, kind policy.Kind, text string) *policy.Document {
	tb.Helper()
	doc, err := policy.Parse(text, kind)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return doc
}

// TestExplain has a statement that fails by each of its elements.
func TestExplain(t *testing.T) {
	own := mustParse(t, policy.Identity, `{"Version":"2012-10-17","Statement":[
		{"Sid":"a","Effect":"Allow","Action":"iam:*","Resource":"*"},
		{"Sid":"b","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::other/*"},
		{"Sid":"c","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"StringEquals":{"aws:PrincipalTag/Team":"red","aws:Referer":"x"}}},
		{"Sid":"d","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket/${aws:UserId}/*"},
		{"Sid":"e","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)
	bucket := mustParse(t, policy.Resource, `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"AWS":"444455556666"}}}`)
	set := policy.Set{
		Identity: []policy.Policy{{Name: "mine", Document: own}},
		Boundary: []policy.Policy{},
		Resource: []policy.Policy{{Name: "bucket", Document: bucket}},
		Required: true,
	}
	request := policy.Request{
		Principal: policy.Principal{Type: policy.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::bucket/alice/x",
		Context: policy.Values{"aws:securetransport": {"true"}},
	}
	x := set.Explain(&request)
	if x.Allowed || x.Explicit || x.By != policy.Boundary || !slices.Equal(x.Lacking, []policy.Kind{policy.Boundary, policy.Resource}) {
		t.Errorf("%+v, lacking %v", x.Decision, x.Lacking)
	}
	if want := []string{"aws:principaltag/team", "aws:referer", "aws:userid"}; !slices.Equal(x.Missing, want) {
		t.Errorf("missing %v, want %v", x.Missing, want)
	}
	type part struct {
		policy, sid string
		kind        policy.Kind
		matched     bool
		failed      policy.Element
		unmet       policy.Unmet
	}
	var got []part
	for _, o := range x.Statements {
		got = append(got, part{o.Policy, o.Sid, o.Kind, o.Matched, o.Failed, o.Unmet})
	}
	want := []part{
		{"mine", "a", policy.Identity, false, policy.ActionElement, policy.Unmet{}},
		{"mine", "b", policy.Identity, false, policy.ResourceElement, policy.Unmet{}},
		{"mine", "c", policy.Identity, false, policy.ConditionElement, policy.Unmet{Operator: "StringEquals", Key: "aws:PrincipalTag/Team"}},
		{"mine", "d", policy.Identity, false, policy.ResourceElement, policy.Unmet{}},
		{"mine", "e", policy.Identity, true, "", policy.Unmet{}},
		{"bucket", "", policy.Resource, false, policy.PrincipalElement, policy.Unmet{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWhy(t *testing.T) {
	for want, d := range map[string]policy.Decision{
		"": {Allowed: true},
		// The examples of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html,
		// but for its one "sessions policy".
		"because no identity-based policy allows the a:b action": {By: policy.Identity},
		"because no permissions boundary allows the a:b action":  {By: policy.Boundary},
		"because no session policy allows the a:b action":        {By: policy.Session},
		"because no resource-based policy allows the a:b action": {By: policy.Resource},
		"because no role trust policy allows the a:b action":     {By: policy.Trust},
		"with an explicit deny in an identity-based policy":      {Explicit: true, By: policy.Identity},
		"with an explicit deny in a permissions boundary":        {Explicit: true, By: policy.Boundary},
		"with an explicit deny in a session policy":              {Explicit: true, By: policy.Session},
		"with an explicit deny in a resource-based policy":       {Explicit: true, By: policy.Resource},
		"with an explicit deny in the role trust policy":         {Explicit: true, By: policy.Trust},
	} {
		if got := d.Why("a:b"); got != want {
			t.Errorf("%+v: %q, want %q", d, got, want)
		}
	}
}

func TestDocument(t *testing.T) {
	doc := mustParse(t, policy.Managed, `{"Version":"2012-10-17","Id":"x","Statement":[
		{"Effect":"Allow","Action":["S3:Get*","ec2:*"],"Resource":"arn:aws:s3:::b/${aws:UserName}/${s3:Prefix, 'x'}"},
		{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{
			"ArnLike":{"aws:SourceArn":"${aws:PrincipalArn}"},"Null":{"aws:TokenIssueTime":"true"},"StringLike":{"aws:UserAgent":"${*}"},
			"Bool":{"aws:SecureTransport":"${aws:ViaAWSService}"},"StringEqualsIgnoreCase":{"aws:Referer":"${aws:PrincipalTag/Home}"}}}]}`)
	want := []string{
		"aws:UserName", "s3:Prefix", "aws:SourceArn", "aws:PrincipalArn", "aws:TokenIssueTime",
		"aws:UserAgent", "aws:SecureTransport", "aws:ViaAWSService", "aws:Referer", "aws:PrincipalTag/Home",
	}
	if got := doc.ContextKeys(); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	if got := doc.Services(); !slices.Equal(got, []string{"ec2", "s3"}) {
		t.Errorf("services %v", got)
	}
	for service, want := range map[string]bool{"s3": true, "EC2": true, "iam": false, "sqs": false} {
		if doc.AllowsService(service) != want {
			t.Errorf("allows %s: %v", service, !want)
		}
	}
	all := mustParse(t, policy.Managed, statement(`"Effect":"Allow","NotAction":["iam:*","s3:Get*"],"Resource":"*"`))
	for service, want := range map[string]bool{"s3": true, "iam": false, "sqs": true} {
		if all.AllowsService(service) != want {
			t.Errorf("all but some allows %s: %v", service, !want)
		}
	}
	if doc.Kind() != policy.Managed || doc.Version() != "2012-10-17" || doc.ID() != "x" || len(doc.Statements()) != 2 {
		t.Errorf("%v %v %v", doc.Kind(), doc.Version(), doc.ID())
	}
}

// A key is listed once, as it is first written.
func TestContextKeysIgnoreCase(t *testing.T) {
	doc := mustParse(t, policy.Identity, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:userName}","Condition":{"StringEquals":{"aws:USERNAME":["a","${aws:username}"]}}},
		{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:UserName":"true"}}}]}`)
	if got := doc.ContextKeys(); !slices.Equal(got, []string{"aws:userName"}) {
		t.Errorf("keys %v", got)
	}
	if got := doc.Services(); !slices.Equal(got, []string{"s3"}) {
		t.Errorf("services %v", got)
	}
}

func TestComparable(t *testing.T) {
	for _, c := range []struct {
		operator, value string
		want            bool
	}{
		{"StringEquals", "${anything}*", true},
		{"NumericEquals", "-1.5e3", true},
		{"NumericEquals", "0x10", false},
		{"NumericEquals", "", false},
		{"Bool", "TRUE", true},
		{"Bool", "yes", false},
		{"IpAddress", "10.0.0.1", true},
		{"IpAddress", "2001:db8::1", true},
		{"IpAddress", "10.0.0.0/8", false},
		{"BinaryEquals", "aGVsbG8=", true},
		{"BinaryEquals", "aGVsbG8", false},
		{"DateEquals", "2015-08-16T12:00:00Z", true},
		{"DateEquals", "1439726400", true},
		{"DateEquals", "yesterday", false},
		{"Null", "true", false},
		{"Equals", "x", false},
	} {
		if got := policy.Comparable(c.operator, c.value); got != c.want {
			t.Errorf("%s of %q: %v", c.operator, c.value, got)
		}
	}
}

func Example() {
	doc, err := policy.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::home/${aws:username}/*"}}`, policy.Managed)
	if err != nil {
		panic(err)
	}
	set := policy.Set{Identity: []policy.Policy{{Name: "arn:aws:iam::111122223333:policy/home", Document: doc}}}
	for _, resource := range []string{"arn:aws:s3:::home/alice/letter", "arn:aws:s3:::home/bob/letter"} {
		decision := set.Decide(&policy.Request{
			Principal: policy.Principal{Type: policy.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"},
			Action:    "s3:GetObject",
			Resource:  resource,
			Context:   policy.Values{"aws:username": {"alice"}},
		})
		fmt.Printf("%v %q\n", decision.Allowed, decision.Why("s3:GetObject"))
	}
	// Output:
	// true ""
	// false "because no identity-based policy allows the s3:GetObject action"
}
