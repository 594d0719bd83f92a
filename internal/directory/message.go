package directory

import (
	"encoding/base64"
	"fmt"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
)

// SealMessage seals what a denial has to say, for OpenMessage. It is not stored.
func SealMessage(ring *seal.Keyring, a ids.Account, text string) (string, error) {
	sealed, err := ring.Seal([]byte(text), messagePlace(a))
	if err != nil {
		return "", fmt.Errorf("authorization message: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenMessage returns what SealMessage sealed for the account. It reports false for
// any other text.
func OpenMessage(ring *seal.Keyring, a ids.Account, message string) (string, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(message)
	if err != nil {
		return "", false
	}
	text, err := ring.Open(sealed, messagePlace(a))
	return string(text), err == nil
}

func messagePlace(a ids.Account) string { return "authorization message/" + string(a) }
