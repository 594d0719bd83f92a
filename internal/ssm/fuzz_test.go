package ssm_test

import (
	"errors"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// Whatever a request says, it is served or refused.
func FuzzPutAndGet(f *testing.F) {
	f.Add("/a/b:1", "v", `\d+`, noChange)
	f.Add("arn:aws:ssm:us-east-1:123456789012:parameter/a:l", "{{x}}", "(", "[{}]")
	f.Add("n", "x,y", "[a-z]", `[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2999-01-01T00:00:00Z"}}]`)
	f.Fuzz(func(t *testing.T, name, value, pattern, policies string) {
		w := newWorld(t)
		for op, in := range map[string]any{
			"PutParameter":        &shape.PutParameterRequest{Name: name, Value: value, Type: new("StringList"), AllowedPattern: &pattern, Policies: &policies, Tier: new("Advanced"), Overwrite: new(true)},
			"GetParameter":        &shape.GetParameterRequest{Name: name},
			"GetParametersByPath": &shape.GetParametersByPathRequest{Path: name, NextToken: &value},
		} {
			_, _, err := w.Do(w.Root(), op, in)
			if _, meant := errors.AsType[*awserr.Error](err); err == nil || meant {
				continue
			}
			if _, meant := errors.AsType[*awserr.Refusal](err); !meant {
				t.Errorf("%s %q %q %q %q: %v", op, name, value, pattern, policies, err)
			}
		}
	})
}
