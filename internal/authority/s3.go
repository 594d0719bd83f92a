package authority

import (
	"errors"

	"github.com/iamd-project/iamd/internal/awserr"
)

// spellS3 is awserr.Public of S3, which has words of its own for presigned requests.
func spellS3(err error, presigned bool) (*awserr.Error, bool) {
	if r, ok := errors.AsType[*awserr.Refusal](err); ok && presigned && r.Kind == awserr.SignatureExpired {
		return awserr.S3PresignedExpired, true
	}
	return awserr.Public(err, awserr.S3)
}
