package rotation

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
)

// FunctionName is the name of the function that rotates access keys.
const FunctionName = "iamd-access-key-rotation"

// Function is the ARN that stands for the rotation of access keys, for the secrets of an
// account in a region.
func Function(a ids.Account, region string) string {
	return "arn:aws:lambda:" + region + ":" + string(a) + ":function:" + FunctionName
}

// Runs reports whether the function of a secret's rotation is one that runs here.
func Runs(s *directory.Secret) bool {
	return s.Rotation != nil && s.Rotation.Lambda == Function(s.Account, s.Region)
}
