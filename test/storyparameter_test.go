package test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func parameterStories() []story {
	return []story{
		{name: "parameters", steps: parameterSteps},
		{name: "secure parameters", steps: secureParameterSteps},
		{name: "versions of parameters", steps: parameterVersionSteps()},
		{name: "rules of parameters", steps: parameterRuleSteps},
		{name: "lists of parameters", steps: parameterListSteps},
		{name: "tags of parameters", steps: parameterTagSteps},
	}
}

// putting is a request for a new String.
func putting(name, value string, change ...func(*ssm.PutParameterInput)) *ssm.PutParameterInput {
	in := &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
	for _, c := range change {
		c(in)
	}
	return in
}

func over(in *ssm.PutParameterInput) { in.Overwrite = new(true) }

func advanced(in *ssm.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }

func ofType(t types.ParameterType) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) { in.Type = t }
}

func withPattern(pattern string) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) { in.AllowedPattern = &pattern }
}

// withPolicies is for a parameter of the advanced tier.
func withPolicies(policies ...string) func(*ssm.PutParameterInput) {
	return func(in *ssm.PutParameterInput) {
		in.Tier, in.Policies = types.ParameterTierAdvanced, new("["+strings.Join(policies, ",")+"]")
	}
}

const (
	// A String is stored as it is; a SecureString is not.
	openValue   = "in plain sight of all"
	secureValue = "for few eyes only"

	expiringPolicy = `{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2999-01-01T00:00:00.000Z"}}`
	noChangePolicy = `{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}`

	noVersion9 = "Systems Manager could not find version 9 of /app/db. Verify the version and try again."
)

var parameterSteps = []step{
	fails("ParameterNotFound", &ssm.GetParameterInput{Name: new("/app/db")}, &ssm.DeleteParameterInput{Name: new("/app/db")},
		&ssm.GetParameterHistoryInput{Name: new("/app/db")}, &ssm.LabelParameterVersionInput{Name: new("/app/db"), Labels: []string{"live"}},
		&ssm.UnlabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(1)), Labels: []string{"live"}}),
	does(putting("/app/db", "one")).shows("Version", "1").shows("Tier", "Standard"),
	fails("ParameterAlreadyExists", putting("/app/db", "two")).
		says("The parameter already exists. To overwrite this value, set the overwrite option in the request to true."),
	does(putting("/app/db", openValue, over)).shows("Version", "2"),
	does(&ssm.GetParameterInput{Name: new("/app/db")}, &ssm.GetParameterInput{Name: new("arn:aws:ssm:us-east-1:<account>:parameter/app/db:2")}).
		shows("Parameter.Value", openValue).shows("Parameter.Type", "String").shows("Parameter.DataType", "text").shows("Parameter.LastModifiedDate", "*").
		shows("Parameter.ARN", "arn:aws:ssm:us-east-1:<account>:parameter/app/db"),
	fails("ParameterNotFound", &ssm.GetParameterInput{Name: new("/app/db")}).at("eu-west-1"),
	fails("ParameterVersionNotFound", &ssm.GetParameterInput{Name: new("/app/db:9")}).says(noVersion9),
	fails("ValidationException", &ssm.PutParameterInput{Name: new("n"), Value: new("v")}).says("A parameter type is required when you create a parameter."),
	does(&ssm.GetParametersInput{Names: []string{"/app/db:1", "none"}}).shows("Parameters.#", "1").shows("Parameters.0.Value", "one").shows("Parameters.0.Selector", ":1").
		shows("InvalidParameters.0", "none"),
	does(&ssm.DeleteParametersInput{Names: []string{"none"}}).shows("InvalidParameters.0", "none").shows("DeletedParameters.#", "0"),
	does(&ssm.DeleteParameterInput{Name: new("/app/db")}),
	fails("ParameterNotFound", &ssm.GetParameterInput{Name: new("/app/db")}),
	does(putting("/app/db", openValue)).shows("Version", "1"),
}

