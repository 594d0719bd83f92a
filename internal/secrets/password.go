package secrets

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func passwordOperations() []op.Operation {
	return []op.Operation{op.Read("GetRandomPassword", needAny[shape.GetRandomPasswordRequest]("GetRandomPassword"), getRandomPassword)}
}

// The types of characters that passwords are made of.
const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

const defaultPasswordLength = 32

func getRandomPassword(_ context.Context, c *op.Call, in *shape.GetRandomPasswordRequest) (*shape.GetRandomPasswordResponse, error) {
	types := passwordTypes(in)
	required := types
	if !orElse(in.RequireEachIncludedType, true) {
		required = nil
	}
	alphabet := strings.Join(types, "")
	if orElse(in.IncludeSpace, false) && !strings.Contains(orElse(in.ExcludeCharacters, ""), " ") {
		alphabet += " "
	}
	length := int(orElse(in.PasswordLength, defaultPasswordLength))
	switch {
	case alphabet == "":
		return nil, invalidParameter("No characters are left to make a password of.")
	case length < len(required):
		return nil, invalidParameter("Password length is too short based on the required types.")
	}
	password, err := draw(c, alphabet, length, required)
	return &shape.GetRandomPasswordResponse{RandomPassword: &password}, err
}

// passwordTypes are the types that a request wants, without the characters that it does
// not want; a type of which none is left is none.
func passwordTypes(in *shape.GetRandomPasswordRequest) []string {
	var types []string
	for _, t := range []struct {
		letters string
		exclude *bool
	}{
		{lowercase, in.ExcludeLowercase}, {uppercase, in.ExcludeUppercase}, {numbers, in.ExcludeNumbers}, {punctuation, in.ExcludePunctuation},
	} {
		if orElse(t.exclude, false) {
			continue
		}
		letters := strings.Map(func(r rune) rune {
			if strings.ContainsRune(orElse(in.ExcludeCharacters, ""), r) {
				return -1
			}
			return r
		}, t.letters)
		if letters != "" {
			types = append(types, letters)
		}
	}
	return types
}

// mostDraws is never reached: of the passwords of four characters, at least one in 2,500
// has all types.
const mostDraws = 1_000_000

// draw draws a password until it has a character of each required type, so that each of
// those passwords has the same chance.
func draw(c *op.Call, alphabet string, length int, required []string) (string, error) {
	for range mostDraws {
		password := c.IDs.Letters(alphabet, length)
		if !slices.ContainsFunc(required, func(letters string) bool { return !strings.ContainsAny(password, letters) }) {
			return password, nil
		}
	}
	return "", errors.New("no password has all types of characters")
}
