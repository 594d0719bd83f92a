package main

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		allowed  bool
	}{
		{"sigv4", "crypto/sha256", true},
		{"sigv4", "net/http", true},
		{"sigv4", "os", false},
		{"sigv4", "./internal/awserr", false},
		{"policy", "./arn", true},
		{"policy", "net/http", false},
		{"policy", "net/netip", true},

		{"internal/awserr", "./internal/shapes", true},
		{"internal/store", "./internal/op", false},
		{"internal/seal", "github.com/tink-crypto/tink-go/v2/aead", true},
		{"internal/shapes/iam", "./internal/shapes", true},
		{"internal/shapes/iam", "./internal/shapes/sts", false},
		{"internal/store/pebble", "./internal/store", true},
		{"internal/store/pebble", "github.com/cockroachdb/pebble/v2", true},
		{"internal/store/pebble", "./internal/directory", false},
		{"internal/directory", "github.com/cockroachdb/pebble/v2", false},

		{"internal/directory", "./internal/store", true},
		{"internal/directory", "./internal/store/pebble", false},
		{"internal/op", "./internal/iam", false},

		{"internal/iam", "./internal/directory", true},
		{"internal/iam", "./internal/shapes/iam", true},
		{"internal/iam", "./internal/sts", false},
		{"internal/iam", "./internal/wire", false},
		{"internal/iam", "./internal/gateway", false},
		{"internal/iam", "./internal/server", false},
		{"internal/cfn", "./internal/gateway", false},
		{"internal/cfn/engine", "./internal/cfn/template", true},

		{"internal/authz", "./policy", true},
		{"internal/authn", "./sigv4", true},
		{"internal/authn", "./internal/gateway", false},
		{"internal/wire", "./internal/shapes/iam", false},

		{"internal/gateway", "./internal/wire", true},
		{"internal/gateway", "./internal/audit", true},
		{"internal/gateway", "./internal/iam", false},
		{"internal/gateway", "./internal/shapes/iam", false},
		{"internal/console", "./internal/gateway", true},
		{"internal/console", "./internal/iam", false},

		{"internal/server", "./internal/iam", true},
		{"internal/server", "./internal/store/pebble", true},
		{"internal/server", "./cmd/iamd", false},
		{"cmd/iamd", "./internal/server", true},

		{"internal/iam", "github.com/aws/aws-sdk-go-v2/service/iam", false},
		{"cmd/iamd", "github.com/aws/aws-sdk-go-v2", false},
		{"test/stories", "github.com/aws/aws-sdk-go-v2/service/iam", true},

		{"internal/op/optest", "./internal/store/pebble", true},
		{"internal/store/storetest", "./internal/store", true},
		{"internal/iam", "./internal/op/optest", false},
		{"test", "./test/plain", true},
		{"test/plain", "./internal/iam", false},
		{"test/plain", "./policy", false},
		{"internal/helpers", "./arn", false},
	} {
		to := tc.to
		if rest, ok := strings.CutPrefix(to, "./"); ok {
			to = module + "/" + rest
		}
		why := check(module+"/"+tc.from, to)
		if (why == "") != tc.allowed {
			t.Errorf("%s -> %s: allowed %v, want %v (%s)", tc.from, tc.to, why == "", tc.allowed, why)
		}
	}
}
