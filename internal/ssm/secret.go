package ssm

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/policy"
)

// secretReferences begins the names that stand for secrets of Secrets Manager.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
const secretReferences = "/aws/reference/secretsmanager/"

func (ref reference) isSecret() bool { return strings.HasPrefix(ref.name, secretReferences) }

// secret is the secret that is meant, as its region has it and as its primary region
// does; nil if there is none, or it is to be deleted.
func (ref reference) secret(c *op.Call) (here, main *directory.Secret, err error) {
	here, err = directory.GetSecret(c.Snap, ref.account, ref.region, strings.TrimPrefix(ref.name, secretReferences))
	if err != nil || here == nil || here.Due != 0 {
		return nil, nil, err
	}
	main, err = directory.PrimaryOf(c.Snap, here)
	return here, main, err
}

// needSecret is the permission on the secret itself, which comes on top.
func (ref reference) needSecret(c *op.Call) (op.Need, error) {
	n := op.Need{Action: "secretsmanager:GetSecretValue", Owner: ref.account}
	here, main, err := ref.secret(c)
	if here == nil {
		n.Resource = directory.SecretARN(ref.account, ref.region, strings.TrimPrefix(ref.name, secretReferences)) + "-??????"
		return n, err
	}
	n.Resource, n.Tags = here.ARN(), main.Tags
	n.Policy, n.PolicyKind = main.Policy, policy.Resource
	return n, nil
}

const currentStage = "AWSCURRENT"

// readSecret is the secret that is meant, as a parameter.
func (ref reference) readSecret(c *op.Call, decrypt bool) (*shape.Parameter, error) {
	if !decrypt {
		return nil, invalid("WithDecryption flag must be True for retrieving a Secret Manager secret.")
	}
	here, main, err := ref.secret(c)
	if err != nil {
		return nil, err
	}
	if here == nil {
		return nil, errNotFound
	}
	v := main.Staged(currentStage)
	if ref.selector != "" {
		if v = main.Version(ref.selector); v == nil {
			v = main.Staged(ref.selector)
		}
	}
	if v == nil {
		return nil, errNotFound
	}
	value, err := directory.SecretValue(c.Snap, c.Keyring, main, v.ID)
	if err != nil {
		return nil, err
	}
	return ref.describeSecret(here, v, value)
}

// sourceResult is what Secrets Manager would have replied.
type sourceResult struct {
	ARN           string
	Name          string
	VersionID     string `json:"VersionId"`
	SecretString  string `json:",omitempty"`
	SecretBinary  []byte `json:",omitempty"`
	VersionStages []string
	CreatedDate   float64 // seconds since 1970
}

func (ref reference) describeSecret(s *directory.Secret, v *directory.SecretVersion, value []byte) (*shape.Parameter, error) {
	source := sourceResult{
		ARN: s.ARN(), Name: s.Name, VersionID: v.ID, VersionStages: v.Stages,
		CreatedDate: float64(v.Created) / 1000,
	}
	text := string(value)
	if v.Binary {
		source.SecretBinary, text = value, base64.StdEncoding.EncodeToString(value)
	} else {
		source.SecretString = text
	}
	raw, err := json.Marshal(source)
	if err != nil {
		return nil, err
	}
	out := &shape.Parameter{
		ARN:              &source.ARN,
		LastModifiedDate: new(v.Created.Time()),
		Name:             &ref.name,
		SourceResult:     new(string(raw)),
		Type:             new(secureType),
		Value:            &text,
		Version:          new(int64(0)),
	}
	if ref.selector != "" {
		out.Selector = new(":" + ref.selector)
	}
	return out, nil
}
