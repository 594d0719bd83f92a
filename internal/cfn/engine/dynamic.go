package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
)

// dynamic is the value that a dynamic reference stands for.
func dynamic(ctx context.Context, api kind.API, ref template.DynamicRef) (string, error) {
	if ref.Service == "secretsmanager" {
		return secretValue(ctx, api, ref)
	}
	name := ref.Name
	if ref.Version != "" {
		name += ":" + ref.Version
	}
	secure := ref.Service == "ssm-secure"
	reply, err := kind.Do[ssm.GetParameterResult](ctx, api, &ssm.GetParameterRequest{Name: name, WithDecryption: &secure})
	if err != nil {
		return "", err
	}
	p := reply.Parameter
	if secure != (*p.Type == "SecureString") {
		return "", kind.Failed(fmt.Sprintf("Parameter [%s] is of type %s, which {{resolve:%s}} does not take", name, *p.Type, ref.Service))
	}
	return *p.Value, nil
}

func secretValue(ctx context.Context, api kind.API, ref template.DynamicRef) (string, error) {
	in := &secretsmanager.GetSecretValueRequest{SecretId: ref.Name}
	if ref.VersionStage != "" {
		in.VersionStage = &ref.VersionStage
	}
	if ref.VersionID != "" {
		in.VersionId = &ref.VersionID
	}
	reply, err := kind.Do[secretsmanager.GetSecretValueResponse](ctx, api, in)
	if err != nil {
		return "", err
	}
	if reply.SecretString == nil {
		return "", kind.Failed(fmt.Sprintf("Secrets Manager secret [%s] has no SecretString", ref.Name))
	}
	if ref.JSONKey == "" {
		return *reply.SecretString, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(*reply.SecretString), &members); err != nil {
		return "", kind.Failed("Could not parse SecretString JSON")
	}
	raw, ok := members[ref.JSONKey]
	if !ok {
		return "", kind.Failed("Could not find a value associated with JSONKey in SecretString")
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, nil
	}
	return string(raw), nil
}
