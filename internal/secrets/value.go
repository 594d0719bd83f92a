package secrets

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func valueOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetSecretValue", needGetSecretValue, getSecretValue),
		op.Write("PutSecretValue", needPutSecretValue, putSecretValue),
	}
}

// value is what a version of a secret holds.
type value struct {
	data   []byte
	binary bool
}

// valueOf is the value in a request; nil for none.
func valueOf(text *string, binary []byte) (*value, error) {
	switch {
	case text != nil && binary != nil:
		return nil, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case binary != nil:
		return &value{binary, true}, nil
	case text == nil:
		return nil, nil
	case len(*text) > maxValue: // the model counts characters
		return nil, awserr.Refuse(awserr.Validation, "1 validation error detected: Value at 'secretString' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", maxValue)
	}
	return &value{[]byte(*text), false}, nil
}

// mustBeSame refuses another value for a version that is there: none ever changes.
func mustBeSame(c *op.Call, s *directory.Secret, version *directory.SecretVersion, v *value) error {
	known, err := directory.SecretValue(c.Snap, c.Keyring, s, version.ID)
	if err != nil {
		return err
	}
	if version.Binary != v.binary || subtle.ConstantTimeCompare(known, v.data) == 0 {
		return exists("You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", version.ID, s.ARN())
	}
	return nil
}

// checkForeign refuses values to other accounts when they are encrypted with the
// service's own key, which no other account can use.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
func checkForeign(c *op.Call, owner ids.Account, key string) error {
	if c.Caller.Account != owner && (key == "" || key == "alias/aws/secretsmanager") {
		return errForeign
	}
	return nil
}

// needGetSecretValue: a request that says nothing of a version asks for the current one.
func needGetSecretValue(c *op.Call, in *shape.GetSecretValueRequest) ([]op.Need, error) {
	k := keys{}.text(keyVersionID, in.VersionId).text(keyVersionStage, in.VersionStage)
	if len(k) == 0 {
		k[keyVersionStage] = currentOnly
	}
	return need(c, "GetSecretValue", in.SecretId, k)
}

// currentOnly is what condition keys say of most requests.
var currentOnly = []string{current}

func getSecretValue(_ context.Context, c *op.Call, in *shape.GetSecretValueRequest) (*shape.GetSecretValueResponse, error) {
	s, err := found(c)
	if err != nil {
		return nil, err
	}
	return s.value(c, in.VersionId, in.VersionStage)
}

// value is the reply to a request for a value of s.
func (s *subject) value(c *op.Call, id, stage *string) (*shape.GetSecretValueResponse, error) {
	if s.here.Due != 0 {
		return nil, errMarked
	}
	v, err := s.version(id, stage)
	if err != nil {
		return nil, err
	}
	if err := checkForeign(c, s.owner, s.key(v)); err != nil {
		return nil, err
	}
	data, err := directory.SecretValue(c.Snap, c.Keyring, s.main, v.ID)
	if err != nil {
		return nil, err
	}
	s.noteRead(c, v)
	var out struct { // what the reply points to, in one piece
		reply   shape.GetSecretValueResponse
		created time.Time
		text    string
	}
	out.created = v.Created.Time()
	out.reply = shape.GetSecretValueResponse{ARN: &s.arn, CreatedDate: &out.created, Name: &s.here.Name, VersionId: &v.ID, VersionStages: v.Stages}
	if v.Binary {
		out.reply.SecretBinary = data
	} else {
		out.text = string(data)
		out.reply.SecretString = &out.text
	}
	return &out.reply, nil
}

// version is the one that a request asks for.
func (s *subject) version(id, stage *string) (*directory.SecretVersion, error) {
	if id == nil {
		label := orElse(stage, current)
		v := s.main.Staged(label)
		if v == nil {
			return nil, notFound("Secrets Manager can't find the specified secret value for staging label: %s", label)
		}
		return v, nil
	}
	v := s.main.Version(*id)
	if v == nil {
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: %s", *id)
	}
	if stage != nil && s.main.Staged(*stage) != v {
		return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
	}
	return v, nil
}

// key is what a version is encrypted with here: all of a replica with the replica's key.
func (s *subject) key(v *directory.SecretVersion) string {
	if s.here.IsReplica() {
		return s.here.KMSKey
	}
	return v.KMSKey
}

// noteRead remembers the day, unless it is known.
func (s *subject) noteRead(c *op.Call, v *directory.SecretVersion) {
	if day := directory.At(c.Now.UTC().Truncate(24 * time.Hour)); s.here.Accessed < day || v.Accessed < day {
		c.Usage.NoteUse(directory.SecretUse{
			Account: s.here.Account, Region: s.here.Region, Name: s.here.Name, Suffix: s.here.Suffix, Version: v.ID,
		}, c.Now)
	}
}

func needPutSecretValue(c *op.Call, in *shape.PutSecretValueRequest) ([]op.Need, error) {
	k := keys{}
	if in.VersionStages != nil {
		k[keyVersionStage] = in.VersionStages
	}
	return need(c, "PutSecretValue", in.SecretId, k)
}

func putSecretValue(_ context.Context, c *op.Call, in *shape.PutSecretValueRequest) (*shape.PutSecretValueResponse, error) {
	if in.ClientRequestToken == nil {
		return nil, errToken
	}
	v, err := valueOf(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	labels := in.VersionStages
	if labels == nil {
		labels = []string{current}
	}
	changed := *was
	version, err := putVersion(c, &changed, *in.ClientRequestToken, v, labels)
	if err != nil {
		return nil, err
	}
	out := &shape.PutSecretValueResponse{ARN: new(was.ARN()), Name: &was.Name, VersionId: &version.ID, VersionStages: version.Stages}
	if was.Version(version.ID) != nil { // done before
		return out, nil
	}
	if version == changed.Staged(current) {
		rotated(c, &changed)
	}
	return out, put(c, was, &changed)
}
