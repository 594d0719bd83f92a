package secrets

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func versionOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListSecretVersionIds", needListSecretVersionIds, listSecretVersionIds),
		op.Write("UpdateSecretVersionStage", needUpdateSecretVersionStage, updateSecretVersionStage),
	}
}

func needListSecretVersionIds(c *op.Call, in *shape.ListSecretVersionIdsRequest) ([]op.Need, error) {
	return needOnly(c, "ListSecretVersionIds", in.SecretId)
}

// listSecretVersionIds lists the newest version first.
func listSecretVersionIds(_ context.Context, c *op.Call, in *shape.ListSecretVersionIdsRequest) (*shape.ListSecretVersionIdsResponse, error) {
	s, err := found(c)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.NextToken)
	if err != nil {
		return nil, err
	}
	wanted := func(v *directory.SecretVersion) bool { return len(v.Stages) > 0 || orElse(in.IncludeDeprecated, false) }
	p, err := op.PageOf(versionsAfter(s.main, cursor), limitOf(in.MaxResults, mostPage), func(v *directory.SecretVersion) string { return v.ID }, wanted)
	if err != nil {
		return nil, err
	}
	out := &shape.ListSecretVersionIdsResponse{ARN: &s.arn, Name: &s.here.Name, NextToken: p.Next, Versions: make([]shape.SecretVersionsListEntry, len(p.Items))}
	for i, v := range p.Items {
		out.Versions[i] = shape.SecretVersionsListEntry{
			CreatedDate:      date(v.Created),
			KmsKeyIds:        []string{"DefaultEncryptionKey"},
			LastAccessedDate: date(v.Accessed),
			VersionId:        &v.ID,
			VersionStages:    v.Stages,
		}
		if key := s.key(v); key != "" {
			out.Versions[i].KmsKeyIds = []string{key}
		}
	}
	return out, nil
}

// versionsAfter yields the versions of s that are older than the one of that ID, which
// may be gone, with all that were older; "" is newer than all.
func versionsAfter(s *directory.Secret, id string) func(func(*directory.SecretVersion, error) bool) {
	return func(yield func(*directory.SecretVersion, error) bool) {
		begun := id == ""
		for i := len(s.Versions) - 1; i >= 0; i-- {
			v := &s.Versions[i]
			if begun && !yield(v, nil) {
				return
			}
			begun = begun || v.ID == id
		}
	}
}

func needUpdateSecretVersionStage(c *op.Call, in *shape.UpdateSecretVersionStageRequest) ([]op.Need, error) {
	return need(c, "UpdateSecretVersionStage", in.SecretId, keys{}.text(keyVersionStage, &in.VersionStage))
}

func updateSecretVersionStage(_ context.Context, c *op.Call, in *shape.UpdateSecretVersionStageRequest) (*shape.UpdateSecretVersionStageResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	if in.MoveToVersionId == nil && in.RemoveFromVersionId == nil {
		return nil, invalidParameter("You must specify MoveToVersionId, RemoveFromVersionId or both.")
	}
	for _, id := range []*string{in.MoveToVersionId, in.RemoveFromVersionId} {
		if id != nil && was.Version(*id) == nil {
			return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: %s", *id)
		}
	}
	if err := checkMove(was, in); err != nil {
		return nil, err
	}
	changed := *was
	changed.Versions = cloneVersions(was.Versions)
	moveLabel(&changed, in.VersionStage, changed.Version(orElse(in.MoveToVersionId, "")))
	if err := checkLabels(c, &changed); err != nil {
		return nil, err
	}
	return &shape.UpdateSecretVersionStageResponse{ARN: new(was.ARN()), Name: &was.Name}, put(c, was, &changed)
}

// checkMove makes sure that a label is where the request takes it from.
func checkMove(s *directory.Secret, in *shape.UpdateSecretVersionStageRequest) error {
	holder := ""
	if v := s.Staged(in.VersionStage); v != nil {
		holder = v.ID
	}
	from, to := in.RemoveFromVersionId, orElse(in.MoveToVersionId, "")
	switch {
	case from != nil && *from != holder:
		return invalidParameter("The parameter RemoveFromVersionId is incorrect. Staging label %s isn't attached to version %s.", in.VersionStage, *from)
	case from == nil && holder != "" && holder != to:
		return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, "+
			"so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, holder)
	case to == "" && in.VersionStage == current:
		return invalidParameter("You can only move staging label %s to a different secret version. It can’t be completely removed.", current)
	}
	return nil
}
