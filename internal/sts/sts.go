// Package sts is the AWS Security Token Service: one file per noun, one
// function per operation.
package sts

import (
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

// Service is STS with the operations that are built, on a server at its default
// address.
func Service() op.Service { return ServiceAt("http://127.0.0.1:4566") }

// ServiceAt is Service on the server that others reach at the URL base, below which
// accounts are issuers of tokens.
func ServiceAt(base string) op.Service {
	return op.Service{
		Shape:    &shape.Service,
		Spelling: awserr.Query,
		Operations: slices.Concat(
			callerOperations(),
			roleOperations(),
			ownSessionOperations(),
			federatedUserOperations(),
			webIdentityOperations(),
			samlIdentityOperations(),
			tokenOperations(base),
			rootOperations(),
			delegatedOperations(),
			messageOperations(),
		),
	}
}

func validationError(format string, args ...any) error {
	return awserr.New(400, "ValidationError", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return awserr.New(400, "InvalidParameterValue", format, args...)
}

func accessDenied(format string, args ...any) error {
	return awserr.Refuse(awserr.AccessDenied, format, args...)
}

// longTermOnly refuses an operation to sessions, as AWS does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
func longTermOnly(c *op.Call, name string) error {
	if c.Caller.Session != nil {
		return accessDenied("Cannot call %s with session credentials", name)
	}
	return nil
}

// notWithOwnSession refuses an operation to what GetSessionToken and
// GetFederationToken gave, which may call few operations of STS.
func notWithOwnSession(c *op.Call, name string) error {
	if s := c.Caller.Session; s != nil && c.Caller.Kind != op.RoleSession {
		return accessDenied("Cannot call %s with session credentials", name)
	}
	return nil
}
