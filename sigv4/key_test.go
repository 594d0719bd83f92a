package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// From AWS's documentation of the key derivation.
func TestDeriveKeyAsDocumented(t *testing.T) {
	key := DeriveKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Scope{"20150830", "us-east-1", "iam"})
	if got, want := hex.EncodeToString(key.key[:]), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDeriveKeyAgainstHMAC(t *testing.T) {
	mac := func(key []byte, s string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(s))
		return m.Sum(nil)
	}
	for _, n := range []int{0, 1, 40, 59, 60, 61, 200, 1000} {
		secret, region := strings.Repeat("s", n), strings.Repeat("r", n)
		want := mac(mac(mac(mac([]byte("AWS4"+secret), "20150830"), region), "iam"), "aws4_request")
		if got := DeriveKey(secret, Scope{"20150830", region, "iam"}); string(got.key[:]) != string(want) {
			t.Errorf("a secret of %d bytes: got %x, want %x", n, got.key, want)
		}
	}
}
