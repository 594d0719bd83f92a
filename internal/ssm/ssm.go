// Package ssm is AWS Systems Manager, as far as it is about Parameter Store: one file
// per noun, one function per operation.
package ssm

import (
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// Service is Systems Manager with the operations that are built.
func Service() op.Service {
	return op.Service{
		Shape:    &shape.Service,
		Spelling: awserr.Spelling{Internal: "InternalServerError", Kinds: awserr.JSON.Kinds},
		Operations: slices.Concat(
			parameterOperations(),
			writingOperations(),
			listOperations(),
			historyOperations(),
			labelOperations(),
			tagOperations(),
		),
		Quotas: quotas(),
	}
}

// invalid is what AWS says of most that is wrong with a request.
func invalid(format string, args ...any) *awserr.Error {
	return awserr.New(400, "ValidationException", format, args...)
}

// What AWS says of what is not there.
var errNotFound = awserr.New(400, "ParameterNotFound", "")

func versionNotFound(number int64, name string) error {
	return awserr.New(400, "ParameterVersionNotFound", "Systems Manager could not find version %d of %s. Verify the version and try again.", number, name)
}
