// Package secrets is AWS Secrets Manager: one file per noun, one function per operation.
// A secret belongs to the account and the region in which it is made. What a rotation
// does is in package rotation.
package secrets

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// Service is Secrets Manager where nothing is rotated.
func Service() op.Service { return ServiceRotating(idle{}) }

// idle is a Rotator that does nothing.
type idle struct{}

func (idle) Finish(context.Context, *directory.Secret) {}
func (idle) Wake()                                     {}

// ServiceRotating is Secrets Manager with the operations that are built.
func ServiceRotating(r Rotator) op.Service {
	return op.Service{
		Shape:    &shape.Service,
		Spelling: awserr.JSON,
		Operations: slices.Concat(
			secretOperations(),
			valueOperations(),
			batchOperations(),
			versionOperations(),
			deletionOperations(r),
			listOperations(),
			tagOperations(),
			policyOperations(),
			replicaOperations(),
			rotationOperations(r),
			passwordOperations(),
		),
		Quotas: quotas(),
	}
}

// The names of the quotas; AWS has not shown any.
const (
	secretsPerRegion       = "SecretsPerRegion"
	versionsPerSecret      = "VersionsPerSecret"
	stagingLabelsPerSecret = "StagingLabelsPerSecret"
	tagsPerSecret          = "TagsPerSecret"
)

// quotas are AWS's defaults, and how far they can go: what is in the record of a secret
// is bounded.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
func quotas() op.Quotas {
	return op.Quotas{
		secretsPerRegion:       {Limit: 500_000, Most: 100_000_000},
		versionsPerSecret:      {Limit: 100, Most: 100},
		stagingLabelsPerSecret: {Limit: 20, Most: 20},
		tagsPerSecret:          {Limit: 50, Most: 50},
	}
}

// maxValue is the largest value, in bytes.
const maxValue = 65536

func invalidRequest(format string, args ...any) error {
	return awserr.New(400, "InvalidRequestException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return awserr.New(400, "InvalidParameterException", format, args...)
}

func notFound(format string, args ...any) error {
	return awserr.New(400, "ResourceNotFoundException", format, args...)
}

func exists(format string, args ...any) error {
	return awserr.New(400, "ResourceExistsException", format, args...)
}

func limitExceeded(quota string, limit int) error {
	return awserr.New(400, "LimitExceededException", "Cannot exceed quota for %s: %d", quota, limit)
}

var (
	errNoSecret    = notFound("Secrets Manager can't find the specified secret.")
	errMarked      = invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
	errReplica     = invalidParameter("Operation not permitted on a replica secret. Call must be made in primary secret's region.")
	errToken       = invalidRequest("You must provide a ClientRequestToken value. We recommend a UUID-type value.")
	errNotComplete = invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
	errName        = awserr.New(400, "ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	errForeign     = invalidRequest("You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.")
)
