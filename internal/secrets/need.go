package secrets

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/policy"
)

// The condition keys of Secrets Manager.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
const (
	keyAddReplicaRegions = "secretsmanager:addreplicaregions"
	keyBlockPublicPolicy = "secretsmanager:blockpublicpolicy"
	keyDescription       = "secretsmanager:description"
	keyForceDelete       = "secretsmanager:forcedeletewithoutrecovery"
	keyForceOverwrite    = "secretsmanager:forceoverwritereplicasecret"
	keyKmsKeyARN         = "secretsmanager:kmskeyarn"
	keyKmsKeyID          = "secretsmanager:kmskeyid"
	keyLambdaOfSecret    = "secretsmanager:resource/allowrotationlambdaarn"
	keyModifyRules       = "secretsmanager:modifyrotationrules"
	keyName              = "secretsmanager:name"
	keyPrimaryRegion     = "secretsmanager:secretprimaryregion"
	keyRecoveryWindow    = "secretsmanager:recoverywindowindays"
	keyRotateImmediately = "secretsmanager:rotateimmediately"
	keyRotationLambda    = "secretsmanager:rotationlambdaarn"
	keyExternalRole      = "secretsmanager:externalsecretrotationrolearn"
	keySecretID          = "secretsmanager:secretid"
	keyType              = "secretsmanager:type"
	keyVersionID         = "secretsmanager:versionid"
	keyVersionStage      = "secretsmanager:versionstage"
)

// keys are the condition keys of a request. Methods that add what a request leaves out
// add nothing.
type keys map[string][]string

func (k keys) text(key string, v *string) keys {
	if v != nil {
		k[key] = []string{*v}
	}
	return k
}

func (k keys) number(key string, v *int64) keys {
	if v != nil {
		k[key] = []string{strconv.FormatInt(*v, 10)}
	}
	return k
}

func (k keys) truth(key string, v *bool) keys {
	if v != nil {
		k[key] = []string{strconv.FormatBool(*v)}
	}
	return k
}

func (k keys) kms(v *string) keys {
	if v != nil && strings.HasPrefix(*v, "arn:") {
		k.text(keyKmsKeyARN, v)
	}
	return k.text(keyKmsKeyID, v)
}

func (k keys) regions(list []shape.ReplicaRegionType) keys {
	for _, r := range list {
		k[keyAddReplicaRegions] = append(k[keyAddReplicaRegions], orElse(r.Region, ""))
	}
	return k
}

// need is the permission to do something to the secret that a request names, which it
// leaves for Run to find.
func need(c *op.Call, action, id string, k keys) ([]op.Need, error) {
	s, err := find(c, id)
	if err != nil {
		return nil, err
	}
	c.Found = s
	return []op.Need{s.need(action, k)}, nil
}

// needOnly is need for a request that has no more to say.
func needOnly(c *op.Call, action, id string) ([]op.Need, error) {
	return need(c, action, id, keys{})
}

// needAny is the needs of an operation that is about no secret in particular.
func needAny[In any](action string) func(*op.Call, *In) ([]op.Need, error) {
	return func(*op.Call, *In) ([]op.Need, error) { return []op.Need{needAll(action)}, nil }
}

func needAll(action string) op.Need {
	return op.Need{Action: "secretsmanager:" + action, Resource: "*"}
}

// need is a permission on s. AWS names a secret that does not exist as the request does.
func (s *subject) need(action string, k keys) op.Need {
	s.words[0] = s.id
	k[keySecretID] = s.words[:1:1]
	n := op.Need{Action: "secretsmanager:" + action, Resource: s.id, Owner: s.owner, Context: k}
	if s.here == nil {
		return n
	}
	n.Resource, n.Tags = s.arn, s.main.Tags
	n.Policy, n.PolicyKind = s.main.Policy, policy.Resource
	s.words[1] = s.main.Region
	k[keyPrimaryRegion] = s.words[1:]
	if r := s.main.Rotation; r != nil && r.Lambda != "" {
		k[keyLambdaOfSecret] = []string{r.Lambda}
	}
	return n
}

// tagsOf is the tags in a request, as records have them.
func tagsOf(in []shape.Tag) []directory.Tag {
	tags := make([]directory.Tag, len(in))
	for i, t := range in {
		tags[i] = directory.Tag{Key: orElse(t.Key, ""), Value: orElse(t.Value, "")}
	}
	return tags
}
