package policy

import (
	"fmt"
	"slices"
	"strings"
)

// partitions are the parts of AWS's world.
var partitions = []string{
	"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
}

// iamPaths is what an IAM resource may start with. AWS's own policies have root,
// too, which its text does not mention.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/",
	"policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// compileResource compiles an element of Resource or NotResource. AWS adds
// wildcards for the segments that an ARN lacks:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func compileResource(r string, variables bool) pattern {
	if r != "*" {
		r += strings.Repeat(":*", max(0, 5-strings.Count(r, ":")))
	}
	return patternSyntax{wildcards: true, variables: variables, arn: r != "*"}.compile(r)
}

// resourceFault returns AWS's text for what is wrong with an element of Resource,
// if anything is.
func resourceFault(r string) string {
	if r == "*" {
		return ""
	}
	f := strings.SplitN(r, ":", 6)
	given := len(f)
	if given < 2 {
		return fmt.Sprintf(msgResourceFormat, r)
	}
	for len(f) < 6 {
		f = append(f, "*")
	}
	partition, vendor, region, account, rest := f[1], f[2], f[3], f[4], f[5]
	switch {
	case !isPartition(partition):
		return fmt.Sprintf(msgPartition, partition, "arn:"+strings.Join(f[1:], ":"))
	case f[0] != "arn":
		return fmt.Sprintf(msgResourceFormat, r)
	case strings.ContainsAny(vendor, "*?"):
		return msgResourceVendor
	case vendor == "iam" && given > 3 && region != "":
		return fmt.Sprintf(msgIAMRegion, r)
	case vendor == "iam" && !isIAMPath(rest):
		return msgIAMPath
	case vendor == "s3" && given > 3 && region != "" && account == "":
		return fmt.Sprintf(msgS3Region, r)
	}
	return ""
}

func isPartition(s string) bool {
	return slices.Contains(partitions, s) || strings.ContainsAny(s, "*?")
}

func isIAMPath(s string) bool {
	return s == "*" || s == "root" || slices.ContainsFunc(iamPaths, func(p string) bool { return strings.HasPrefix(s, p) })
}

// legacyResource says what AWS's legacy parser minds about an ARN, if anything.
func legacyResource(r string, variables bool) string {
	f := strings.SplitN(r, ":", 6)
	switch {
	case len(f) < 3 || !isPartition(f[1]):
		return "" // others have texts for it
	case f[2] == "":
		return r + " names no service"
	case len(f) == 5 && strings.Trim(f[4], "0123456789*?") != "":
		return r + " has no resource"
	case variables && strings.Contains(strings.Join(f[:min(5, len(f))], ":"), "${"):
		return r + " has a variable before its fifth colon"
	}
	return ""
}
