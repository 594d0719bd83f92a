package server

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/shapes"
)

// Each operation of every model is known: one that is not built says so by name,
// or, as it checks its input like any other, asks for what it needs.
func TestUnbuiltOperations(t *testing.T) {
	s := startForTest(t)
	for _, service := range Services() {
		if service.Shape.Protocol != shapes.Query {
			continue
		}
		_, missing := splitBuilt(service)
		for _, name := range missing {
			status, body := s.call(t, service.Shape.ID, "Action="+name+"&Version="+service.Shape.Version)
			names := strings.Contains(body, service.Lacks(name))
			asks := strings.Contains(body, "<Code>ValidationError</Code>")
			if !(status == 501 && names) && !(status == 400 && asks) {
				t.Errorf("%s:%s answered %d: %s", service.Shape.ID, name, status, body)
			}
		}
	}
}
