package secrets

import (
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func secretOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateSecret", needCreateSecret, createSecret),
		op.Read("DescribeSecret", needDescribeSecret, describeSecret),
		op.Write("UpdateSecret", needUpdateSecret, updateSecret),
	}
}

// needCreateSecret asks for a secret that has no ARN yet. The characters that will end
// it are question marks, which the patterns of policies take for any.
func needCreateSecret(c *op.Call, in *shape.CreateSecretRequest) ([]op.Need, error) {
	if !validName(in.Name) {
		return nil, errName
	}
	s, err := find(c, in.Name)
	if err != nil {
		return nil, err
	}
	c.Found = s
	k := keys{keyName: {in.Name}}.text(keyDescription, in.Description).kms(in.KmsKeyId).text(keyType, in.Type).
		regions(in.AddReplicaRegions).truth(keyForceOverwrite, in.ForceOverwriteReplicaSecret)
	n := op.Need{
		Action:   "secretsmanager:CreateSecret",
		Resource: directory.SecretARN(c.Caller.Account, c.Region, in.Name) + "-??????",
		Context:  k,
		NewTags:  tagsOf(in.Tags),
	}
	needs := []op.Need{n}
	if len(in.Tags) > 0 {
		n.Action = "secretsmanager:TagResource"
		needs = append(needs, n)
	}
	if len(in.AddReplicaRegions) > 0 {
		n.Action = "secretsmanager:ReplicateSecretToRegions"
		needs = append(needs, n)
	}
	return needs, nil
}

