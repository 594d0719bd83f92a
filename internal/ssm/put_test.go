package ssm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/iamd-project/iamd/internal/directory"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/store"
)

const tierPage = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"

func TestPutParameterRefuses(t *testing.T) {
	w := newWorld(t)
	w.put("/there/is", "v")
	for name, tc := range map[string]struct {
		change        func(*shape.PutParameterRequest)
		code, message string
	}{
		"tags and overwrite": {func(in *shape.PutParameterRequest) {
			in.Overwrite, in.Tags = new(true), []shape.Tag{{Key: "a", Value: "b"}}
		}, "ValidationException", "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource."},
		"no type":    {func(in *shape.PutParameterRequest) { in.Type = nil }, "ValidationException", "A parameter type is required when you create a parameter."},
		"no value":   {func(in *shape.PutParameterRequest) { in.Value = "" }, "ValidationException", "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1."},
		"nesting":    {func(in *shape.PutParameterRequest) { in.Value = "a {{ssm:b}}" }, "ValidationException", `Parameter value can't nest another parameter. Do not use "{{}}" in the value.`},
		"data type":  {func(in *shape.PutParameterRequest) { in.DataType = new("Text") }, "ValidationException", "The following data type is not supported: Text (Data type names are all lowercase.)"},
		"no image":   {func(in *shape.PutParameterRequest) { in.DataType = new("aws:ec2:image") }, "ValidationException", "The parameter value is not the ID of an Amazon Machine Image, such as ami-12345abcdeEXAMPLE."},
		"pattern":    {func(in *shape.PutParameterRequest) { in.AllowedPattern = new("(") }, "InvalidAllowedPatternException", "The request does not meet the regular expression requirement."},
		"lookahead":  {func(in *shape.PutParameterRequest) { in.AllowedPattern = new("(?=a)") }, "InvalidAllowedPatternException", "The request does not meet the regular expression requirement."},
		"two groups": {func(in *shape.PutParameterRequest) { in.AllowedPattern = new("a)|(b") }, "InvalidAllowedPatternException", "The request does not meet the regular expression requirement."},
		"mismatch":   {func(in *shape.PutParameterRequest) { in.AllowedPattern = new(`\d{1,4}`); in.Value = "10,000" }, "ParameterPatternMismatchException", `Parameter value, cannot be validated against allowedPattern: \d{1,4}`},
		"standard size": {func(in *shape.PutParameterRequest) { in.Value = strings.Repeat("x", 4097) }, "ValidationException",
			"Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see " + tierPage},
		"advanced size": {func(in *shape.PutParameterRequest) { in.Value, in.Tier = strings.Repeat("x", 8193), new("Advanced") }, "ValidationException",
			"Advanced tier parameters support a maximum parameter value of 8192 characters. For more information, see " + tierPage},
		"standard policies": {func(in *shape.PutParameterRequest) { in.Policies = new(noChange) }, "ValidationException",
			"Standard tier parameters don't support parameter policies. To use parameter policies, upgrade the parameter to use the advanced-parameter tier. For more information, see " + tierPage},
		"type in a hierarchy": {func(in *shape.PutParameterRequest) {
			in.Name, in.Type, in.Overwrite = "/there/is", new("SecureString"), new(true)
		}, "HierarchyTypeMismatchException", "Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter."},
		"system tag": {func(in *shape.PutParameterRequest) { in.Tags = []shape.Tag{{Key: "AWS:x"}} }, "ValidationException", "Tag keys that begin with aws: are reserved for system use."},
	} {
		t.Run(name, func(t *testing.T) {
			in := &shape.PutParameterRequest{Name: "/new/one", Value: "v", Type: new("String")}
			tc.change(in)
			world{w.World, t}.refuses("PutParameter", in, tc.code, tc.message)
		})
	}
}

// What a request leaves out stays as it was.
func TestOverwriteKeeps(t *testing.T) {
	w := newWorld(t)
	w.put("n", "1234", func(in *shape.PutParameterRequest) {
		in.AllowedPattern, in.Description, in.Tier, in.Policies = new(`\d{1,4}`), new("digits"), new("Advanced"), new(noChange)
	})
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "n", Value: "10,000", Overwrite: new(true)},
		"ParameterPatternMismatchException", `Parameter value, cannot be validated against allowedPattern: \d{1,4}`)
	out := call[shape.PutParameterResult](w, "PutParameter", &shape.PutParameterRequest{Name: "n", Value: "5", Overwrite: new(true)})
	m := call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters[0]
	if *out.Tier != "Advanced" || *m.Description != "digits" || *m.AllowedPattern != `\d{1,4}` || len(m.Policies) != 1 || *m.Type != "String" || *m.Version != 2 {
		t.Errorf("after %+v: %+v", out, m)
	}
	w.put("n", "no digits", func(in *shape.PutParameterRequest) { in.AllowedPattern, in.Policies = new(""), new("[{}]") })
	m = call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters[0]
	if m.AllowedPattern != nil || len(m.Policies) != 0 {
		t.Errorf("left are %+v", m)
	}
	w.put("list", "1,22,333", func(in *shape.PutParameterRequest) { in.Type, in.AllowedPattern = new("StringList"), new(`\d+`) })
}