var secureParameterSteps = []step{
	does(putting("token", secureValue, ofType(types.ParameterTypeSecureString))),
	does(&ssm.GetParameterInput{Name: new("token"), WithDecryption: new(true)}).shows("Parameter.Value", secureValue).shows("Parameter.Type", "SecureString"),
	does(&ssm.GetParameterInput{Name: new("token")}).keeps("sealed", "Parameter.Value"),
	does(&ssm.GetParameterHistoryInput{Name: new("token")}).shows("Parameters.0.Value", "<sealed>").shows("Parameters.0.KeyId", "alias/aws/ssm"),
	does(&ssm.GetParameterHistoryInput{Name: new("token"), WithDecryption: new(true)}).shows("Parameters.0.Value", secureValue),

	does(&secretsmanager.CreateSecretInput{Name: new("app/db"), SecretString: new(valueOne), ClientRequestToken: new(firstVersion)}).keeps("secret", "ARN"),
	does(&ssm.GetParameterInput{Name: new("/aws/reference/secretsmanager/app/db"), WithDecryption: new(true)},
		&ssm.GetParameterInput{Name: new("/aws/reference/secretsmanager/app/db:" + firstVersion), WithDecryption: new(true)}).
		shows("Parameter.Value", valueOne).shows("Parameter.ARN", "<secret>").shows("Parameter.Version", "0").shows("Parameter.SourceResult", "*"),
	fails("ValidationException", &ssm.GetParameterInput{Name: new("/aws/reference/secretsmanager/app/db")}).
		says("WithDecryption flag must be True for retrieving a Secret Manager secret."),
	fails("ParameterNotFound", &ssm.GetParameterInput{Name: new("/aws/reference/secretsmanager/none"), WithDecryption: new(true)}),
}

func parameterVersionSteps() []step {
	tooMany := make([]string, 10)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("label-%d", i)
	}
	full := make([]any, 99)
	for i := range full {
		full[i] = putting("/app/db", fmt.Sprint(i+2), over)
	}
	return []step{
		does(putting("/app/db", "1")),
		does(&ssm.LabelParameterVersionInput{Name: new("/app/db"), Labels: []string{"live", "1x"}}).shows("ParameterVersion", "1").shows("InvalidLabels.0", "1x"),
		fails("ParameterVersionLabelLimitExceeded", &ssm.LabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(1)), Labels: tooMany}).
			says("A parameter version can have maximum 10 labels. Move one or more labels to another version and try again."),
		fails("ParameterVersionNotFound", &ssm.LabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(9)), Labels: []string{"x"}},
			&ssm.UnlabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(9)), Labels: []string{"x"}}).says(noVersion9),
		does(&ssm.GetParameterInput{Name: new("/app/db:live")}).shows("Parameter.Value", "1").shows("Parameter.Selector", ":live"),
		fails("ParameterVersionNotFound", &ssm.GetParameterInput{Name: new("/app/db:beta")}).
			says("Systems Manager could not find label beta of /app/db. Verify the label and try again."),
		does(full...),
		fails("ParameterMaxVersionLimitExceeded", putting("/app/db", "101", over)).
			says("You attempted to create a new version of /app/db by calling the PutParameter API with the overwrite flag. Version 1, the oldest version, can't be deleted " +
				"because it has a label associated with it. Move the label to another version of the parameter, and try again."),
		does(&ssm.UnlabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(1)), Labels: []string{"live", "beta"}}).
			shows("RemovedLabels.0", "live").shows("InvalidLabels.0", "beta"),
		does(putting("/app/db", "101", over)).shows("Version", "101"),
		fails("ParameterVersionNotFound", &ssm.GetParameterInput{Name: new("/app/db:1")}),
		does(&ssm.GetParameterHistoryInput{Name: new("/app/db")}).shows("Parameters.#", "50").shows("Parameters.0.Version", "2").keeps("next", "NextToken"),
		does(&ssm.GetParameterHistoryInput{Name: new("/app/db"), NextToken: new("<next>")}).shows("Parameters.#", "50").shows("Parameters.49.Version", "101").shows("NextToken", "absent"),
		fails("InvalidNextToken", &ssm.GetParameterHistoryInput{Name: new("/app/db"), NextToken: new("?")}).says("The specified token isn't valid."),
	}
}

