package awserr

// Spelling is how one service words the refusals that all services share. Its
// zero entries fall back on the Query services' words.
type Spelling struct {
	Internal string          // code of an internal failure
	Kinds    map[Kind]*Error // a message here is the default when the refusal brings none
}

func (s Spelling) spell(r *Refusal) *Error {
	e := s.Kinds[r.Kind]
	if e == nil {
		e = Query.Kinds[r.Kind]
	}
	if e == nil {
		return s.Failure()
	}
	if r.Detail == "" {
		return e
	}
	return &Error{Code: e.Code, Status: e.Status, Message: r.Detail}
}

// Failure is what a caller sees of an error that was not meant for it.
func (s Spelling) Failure() *Error {
	return &Error{Code: s.Internal, Status: 500, Message: "The request processing has failed because of an unknown error, exception or failure."}
}

const mismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// Query is the spelling of IAM, STS and CloudFormation.
var Query = Spelling{
	Internal: "ServiceFailure",
	Kinds: map[Kind]*Error{
		MissingAuthentication:  {"MissingAuthenticationToken", 403, "Missing Authentication Token"},
		IncompleteSignature:    {"IncompleteSignature", 400, "The request signature does not conform to AWS standards."},
		UnknownKey:             {"InvalidClientTokenId", 403, "The security token included in the request is invalid."},
		BadSignature:           {"SignatureDoesNotMatch", 403, mismatch},
		SignatureExpired:       {"SignatureDoesNotMatch", 403, mismatch},
		SignatureNotYetCurrent: {"SignatureDoesNotMatch", 403, mismatch},
		BadToken:               {"InvalidClientTokenId", 403, "The security token included in the request is invalid."},
		ExpiredToken:           {"ExpiredToken", 403, "The security token included in the request is expired"},
		AccessDenied:           {"AccessDenied", 403, "Access Denied"},
		InvalidAction:          {"InvalidAction", 400, "The action or operation requested is invalid."},
		Malformed:              {"MalformedInput", 400, "The request could not be read."},
		TooLarge:               {"RequestEntityTooLarge", 413, "The request is too large."},
		Throttled:              {"Throttling", 400, "Rate exceeded"},
		Validation:             {"ValidationError", 400, "The request does not meet the constraints of the service."},
		NotBuilt:               {"NotImplemented", 501, "This operation is not built yet."},
	},
}

// JSON is the spelling of the services that speak AWS JSON.
var JSON = Spelling{
	Internal: "InternalServiceError",
	Kinds: map[Kind]*Error{
		MissingAuthentication:  {"MissingAuthenticationTokenException", 400, "Missing Authentication Token"},
		IncompleteSignature:    {"IncompleteSignatureException", 400, "The request signature does not conform to AWS standards."},
		UnknownKey:             {"UnrecognizedClientException", 400, "The security token included in the request is invalid."},
		BadSignature:           {"InvalidSignatureException", 400, mismatch},
		SignatureExpired:       {"InvalidSignatureException", 400, mismatch},
		SignatureNotYetCurrent: {"InvalidSignatureException", 400, mismatch},
		BadToken:               {"UnrecognizedClientException", 400, "The security token included in the request is invalid."},
		ExpiredToken:           {"ExpiredTokenException", 400, "The security token included in the request is expired"},
		AccessDenied:           {"AccessDeniedException", 400, "Access Denied"},
		InvalidAction:          {"UnknownOperationException", 400, ""},
		Malformed:              {"SerializationException", 400, ""},
		Throttled:              {"ThrottlingException", 400, "Rate exceeded"},
		Validation:             {"ValidationException", 400, "The request does not meet the constraints of the service."},
		NotBuilt:               {"NotImplementedException", 501, "This operation is not built yet."},
	},
}
