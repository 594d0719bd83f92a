package iam

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

func contextKeyOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetContextKeysForCustomPolicy", needContextKeysForCustomPolicy, getContextKeysForCustomPolicy),
		op.Read("GetContextKeysForPrincipalPolicy", needContextKeysForPrincipalPolicy, getContextKeysForPrincipalPolicy),
	}
}

func needContextKeysForCustomPolicy(*op.Call, *shape.GetContextKeysForCustomPolicyRequest) ([]op.Need, error) {
	return need("GetContextKeysForCustomPolicy", "*"), nil
}

func getContextKeysForCustomPolicy(_ context.Context, _ *op.Call, in *shape.GetContextKeysForCustomPolicyRequest) (*shape.GetContextKeysForPolicyResponse, error) {
	list, err := parseInputs(in.PolicyInputList, "PolicyInputList")
	if err != nil {
		return nil, err
	}
	return &shape.GetContextKeysForPolicyResponse{ContextKeyNames: keysOf(list)}, nil
}

func needContextKeysForPrincipalPolicy(c *op.Call, in *shape.GetContextKeysForPrincipalPolicyRequest) ([]op.Need, error) {
	return needARN(c, "GetContextKeysForPrincipalPolicy", in.PolicySourceArn)
}

func getContextKeysForPrincipalPolicy(_ context.Context, c *op.Call, in *shape.GetContextKeysForPrincipalPolicyRequest) (*shape.GetContextKeysForPolicyResponse, error) {
	i, err := mustIdentity(c, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	list, err := policiesOf(c, i)
	if err != nil {
		return nil, err
	}
	inputs, err := parseInputs(in.PolicyInputList, "PolicyInputList")
	if err != nil {
		return nil, err
	}
	return &shape.GetContextKeysForPolicyResponse{ContextKeyNames: keysOf(list, inputs)}, nil
}

// keysOf are the context keys of policies, each as it is first written.
func keysOf(lists ...[]policy.Policy) []string {
	keys := []string{}
	known := map[string]bool{}
	for _, list := range lists {
		for _, p := range list {
			for _, key := range p.ContextKeys() {
				if folded := strings.ToLower(key); !known[folded] {
					known[folded] = true
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}
