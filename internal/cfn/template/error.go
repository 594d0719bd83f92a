package template

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Error is what is wrong with a template or with the values of its parameters, in AWS's
// words. Line and Column count from 1 and say where in the template; 0 when no place does.
type Error struct {
	Message      string
	Line, Column int
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// refuse is the Error at a node, which may be nil.
func refuse(at *tree.Node, format string, args ...any) *Error {
	e := &Error{Message: fmt.Sprintf(format, args...)}
	if at != nil {
		e.Line, e.Column = at.Line, at.Column
	}
	return e
}

// refuseKey is the Error at a member's key.
func refuseKey(f *tree.Field, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Line: f.Line, Column: f.Column}
}

// formatError and functionError are the two beginnings that AWS's texts have.
const (
	formatError   = "Template format error: "
	functionError = "Template error: "
)
