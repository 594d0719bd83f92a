package secrets_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// Whatever names a secret is served or refused. A secret that can be made is found by its
// name, and by its ARN with and without the six characters that end it, unless its name
// ends as an ARN does; and by no other name.
func FuzzSecretID(f *testing.F) {
	for _, name := range []string{"a", "a/b", "a-AbCdEf", "-AbCdEf", "a-AbCdE", "a-AbCd_f", "a b", "", "arn:x", "é", strings.Repeat("x", 513)} {
		f.Add(name, "arn:aws:secretsmanager:us-east-1:123456789012:secret:"+name)
	}
	f.Add("a", "arn:aws:secretsmanager:us-east-1:123456789012:secret:")
	f.Add("a", "arn:aws:secretsmanager:eu-west-1:000011112222:secret:a-AbCdEf")
	f.Add("a", "arn:aws:ssm:us-east-1:123456789012:parameter/a")
	f.Fuzz(func(t *testing.T, name, id string) {
		w := optest.New(t, secrets.Service())
		read := func(id string) *shape.DescribeSecretResponse {
			out, _, err := w.Do(w.Root(), "DescribeSecret", &shape.DescribeSecretRequest{SecretId: id})
			if err != nil {
				meant(t, err)
				return nil
			}
			return out.(*shape.DescribeSecretResponse)
		}
		made, _, err := w.Do(w.Root(), "CreateSecret", &shape.CreateSecretRequest{Name: name, ClientRequestToken: new(token(1))})
		if err != nil {
			meant(t, err)
			read(id)
			return
		}
		whole := *made.(*shape.CreateSecretResponse).ARN
		partial := whole[:len(whole)-7]
		for _, id := range []string{name, whole} {
			if out := read(id); out == nil || *out.Name != name || *out.ARN != whole {
				t.Errorf("%q is not found by %q: %+v", name, id, out)
			}
		}
		if out := read(partial); (out != nil) == endsLikeARN(name) {
			t.Errorf("%q by its partial ARN: %+v", name, out)
		}
		if out := read(id); out != nil && id != name && id != whole && id != partial {
			t.Errorf("%q is found by %q", name, id)
		}
	})
}

// endsLikeARN is the trap: a hyphen and six letters or digits.
func endsLikeARN(name string) bool {
	const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	at := len(name) - 7
	return at > 0 && name[at] == '-' && strings.Trim(name[at+1:], alphanumeric) == ""
}

// meant fails a test that ends with an error that no caller is meant to see.
func meant(t *testing.T, err error) {
	t.Helper()
	_, public := errors.AsType[*awserr.Error](err)
	_, refusal := errors.AsType[*awserr.Refusal](err)
	if !public && !refusal {
		t.Error(err)
	}
}
