// Package cfn is AWS CloudFormation: one file per noun, one function per operation. A
// stack belongs to the account and the region in which it is made. What an operation on a
// stack does is in package engine; the call that asks for it stores what is asked, and
// then waits for the engine, but not long.
package cfn

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

// Config is what the service needs of the server.
type Config struct {
	Engine *engine.Engine
	// Fetch reads an object of this server's S3 as somebody, by any of its URLs; nil for a
	// server without S3.
	Fetch func(ctx context.Context, as *directory.Standing, region, url string) (string, error)
}

// service is a Config with its operations.
type service struct{ Config }

// Service is CloudFormation with the operations that are built.
func Service(c Config) op.Service {
	s := &service{c}
	return op.Service{
		Shape:    &shape.Service,
		Spelling: awserr.Query,
		Operations: slices.Concat(
			s.stackOperations(),
			s.eventOperations(),
			s.changeSetOperations(),
			s.driftOperations(),
			s.rollbackOperations(),
			s.resourceOperations(),
			s.exportOperations(),
			s.protectionOperations(),
			s.policyOperations(),
			s.templateOperations(),
			s.hookOperations(),
			s.accountOperations(),
		),
		Without: leftOut(),
		Quotas:  op.Quotas{stacksPerAccount: {Limit: 2000, Most: 1_000_000}},
	}
}

// stacksPerAccount is the name of a quota.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const stacksPerAccount = "StacksPerAccount"

// invalid is the answer to most of what is wrong with a request.
func invalid(format string, args ...any) error {
	return awserr.New(400, "ValidationError", format, args...)
}

// ptr is nil for "".
func ptr(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// value is "" for nil.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func isTrue(b *bool) bool { return b != nil && *b }
