package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/op"
)

// reason says why a step failed, in the words of AWS's handlers.
func (w *work) reason(st *step, err error, creating bool) string {
	r := st.of
	if errors.Is(err, errCancelled) {
		if creating {
			return "Resource creation cancelled"
		}
		return "Resource update cancelled"
	}
	if invalid, ok := errors.AsType[kind.Invalid](err); ok {
		return fmt.Sprintf("Properties validation failed for resource %s with message:\n%s", r.Logical, invalid)
	}
	if refused, ok := errors.AsType[*op.Refused](err); ok {
		return handlerText(r, refused)
	}
	if e, ok := errors.AsType[*template.Error](err); ok {
		return e.Message
	}
	if failed, ok := errors.AsType[kind.Failed](err); ok {
		return string(failed)
	}
	w.e.log().Error("a step of a stack failed", "stack", w.s.ID, "resource", r.Logical, "err", err)
	return "Internal Failure"
}

// handlerText is a refusal in the words of a resource's handler. Types that are older
// than handlers word it as they always did.
func handlerText(r *resource, refused *op.Refused) string {
	service := strings.TrimPrefix(strings.TrimPrefix(refused.Service, "AWS "), "Amazon ")
	if k := kind.Find(r.Type); k != nil && k.Schema.Legacy {
		return fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			refused.Err.Message, legacyServices[refused.Service], refused.Err.Status, refused.Err.Code, refused.RequestID)
	}
	return fmt.Sprintf("Resource handler returned message: %q (RequestToken: %s, HandlerErrorCode: %s)",
		fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s)", refused.Err.Message, handlerService(service), refused.Err.Status, refused.RequestID),
		r.Step, handlerCode(refused.Err))
}

// legacyServices are services as the older clients name them.
var legacyServices = map[string]string{"AWS Identity and Access Management": "AmazonIdentityManagement"}

func handlerService(title string) string {
	switch title {
	case "Identity and Access Management":
		return "Iam"
	case "Secrets Manager":
		return "SecretsManager"
	case "Simple Systems Manager (SSM)":
		return "Ssm"
	case "Key Management Service":
		return "Kms"
	case "Elastic Container Registry":
		return "Ecr"
	}
	return title
}

// handlerCodes are the codes of handlers by those of services.
// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
var handlerCodes = map[string]string{
	"EntityAlreadyExists":              "AlreadyExists",
	"ResourceExistsException":          "AlreadyExists",
	"ParameterAlreadyExists":           "AlreadyExists",
	"AlreadyExistsException":           "AlreadyExists",
	"RepositoryAlreadyExistsException": "AlreadyExists",
	"NoSuchEntity":                     "NotFound",
	"ResourceNotFoundException":        "NotFound",
	"ParameterNotFound":                "NotFound",
	"NotFoundException":                "NotFound",
	"RepositoryNotFoundException":      "NotFound",
	"LimitExceeded":                    "ServiceLimitExceeded",
	"LimitExceededException":           "ServiceLimitExceeded",
	"ParameterLimitExceeded":           "ServiceLimitExceeded",
	"DeleteConflict":                   "ResourceConflict",
	"ConcurrentModification":           "ResourceConflict",
	"EntityTemporarilyUnmodifiable":    "ResourceConflict",
	"AccessDenied":                     "AccessDenied",
	"AccessDeniedException":            "AccessDenied",
	"ValidationError":                  "InvalidRequest",
	"ValidationException":              "InvalidRequest",
	"InvalidInput":                     "InvalidRequest",
	"MalformedPolicyDocument":          "InvalidRequest",
	"InvalidRequestException":          "InvalidRequest",
	"InvalidParameterException":        "InvalidRequest",
	"PasswordPolicyViolation":          "InvalidRequest",
	"InvalidClientTokenId":             "InvalidCredentials",
	"ExpiredToken":                     "InvalidCredentials",
	"UnrecognizedClientException":      "InvalidCredentials",
	"ServiceFailure":                   "ServiceInternalError",
	"InternalServiceError":             "ServiceInternalError",
	"InternalServerError":              "ServiceInternalError",
	"Throttling":                       "Throttling",
	"MalformedPolicyDocumentException": "InvalidRequest",
}

func handlerCode(e *awserr.Error) string {
	if code := handlerCodes[e.Code]; code != "" {
		return code
	}
	return "GeneralServiceException"
}
