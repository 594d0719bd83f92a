// Package client calls operations of AWS services, at iamd or at AWS: any of every
// service that has a model. It finds them by name, reads their parameters as people
// write them, checks these against the model, finds endpoint and credentials as AWS's
// own tools do, signs, sends, and tries again where that cannot do harm.
//
// It speaks from outside, over HTTP, and knows nothing of the server.
package client

import (
	"regexp"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/organizations"
	"github.com/iamd-project/iamd/internal/shapes/s3"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/shapes/sts"
)

// Services is every service there is a model of, by ID.
var Services = []*shapes.Service{
	&cloudformation.Service, &cloudtrail.Service, &iam.Service, &organizations.Service,
	&s3.Service, &secretsmanager.Service, &ssm.Service, &sts.Service,
}

// Service finds a service by its ID, "iam"; nil if there is none.
func Service(id string) *shapes.Service {
	i := slices.IndexFunc(Services, func(s *shapes.Service) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return Services[i]
}

// Operation finds an operation by AWS's name of it, "CreateUser", or by the AWS CLI's,
// "create-user"; nil if there is none.
func Operation(svc *shapes.Service, name string) *shapes.Operation {
	i := slices.IndexFunc(svc.Operations, func(o shapes.Operation) bool { return o.Name == name || Kebab(o.Name) == name })
	if i < 0 {
		return nil
	}
	return &svc.Operations[i]
}

// reading are the first words of operations that change nothing.
var reading = []string{"Get", "Head", "List", "Describe", "BatchGet", "Lookup", "Simulate", "Validate", "Decode", "Estimate"}

// Reads reports whether an operation changes nothing, as AWS names such operations.
func Reads(op *shapes.Operation) bool {
	return slices.ContainsFunc(reading, func(word string) bool { return strings.HasPrefix(op.Name, word) })
}

var (
	plural   = regexp.MustCompile(`[A-Z]{2,}s$`)       // "ARNs" is one word
	wordHead = regexp.MustCompile(`(.)([A-Z][a-z]+)`)  // "SAMLProvider"
	wordTail = regexp.MustCompile(`([a-z0-9])([A-Z])`) // "userName"
)

// Kebab spells a name as the AWS CLI does: OpenIDConnectProviderArn is
// open-id-connect-provider-arn.
func Kebab(name string) string {
	if end := plural.FindString(name); end != "" && len(end) < len(name) {
		name = name[:len(name)-len(end)] + "-" + strings.ToLower(end)
	}
	name = wordHead.ReplaceAllString(name, "$1-$2")
	return strings.ToLower(wordTail.ReplaceAllString(name, "$1-$2"))
}
