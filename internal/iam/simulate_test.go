package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const (
	allowed      = shape.PolicyEvaluationDecisionTypeAllowed
	explicitDeny = shape.PolicyEvaluationDecisionTypeExplicitDeny
	implicitDeny = shape.PolicyEvaluationDecisionTypeImplicitDeny

	bobARN = "arn:aws:iam::123456789012:user/Bob"
)

func simulate(w *optest.World, in *shape.SimulateCustomPolicyRequest) *shape.SimulatePolicyResponse {
	return optest.Must[shape.SimulatePolicyResponse](w, w.Root(), "SimulateCustomPolicy", in)
}

// statements are the statements of a reply, as policy:line,column-line,column.
func statements(list []shape.Statement) []string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s %s:%d,%d-%d,%d", *s.SourcePolicyId, *s.SourcePolicyType,
			*s.StartPosition.Line, *s.StartPosition.Column, *s.EndPosition.Line, *s.EndPosition.Column))
	}
	return out
}

// administrator is AdministratorAccess as AWS keeps it: its simulator gave the positions
// that are expected below.
const administrator = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`

// Replies that were recorded: about one bucket, and about no resource in particular.
func TestSimulateAsRecorded(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.SimulateCustomPolicyRequest{
		PolicyInputList: []string{administrator},
		ActionNames:     []string{"s3:GetObject"},
		ResourceArns:    []string{"arn:aws:s3:::example-test-iam-bucket"},
	}
	out := simulate(w, in)
	if len(out.EvaluationResults) != 1 || *out.IsTruncated || out.Marker != nil {
		t.Fatalf("replied %+v", out)
	}
	r := out.EvaluationResults[0]
	want := []string{"PolicyInputList.1 IAM Policy:3,17-8,6"}
	if r.EvalActionName != "s3:GetObject" || *r.EvalResourceName != in.ResourceArns[0] || r.EvalDecision != allowed ||
		!slices.Equal(statements(r.MatchedStatements), want) || r.MissingContextValues == nil || len(r.MissingContextValues) != 0 ||
		r.EvalDecisionDetails == nil || len(r.EvalDecisionDetails) != 0 || len(r.ResourceSpecificResults) != 1 ||
		r.OrganizationsDecisionDetail != nil || r.PermissionsBoundaryDecisionDetail != nil {
		t.Errorf("replied %+v, %v", r, statements(r.MatchedStatements))
	}
	s := r.ResourceSpecificResults[0]
	if s.EvalResourceName != in.ResourceArns[0] || s.EvalResourceDecision != allowed || !slices.Equal(statements(s.MatchedStatements), want) {
		t.Errorf("about the resource: %+v", s)
	}
	in.ResourceArns = nil
	r = simulate(w, in).EvaluationResults[0]
	if *r.EvalResourceName != "*" || r.EvalDecision != allowed || r.EvalDecisionDetails != nil || r.ResourceSpecificResults != nil ||
		!slices.Equal(statements(r.MatchedStatements), want) || r.MissingContextValues == nil {
		t.Errorf("about *: %+v", r)
	}
}

// The examples of AWS's documentation of the command line.
func TestSimulateExamplesOfAWS(t *testing.T) {
	w := optest.New(t, iam.Service())
	policy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}`
	for date, want := range map[string]string{"2015-04-25T11:00:00Z": implicitDeny, "2016-04-25T11:00:00Z": allowed} {
		r := simulate(w, &shape.SimulateCustomPolicyRequest{
			PolicyInputList: []string{policy},
			ActionNames:     []string{"dynamodb:CreateBackup"},
			ContextEntries:  []shape.ContextEntry{entry("aws:CurrentTime", "date", date)},
		}).EvaluationResults[0]
		if r.EvalDecision != want || len(r.MissingContextValues) != 0 || (len(r.MatchedStatements) == 1) != (want == allowed) {
			t.Errorf("at %s: %+v, want %s", date, r, want)
		}
	}
	r := simulate(w, &shape.SimulateCustomPolicyRequest{PolicyInputList: []string{policy}, ActionNames: []string{"s3:GetObject"}}).EvaluationResults[0]
	if r.EvalDecision != implicitDeny || !slices.Equal(r.MissingContextValues, []string{"aws:CurrentTime"}) {
		t.Errorf("without the time: %+v", r)
	}
	keys := optest.Must[shape.GetContextKeysForPolicyResponse](w, w.Root(), "GetContextKeysForCustomPolicy", &shape.GetContextKeysForCustomPolicyRequest{
		PolicyInputList: []string{
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}`,
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"AWS:SecureTransport":"false"},"Null":{"aws:currentTime":"true"}}}}`,
		},
	}).ContextKeyNames
	if !slices.Equal(keys, []string{"aws:username", "aws:CurrentTime", "AWS:SecureTransport"}) {
		t.Errorf("context keys %v", keys)
	}
}