func createSecret(_ context.Context, c *op.Call, in *shape.CreateSecretRequest) (*shape.CreateSecretResponse, error) {
	if in.ClientRequestToken == nil {
		return nil, errToken
	}
	v, err := valueOf(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	if s := c.Found.(*subject); s.here != nil {
		return createdBefore(c, s.here, *in.ClientRequestToken, v)
	}
	if err := makeRoom(c, in.Name); err != nil {
		return nil, err
	}
	s := &directory.Secret{
		Account:     c.Caller.Account,
		Region:      c.Region,
		Name:        in.Name,
		Created:     directory.At(c.Now),
		KMSKey:      orElse(in.KmsKeyId, ""),
		Token:       *in.ClientRequestToken,
		Description: orElse(in.Description, ""),
		Type:        orElse(in.Type, ""),
	}
	if s.Suffix, err = directory.FreeSecretSuffix(c.Tx, c.IDs, *s); err != nil {
		return nil, err
	}
	if s.Tags, err = addTags(c, nil, in.Tags); err != nil {
		return nil, err
	}
	if v != nil {
		if err := addVersion(c, s, *in.ClientRequestToken, v, []string{current}); err != nil {
			return nil, err
		}
	}
	if err := replicate(c, s, in.AddReplicaRegions, orElse(in.ForceOverwriteReplicaSecret, false)); err != nil {
		return nil, err
	}
	return describeCreated(c, s), put(c, nil, s)
}

// createdBefore is the reply to a request about a name that is taken: the same as before
// if the request is the same again.
func createdBefore(c *op.Call, s *directory.Secret, token string, v *value) (*shape.CreateSecretResponse, error) {
	if s.Due != 0 {
		return nil, invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
	}
	version := s.Version(token)
	switch {
	case version != nil && v != nil:
		if err := mustBeSame(c, s, version, v); err != nil {
			return nil, err
		}
		return describeCreated(c, s), nil
	case version == nil && v == nil && s.Token == token:
		return describeCreated(c, s), nil
	}
	return nil, exists("The operation failed because the secret %s already exists.", s.Name)
}

// makeRoom refuses a secret too many, and removes one of the same name whose time has come.
func makeRoom(c *op.Call, name string) error {
	if len(c.Region) > maxRegion {
		return invalidParameter("A region's name has at most %d characters.", maxRegion)
	}
	old, err := directory.GetSecret(c.Tx, c.Caller.Account, c.Region, name)
	if err != nil {
		return err
	}
	if old != nil {
		return directory.DeleteSecret(c.Tx, old)
	}
	return checkCount(c, c.Caller.Account, c.Region)
}

func describeCreated(c *op.Call, s *directory.Secret) *shape.CreateSecretResponse {
	out := &shape.CreateSecretResponse{ARN: new(s.ARN()), Name: &s.Name, ReplicationStatus: describeReplicas(c, s)}
	if s.Version(s.Token) != nil {
		out.VersionId = &s.Token
	}
	return out
}

func needDescribeSecret(c *op.Call, in *shape.DescribeSecretRequest) ([]op.Need, error) {
	return needOnly(c, "DescribeSecret", in.SecretId)
}

func describeSecret(_ context.Context, c *op.Call, in *shape.DescribeSecretRequest) (*shape.DescribeSecretResponse, error) {
	s, err := found(c)
	if err != nil {
		return nil, err
	}
	l := listed(s.here, s.main)
	return &shape.DescribeSecretResponse{
		ARN:                            l.ARN,
		CreatedDate:                    l.CreatedDate,
		DeletedDate:                    l.DeletedDate,
		Description:                    l.Description,
		ExternalSecretRotationMetadata: l.ExternalSecretRotationMetadata,
		ExternalSecretRotationRoleArn:  l.ExternalSecretRotationRoleArn,
		KmsKeyId:                       l.KmsKeyId,
		LastAccessedDate:               l.LastAccessedDate,
		LastChangedDate:                l.LastChangedDate,
		Name:                           l.Name,
		PrimaryRegion:                  l.PrimaryRegion,
		ReplicationStatus:              describeReplicas(c, s.main),
		NextRotationDate:               l.NextRotationDate,
		LastRotatedDate:                l.LastRotatedDate,
		RotationEnabled:                l.RotationEnabled,
		RotationLambdaARN:              l.RotationLambdaARN,
		RotationRules:                  l.RotationRules,
		Tags:                           l.Tags,
		Type:                           l.Type,
		VersionIdsToStages:             l.SecretVersionsToStages,
	}, nil
}

// listed is a secret as ListSecrets has it: the one of this region, and its primary.
func listed(here, main *directory.Secret) *shape.SecretListEntry {
	out := &shape.SecretListEntry{
		ARN:              new(here.ARN()),
		CreatedDate:      date(here.Created),
		DeletedDate:      date(here.Deleted),
		Description:      orNil(main.Description),
		KmsKeyId:         orNil(here.KMSKey),
		LastAccessedDate: date(here.Accessed),
		LastChangedDate:  date(main.Changed),
		Name:             &here.Name,
		Tags:             describeTags(main.Tags),
		Type:             orNil(main.Type),
	}
	if here.IsReplica() || len(main.Replicas) > 0 {
		out.PrimaryRegion = &main.Region
	}
	for i := range main.Versions {
		if v := &main.Versions[i]; len(v.Stages) > 0 {
			if out.SecretVersionsToStages == nil {
				out.SecretVersionsToStages = map[string][]string{}
			}
			out.SecretVersionsToStages[v.ID] = v.Stages
		}
	}
	describeRotation(out, main.Rotation)
	return out
}

// date is nil for never.
func date(m directory.Millis) *time.Time {
	if m == 0 {
		return nil
	}
	return new(m.Time())
}

func needUpdateSecret(c *op.Call, in *shape.UpdateSecretRequest) ([]op.Need, error) {
	return need(c, "UpdateSecret", in.SecretId, keys{}.text(keyDescription, in.Description).kms(in.KmsKeyId).text(keyType, in.Type))
}

func updateSecret(_ context.Context, c *op.Call, in *shape.UpdateSecretRequest) (*shape.UpdateSecretResponse, error) {
	if in.ClientRequestToken == nil {
		return nil, errToken
	}
	v, err := valueOf(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	changed.Description = orElse(in.Description, was.Description)
	changed.Type = orElse(in.Type, was.Type)
	if in.KmsKeyId != nil {
		useKey(&changed, *in.KmsKeyId)
	}
	out := &shape.UpdateSecretResponse{ARN: new(was.ARN()), Name: &was.Name}
	if v != nil {
		version, err := putVersion(c, &changed, *in.ClientRequestToken, v, []string{current})
		if err != nil {
			return nil, err
		}
		out.VersionId = &version.ID
		rotated(c, &changed)
	}
	return out, put(c, was, &changed)
}

// useKey has the versions that matter encrypted with another key, as AWS does.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
func useKey(s *directory.Secret, key string) {
	s.KMSKey, s.Versions = key, cloneVersions(s.Versions)
	for _, stage := range []string{current, pending, previous} {
		if v := s.Staged(stage); v != nil {
			v.KMSKey = key
		}
	}
}
