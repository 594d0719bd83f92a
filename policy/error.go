package policy

import "fmt"

// An Error says why a text is not a policy of its kind.
type Error struct {
	// Message is AWS's text: the message of MalformedPolicyDocument.
	Message string
	// At is where the text is wrong, or zero if that is nowhere in particular.
	At Position
	// Problem says it in our words, for people who can act on more than Message.
	Problem string
}

func (e *Error) Error() string {
	if e.At == (Position{}) {
		return fmt.Sprintf("policy: %s (%s)", e.Message, e.Problem)
	}
	return fmt.Sprintf("policy: %s (%s, line %d, column %d)", e.Message, e.Problem, e.At.Line, e.At.Column)
}

// AWS's texts for policies of identities.
const (
	msgSyntax         = "Syntax errors in policy."
	msgVersion        = "Policy document must be version 2012-10-17 or greater."
	msgPrincipal      = "Policy document should not specify a principal."
	msgLegacy         = "The policy failed legacy parsing"
	msgSidUnique      = "Statement IDs (SID) in a single policy must be unique."
	msgSidLetters     = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	msgNoActions      = "Policy statement must contain actions."
	msgNoResources    = "Policy statement must contain resources."
	msgNoVendor       = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	msgOneColon       = "Actions/Condition can contain only one colon."
	msgVendor         = "Vendor %s is not valid"
	msgResourceFormat = `Resource %s must be in ARN format or "*".`
	msgResourceVendor = "Resource vendor must be fully qualified and cannot contain regexes."
	msgPartition      = `Partition "%s" is not valid for resource "%s".`
	msgIAMRegion      = "IAM resource %s cannot contain region information."
	msgIAMPath        = `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`
	msgS3Region       = "Resource %s can not contain region information."
)

// AWS's texts for policies of resources and roles, which another parser of its reads.
const (
	msgJSON             = "This policy contains invalid Json"
	msgNotAPolicy       = "This text appears not to be a policy"
	msgSyntaxAt         = "Syntax error at position %v"
	msgUnknownField     = "Unknown field %s"
	msgMissing          = "Missing required field %s"
	msgMissingEmpty     = "Missing required field %s cannot be empty!"
	msgProhibited       = "Has prohibited field %s"
	msgBadVersion       = "The policy must contain a valid version string"
	msgStatementEmpty   = "Could not parse the policy: Statement is empty!"
	msgBadEffect        = "Invalid effect: %s"
	msgIDsUnique        = "The Statement Ids in the policy are not unique"
	msgNoPrincipals     = "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a statement with no principals!"
	msgBadPrincipal     = `Invalid principal in policy: "%s":"%s"`
	msgAllowNot         = "Allow with NotPrincipal is not allowed."
	msgTrustNot         = "AssumeRole policy must not contain NotPrincipal field."
	msgTrustNotResource = "AssumeRole policy must not contain resources."
	msgTrustAction      = "AssumeRole policy may only specify STS AssumeRole actions."
	msgBadResource      = "Policy has invalid resource"
	msgBadAction        = "Policy has invalid action"
)
