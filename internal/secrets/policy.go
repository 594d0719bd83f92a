package secrets

import (
	"context"
	"errors"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/policy"
)

func policyOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutResourcePolicy", needPutResourcePolicy, putResourcePolicy),
		op.Read("GetResourcePolicy", needGetResourcePolicy, getResourcePolicy),
		op.Write("DeleteResourcePolicy", needDeleteResourcePolicy, deleteResourcePolicy),
		op.Read("ValidateResourcePolicy", needValidateResourcePolicy, validateResourcePolicy),
	}
}

const broadAccess = "You can't attach a resource-based policy that allows broad access to the secret."

// parsePolicy reads a policy of a secret.
func parsePolicy(text string) (*policy.Document, error) {
	doc, err := policy.Parse(text, policy.Resource)
	if bad, ok := errors.AsType[*policy.Error](err); ok {
		message := "This resource policy contains a syntax error."
		if strings.HasPrefix(bad.Message, "Invalid principal") {
			message = "This resource policy contains an unsupported principal."
		}
		return nil, awserr.New(400, "MalformedPolicyDocumentException", "%s", message)
	}
	return doc, err
}

func needPutResourcePolicy(c *op.Call, in *shape.PutResourcePolicyRequest) ([]op.Need, error) {
	return need(c, "PutResourcePolicy", in.SecretId, keys{}.truth(keyBlockPublicPolicy, in.BlockPublicPolicy))
}

// putResourcePolicy refuses a policy that the caller could not replace again.
func putResourcePolicy(_ context.Context, c *op.Call, in *shape.PutResourcePolicyRequest) (*shape.PutResourcePolicyResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	doc, err := parsePolicy(in.ResourcePolicy)
	if err != nil {
		return nil, err
	}
	if orElse(in.BlockPublicPolicy, false) && doc.Public() {
		return nil, awserr.New(400, "PublicPolicyException", broadAccess)
	}
	changed := *was
	changed.Policy = directory.Document(in.ResourcePolicy)
	if err := mayReplace(c, in, changed.Policy); err != nil {
		return nil, err
	}
	return &shape.PutResourcePolicyResponse{ARN: new(was.ARN()), Name: &was.Name}, put(c, was, &changed)
}

// mayReplace asks again, with the new policy in force.
func mayReplace(c *op.Call, in *shape.PutResourcePolicyRequest, p directory.Document) error {
	needs, err := needPutResourcePolicy(c, in)
	if err != nil {
		return err
	}
	needs[0].Policy = p
	if err := c.May(needs[0]); err != nil {
		if _, meant := awserr.Public(err, awserr.JSON); meant {
			return invalidParameter("Your requested changes will not allow you to manage this secret in the future.")
		}
		return err
	}
	return nil
}

func needGetResourcePolicy(c *op.Call, in *shape.GetResourcePolicyRequest) ([]op.Need, error) {
	return needOnly(c, "GetResourcePolicy", in.SecretId)
}

func getResourcePolicy(_ context.Context, c *op.Call, _ *shape.GetResourcePolicyRequest) (*shape.GetResourcePolicyResponse, error) {
	s, err := live(c)
	if err != nil {
		return nil, err
	}
	return &shape.GetResourcePolicyResponse{ARN: &s.arn, Name: &s.here.Name, ResourcePolicy: orNil(string(s.main.Policy))}, nil
}

func needDeleteResourcePolicy(c *op.Call, in *shape.DeleteResourcePolicyRequest) ([]op.Need, error) {
	return needOnly(c, "DeleteResourcePolicy", in.SecretId)
}

// deleteResourcePolicy does not mind a secret that has none.
func deleteResourcePolicy(_ context.Context, c *op.Call, _ *shape.DeleteResourcePolicyRequest) (*shape.DeleteResourcePolicyResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	changed.Policy = ""
	return &shape.DeleteResourcePolicyResponse{ARN: new(was.ARN()), Name: &was.Name}, put(c, was, &changed)
}

func needValidateResourcePolicy(c *op.Call, in *shape.ValidateResourcePolicyRequest) ([]op.Need, error) {
	if in.SecretId == nil {
		return []op.Need{needAll("ValidateResourcePolicy")}, nil
	}
	return needOnly(c, "ValidateResourcePolicy", *in.SecretId)
}

func validateResourcePolicy(_ context.Context, c *op.Call, in *shape.ValidateResourcePolicyRequest) (*shape.ValidateResourcePolicyResponse, error) {
	if in.SecretId != nil {
		if _, err := live(c); err != nil {
			return nil, err
		}
	}
	doc, err := parsePolicy(in.ResourcePolicy)
	if err != nil {
		return nil, err
	}
	passed := !doc.Public()
	out := &shape.ValidateResourcePolicyResponse{PolicyValidationPassed: &passed, ValidationErrors: []shape.ValidationErrorsEntry{}}
	if !passed {
		out.ValidationErrors = append(out.ValidationErrors, shape.ValidationErrorsEntry{CheckName: new("BlockPublicPolicy"), ErrorMessage: new(broadAccess)})
	}
	return out, nil
}
