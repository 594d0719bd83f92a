package kind

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// generation is how the value of a secret is made up.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
type generation struct {
	ExcludeCharacters  string `json:",omitempty"`
	ExcludeLowercase   bool   `json:",omitempty"`
	ExcludeNumbers     bool   `json:",omitempty"`
	ExcludePunctuation bool   `json:",omitempty"`
	ExcludeUppercase   bool   `json:",omitempty"`
	IncludeSpace       bool   `json:",omitempty"`
	// The service has defaults of its own for these.
	PasswordLength          *int64 `json:",omitempty"`
	RequireEachIncludedType *bool  `json:",omitempty"`
	GenerateStringKey       string `json:",omitempty"`
	SecretStringTemplate    string `json:",omitempty"`
}

// is reports whether two make the same values.
func (g *generation) is(other *generation) bool {
	if g == nil || other == nil {
		return g == other
	}
	a, b := *g, *other
	a.PasswordLength, a.RequireEachIncludedType, b.PasswordLength, b.RequireEachIncludedType = nil, nil, nil, nil
	return a == b && same(g.PasswordLength, other.PasswordLength) && same(g.RequireEachIncludedType, other.RequireEachIncludedType)
}

func (g *generation) check() error {
	if g == nil {
		return nil
	}
	if (g.GenerateStringKey == "") != (g.SecretStringTemplate == "") {
		return Invalid("#/GenerateSecretString: SecretStringTemplate and GenerateStringKey must both be specified")
	}
	if g.SecretStringTemplate != "" {
		if n, err := tree.FromJSON([]byte(g.SecretStringTemplate)); err != nil || !n.Is(tree.Map) {
			return Invalid("#/GenerateSecretString/SecretStringTemplate: the value is not a JSON object")
		}
	}
	return nil
}

// generate makes a value: a password, or the template's object with one in it.
func (g *generation) generate(ctx context.Context, api API) (*string, error) {
	in := &secretsmanager.GetRandomPasswordRequest{
		ExcludeCharacters:       orNil(g.ExcludeCharacters),
		ExcludeLowercase:        &g.ExcludeLowercase,
		ExcludeNumbers:          &g.ExcludeNumbers,
		ExcludePunctuation:      &g.ExcludePunctuation,
		ExcludeUppercase:        &g.ExcludeUppercase,
		IncludeSpace:            &g.IncludeSpace,
		PasswordLength:          g.PasswordLength,
		RequireEachIncludedType: g.RequireEachIncludedType,
	}
	reply, err := Do[secretsmanager.GetRandomPasswordResponse](ctx, api, in)
	if err != nil {
		return nil, err
	}
	if g.SecretStringTemplate == "" {
		return reply.RandomPassword, nil
	}
	n, err := tree.FromJSON([]byte(g.SecretStringTemplate))
	if err != nil {
		return nil, err
	}
	fields := slices.DeleteFunc(slices.Clone(n.Fields), func(f tree.Field) bool { return f.Key == g.GenerateStringKey })
	fields = append(fields, tree.Field{Key: g.GenerateStringKey, Value: tree.Text(*reply.RandomPassword)})
	return new(tree.MapOf(fields...).JSON()), nil
}