var parameterRuleSteps = []step{
	fails("HierarchyLevelLimitExceededException", putting(strings.Repeat("/a", 16), "v")).says("A hierarchy can have a maximum of 15 levels."),
	does(putting("/app/db", "v"), putting("flat", "v")),
	fails("HierarchyTypeMismatchException", putting("/app/db", "v", over, ofType(types.ParameterTypeStringList))).
		says("Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter."),
	does(putting("flat", "a,b", over, ofType(types.ParameterTypeStringList))),
	fails("InvalidAllowedPatternException", putting("n", "v", withPattern("("))).says("The request does not meet the regular expression requirement."),
	fails("ParameterPatternMismatchException", putting("n", "v1", withPattern(`\d+`))).says(`Parameter value, cannot be validated against allowedPattern: \d+`),
	does(putting("n", "12", withPattern(`\d+`))),
	fails("ParameterPatternMismatchException", putting("n", "v1", over)),

	fails("ValidationException", putting("p", strings.Repeat("v", 4097))).
		says("Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the " +
			"advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"),
	fails("InvalidPolicyTypeException", putting("p", "v", withPolicies(`{"Type":"Rotation","Version":"1.0","Attributes":{}}`))).
		says("The policy type isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification."),
	fails("InvalidPolicyAttributeException", putting("p", "v", withPolicies(`{"Type":"Expiration","Version":"1.0","Attributes":{"After":"20"}}`))).
		says("A policy attribute or its value is invalid."),
	fails("IncompatiblePolicyException", putting("p", "v", withPolicies(expiringPolicy, expiringPolicy))).
		says("There is a conflict in the policies specified for this parameter. You can't, for example, specify two Expiration policies for a parameter. Review your policies, and try again."),
	fails("PoliciesLimitExceededException", putting("p", "v", withPolicies(slices.Repeat([]string{noChangePolicy}, 11)...))).
		says("You specified more than the maximum number of allowed policies for the parameter. The maximum is 10."),
	does(putting("p", "v", withPolicies(expiringPolicy, noChangePolicy))).shows("Tier", "Advanced"),
	does(&ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: new("Name"), Values: []string{"p"}}}}).
		shows("Parameters.0.Policies.#", "2").shows("Parameters.0.Policies.0.PolicyType", "Expiration").shows("Parameters.0.Policies.0.PolicyStatus", "Pending"),
}

// pathFilter and describeFilter are requests with one filter.
func pathFilter(key, option string, values ...string) *ssm.GetParametersByPathInput {
	return &ssm.GetParametersByPathInput{Path: new("/"), ParameterFilters: []types.ParameterStringFilter{{Key: &key, Option: &option, Values: values}}}
}

func describeFilter(key, option string, values ...string) *ssm.DescribeParametersInput {
	return &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: &key, Option: &option, Values: values}}}
}

