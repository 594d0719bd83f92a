package iam

import (
	"testing"

	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

// FuzzContextEntry: what is taken for a type can be compared as that type.
func FuzzContextEntry(f *testing.F) {
	for kind := range contextTypes {
		for _, value := range []string{"", "true", "-1.5e3", "10.0.0.1", "::ffff:10.0.0.1", "aGVsbG8=", "2015-08-16T12:00:00Z", "${aws:username}*"} {
			f.Add("aws:Key", kind, value)
		}
	}
	f.Fuzz(func(t *testing.T, key, kind, value string) {
		values, err := contextOf([]shape.ContextEntry{{ContextKeyName: &key, ContextKeyType: &kind, ContextKeyValues: []string{value}}})
		if _, known := contextTypes[kind]; err == nil && !known {
			t.Errorf("took type %q", kind)
		}
		if err == nil && !policy.Comparable(contextTypes[kind].operator, value) || err == nil && len(values) != 1 {
			t.Errorf("took %q as %s: %v", value, kind, values)
		}
	})
}