func entry(key, kind string, values ...string) shape.ContextEntry {
	return shape.ContextEntry{ContextKeyName: &key, ContextKeyType: &kind, ContextKeyValues: values}
}

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
}

func deny(action, resource string) string {
	return strings.Replace(allow(action, resource), "Allow", "Deny", 1)
}

func onResource(effect, principal, action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":{"AWS":%q},"Action":%q,"Resource":%q}]}`, effect, principal, action, resource)
}

func TestSimulateDecisions(t *testing.T) {
	const object = "arn:aws:s3:::b/o"
	everything := allow("*", "*")
	for name, tc := range map[string]struct {
		in       shape.SimulateCustomPolicyRequest
		want     string
		matched  []string // the policies of the statements
		details  map[string]string
		boundary *bool
	}{
		"no policy about it":  {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{allow("iam:*", "*")}}, want: implicitDeny},
		"a denial alone":      {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything, deny("s3:*", "*")}}, want: explicitDeny, matched: []string{"PolicyInputList.2"}},
		"two that allow":      {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything, allow("s3:Get*", "*")}}, want: allowed, matched: []string{"PolicyInputList.1", "PolicyInputList.2"}},
		"boundary allows":     {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, PermissionsBoundaryPolicyInputList: []string{everything}}, want: allowed, matched: []string{"PolicyInputList.1"}, boundary: new(true)},
		"boundary does not":   {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, PermissionsBoundaryPolicyInputList: []string{allow("iam:*", "*")}}, want: implicitDeny, boundary: new(false)},
		"boundary denies":     {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, PermissionsBoundaryPolicyInputList: []string{deny("*", "*")}}, want: explicitDeny, matched: []string{"PermissionsBoundaryPolicyInputList.1", "PolicyInputList.1"}, boundary: new(false)},
		"resource allows":     {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{allow("iam:*", "*")}, ResourcePolicy: new(onResource("Allow", bobARN, "s3:*", "arn:aws:s3:::b/*")), CallerArn: new(bobARN)}, want: allowed, matched: []string{"ResourcePolicy"}},
		"resource denies":     {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, ResourcePolicy: new(onResource("Deny", bobARN, "s3:*", "arn:aws:s3:::b/*")), CallerArn: new(bobARN)}, want: explicitDeny, matched: []string{"ResourcePolicy", "PolicyInputList.1"}},
		"resource of another": {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, ResourcePolicy: new(onResource("Allow", "999999999999", "s3:*", "arn:aws:s3:::b/*")), CallerArn: new(bobARN), ResourceOwner: new("arn:aws:iam::999999999999:root")}, want: implicitDeny, details: map[string]string{"IAM Policy": allowed, "Resource Policy": implicitDeny}},
		"resource elsewhere":  {in: shape.SimulateCustomPolicyRequest{PolicyInputList: []string{everything}, ResourcePolicy: new(onResource("Allow", bobARN, "s3:*", "arn:aws:s3:::b/*")), CallerArn: new(bobARN), ResourceOwner: new("arn:aws:iam::999999999999:root")}, want: allowed, matched: []string{"ResourcePolicy", "PolicyInputList.1"}, details: map[string]string{"IAM Policy": allowed, "Resource Policy": allowed}},
	} {
		t.Run(name, func(t *testing.T) {
			w := optest.New(t, iam.Service())
			tc.in.ActionNames, tc.in.ResourceArns = []string{"s3:GetObject"}, []string{object}
			r := simulate(w, &tc.in).EvaluationResults[0]
			var matched []string
			for _, s := range r.MatchedStatements {
				matched = append(matched, *s.SourcePolicyId)
			}
			if r.EvalDecision != tc.want || !slices.Equal(matched, tc.matched) || fmt.Sprint(r.EvalDecisionDetails) != fmt.Sprint(tc.details) {
				t.Errorf("%s by %v, details %v", r.EvalDecision, matched, r.EvalDecisionDetails)
			}
			if d := r.PermissionsBoundaryDecisionDetail; (d == nil) != (tc.boundary == nil) || d != nil && *d.AllowedByPermissionsBoundary != *tc.boundary {
				t.Errorf("boundary %+v", d)
			}
		})
	}
}

