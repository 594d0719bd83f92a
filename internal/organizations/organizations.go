// Package organizations is AWS Organizations, as far as it is about accounts: one
// file per noun, one function per operation. An organization has a root and no
// units below it, and no policies.
package organizations

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

// Service is Organizations with the operations that are built.
func Service() op.Service {
	return op.Service{
		Shape:    &shape.Service,
		Spelling: spelling,
		Operations: slices.Concat(
			organizationOperations(),
			rootOperations(),
			accountOperations(),
			creationOperations(),
			tagOperations(),
		),
	}
}

// spelling is that of the JSON services, but for requests that break the model.
var spelling = awserr.Spelling{
	Internal: "ServiceException",
	Kinds:    awserr.JSON.Kinds,
	Invalid:  invalid,
}

// invalidity is how Organizations words a constraint of the model that a request
// breaks. It names one, and not the member.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html#API_CreateAccount_Errors
type invalidity struct{ constraint, reason, message string }

var invalidities = []invalidity{
	{"Member must not be null", "INPUT_REQUIRED", "You must include a value for all required parameters."},
	{"Member must satisfy regular expression pattern", "INVALID_PATTERN", mismatch},
	{"Member must satisfy enum value set", "INVALID_ENUM", "You specified an invalid value."},
	{"Member must have length greater than", "MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed."},
	{"Member must have length less than", "MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed."},
	{"Member must have value greater than", "MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed."},
	{"Member must have value less than", "MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed."},
}

const mismatch = "You provided a value that does not match the required pattern."

func invalid(detail string) *awserr.Error {
	for _, v := range invalidities {
		if strings.Contains(detail, v.constraint) {
			return invalidInput(v.reason, v.message)
		}
	}
	return invalidInput("INVALID_PATTERN", mismatch)
}

func invalidInput(reason, message string) *awserr.Error {
	return &awserr.Error{Code: "InvalidInputException", Status: 400, Message: message, Reason: reason}
}

func constraintViolation(reason, message string) error {
	return &awserr.Error{Code: "ConstraintViolationException", Status: 400, Message: message, Reason: reason}
}

// What AWS says to an account that is in no organization, and to one that does not
// manage its own.
var (
	errNotInUse     = awserr.New(400, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	errNotManager   = awserr.New(400, "AccessDeniedException", "You don't have permissions to access this resource.")
	errAccountIsNot = awserr.New(400, "AccountNotFoundException", "You specified an account that doesn't exist.")
)

// organizationOf is the organization that the caller's account is in.
func organizationOf(c *op.Call) (*directory.Organization, error) {
	a, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if a.Organization == "" {
		return nil, errNotInUse
	}
	return directory.GetOrganization(c.Snap, a.Organization)
}

// managed is the organization that the caller's account manages. Only that account
// may do most things: there are no delegated administrators.
func managed(c *op.Call) (*directory.Organization, error) {
	o, err := organizationOf(c)
	if err == nil && o.Management != c.Caller.Account {
		return nil, errNotManager
	}
	return o, err
}

// member is the account of that ID in an organization.
func member(c *op.Call, o *directory.Organization, id string) (*directory.Account, error) {
	a, err := findMember(c, o, id)
	if err == nil && a == nil {
		err = errAccountIsNot
	}
	return a, err
}