func TestTiers(t *testing.T) {
	w := newWorld(t)
	smart := func(in *shape.PutParameterRequest) { in.Tier = new("Intelligent-Tiering") }
	tier := func(name string) string {
		h := call[shape.GetParameterHistoryResult](w, "GetParameterHistory", &shape.GetParameterHistoryRequest{Name: name}).Parameters
		return *h[len(h)-1].Tier
	}
	w.put("a", strings.Repeat("x", 4096), smart)
	if got := tier("a"); got != "Standard" {
		t.Errorf("4 KiB are %s", got)
	}
	w.put("a", strings.Repeat("x", 4097), smart)
	w.put("a", "small", smart)
	if got := tier("a"); got != "Advanced" {
		t.Errorf("after 4 KiB and a byte it is %s", got)
	}
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "a", Value: "v", Tier: new("Standard"), Overwrite: new(true)}, "ValidationException",
		"This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. "+
			"If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.")

	// The quotas, reached without making as many.
	count := func(n directory.ParameterCount) {
		raw, err := cbor.Marshal(n)
		if err == nil {
			err = w.Store.Update(t.Context(), func(tx store.Tx) error { return tx.Put("parametercount/123456789012/us-east-1", raw) })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	count(directory.ParameterCount{Standard: 10_000, Advanced: 99_999})
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "b", Value: "v", Type: new("String")}, "ParameterLimitExceeded",
		"You have reached the maximum number of standard parameters for this AWS account and Region (10000). To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier (charges apply).")
	w.put("b", "v", smart)
	if got := tier("b"); got != "Advanced" {
		t.Errorf("the 10,001st is %s", got)
	}
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "c", Value: "v", Type: new("String"), Tier: new("Advanced")}, "ParameterLimitExceeded",
		"You have reached the maximum number of advanced parameters for this AWS account and Region (100000). To add more parameters, delete existing parameters.")
	count(directory.ParameterCount{Advanced: 2})
}

const (
	noChange   = `[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}]`
	expiration = `{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"%s"}}`
)

func TestPolicies(t *testing.T) {
	w := newWorld(t)
	soon := fmt.Sprintf(expiration, w.Now.Add(time.Hour).Format(time.RFC3339))
	note := `{"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "15", "Unit": "Hours"}}`
	put := func(policies string) error {
		_, _, err := w.Do(w.Root(), "PutParameter", &shape.PutParameterRequest{
			Name: "p", Value: "v", Type: new("String"), Tier: new("Advanced"), Policies: &policies, Overwrite: new(true)})
		return err
	}
	for policies, want := range map[string]string{
		"no JSON":                                                     "InvalidPolicyAttributeException",
		`[{"Type":"Other","Version":"1.0"}]`:                          "InvalidPolicyTypeException",
		"[" + soon + "," + soon + "]":                                 "IncompatiblePolicyException",
		"[" + strings.Repeat(note+",", 10) + note + "]":               "PoliciesLimitExceededException",
		"[" + fmt.Sprintf(expiration, "2020-01-01T00:00:00Z") + "]":   "InvalidPolicyAttributeException",
		"[" + fmt.Sprintf(expiration, "tomorrow") + "]":               "InvalidPolicyAttributeException",
		"[" + strings.Replace(note, "Hours", "Weeks", 1) + "]":        "InvalidPolicyAttributeException",
		"[" + strings.Replace(note, `"15"`, `"0"`, 1) + "]":           "InvalidPolicyAttributeException",
		"[" + strings.Replace(note, `"1.0"`, `"2.0"`, 1) + "]":        "InvalidPolicyAttributeException",
		"[" + strings.Replace(note, `"Before"`, `"Before2"`, 1) + "]": "InvalidPolicyAttributeException",
	} {
		if got := code(put(policies)); got != want {
			t.Errorf("%s: got %s, want %s", policies, got, want)
		}
	}
	if err := put("[" + soon + "," + note + "]"); err != nil {
		t.Fatal(err)
	}
	m := call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters[0]
	if len(m.Policies) != 2 || *m.Policies[0].PolicyText != soon || *m.Policies[1].PolicyType != "ExpirationNotification" || *m.Policies[0].PolicyStatus != "Pending" {
		t.Errorf("policies %+v", m.Policies)
	}

	// What has expired is gone.
	w.put("p", "w")
	w.Now = w.Now.Add(time.Hour)
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "p"}, "ParameterNotFound", "")
	if left := call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters; len(left) != 0 {
		t.Errorf("left are %+v", left)
	}
	if n := w.put("p", "new"); n != 1 {
		t.Errorf("after it comes version %d", n)
	}
}
