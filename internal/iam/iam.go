// Package iam is AWS Identity and Access Management: one file per noun, one
// function per operation.
package iam

import (
	"errors"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// Service is IAM with the operations that are built, on a server at its default
// address.
func Service() op.Service { return ServiceAt("http://127.0.0.1:4566") }

// ServiceAt is Service on the server that others reach at the URL base. Accounts
// that make tokens for others are issuers below it.
func ServiceAt(base string) op.Service {
	return op.Service{
		Shape:    &shape.Service,
		Spelling: awserr.Query,
		Operations: slices.Concat(
			userOperations(),
			accessKeyOperations(),
			aliasOperations(),
			passwordPolicyOperations(),
			loginProfileOperations(),
			mfaOperations(),
			userMFAOperations(),
			sshKeyOperations(),
			signingCertificateOperations(),
			serverCertificateOperations(),
			serviceCredentialOperations(),
			oidcProviderOperations(),
			oidcProviderTagOperations(),
			samlProviderOperations(),
			samlProviderTagOperations(),
			outboundOperations(base),
			groupOperations(),
			roleOperations(),
			instanceProfileOperations(),
			serviceLinkedRoleOperations(),
			userPolicyOperations(),
			groupPolicyOperations(),
			rolePolicyOperations(),
			policyOperations(),
			attachmentOperations(),
			boundaryOperations(),
			simulateOperations(),
			contextKeyOperations(),
			grantingPolicyOperations(),
			lastAccessedOperations(),
			summaryOperations(),
			credentialReportOperations(),
			authorizationDetailsOperations(),
			organizationOperations(),
			delegationOperations(),
		),
		Quotas: quotas(),
	}
}

func noSuchEntity(format string, args ...any) error {
	return awserr.New(404, "NoSuchEntity", format, args...)
}

func limitExceeded(quota string, limit int) error {
	return awserr.New(409, "LimitExceeded", "Cannot exceed quota for %s: %d", quota, limit)
}

func invalidInput(format string, args ...any) error {
	return awserr.New(400, "InvalidInput", format, args...)
}

func validationError(format string, args ...any) error {
	return awserr.New(400, "ValidationError", format, args...)
}

func deleteConflict(first string) error {
	return awserr.New(409, "DeleteConflict", "Cannot delete entity, must %s first.", first)
}

// refused reports whether an operation will answer with err itself: it says that
// something is missing, and what is asked for of it goes without.
func refused(err error) bool {
	_, ok := errors.AsType[*awserr.Error](err)
	return ok
}

func need(action, resource string) []op.Need {
	return needOn(action, resource, nil)
}

// needOn is a permission on a resource that has tags.
func needOn(action, resource string, tags []directory.Tag) []op.Need {
	return []op.Need{{Action: "iam:" + action, Resource: resource, Tags: tags}}
}
