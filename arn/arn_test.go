package arn

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]ARN{
		"arn:aws:iam::123456789012:user/David":             {"aws", "iam", "", "123456789012", "user/David"},
		"arn:aws:iam::aws:policy/AdministratorAccess":      {"aws", "iam", "", "aws", "policy/AdministratorAccess"},
		"arn:aws:iam::cloudfront:user/x":                   {"aws", "iam", "", "cloudfront", "user/x"},
		"arn:aws-us-gov:iam::000000000001:root":            {"aws-us-gov", "iam", "", "000000000001", "root"},
		"arn:aws:s3:::bucket/a:b/c d":                      {"aws", "s3", "", "", "bucket/a:b/c d"},
		"arn:aws:rds:eu-west-1:123456789012:db:mysql-db":   {"aws", "rds", "eu-west-1", "123456789012", "db:mysql-db"},
		"arn:aws:s3:::bücher/ü":                            {"aws", "s3", "", "", "bücher/ü"},
		"arn:aws:execute-api:us-east-1:123456789012:a/*/b": {"aws", "execute-api", "us-east-1", "123456789012", "a/*/b"},
	} {
		got, err := Parse(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("Parse(%q) = %#v, %v; want %#v", s, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	long := "arn:aws:s3:::" + strings.Repeat("x", MaxLen-len("arn:aws:s3:::"))
	if _, err := Parse(long); err != nil {
		t.Errorf("a name of %d bytes: %v", len(long), err)
	}
	for s, part := range map[string]string{
		"":                                 "arn",
		"arn":                              "arn",
		"arn:":                             "arn",
		"ARN:aws:iam::123456789012:root":   "arn",
		" arn:aws:iam::123456789012:root":  "arn",
		"arn:aws:iam::123456789012":        "arn",
		"arn::iam::123456789012:root":      "partition",
		"arn:AWS:iam::123456789012:root":   "partition",
		"arn:*:iam::123456789012:root":     "partition",
		"arn:aws:::123456789012:root":      "service",
		"arn:aws:i m::123456789012:root":   "service",
		"arn:aws:iam:US:123456789012:root": "region",
		"arn:aws:iam::12345678901:root":    "account",
		"arn:aws:iam::1234567890123:root":  "account",
		"arn:aws:iam::*:root":              "account",
		"arn:aws:iam::１２３４５６７８９０１２:root":     "account",
		"arn:aws:iam::123456789012:":         "resource",
		"arn:aws:iam::123456789012:user/a\n": "resource",
		"arn:aws:s3:::\xff":                  "resource",
		long + "x":                           "arn",
	} {
		_, err := Parse(s)
		bad, ok := errors.AsType[*ParseError](err)
		if !ok || bad.Part != part {
			t.Errorf("Parse(%.80q): %v; want an error about the %s", s, err, part)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:iam::123456789012:user/a/b")
	f.Add("arn:aws:sts::123456789012:assumed-role/r/s")
	f.Add("arn:aws:iam::123456789012:oidc-provider/host/path")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			if !a.IsZero() {
				t.Fatalf("Parse(%q) gave %v and %v", s, a, err)
			}
			return
		}
		if a.String() != s {
			t.Fatalf("Parse(%q).String() = %q", s, a)
		}
		if e, ok := a.Entity(); ok && a.Owner().Entity(e) != a {
			t.Fatalf("%q: entity %+v makes %q", s, e, a.Owner().Entity(e))
		}
		if r, ok := a.Session(); ok && a.Owner().Session(r) != a {
			t.Fatalf("%q: session %+v makes %q", s, r, a.Owner().Session(r))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse("arn:aws:iam::123456789012:user/division/team/ann")
	}
}
