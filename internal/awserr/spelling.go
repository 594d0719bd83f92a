package awserr

// Spelling is how one service words the refusals that all services share. Its
// zero entries fall back on the Query services' words.
type Spelling struct {
	Internal string          // code of an internal failure
	Kinds    map[Kind]*Error // a message here is the default when the refusal brings none
	// Invalid words what a request breaks of the model, instead of Kinds, for a service
	// with a way of its own. It gets the words of the others.
	Invalid func(detail string) *Error
	// Quotes are the kinds of which the service says what a refusal says; nil for all.
	Quotes map[Kind]bool
}

func (s Spelling) spell(r *Refusal) *Error {
	e := s.Kinds[r.Kind]
	if e == nil {
		e = Query.Kinds[r.Kind]
	}
	if e == nil {
		return s.Failure()
	}
	if r.Detail == "" || s.Quotes != nil && !s.Quotes[r.Kind] {
		return e
	}
	if r.Kind == Validation && s.Invalid != nil {
		return s.Invalid(r.Detail)
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
		MissingAuthentication:  {Code: "MissingAuthenticationToken", Status: 403, Message: "Missing Authentication Token"},
		IncompleteSignature:    {Code: "IncompleteSignature", Status: 400, Message: "The request signature does not conform to AWS standards."},
		UnknownKey:             {Code: "InvalidClientTokenId", Status: 403, Message: "The security token included in the request is invalid."},
		BadSignature:           {Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch},
		SignatureExpired:       {Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch},
		SignatureNotYetCurrent: {Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch},
		BadToken:               {Code: "InvalidClientTokenId", Status: 403, Message: "The security token included in the request is invalid."},
		ExpiredToken:           {Code: "ExpiredToken", Status: 403, Message: "The security token included in the request is expired"},
		AccessDenied:           {Code: "AccessDenied", Status: 403, Message: "Access Denied"},
		InvalidAction:          {Code: "InvalidAction", Status: 400, Message: "The action or operation requested is invalid."},
		Malformed:              {Code: "MalformedInput", Status: 400, Message: "The request could not be read."},
		TooLarge:               {Code: "RequestEntityTooLarge", Status: 413, Message: "The request is too large."},
		Throttled:              {Code: "Throttling", Status: 400, Message: "Rate exceeded"},
		Validation:             {Code: "ValidationError", Status: 400, Message: "The request does not meet the constraints of the service."},
		NotBuilt:               {Code: "NotImplemented", Status: 501, Message: "This operation is not built yet."},
	},
}

// JSON is the spelling of the services that speak AWS JSON.
var JSON = Spelling{
	Internal: "InternalServiceError",
	Kinds: map[Kind]*Error{
		MissingAuthentication:  {Code: "MissingAuthenticationTokenException", Status: 400, Message: "Missing Authentication Token"},
		IncompleteSignature:    {Code: "IncompleteSignatureException", Status: 400, Message: "The request signature does not conform to AWS standards."},
		UnknownKey:             {Code: "UnrecognizedClientException", Status: 400, Message: "The security token included in the request is invalid."},
		BadSignature:           {Code: "InvalidSignatureException", Status: 400, Message: mismatch},
		SignatureExpired:       {Code: "InvalidSignatureException", Status: 400, Message: mismatch},
		SignatureNotYetCurrent: {Code: "InvalidSignatureException", Status: 400, Message: mismatch},
		BadToken:               {Code: "UnrecognizedClientException", Status: 400, Message: "The security token included in the request is invalid."},
		ExpiredToken:           {Code: "ExpiredTokenException", Status: 400, Message: "The security token included in the request is expired"},
		AccessDenied:           {Code: "AccessDeniedException", Status: 400, Message: "Access Denied"},
		InvalidAction:          {Code: "UnknownOperationException", Status: 400, Message: ""},
		Malformed:              {Code: "SerializationException", Status: 400, Message: ""},
		Throttled:              {Code: "ThrottlingException", Status: 400, Message: "Rate exceeded"},
		Validation:             {Code: "ValidationException", Status: 400, Message: "The request does not meet the constraints of the service."},
		NotBuilt:               {Code: "NotImplementedException", Status: 501, Message: "This operation is not built yet."},
	},
}

// S3 is the spelling of S3, which says no more than its own words of most refusals.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var S3 = Spelling{
	Internal: "InternalError",
	Quotes:   map[Kind]bool{AccessDenied: true, IncompleteSignature: true, Validation: true, NotBuilt: true},
	Kinds: map[Kind]*Error{
		MissingAuthentication: {Code: "AccessDenied", Status: 403, Message: "Access Denied"},
		IncompleteSignature:   {Code: "AuthorizationHeaderMalformed", Status: 400, Message: "The authorization header that you provided is not valid."},
		UnknownKey:            {Code: "InvalidAccessKeyId", Status: 403, Message: "The AWS access key ID that you provided does not exist in our records."},
		BadSignature: {Code: "SignatureDoesNotMatch", Status: 403, Message: "The request signature we calculated does not match the signature you provided. " +
			"Check your key and signing method."},
		SignatureExpired:       {Code: "RequestTimeTooSkewed", Status: 403, Message: "The difference between the request time and the server's time is too large."},
		SignatureNotYetCurrent: {Code: "RequestTimeTooSkewed", Status: 403, Message: "The difference between the request time and the server's time is too large."},
		BadToken:               {Code: "InvalidToken", Status: 400, Message: "The provided token is malformed or otherwise not valid."},
		ExpiredToken:           {Code: "ExpiredToken", Status: 400, Message: "The provided token has expired."},
		AccessDenied:           {Code: "AccessDenied", Status: 403, Message: "Access Denied"},
		InvalidAction:          {Code: "MethodNotAllowed", Status: 405, Message: "The specified method is not allowed against this resource."},
		Malformed: {Code: "MalformedXML", Status: 400, Message: "The XML you provided was not well-formed or did not validate against our " +
			"published schema"},
		TooLarge:        {Code: "MaxMessageLengthExceeded", Status: 400, Message: "Your request was too large."},
		Throttled:       {Code: "SlowDown", Status: 503, Message: "Please reduce your request rate."},
		Validation:      {Code: "InvalidArgument", Status: 400, Message: "Invalid Argument"},
		NotBuilt:        {Code: "NotImplemented", Status: 501, Message: "A header you provided implies functionality that is not implemented."},
		OtherBody:       {Code: "XAmzContentSHA256Mismatch", Status: 400, Message: "The provided 'x-amz-content-sha256' header does not match what was computed."},
		BadDigest:       {Code: "BadDigest", Status: 400, Message: "The Content-MD5 you specified did not match what we received."},
		BadChecksum:     {Code: "BadDigest", Status: 400, Message: "The checksum you specified did not match the calculated checksum."},
		InvalidDigest:   {Code: "InvalidDigest", Status: 400, Message: "The Content-MD5 you specified was invalid."},
		InvalidChecksum: {Code: "InvalidRequest", Status: 400, Message: "Value for the x-amz-checksum header is invalid."},
		IncompleteBody:  {Code: "IncompleteBody", Status: 400, Message: "The request body terminated unexpectedly"},
	},
}

// What S3 says of signatures and bodies beside the kinds of refusals.
var (
	S3NoPayloadHash    = New(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	S3NoLength         = New(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	S3PresignedExpired = New(403, "AccessDenied", "Request has expired")
)
