package ssm

import (
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// secretReferences begins the names that stand for secrets of Secrets Manager.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
const secretReferences = "/aws/reference/secretsmanager/"

func (ref reference) isSecret() bool { return strings.HasPrefix(ref.name, secretReferences) }

// readSecret is the secret that is meant, as a parameter.
func (ref reference) readSecret(_ *op.Call, decrypt bool) (*shape.Parameter, error) {
	if !decrypt {
		return nil, invalid("WithDecryption flag must be True for retrieving a Secret Manager secret.")
	}
	return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not support references to secrets in ssm:GetParameter yet.")
}