var parameterListSteps = []step{
	does(putting("/app/a", "1"), putting("/app/b", "2"), putting("/app/c/d", "3"), putting("flat", "4")),
	does(&ssm.GetParametersByPathInput{Path: new("/app")}).shows("Parameters.#", "2").shows("Parameters.1.Value", "2").shows("NextToken", "absent"),
	does(&ssm.GetParametersByPathInput{Path: new("/"), Recursive: new(true), MaxResults: new(int32(2))}).shows("Parameters.#", "2").keeps("next", "NextToken"),
	does(&ssm.GetParametersByPathInput{Path: new("/"), Recursive: new(true), NextToken: new("<next>")}).shows("Parameters.#", "2").shows("Parameters.0.Name", "/app/c/d").shows("Parameters.1.Name", "flat"),
	does(&ssm.DescribeParametersInput{MaxResults: new(int32(3))}).shows("Parameters.#", "3").keeps("next", "NextToken"),
	does(&ssm.DescribeParametersInput{NextToken: new("<next>")}).shows("Parameters.#", "1").shows("Parameters.0.Name", "flat").shows("Parameters.0.Version", "1").
		shows("Parameters.0.LastModifiedUser", "arn:aws:iam::<account>:root").shows("Parameters.0.ARN", "arn:aws:ssm:us-east-1:<account>:parameter/flat"),
	does(describeFilter("Name", "Contains", "/app/")).shows("Parameters.#", "3"),
	fails("InvalidFilterKey", pathFilter("Name", "Equals", "x"), describeFilter("Label", "Equals", "x")), // the SDK shows no text
	fails("InvalidFilterOption", pathFilter("Type", "Contains", "String"), describeFilter("Type", "Contains", "String")).
		says("The following filter option is not valid: Contains. Valid options include: [Equals, BeginsWith]."),
	fails("InvalidFilterValue", pathFilter("Type", "Equals", "Text"), describeFilter("Type", "Equals", "Text")).
		says("The following filter value is not valid: Text. Valid values include: [String, StringList, SecureString]."),
	fails("InvalidNextToken", &ssm.GetParametersByPathInput{Path: new("/app"), NextToken: new("?")}, &ssm.DescribeParametersInput{NextToken: new("?")}).
		says("The specified token isn't valid."),
	does(&ssm.DeleteParametersInput{Names: []string{"/app/a", "/app/b", "/app/c/d", "flat"}}).shows("DeletedParameters.#", "4"),
	does(&ssm.DescribeParametersInput{}).shows("Parameters.#", "0"),
}

// manyTags are one more than a parameter may have.
func manyTags() []types.Tag {
	tags := make([]types.Tag, 51)
	for i := range tags {
		tags[i] = types.Tag{Key: new(fmt.Sprint("key-", i)), Value: new("v")}
	}
	return tags
}

const parameterKind = types.ResourceTypeForTaggingParameter

var parameterTagSteps = []step{
	fails("InvalidResourceId", &ssm.AddTagsToResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db"), Tags: manyTags()[:1]},
		&ssm.RemoveTagsFromResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db"), TagKeys: []string{"a"}},
		&ssm.ListTagsForResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db")},
		&ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingDocument, ResourceId: new("/app/db")}),
	fails("ValidationException", &ssm.ListTagsForResourceInput{ResourceType: "Thing", ResourceId: new("/app/db")}),
	does(putting("/app/db", "v", func(in *ssm.PutParameterInput) { in.Tags = manyTags()[:1] })),
	does(&ssm.AddTagsToResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db"), Tags: manyTags()[1:3]}),
	does(&ssm.RemoveTagsFromResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db"), TagKeys: []string{"key-0", "none"}}),
	does(&ssm.ListTagsForResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db")}).shows("TagList.#", "2").shows("TagList.0.Key", "key-1"),
	fails("TooManyTagsError", &ssm.AddTagsToResourceInput{ResourceType: parameterKind, ResourceId: new("/app/db"), Tags: manyTags()}),
}

// parameterQuotaSteps want StandardParametersPerRegion=1 and AdvancedParametersPerRegion=1.
var parameterQuotaSteps = []step{
	does(putting("a", "v"), putting("a", "w", over)),
	fails("ParameterLimitExceeded", putting("b", "v")).says("You have reached the maximum number of standard parameters for this AWS account and Region (1). " +
		"To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier (charges apply)."),
	does(putting("b", "v", advanced)),
	fails("ParameterLimitExceeded", putting("c", "v", advanced), putting("a", "v", over, advanced)).
		says("You have reached the maximum number of advanced parameters for this AWS account and Region (1). To add more parameters, delete existing parameters."),
	does(putting("b", "v")).at("eu-west-1"), // regions count by themselves
	does(&ssm.DeleteParameterInput{Name: new("a")}, putting("c", "v")),
}
