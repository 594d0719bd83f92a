package kind_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Resources of which there is nothing but a record have names of their own, and are gone
// when they are deleted.
func TestKept(t *testing.T) {
	for _, c := range []struct {
		typ, first, second, physical string
		attrs                        map[string]string
	}{
		{
			"AWS::KMS::Key", `{"Description":"a","EnableKeyRotation":true}`, `{"Description":"b","KeyPolicy":{}}`, `^[0-9a-f]{8}-[0-9a-f-]{27}$`,
			map[string]string{"Arn": "arn:aws:kms:us-east-1:123456789012:key/<physical>", "KeyId": "<physical>"},
		},
		{
			"AWS::ECR::Repository", `{"RepositoryName":"a/b","ImageTagMutability":"IMMUTABLE"}`, `{"RepositoryName":"a/b"}`, `^a/b$`, map[string]string{
				"Arn": "arn:aws:ecr:us-east-1:123456789012:repository/a/b", "RepositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b",
			},
		},
		{
			"AWS::ECR::Repository", `{}`, `{"EmptyOnDelete":true}`, `^stack-thing-[a-z0-9]{12}$`, map[string]string{"Arn": "arn:aws:ecr:us-east-1:123456789012:repository/<physical>"},
		},
	} {
		for died := -1; died < 2; died++ {
			r := newWorld(t).resource(c.typ)
			r.diesAfter = died
			for _, err := range []error{r.create(c.first), r.update(c.first, c.second)} {
				if err != nil {
					t.Fatalf("%s: %v", c.typ, err)
				}
			}
			if !regexp.MustCompile(c.physical).MatchString(r.Physical) {
				t.Errorf("%s: made %s", c.typ, r.Physical)
			}
			for name, want := range c.attrs {
				if got, want := r.attrs[name], strings.ReplaceAll(want, "<physical>", r.Physical); got != want {
					t.Errorf("%s: %s is %s, want %s", c.typ, name, got, want)
				}
			}
			if is := r.read(c.second); is == nil || is.JSON() != c.second {
				t.Errorf("%s: read %v, want %s", c.typ, is, c.second)
			}
			for range 2 { // the second time, it is gone
				if err := r.delete(c.second); err != nil {
					t.Errorf("%s: %v", c.typ, err)
				}
			}
			if is := r.read(c.second); is != nil {
				t.Errorf("%s: read %s after it is deleted", c.typ, is.JSON())
			}
		}
	}
}

func TestAliasOfKey(t *testing.T) {
	w := newWorld(t)
	one, two, alias := w.resource("AWS::KMS::Key"), w.resource("AWS::KMS::Key"), w.resource("AWS::KMS::Alias")
	for _, err := range []error{one.create(`{}`), two.create(`{}`)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	to := func(key string) string { return `{"AliasName":"alias/a","TargetKeyId":"` + key + `"}` }
	first, second := to(one.Physical), to(two.attrs["Arn"])
	if err := alias.create(first); err != nil || alias.Physical != "alias/a" {
		t.Fatalf("made %s, %v", alias.Physical, err)
	}
	code(t, w.resource("AWS::KMS::Alias").create(first), "AlreadyExistsException", "An alias with the name arn:aws:kms:us-east-1:123456789012:alias/a already exists")
	if err := alias.update(first, second); err != nil {
		t.Fatal(err)
	}
	if is := alias.read(second); is == nil || is.JSON() != second {
		t.Errorf("read %v, want %s", is, second)
	}
	code(t, w.resource("AWS::KMS::Alias").create(`{"AliasName":"alias/b","TargetKeyId":"no-such-key"}`), "NotFoundException",
		"Key 'arn:aws:kms:us-east-1:123456789012:key/no-such-key' does not exist")
	var invalid kind.Invalid
	if err := w.resource("AWS::KMS::Alias").create(`{"AliasName":"alias/aws/s3","TargetKeyId":"x"}`); !errors.As(err, &invalid) {
		t.Errorf("an alias of AWS's own: %v", err)
	}
	for range 2 {
		if err := alias.delete(second); err != nil {
			t.Error(err)
		}
	}
}

func TestKeptRefused(t *testing.T) {
	w := newWorld(t)
	r := w.resource("AWS::ECR::Repository")
	if err := r.create(`{"RepositoryName":"ab"}`); err != nil {
		t.Fatal(err)
	}
	code(t, w.resource("AWS::ECR::Repository").create(`{"RepositoryName":"ab"}`), "RepositoryAlreadyExistsException",
		"The repository with name 'ab' already exists in the registry with id '123456789012'")
	for name, ok := range map[string]bool{"a1": true, "a/b_c__d.e--f": true, "A": false, "a": false, "a___b": false, "a/": false, "-a": false, strings.Repeat("a", 257): false} {
		n, err := tree.FromJSON([]byte(`{"RepositoryName":"` + name + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, bad := r.typ.Schema.Check(n); (len(bad) == 0) != ok {
			t.Errorf("a repository named %s: %q", name, bad)
		}
	}
	key := w.resource("AWS::KMS::Key")
	if err := key.create(`{"KeySpec":"RSA_2048"}`); err != nil {
		t.Fatal(err)
	}
	err := key.update(`{"KeySpec":"RSA_2048"}`, `{"KeySpec":"RSA_4096"}`)
	if failed, ok := errors.AsType[kind.Failed](err); !ok || failed != "You cannot change the KeySpec property of a KMS key after it is created." {
		t.Errorf("got %v", err)
	}
}

func code(t *testing.T, err error, code, message string) {
	t.Helper()
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != code || e.Message != message {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
}