// A trust policy is asked as the policy of a role.
func TestSimulateTrustPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"` + bobARN + `"},"Action":"sts:AssumeRole"}]}`
	in := &shape.SimulateCustomPolicyRequest{
		PolicyInputList: []string{allow("*", "*")}, ActionNames: []string{"sts:AssumeRole"}, CallerArn: new(bobARN),
		ResourceArns: []string{"arn:aws:iam::123456789012:role/R"}, ResourcePolicy: &trust,
	}
	if r := simulate(w, in).EvaluationResults[0]; r.EvalDecision != explicitDeny || *r.MatchedStatements[0].SourcePolicyType != "Resource Policy" {
		t.Errorf("replied %+v", r)
	}
}

// Several resources have an answer each, and one together.
func TestSimulateSeveralResources(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.SimulateCustomPolicyRequest{
		PolicyInputList: []string{allow("s3:GetObject", "arn:aws:s3:::good/*"), deny("s3:*", "arn:aws:s3:::bad/*"),
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}`},
		ActionNames:                        []string{"s3:GetObject", "s3:PutObject"},
		ResourceArns:                       []string{"arn:aws:s3:::good/x", "arn:aws:s3:::other/x", "arn:aws:s3:::bad/x"},
		PermissionsBoundaryPolicyInputList: []string{allow("*", "arn:aws:s3:::good/*")},
	}
	out := simulate(w, in)
	if len(out.EvaluationResults) != 2 {
		t.Fatalf("%d results", len(out.EvaluationResults))
	}
	r := out.EvaluationResults[0]
	var each []string
	for _, s := range r.ResourceSpecificResults {
		each = append(each, s.EvalResourceDecision)
		if !slices.Equal(s.MissingContextValues, []string{"aws:SecureTransport"}) {
			t.Errorf("missing of %s: %v", s.EvalResourceName, s.MissingContextValues)
		}
	}
	if !slices.Equal(each, []string{allowed, implicitDeny, explicitDeny}) || r.EvalDecision != explicitDeny || *r.EvalResourceName != "*" ||
		len(r.MatchedStatements) != 0 || len(r.MissingContextValues) != 0 || *r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary {
		t.Errorf("%v and together %+v", each, r)
	}
	in.ResourceArns = in.ResourceArns[:2]
	if r := simulate(w, in).EvaluationResults[0]; r.EvalDecision != allowed {
		t.Errorf("one of two allowed: %s", r.EvalDecision)
	}
}

