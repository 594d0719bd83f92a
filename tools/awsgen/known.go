package main

// What is known of the services and not in their models.

// hidesValues lists the services whose messages name only the member that is
// wrong. IAM's have done so since 2025: https://github.com/localstack/localstack,
// tests/aws/services/iam/test_iam_policies.snapshot.json.
var hidesValues = map[string]bool{"iam": true}

// global lists the services with one endpoint for all regions. STS's model has a
// global endpoint, too, but only beside the regional ones.
var global = map[string]bool{"iam": true, "organizations": true}

// milliseconds lists the Query services whose times have them:
// recorded from CloudFormation, while IAM and STS stop at the second.
var milliseconds = map[string]bool{"cloudformation": true}

// capitalMessage lists the JSON services whose errors keep their text under
// "Message" and not under "message".
var capitalMessage = map[string]bool{"organizations": true, "secretsmanager": true}

// optionalMembers are required in the model, and yet replies about the root user
// do not have them: it has no name and no path.
// https://docs.aws.amazon.com/cli/latest/reference/iam/get-user.html
var optionalMembers = map[string][]string{
	"iam.User":      {"Path", "UserName"},
	"iam.AccessKey": {"UserName"},
}

// enumOverrides are value sets as AWS prints and checks them in requests, where
// that is recorded and the model has another. The order has no rule we could find.
var enumOverrides = map[string][]string{
	// No caller may set Expired; the recorded text has the other two.
	"iam.statusType": {"Active", "Inactive"},
	// https://github.com/aws-actions/aws-cloudformation-github-deploy/issues/130
	"cloudformation.Capability": {"CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM", "CAPABILITY_IAM"},
	// https://github.com/getmoto/moto, moto/ssm/models.py
	"ssm.ParameterType": {"SecureString", "StringList", "String"},
}

// notNullElements lists the lists in whose violations AWS adds that elements must
// not be null, though the model looks like that of other lists:
// test_iam_policies.snapshot.json has it, test_iam_oidc.snapshot.json does not.
var notNullElements = map[string]bool{"iam.tagKeyListType": true}

// patternOverride stands in for a pattern that RE2 cannot express. Min and Max
// are bounds on the length of the whole value.
type patternOverride struct {
	re2      string
	min, max int
}

// patternOverrides has every such pattern, by the model's text.
var patternOverrides = map[string]patternOverride{
	// Letters, digits and single hyphens, neither first nor last. The repeated
	// group takes one character, so that the whole takes 3 to 63.
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: {re2: `[a-z0-9](?:-?[a-z0-9])+`, min: 3, max: 63},
}

// namespaces of services whose models have none.
var namespaces = map[string]string{"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}

// roots are the elements around replies of S3 that are not named after their operation.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
var roots = map[string]string{
	"CreateMultipartUpload":           "InitiateMultipartUploadResult",
	"DeleteObjects":                   "DeleteResult",
	"GetBucketLifecycleConfiguration": "LifecycleConfiguration",
	"GetBucketLocation":               "LocationConstraint",
	"GetBucketTagging":                "Tagging",
	"GetBucketVersioning":             "VersioningConfiguration",
	"ListBuckets":                     "ListAllMyBucketsResult",
	"ListObjects":                     "ListBucketResult",
	"ListObjectsV2":                   "ListBucketResult",
}

// bare are the operations whose reply has its one member's text in the root itself.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
var bare = map[string]bool{"GetBucketLocation": true}
