package secrets_test

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func TestGetRandomPassword(t *testing.T) {
	w := optest.New(t, secrets.Service())
	const all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	for _, tc := range []struct {
		in       shape.GetRandomPasswordRequest
		length   int
		alphabet string
		has      []string
	}{
		{shape.GetRandomPasswordRequest{}, 32, all, []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4))}, 4, all, []string{"abcdefghijklmnopqrstuvwxyz", "0123456789"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4)), ExcludeCharacters: new(all[1:26] + all[27:52] + all[53:62] + all[63:])}, 4, "aA0!", []string{"a", "A", "0", "!"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(4096)), ExcludeLowercase: new(true), ExcludePunctuation: new(true)}, 4096, all[26:62], []string{"A", "9"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(500)), ExcludeUppercase: new(true), ExcludeNumbers: new(true), ExcludePunctuation: new(true), IncludeSpace: new(true)}, 500, all[:26] + " ", []string{" ", "z"}},
		{shape.GetRandomPasswordRequest{PasswordLength: new(int64(1)), RequireEachIncludedType: new(false)}, 1, all, nil},
	} {
		for range 20 {
			got := *optest.Must[shape.GetRandomPasswordResponse](w, w.Root(), "GetRandomPassword", &tc.in).RandomPassword
			if len(got) != tc.length || strings.Trim(got, tc.alphabet) != "" {
				t.Errorf("%+v: a password of %d characters that has others than it may", tc.in, len(got))
			}
			for _, letters := range tc.has {
				if !strings.ContainsAny(got, letters) {
					t.Errorf("%+v: the password has none of %s", tc.in, letters)
				}
			}
		}
	}
	refused(t, w, "GetRandomPassword", &shape.GetRandomPasswordRequest{PasswordLength: new(int64(3))}, "InvalidParameterException", "Password length is too short based on the required types.")
	refused(t, w, "GetRandomPassword", &shape.GetRandomPasswordRequest{ExcludeCharacters: new(all)}, "InvalidParameterException", "No characters are left to make a password of.")
}
