package op

import (
	"io"

	"github.com/iamd-project/iamd/internal/checksum"
)

// Body is a request's body that its operation reads, in Outside and once. Read returns,
// instead of io.EOF, a refusal for one that is not what the request promised.
type Body interface {
	io.ReadCloser
	// Sums are those of what has been read.
	Sums() checksum.Sums
}