// A scenario of EC2 takes all of its resources together.
func TestSimulateScenario(t *testing.T) {
	w := optest.New(t, iam.Service())
	arns := func(types ...string) (list []string) {
		for _, kind := range types {
			list = append(list, "arn:aws:ec2:us-east-1:123456789012:"+kind+"/x")
		}
		return list
	}
	in := &shape.SimulateCustomPolicyRequest{
		PolicyInputList:        []string{allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*")},
		ActionNames:            []string{"ec2:RunInstances"},
		ResourceArns:           arns("instance", "image", "security-group", "network-interface"),
		ResourceHandlingOption: new("EC2-VPC-InstanceStore"),
	}
	if r := simulate(w, in).EvaluationResults[0]; r.EvalDecision != implicitDeny {
		t.Errorf("with the instance alone: %s", r.EvalDecision)
	}
	in.PolicyInputList = []string{allow("ec2:*", "*")}
	if r := simulate(w, in).EvaluationResults[0]; r.EvalDecision != allowed {
		t.Errorf("with all: %s", r.EvalDecision)
	}
	in.ResourceHandlingOption = new("EC2-VPC-EBS")
	w.Refused(w.Root(), "SimulateCustomPolicy", in, 400, "InvalidInput", "Resource Handling Option EC2-VPC-EBS requires a resource of type volume.")
	in.ResourceHandlingOption = new("EC2")
	w.Refused(w.Root(), "SimulateCustomPolicy", in, 400, "InvalidInput", "EC2 is not a valid Resource Handling Option.")
}

func TestSimulatePages(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.SimulateCustomPolicyRequest{PolicyInputList: []string{allow("*", "*")}, MaxItems: new(int32(2))}
	for i := range 5 {
		in.ActionNames = append(in.ActionNames, fmt.Sprintf("s3:Action%d", i))
	}
	var names []string
	for {
		out := simulate(w, in)
		for _, r := range out.EvaluationResults {
			names = append(names, r.EvalActionName)
		}
		if !*out.IsTruncated {
			break
		}
		in.Marker = out.Marker
	}
	if !slices.Equal(names, in.ActionNames) {
		t.Errorf("pages have %v", names)
	}
	in.Marker = new("bm9uc2Vuc2U")
	w.Refused(w.Root(), "SimulateCustomPolicy", in, 400, "ValidationError", "Invalid Marker.")

	// Many resources make a page short, and never empty.
	in.Marker, in.MaxItems = nil, nil
	for i := range 6000 {
		in.ResourceArns = append(in.ResourceArns, fmt.Sprintf("arn:aws:s3:::b/%d", i))
	}
	if out := simulate(w, in); len(out.EvaluationResults) != 1 || !*out.IsTruncated {
		t.Errorf("%d results about 6,000 resources, truncated %v", len(out.EvaluationResults), *out.IsTruncated)
	}
}

func TestSimulateRefuses(t *testing.T) {
	w := optest.New(t, iam.Service())
	for want, change := range map[string]func(*shape.SimulateCustomPolicyRequest){
		"Syntax errors in policy.":                                     func(in *shape.SimulateCustomPolicyRequest) { in.PolicyInputList = []string{"{"} },
		"ResourceNames are not in a valid ARN format: 14a050d4-021e.":  func(in *shape.SimulateCustomPolicyRequest) { in.ResourceArns = []string{"14a050d4-021e"} },
		"ActionNames are not in a valid format: s3:Get*.":              func(in *shape.SimulateCustomPolicyRequest) { in.ActionNames = []string{"s3:Get*"} },
		"ActionNames are not in a valid format: GetObject.":            func(in *shape.SimulateCustomPolicyRequest) { in.ActionNames = []string{"GetObject"} },
		"'123456789012' is not a valid as a Resource Owner.":           func(in *shape.SimulateCustomPolicyRequest) { in.ResourceOwner = new("123456789012") },
		"Invalid caller - Caller must be an IAM user in this context.": func(in *shape.SimulateCustomPolicyRequest) { in.CallerArn = new("arn:aws:iam::123456789012:role/R") },
		"Only one permissions boundary policy can be simulated at a time.": func(in *shape.SimulateCustomPolicyRequest) {
			in.PermissionsBoundaryPolicyInputList = []string{allow("*", "*"), allow("*", "*")}
		},
		"This policy contains invalid Json": func(in *shape.SimulateCustomPolicyRequest) { in.ResourcePolicy, in.CallerArn = new("x"), new(bobARN) },
		"ContextEntries must have a ContextKeyName and a ContextKeyType.": func(in *shape.SimulateCustomPolicyRequest) {
			in.ContextEntries = []shape.ContextEntry{{ContextKeyName: new("aws:x")}}
		},
		"Context key aws:x of type string must have exactly one value.": func(in *shape.SimulateCustomPolicyRequest) {
			in.ContextEntries = []shape.ContextEntry{entry("aws:x", "string", "a", "b")}
		},
		"Context key aws:x has an invalid value for type numericList: one.": func(in *shape.SimulateCustomPolicyRequest) {
			in.ContextEntries = []shape.ContextEntry{entry("aws:x", "numericList", "1", "one")}
		},
		"Context key aws:x has an invalid value for type ip: 10.0.0.0/8.": func(in *shape.SimulateCustomPolicyRequest) {
			in.ContextEntries = []shape.ContextEntry{entry("aws:x", "ip", "10.0.0.0/8")}
		},
		"Invalid Entity Arn: arn:aws:sts::123456789012:assumed-role/R/s does not clearly define entity type and name.": func(in *shape.SimulateCustomPolicyRequest) {
			in.CallerArn = new("arn:aws:sts::123456789012:assumed-role/R/s")
		},
	} {
		in := &shape.SimulateCustomPolicyRequest{PolicyInputList: []string{allow("*", "*")}, ActionNames: []string{"s3:GetObject"}}
		change(in)
		w.Refused(w.Root(), "SimulateCustomPolicy", in, 400, "InvalidInput", want)
	}
	// A policy of a resource needs somebody whom it can name.
	w.Refused(w.Root(), "SimulateCustomPolicy", &shape.SimulateCustomPolicyRequest{
		PolicyInputList: []string{allow("*", "*")}, ActionNames: []string{"s3:GetObject"},
		ResourcePolicy: new(onResource("Allow", bobARN, "s3:*", "arn:aws:s3:::b/*")),
	}, 400, "InvalidInput", "Invalid caller - Caller must be an IAM user in this context.")
}

// The policies of a user are its own, those of its groups, and the request's.
func TestSimulatePrincipalPolicy(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	createGroup(w, "Devs", "")
	must(w, "AddUserToGroup", &shape.AddUserToGroupRequest{GroupName: "Devs", UserName: "Bob"})
	must(w, "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: "Bob", PolicyName: "own", PolicyDocument: allow("s3:*", "*")})
	must(w, "PutGroupPolicy", &shape.PutGroupPolicyRequest{GroupName: "Devs", PolicyName: "ours", PolicyDocument: allow("s3:*", "*")})
	must(w, "AttachUserPolicy", &shape.AttachUserPolicyRequest{UserName: "Bob", PolicyArn: adminARN})
	in := &shape.SimulatePrincipalPolicyRequest{PolicySourceArn: bobARN, ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{allow("*", "*")}}
	r := optest.Must[shape.SimulatePolicyResponse](w, w.Root(), "SimulatePrincipalPolicy", in).EvaluationResults[0]
	var ids []string
	for _, s := range r.MatchedStatements {
		ids = append(ids, *s.SourcePolicyId)
	}
	if want := []string{"user_Bob_own", "AdministratorAccess", "group_Devs_ours", "PolicyInputList.1"}; r.EvalDecision != allowed || !slices.Equal(ids, want) {
		t.Errorf("%s by %v, want %v", r.EvalDecision, ids, want)
	}
	_, needs, _ := w.Do(w.Root(), "SimulatePrincipalPolicy", in)
	if needs[0].Action != "iam:SimulatePrincipalPolicy" || needs[0].Resource != bobARN {
		t.Errorf("needs %+v", needs)
	}

	// The user's own boundary holds unless the request brings another. The user is the caller.
	must(w, "PutUserPermissionsBoundary", &shape.PutUserPermissionsBoundaryRequest{UserName: "Bob", PermissionsBoundary: awsPolicyARN + "IAMFullAccess"})
	r = optest.Must[shape.SimulatePolicyResponse](w, w.Root(), "SimulatePrincipalPolicy", in).EvaluationResults[0]
	if r.EvalDecision != implicitDeny || *r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary {
		t.Errorf("within its boundary: %+v", r)
	}
	in.PermissionsBoundaryPolicyInputList = []string{allow("*", "*")}
	in.ResourcePolicy, in.ResourceArns = new(onResource("Deny", bobARN, "s3:*", "arn:aws:s3:::b")), []string{"arn:aws:s3:::b"}
	r = optest.Must[shape.SimulatePolicyResponse](w, w.Root(), "SimulatePrincipalPolicy", in).EvaluationResults[0]
	if r.EvalDecision != explicitDeny || !*r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary {
		t.Errorf("with another boundary and denied by the resource: %+v", r)
	}
	in.PolicySourceArn = "arn:aws:iam::123456789012:group/Devs"
	w.Refused(w.Root(), "SimulatePrincipalPolicy", in, 400, "InvalidInput", "Invalid caller - Caller must be an IAM user in this context.")
	in.ResourcePolicy = nil
	r = optest.Must[shape.SimulatePolicyResponse](w, w.Root(), "SimulatePrincipalPolicy", in).EvaluationResults[0]
	if r.EvalDecision != allowed {
		t.Errorf("as the group: %+v", r)
	}
}

func TestPrincipalsThatAreNot(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "/eng/")
	for arn, want := range map[string]struct {
		status  int
		code    string
		message string
	}{
		"arn:aws:iam::123456789012:user/Ann":             {404, "NoSuchEntity", "The user with name Ann cannot be found."},
		bobARN:                                           {404, "NoSuchEntity", "The user with name Bob cannot be found."},
		"arn:aws:iam::210987654321:user/eng/Bob":         {404, "NoSuchEntity", "The user with name Bob cannot be found."},
		"arn:aws:iam::123456789012:role/R":               {404, "NoSuchEntity", "The role with name R cannot be found."},
		"arn:aws:iam::123456789012:group/G":              {404, "NoSuchEntity", "The group with name G cannot be found."},
		"arn:aws:iam::123456789012:policy/P":             {400, "InvalidInput", "Invalid Entity Arn: arn:aws:iam::123456789012:policy/P does not clearly define entity type and name."},
		"arn:aws:sts::123456789012:assumed-role/Admin/s": {400, "InvalidInput", "Invalid Entity Arn: arn:aws:sts::123456789012:assumed-role/Admin/s does not clearly define entity type and name."},
	} {
		for operation, in := range map[string]any{
			"SimulatePrincipalPolicy":           &shape.SimulatePrincipalPolicyRequest{PolicySourceArn: arn, ActionNames: []string{"s3:GetObject"}},
			"GetContextKeysForPrincipalPolicy":  &shape.GetContextKeysForPrincipalPolicyRequest{PolicySourceArn: arn},
			"ListPoliciesGrantingServiceAccess": &shape.ListPoliciesGrantingServiceAccessRequest{Arn: arn, ServiceNamespaces: []string{"s3"}},
		} {
			w.Refused(w.Root(), operation, in, want.status, want.code, want.message)
		}
	}
}

func TestContextKeysForPrincipal(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	must(w, "PutUserPolicy", &shape.PutUserPolicyRequest{UserName: "Bob", PolicyName: "own", PolicyDocument: allow("s3:*", "arn:aws:s3:::${aws:username}")})
	got := optest.Must[shape.GetContextKeysForPolicyResponse](w, w.Root(), "GetContextKeysForPrincipalPolicy", &shape.GetContextKeysForPrincipalPolicyRequest{
		PolicySourceArn: bobARN, PolicyInputList: []string{allow("s3:*", "arn:aws:s3:::${aws:UserName}/${aws:PrincipalTag/Team}")},
	}).ContextKeyNames
	if !slices.Equal(got, []string{"aws:username", "aws:PrincipalTag/Team"}) {
		t.Errorf("context keys %v", got)
	}
}
