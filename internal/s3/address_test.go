package s3_test

import (
	"errors"
	"testing"

	"github.com/iamd-project/iamd/internal/s3"
)

var hosts = s3.Hosts{"localhost", "127.0.0.1:4566", "iamd.test:8080"}

func TestLabel(t *testing.T) {
	for host, want := range map[string]struct {
		bucket string
		own    bool
	}{
		"s3.amazonaws.com":                         {"", true},
		"s3.eu-west-1.amazonaws.com":               {"", true},
		"s3-eu-west-1.amazonaws.com":               {"", true},
		"s3.dualstack.eu-west-1.amazonaws.com":     {"", true},
		"my.bucket.s3.us-gov-west-1.amazonaws.com": {"my.bucket", true},
		"bucket.s3.amazonaws.com":                  {"bucket", true},
		"bucket.s3.cn-north-1.amazonaws.com.cn":    {"bucket", true},
		"bucket.localhost:4566":                    {"bucket", true},
		"Bucket.Localhost:4566":                    {"bucket", true},
		"bucket.s3.localhost":                      {"bucket", true},
		"bucket.s3.eu-west-1.localhost":            {"bucket", true},
		"s3.localhost":                             {"", true},
		"bucket.iamd.test:8080":                    {"bucket", true},
		"iam.iamd.test:8080":                       {"", false},
		"iamd.test:8080":                           {"", false},
		"localhost:4566":                           {"", false},
		"127.0.0.1:4566":                           {"", false},
		"x.127.0.0.1:4566":                         {"", false},
		"iam.amazonaws.com":                        {"", false},
		"s3.amazonaws.com.evil.example":            {"", false},
		"example.com":                              {"", false},
		"":                                         {"", false},
	} {
		if bucket, own := hosts.Label(host); bucket != want.bucket || own != want.own {
			t.Errorf("%s: %q, %t", host, bucket, own)
		}
	}
}

func TestLocate(t *testing.T) {
	at := s3.Location{Bucket: "bucket", Key: "a/k 1.json"}
	for _, url := range []string{
		"http://127.0.0.1:4566/bucket/a/k%201.json", "http://localhost:4566/bucket/a/k%201.json", "http://[::1]:4566/bucket/a/k%201.json",
		"https://s3.us-east-1.amazonaws.com/bucket/a/k%201.json", "https://s3.amazonaws.com/bucket/a/k%201.json",
		"https://bucket.s3.us-east-1.amazonaws.com/a/k%201.json", "http://iamd.test:8080/bucket/a/k%201.json",
		"http://bucket.iamd.test:8080/a/k%201.json", "s3://bucket/a/k%201.json",
	} {
		if got, err := hosts.Locate(url); got != at || err != nil {
			t.Errorf("%s: %v, %v", url, got, err)
		}
	}
	for url, domain := range map[string]string{
		"https://example.com/bucket/k": "example.com", "https://bucket.example.com/k": "bucket.example.com", "https://10.0.0.1/bucket/k": "10.0.0.1",
		"not a url": "", "": "", "ftp://s3.amazonaws.com/b/k": "", "https://s3.amazonaws.com/b": "", "https://s3.amazonaws.com/b/": "",
		"https://user@s3.amazonaws.com/b/k": "", "s3://bucket": "", "%": "",
	} {
		_, err := hosts.Locate(url)
		if bad, ok := errors.AsType[*s3.BadURL](err); !ok || bad.Domain != domain {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Whatever a URL is, it names an object whole or is refused as one that does not.
func FuzzLocate(f *testing.F) {
	f.Add("https://bucket.s3.us-east-1.amazonaws.com/a/k%201.json")
	f.Add("s3://bucket/k")
	f.Fuzz(func(t *testing.T, url string) {
		at, err := hosts.Locate(url)
		if _, bad := errors.AsType[*s3.BadURL](err); err != nil && !bad || err == nil && (at.Bucket == "" || at.Key == "") {
			t.Errorf("%q: %v, %v", url, at, err)
		}
	})
}
