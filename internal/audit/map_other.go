//go:build !unix

package audit

import (
	"errors"
	"os"
)

func mapFile(string, int64) (*os.File, []byte, error) { return nil, nil, errors.ErrUnsupported }

func unmapFile([]byte) error { return nil }
