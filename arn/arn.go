// Package arn takes Amazon Resource Names apart and puts them together.
//
// An [ARN] is any name; an [Entity] is what an IAM name says beyond that (a kind,
// a path and a name), and a [Session] the same for an assumed role. The package
// knows how names are written, not which of them exist. Patterns, as policies
// have them in Resource, are the business of package policy.
package arn

import "strings"

// MaxLen is the longest name that Parse accepts, in bytes.
const MaxLen = 2048

// An ARN is arn:partition:service:region:account:resource, without its colons.
// Two names mean the same thing if and only if they are equal with ==; case
// matters everywhere. The zero ARN is no name at all.
type ARN struct {
	// Partition is aws, aws-cn, aws-us-gov and so on.
	Partition string
	// Service is the namespace: iam, sts, s3.
	Service string
	// Region is empty for the global services, IAM and STS among them.
	Region string
	// Account is twelve digits, or empty where the service needs none (S3), or the
	// name of an owner that has no number: AWS's own policies belong to "aws".
	Account string
	// Resource is the rest. It may have colons, slashes and spaces.
	Resource string
}

// A ParseError says which part of a name is wrong. It does not repeat the name:
// people paste all kinds of things where a name belongs.
type ParseError struct {
	// Part is "arn" for the whole, or partition, service, region, account, resource.
	Part string
	// Problem completes the sentence that begins with Part.
	Problem string
}

func (e *ParseError) Error() string { return "arn: " + e.Part + " " + e.Problem }

// Parse takes a name apart. For every s that it accepts, the result's String is s.
// An error is always a *ParseError.
func Parse(s string) (ARN, error) {
	if len(s) > MaxLen {
		return ARN{}, &ParseError{"arn", "is longer than 2048 bytes"}
	}
	rest, ok := strings.CutPrefix(s, "arn:")
	if !ok {
		return ARN{}, &ParseError{"arn", "does not start with arn:"}
	}
	var a ARN
	for _, part := range []*string{&a.Partition, &a.Service, &a.Region, &a.Account} {
		if *part, rest, ok = strings.Cut(rest, ":"); !ok {
			return ARN{}, &ParseError{"arn", "has fewer than six parts"}
		}
	}
	a.Resource = rest
	if err := a.check(); err != nil {
		return ARN{}, err
	}
	return a, nil
}

// String writes the name. It does not check it.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// IsZero reports whether a is the zero ARN.
func (a ARN) IsZero() bool { return a == ARN{} }
