package authority

import (
	"errors"
	"net/http"

	"github.com/iamd-project/iamd/internal/awserr"
)

// s3Words is how S3 spells refusals.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var s3Words = awserr.Spelling{
	Internal: "InternalError",
	Kinds: map[awserr.Kind]*awserr.Error{
		awserr.MissingAuthentication: {Code: "AccessDenied", Status: 403, Message: "Access Denied"},
		awserr.IncompleteSignature:   {Code: "AuthorizationHeaderMalformed", Status: 400, Message: "The authorization header that you provided is not valid."},
		awserr.UnknownKey:            {Code: "InvalidAccessKeyId", Status: 403, Message: "The AWS access key ID that you provided does not exist in our records."},
		awserr.BadSignature: {Code: "SignatureDoesNotMatch", Status: 403, Message: "The request signature we calculated does not match the signature you provided. " +
			"Check your key and signing method."},
		awserr.SignatureExpired:       {Code: "RequestTimeTooSkewed", Status: 403, Message: "The difference between the request time and the server's time is too large."},
		awserr.SignatureNotYetCurrent: {Code: "RequestTimeTooSkewed", Status: 403, Message: "The difference between the request time and the server's time is too large."},
		awserr.BadToken:               {Code: "InvalidToken", Status: 400, Message: "The provided token is malformed or otherwise not valid."},
		awserr.ExpiredToken:           {Code: "ExpiredToken", Status: 400, Message: "The provided token has expired."},
		awserr.AccessDenied:           {Code: "AccessDenied", Status: 403, Message: "Access Denied"},
	},
}

var (
	errNoPayloadHash = awserr.New(http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	errOtherBody     = awserr.New(http.StatusBadRequest, "XAmzContentSHA256Mismatch",
		"The provided 'x-amz-content-sha256' header does not match what was computed.")
	errPresignedExpired = awserr.New(http.StatusForbidden, "AccessDenied", "Request has expired")
)

// spellS3 keeps what a refusal says beyond its kind only where S3 says it, too.
func spellS3(err error, presigned bool) (*awserr.Error, bool) {
	r, ok := errors.AsType[*awserr.Refusal](err)
	switch {
	case !ok, r.Kind == awserr.AccessDenied, r.Kind == awserr.IncompleteSignature:
		return awserr.Public(err, s3Words)
	case presigned && r.Kind == awserr.SignatureExpired:
		return errPresignedExpired, true
	}
	return awserr.Default(err, s3Words), true
}
